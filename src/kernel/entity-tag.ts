import { DomainError } from './errors.ts';
import type { Ids } from './ids.ts';

/** `<revision>-<32 hex>`: the form in which IBM's APIs print `entity_tag` and the `ETag` header (never quoted). */
export function newEntityTag(ids: Ids, revision: number): string {
  return `${revision}-${ids.hex(16)}`;
}

/** Whether an `If-Match` value names the tag: `*`, or the tag with or without `W/` and quotes. */
export function ifMatchNames(ifMatch: string, entityTag: string): boolean {
  const value = ifMatch.trim();
  if (value === '*') return true;
  const bare = value.replace(/^W\//, '').replace(/^"(.*)"$/, '$1');
  return bare === entityTag;
}

/** Refuses a change of an object that has changed since its caller read it. */
export function requireEntityTag(ifMatch: string, object: { readonly id: string; readonly entityTag: string }): void {
  if (ifMatchNames(ifMatch, object.entityTag)) return;
  throw new DomainError('etag_mismatch', { details: `The current entity tag of ${object.id} is ${object.entityTag}.` });
}
