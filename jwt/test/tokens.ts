/** Keys and tokens for the tests: keys are generated, and signed with Node directly, so nothing here depends on what is tested. */
import { Buffer } from 'node:buffer';
import { constants, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import type { Algorithm, JwtErrorCode } from '../src/index.ts';
import { JwtError } from '../src/index.ts';

export interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export const pairs = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ed25519: generateKeyPairSync('ed25519'),
} as const satisfies Record<string, Pair>;

interface Signing {
  readonly pair: Pair;
  readonly digest: string | null;
  readonly options?: { readonly padding: number; readonly saltLength: number };
}

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

export const signings: Readonly<Record<Algorithm, Signing>> = {
  RS256: { pair: pairs.rsa, digest: 'sha256' },
  RS384: { pair: pairs.rsa, digest: 'sha384' },
  RS512: { pair: pairs.rsa, digest: 'sha512' },
  PS256: { pair: pairs.rsa, digest: 'sha256', options: pss },
  PS384: { pair: pairs.rsa, digest: 'sha384', options: pss },
  PS512: { pair: pairs.rsa, digest: 'sha512', options: pss },
  ES256: { pair: pairs.p256, digest: 'sha256' },
  ES384: { pair: pairs.p384, digest: 'sha384' },
  EdDSA: { pair: pairs.ed25519, digest: null },
};

export const algorithms = Object.keys(signings) as readonly Algorithm[];

export function publicJwk(pair: Pair): JsonWebKey {
  return pair.publicKey.export({ format: 'jwk' });
}

export function encode(value: unknown): string {
  return encodeText(JSON.stringify(value));
}

export function encodeText(text: string): string {
  return Buffer.from(text).toString('base64url');
}

export const nowSeconds = 1_785_000_000;
export const issuer = 'https://kubernetes.default.svc.cluster.local';
export const audience = 'podpass:test';

/** The claims of a projected service-account token, as Kubernetes makes it. */
export const goodClaims: Readonly<Record<string, unknown>> = {
  aud: [audience],
  exp: nowSeconds + 3000,
  iat: nowSeconds - 600,
  iss: issuer,
  jti: 'd2b1f7f4-6d0c-4b9c-8c57-2a9c1c1f7a11',
  'kubernetes.io': { namespace: 'payments', serviceaccount: { name: 'checkout', uid: 'c2b1f7f4-6d0c-4b9c-8c57-2a9c1c1f7a11' } },
  nbf: nowSeconds - 600,
  sub: 'system:serviceaccount:payments:checkout',
};

/** The good claims with some replaced; `undefined` takes one away. */
export function claimsWith(changes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ...goodClaims, ...changes };
}

/** A token over two texts exactly as given, correctly signed. */
export function signTexts(header: string, payload: string, alg: Algorithm = 'ES256'): string {
  return signInput(`${encodeText(header)}.${encodeText(payload)}`, alg);
}

export function signInput(input: string, alg: Algorithm = 'ES256'): string {
  const { pair, digest, options } = signings[alg];
  const signature = sign(digest, Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363', ...options });
  return `${input}.${signature.toString('base64url')}`;
}

export function signToken(claims: unknown = goodClaims, header: Readonly<Record<string, unknown>> = {}, alg: Algorithm = 'ES256'): string {
  return signTexts(JSON.stringify({ alg, kid: 'one', ...header }), JSON.stringify(claims), alg);
}

/** For `assert.throws`: a JwtError of this code whose message is a sentence. */
export function refusal(code: JwtErrorCode, message: RegExp = /^[A-Z].+\.$/): (error: unknown) => boolean {
  return (error) => error instanceof JwtError && error.code === code && message.test(error.message) && error.cause === undefined;
}
