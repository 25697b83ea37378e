/**
 * What the verifier costs over the bare `crypto.verify`, in microseconds per token of about 1 KiB, on one core; jose beside it.
 * "Bare" is the fastest call that Node offers for the algorithm: the key itself and a DER signature, options only where PSS needs them.
 * Run with `node jwt/bench/verify.ts`. Prints the best of the rounds, because other work on the machine only
 * ever adds; nothing is asserted.
 */
import { Buffer } from 'node:buffer';
import { constants, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { jwtVerify } from 'jose';
import { type Algorithm, checkClaims, importJwk, parseCompact, verifySignature } from '../src/index.ts';

const rounds = 60;
const callsPerRound = 500;
const nowSeconds = 1_785_000_000;
const issuer = 'https://kubernetes.default.svc.cluster.local';
const audience = 'podpass:3b1c2d4e-8a77-4c9d-9d59-2f3f5f0f9a11';

interface Subject {
  readonly alg: Algorithm;
  readonly pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly digest: string | null;
  readonly pss?: { readonly padding: number; readonly saltLength: number };
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
const subjects: readonly Subject[] = [
  { alg: 'RS256', pair: rsa, digest: 'sha256' },
  { alg: 'PS256', pair: rsa, digest: 'sha256', pss },
  { alg: 'ES256', pair: generateKeyPairSync('ec', { namedCurve: 'P-256' }), digest: 'sha256' },
  { alg: 'EdDSA', pair: generateKeyPairSync('ed25519'), digest: null },
];

const claims = {
  aud: [audience],
  exp: nowSeconds + 3000,
  iat: nowSeconds - 600,
  iss: issuer,
  jti: 'd2b1f7f4-6d0c-4b9c-8c57-2a9c1c1f7a11',
  'kubernetes.io': {
    namespace: 'payments',
    node: { name: 'ip-10-0-13-37.internal', uid: 'a2b1f7f4-6d0c-4b9c-8c57-2a9c1c1f7a11' },
    pod: { name: 'checkout-7d9f8b6c5d-x2x9z', uid: 'b2b1f7f4-6d0c-4b9c-8c57-2a9c1c1f7a11' },
    serviceaccount: { name: 'checkout', uid: 'c2b1f7f4-6d0c-4b9c-8c57-2a9c1c1f7a11' },
    warnafter: nowSeconds,
  },
  nbf: nowSeconds - 600,
  sub: 'system:serviceaccount:payments:checkout',
};
const expected = { issuer, audiences: [audience], nowSeconds, maxLifetimeSeconds: () => 3600 };
const joseOptions = { issuer, audience, currentDate: new Date(nowSeconds * 1000), clockTolerance: 60 };

console.log('algorithm  token bytes  bare verify  whole check  over bare  form and claims only  jose');
for (const subject of subjects) await measure(subject);

async function measure({ alg, pair, digest, pss }: Subject): Promise<void> {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg, kid: 'DHUbkEVl1h6xDgRCZrXGaQ4F8sZkH2mPjQ3eVvXoYzs' })}.${encode(claims)}`;
  const token = `${input}.${sign(digest, Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363', ...pss }).toString('base64url')}`;
  const key = importJwk(pair.publicKey.export({ format: 'jwk' }));
  const parsed = parseCompact(token);
  const bareInput = pss === undefined ? pair.publicKey : { key: pair.publicKey, ...pss };
  const bareSignature = sign(digest, parsed.signingInput, { key: pair.privateKey, ...pss });

  const bare = (): unknown => verify(digest, parsed.signingInput, bareInput, bareSignature);
  const form = (): unknown => checkClaims(parseCompact(token), expected);
  const whole = (): unknown => {
    const unverified = parseCompact(token);
    if (!verifySignature(unverified, key)) throw new Error('The signature does not hold.');
    return checkClaims(unverified, expected);
  };
  const jose = (): Promise<unknown> => jwtVerify(token, pair.publicKey, joseOptions);

  // Rounds are interleaved, so that a slow moment of the machine falls on all of them.
  const times: Record<'bare' | 'whole' | 'form' | 'jose', number[]> = { bare: [], whole: [], form: [], jose: [] };
  for (let round = 0; round < rounds; round++) {
    times.bare.push(time(bare));
    times.whole.push(time(whole));
    times.form.push(time(form));
    times.jose.push(await timeAsync(jose));
  }
  const [b, w, f, j] = [times.bare, times.whole, times.form, times.jose].map((values) => Math.min(...values)) as [
    number,
    number,
    number,
    number,
  ];
  const figures = [
    [b, 11],
    [w, 11],
    [w - b, 9],
    [f, 20],
    [j, 6],
  ] as const;
  console.log(
    `${alg.padEnd(9)}  ${String(token.length).padStart(11)}  ${figures.map(([us, width]) => us.toFixed(1).padStart(width)).join('  ')}`,
  );
}

function time(call: () => unknown): number {
  const start = performance.now();
  for (let index = 0; index < callsPerRound; index++) call();
  return ((performance.now() - start) * 1000) / callsPerRound;
}

async function timeAsync(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < callsPerRound; index++) await call();
  return ((performance.now() - start) * 1000) / callsPerRound;
}
