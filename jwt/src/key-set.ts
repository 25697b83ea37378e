import { JwtError } from './errors.ts';
import { isKeyId } from './key-id.ts';
import { importJwk, readMembers, type VerificationKey } from './keys.ts';

/** A key of a set that is not used, and why, in a sentence. */
export interface SkippedKey {
  readonly index: number;
  readonly kid?: string;
  readonly reason: string;
}

export interface KeySet {
  readonly keys: readonly VerificationKey[];
  readonly skipped: readonly SkippedKey[];
}

/** How many keys a set may hold, usable or not. */
export const maxKeys = 100;

/**
 * Reads a parsed JWK Set (RFC 7517 section 5). A key that cannot be used is skipped with its reason and leaves the others usable, as
 * section 5 asks; so is a second key of a thumbprint already read. Throws `key` when the value is not a set, or holds more than 100 keys.
 * A set without usable keys is returned as such: whether that is an error is the caller's to say.
 */
export function readKeySet(value: unknown): KeySet {
  const members: unknown = readMembers(value)?.get('keys');
  if (!Array.isArray(members)) throw new JwtError('key', 'A key set must be a JSON object with a list named keys.');
  if (members.length > maxKeys) throw new JwtError('key', `A key set must not hold more than ${maxKeys} keys.`);
  const keys = new Map<string, VerificationKey>();
  const skipped: SkippedKey[] = [];
  for (const [index, jwk] of members.entries()) {
    const key = readJwk(jwk);
    if (key instanceof JwtError) skipped.push(skip(index, jwk, key.message));
    else if (keys.has(key.thumbprint)) skipped.push(skip(index, jwk, 'The same key stands earlier in the set.'));
    else keys.set(key.thumbprint, key);
  }
  return Object.freeze({ keys: Object.freeze([...keys.values()]), skipped: Object.freeze(skipped) });
}

function readJwk(jwk: unknown): VerificationKey | JwtError {
  try {
    return importJwk(jwk);
  } catch (error) {
    if (error instanceof JwtError) return error;
    throw error;
  }
}

function skip(index: number, jwk: unknown, reason: string): SkippedKey {
  const kid = readMembers(jwk)?.get('kid');
  return Object.freeze({ index, reason, ...(isKeyId(kid) ? { kid } : undefined) });
}
