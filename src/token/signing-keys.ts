/**
 * The keys that sign access tokens: RS256 with 2048 bits, because that is what the clients of IBM's road accept.
 * There is always one active key and one on standby, both published; private keys are sealed at rest.
 */
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { importJwk, type VerificationKey } from '@podpass/jwt';
import type { EpochMs } from '../kernel/clock.ts';
import type { Sealer } from './sealing.ts';

export interface StoredSigningKey {
  /** `YYYYMMDDHHMM`, the minute of its making or the next free one. */
  readonly kid: string;
  readonly state: 'active' | 'standby' | 'retired';
  readonly publicJwk: Readonly<Record<string, string>>;
  readonly wrappedPrivateKey: string;
  readonly createdAt: EpochMs;
}

export interface PublishedKey {
  readonly kty: string;
  readonly n: string;
  readonly e: string;
  readonly alg: 'RS256';
  readonly kid: string;
  readonly use: 'sig';
}

/** What signs and what verifies, at one moment. */
export interface KeyRing {
  readonly activeKid: string;
  readonly published: readonly PublishedKey[];
  verificationKey(kid: string): VerificationKey | undefined;
  /** Signs `<header>.<payload>` with the active key, off the event loop; resolves to the compact token. */
  sign(payload: string): Promise<string>;
}

const PURPOSE = 'signing-key';
const MODULUS_BITS = 2048;
const generate = promisify(generateKeyPair);

function kidOf(at: EpochMs): string {
  return new Date(at).toISOString().slice(0, 16).replace(/\D/g, '');
}

/** The minute of `at` as a key id, moved on until it is free. */
export function nextKid(at: EpochMs, taken: ReadonlySet<string>): string {
  let candidate = at;
  while (taken.has(kidOf(candidate))) candidate += 60_000;
  return kidOf(candidate);
}

export async function createSigningKey(
  sealer: Sealer,
  kid: string,
  state: StoredSigningKey['state'],
  createdAt: EpochMs,
): Promise<StoredSigningKey> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: MODULUS_BITS, publicExponent: 0x10001 });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const wrappedPrivateKey = sealer.seal(PURPOSE, kid, privateKey.export({ format: 'der', type: 'pkcs8' }));
  return { kid, state, publicJwk: { kty: 'RSA', n, e }, wrappedPrivateKey, createdAt };
}

/** Opens the stored keys. What is published is derived from the private keys, so a row without one publishes nothing. */
export function openKeyRing(sealer: Sealer, stored: readonly StoredSigningKey[]): KeyRing {
  const opened = stored
    .filter((key) => key.state !== 'retired')
    .map((key) => {
      const privateKey = createPrivateKey({ key: sealer.open(PURPOSE, key.kid, key.wrappedPrivateKey), format: 'der', type: 'pkcs8' });
      const { n = '', e = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
      const published: PublishedKey = { kty: 'RSA', n, e, alg: 'RS256', kid: key.kid, use: 'sig' };
      return { state: key.state, privateKey, published, verification: importJwk(published) };
    });
  const active = opened.find((key) => key.state === 'active');
  if (!active) throw new Error('The installation has no active signing key.');
  const { privateKey, published: own } = active;
  const header = Buffer.from(JSON.stringify({ kid: own.kid, alg: own.alg })).toString('base64url');
  const verification = new Map(opened.map((key) => [key.published.kid, key.verification]));
  return {
    activeKid: own.kid,
    published: opened.map((key) => key.published),
    verificationKey: (kid) => verification.get(kid),
    async sign(payload) {
      const input = `${header}.${Buffer.from(payload).toString('base64url')}`;
      return `${input}.${await signInBackground(input, privateKey)}`;
    },
  };
}

function signInBackground(input: string, key: KeyObject): Promise<string> {
  return new Promise((resolve, reject) => {
    sign('sha256', Buffer.from(input), key, (error, signature) => (error ? reject(error) : resolve(signature.toString('base64url'))));
  });
}
