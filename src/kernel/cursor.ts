import { createHmac, timingSafeEqual } from 'node:crypto';
import { DomainError } from './errors.ts';

/** Page tokens: the query and the place in it, signed, so that nobody can write one of their own. */
export interface Cursors {
  /** `list` names the list that the token pages through; it opens for that list alone. */
  seal(list: string, value: Readonly<Record<string, unknown>>): string;
  /** Throws `invalid_field` naming `parameter` where the token is not one of ours. */
  open(list: string, token: string, parameter: string): Readonly<Record<string, unknown>>;
}

const MAC_BYTES = 16;

export function createCursors(key: Buffer): Cursors {
  const mac = (list: string, payload: Buffer) =>
    createHmac('sha256', key).update(`cursor\0${list}\0`).update(payload).digest().subarray(0, MAC_BYTES);
  return {
    seal(list, value) {
      const payload = Buffer.from(JSON.stringify(value));
      return Buffer.concat([mac(list, payload), payload]).toString('base64url');
    },
    open(list, token, parameter) {
      const bytes = Buffer.from(token, 'base64url');
      const payload = bytes.subarray(MAC_BYTES);
      if (token.length > 4096 || payload.length === 0 || !timingSafeEqual(bytes.subarray(0, MAC_BYTES), mac(list, payload))) {
        throw new DomainError('invalid_field', {
          message: `Query parameter '${parameter}' is not a page token of this server.`,
          details: `Take '${parameter}' unchanged from the link of an earlier reply, or leave it out to start at the first page.`,
        });
      }
      return JSON.parse(payload.toString('utf8')) as Record<string, unknown>;
    },
  };
}
