import type { Buffer } from 'node:buffer';
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { Algorithm } from './algorithms.ts';
import { readBase64url } from './base64url.ts';
import { JwtError } from './errors.ts';
import { type KeyFormRow, readKeyForm } from './key-forms.ts';
import { isKeyId } from './key-id.ts';

/** A public key that signatures may be verified with. Made only by `importJwk` and `readKeySet`. */
export interface VerificationKey {
  readonly kid: string | undefined;
  /** What the key may verify; the token's `alg` chooses among these and no others. */
  readonly algorithms: readonly Algorithm[];
  /** RFC 7638 with SHA-256, in base64url; computed here, never read. */
  readonly thumbprint: string;
  /** The public members, with `kid` and `alg` where given: importing it again gives the same key. */
  readonly publicJwk: Readonly<Record<string, string>>;
  readonly key: KeyObject;
}

type Members = ReadonlyMap<string, unknown>;

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * Imports a parsed JWK (RFC 7517 section 4): RSA of 2048 to 4096 bits with exponent 65537, P-256, P-384 or Ed25519. Throws `key` for every
 * other key, for one with private members, for `use` other than `sig`, `key_ops` without `verify`, and `alg` that does not fit the type.
 * Text is never taken for a key.
 */
export function importJwk(jwk: unknown): VerificationKey {
  const members = readMembers(jwk);
  if (members === undefined) throw new JwtError('key', 'A key must be a JSON object.');
  if (privateMembers.some((name) => members.has(name))) {
    throw new JwtError('key', 'The key has private members: give only the public key, and replace this one if it has been sent anywhere.');
  }
  const form = readKeyForm(members.get('kty'), members.get('crv'));
  if (form === undefined) throw new JwtError('key', 'The key must be RSA, EC on P-256 or P-384, or OKP on Ed25519.');
  const kid = parseKeyId(members.get('kid'));
  checkUse(members);
  const algorithms = parseAlgorithms(members.get('alg'), form);
  const material = parseMaterial(members, form);
  return Object.freeze({
    kid,
    algorithms,
    thumbprint: createHash('sha256')
      .update(JSON.stringify(material, [...form.thumbprintMembers]))
      .digest('base64url'),
    publicJwk: Object.freeze({
      ...material,
      ...(kid === undefined ? undefined : { kid }),
      ...(members.get('alg') === undefined ? undefined : { alg: String(algorithms[0]) }),
    }),
    key: createKey(material),
  });
}

/** The own members of a parsed object: what a prototype holds is not part of a key. */
export function readMembers(value: unknown): Members | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype ? new Map(Object.entries(value)) : undefined;
}

function parseKeyId(kid: unknown): string | undefined {
  if (kid === undefined || isKeyId(kid)) return kid;
  throw new JwtError('key', 'The kid of a key must be a string of 1 to 200 characters without control characters.');
}

function checkUse(members: Members): void {
  const use = members.get('use');
  if (use !== undefined && use !== 'sig') throw new JwtError('key', 'The use of the key must be sig.');
  const operations = members.get('key_ops');
  if (operations === undefined) return;
  if (!Array.isArray(operations) || !operations.includes('verify'))
    throw new JwtError('key', 'The key_ops of the key must include verify.');
}

function parseAlgorithms(alg: unknown, form: KeyFormRow): readonly Algorithm[] {
  if (alg === undefined) return form.algorithms;
  const algorithm = form.algorithms.find((name) => name === alg);
  if (algorithm === undefined) throw new JwtError('key', `The alg of this key must be one of ${form.algorithms.join(', ')}.`);
  return Object.freeze([algorithm]);
}

function parseMaterial(members: Members, form: KeyFormRow): Readonly<Record<string, string>> {
  const spelled: Record<string, string> = { kty: form.kty, ...(form.crv === undefined ? undefined : { crv: form.crv }) };
  const decoded: Record<string, Buffer> = {};
  for (const name of form.material) {
    const text = members.get(name);
    const bytes = typeof text === 'string' && text.length <= maxMaterialLength ? readBase64url(text) : undefined;
    if (typeof text !== 'string' || bytes === undefined)
      throw new JwtError('key', `The member ${name} of the key must be canonical base64url.`);
    spelled[name] = text;
    decoded[name] = bytes;
  }
  const problem = form.problem(decoded);
  if (problem !== undefined) throw new JwtError('key', problem);
  return spelled;
}

// A modulus of 4096 bits has 683 characters.
const maxMaterialLength = 1024;

function createKey(material: Readonly<Record<string, string>>): KeyObject {
  try {
    return createPublicKey({ key: { ...material }, format: 'jwk' });
  } catch {
    // OpenSSL's reasons change from version to version: that it refuses is all that callers may rely on.
    throw new JwtError('key', 'The key is not a valid public key of its type.');
  }
}
