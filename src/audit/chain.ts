import { hash } from 'node:crypto';

/** Where a chain begins: 64 zeros. */
export const CHAIN_START = '0'.repeat(64);

/** The hash that binds a record to all before it; over the stored text, never a re-serialisation. */
export function chainHash(previous: string, line: string): string {
  return hash('sha256', `${previous}\n${line}`, 'hex');
}

export interface ChainLink {
  readonly record: string;
  readonly hash: string;
}

/** Follows a chain from `previous`; returns the index of the first link that does not fit, or undefined. */
export function findBrokenLink(links: readonly ChainLink[], previous: string = CHAIN_START): number | undefined {
  let head = previous;
  for (const [index, link] of links.entries()) {
    head = chainHash(head, link.record);
    if (head !== link.hash) return index;
  }
  return undefined;
}
