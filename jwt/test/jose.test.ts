/** The verdicts beside those of jose: where ours accepts, jose accepts; where ours is stricter, the table says so. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { jwtVerify, SignJWT } from 'jose';
import { type Algorithm, checkClaims, importJwk, JwtError, parseCompact, verifySignature } from '../src/index.ts';
import {
  algorithms,
  audience,
  claimsWith,
  encode,
  encodeText,
  goodClaims,
  issuer,
  nowSeconds,
  pairs,
  publicJwk,
  signInput,
  signings,
  signTexts,
  signToken,
} from './tokens.ts';

type Verdict = 'accepts' | 'refuses';

const key = importJwk(publicJwk(pairs.p256));
const expected = { issuer, audiences: [audience], nowSeconds, maxLifetimeSeconds: () => 3600 };
const joseOptions = {
  issuer,
  audience,
  currentDate: new Date(nowSeconds * 1000),
  clockTolerance: 60,
  requiredClaims: ['sub', 'exp', 'iat'],
};

function ours(token: string, by = key): Verdict {
  try {
    const unverified = parseCompact(token);
    if (!verifySignature(unverified, by)) return 'refuses';
    checkClaims(unverified, expected);
    return 'accepts';
  } catch (error) {
    assert.ok(error instanceof JwtError);
    return 'refuses';
  }
}

async function joses(token: string, by = pairs.p256.publicKey, allowed: readonly Algorithm[] = ['ES256']): Promise<Verdict> {
  return jwtVerify(token, by, { ...joseOptions, algorithms: [...allowed] }).then(
    () => 'accepts',
    () => 'refuses',
  );
}

const good = signToken();
const [header, payload, signature] = good.split('.') as [string, string, string];
const hmac = (input: string): string =>
  createHmac('sha256', pairs.p256.publicKey.export({ type: 'spki', format: 'pem' }))
    .update(input)
    .digest('base64url');
const hs256 = `${encode({ alg: 'HS256' })}.${payload}`;
const goodText = JSON.stringify(goodClaims);

const agreed: readonly (readonly [string, Verdict, string])[] = [
  ['a good token', 'accepts', good],
  ['one audience as a string', 'accepts', signToken(claimsWith({ aud: audience }))],
  ['one audience among others', 'accepts', signToken(claimsWith({ aud: ['other', audience] }))],
  ['no nbf and no jti', 'accepts', signToken(claimsWith({ nbf: undefined, jti: undefined }))],
  ['white space in the JSON', 'accepts', signTexts('{ "alg" : "ES256" }', `\n${JSON.stringify(goodClaims, null, 2)} `)],
  ['text beyond ASCII', 'accepts', signToken(claimsWith({ note: 'Grüße, 世界 😀' }))],
  ['a key in the header that is not used', 'accepts', signToken(goodClaims, { jwk: publicJwk(pairs.p384), jku: 'https://evil.example' })],
  ['expired within the skew', 'accepts', signToken(claimsWith({ exp: nowSeconds - 59 }))],
  ['expired beyond the skew', 'refuses', signToken(claimsWith({ exp: nowSeconds - 60 }))],
  ['not yet valid within the skew', 'accepts', signToken(claimsWith({ nbf: nowSeconds + 60 }))],
  ['not yet valid beyond the skew', 'refuses', signToken(claimsWith({ nbf: nowSeconds + 61 }))],
  ['another issuer', 'refuses', signToken(claimsWith({ iss: `${issuer}/` }))],
  ['an issuer in a list', 'refuses', signToken(claimsWith({ iss: [issuer] }))],
  ['another audience', 'refuses', signToken(claimsWith({ aud: 'other' }))],
  ['no audience', 'refuses', signToken(claimsWith({ aud: undefined }))],
  ['no exp', 'refuses', signToken(claimsWith({ exp: undefined }))],
  ['no iat', 'refuses', signToken(claimsWith({ iat: undefined }))],
  ['no sub', 'refuses', signToken(claimsWith({ sub: undefined }))],
  ['exp as text', 'refuses', signToken(claimsWith({ exp: `${nowSeconds + 3000}` }))],
  ['nbf as text', 'refuses', signToken(claimsWith({ nbf: '0' }))],
  ['alg none', 'refuses', `${encode({ alg: 'none' })}.${payload}.`],
  ['alg none with a signature', 'refuses', `${encode({ alg: 'none' })}.${payload}.${signature}`],
  ['alg nOnE', 'refuses', `${encode({ alg: 'nOnE' })}.${payload}.`],
  ['HS256 with the public key', 'refuses', `${hs256}.${hmac(hs256)}`],
  ['no alg', 'refuses', signTexts('{"kid":"one"}', goodText)],
  ['another algorithm of another key', 'refuses', signToken(goodClaims, {}, 'ES384')],
  ['the signature of another key under our name', 'refuses', signToken(goodClaims, { alg: 'ES256' }, 'EdDSA')],
  ['an unknown crit', 'refuses', signToken(goodClaims, { crit: ['x'], x: 1 })],
  ['b64 false', 'refuses', signToken(goodClaims, { crit: ['b64'], b64: false })],
  ['an empty crit', 'refuses', signToken(goodClaims, { crit: [] })],
  ['a signature of zeros', 'refuses', `${header}.${payload}.${'A'.repeat(86)}`],
  ['a short signature', 'refuses', `${header}.${payload}.${signature.slice(4)}`],
  ['an empty signature', 'refuses', `${header}.${payload}.`],
  ['another payload', 'refuses', `${header}.${encode(claimsWith({ sub: 'root' }))}.${signature}`],
  ['two parts', 'refuses', `${header}.${payload}`],
  ['four parts', 'refuses', `${good}.`],
  ['five parts', 'refuses', `${good}.AAAA.AAAA`],
  ['a payload that is a list', 'refuses', signTexts('{"alg":"ES256"}', '[]')],
  ['a payload that is no JSON', 'refuses', signTexts('{"alg":"ES256"}', '{')],
  [
    'a payload that is no UTF-8',
    'refuses',
    signInput(`${header}.${Buffer.from(`${goodText.slice(0, -1)},"x":"\xff"}`, 'latin1').toString('base64url')}`),
  ],
];

/** Tokens that jose accepts and we refuse, each for a rule of ours. */
const stricter: readonly (readonly [string, string])[] = [
  ['a claim twice', signTexts('{"alg":"ES256"}', goodText.replace('{', '{"sub":"root",'))],
  ['a claim twice, once escaped', signTexts('{"alg":"ES256"}', goodText.replace('{', '{"s\\u0075b":"root",'))],
  ['a header member twice', signTexts('{"alg":"none","alg":"ES256"}', goodText)],
  ['a kid that is too long', signToken(goodClaims, { kid: 'k'.repeat(201) })],
  ['a lifetime of a year', signToken(claimsWith({ exp: nowSeconds + 31_536_000 }))],
  ['a fraction in exp', signToken(claimsWith({ exp: nowSeconds + 0.5 }))],
  ['issued in the future', signToken(claimsWith({ iat: nowSeconds + 61 }))],
  ['an empty subject', signToken(claimsWith({ sub: '' }))],
  ['an audience that is no text', signToken(claimsWith({ aud: [audience, 1] }))],
  ['padding after the signature', `${good}==`],
  ['bits left over in the signature', `${good.slice(0, -1)}${String.fromCharCode(good.charCodeAt(good.length - 1) + 1)}`],
  ['more than 16 KiB', signToken(claimsWith({ note: 'a'.repeat(16_384) }))],
  ['33 levels of JSON', signTexts('{"alg":"ES256"}', goodText.replace('{', `{"deep":${'['.repeat(32)}${']'.repeat(32)},`))],
];

describe('beside jose', () => {
  for (const [name, verdict, token] of agreed) {
    it(`both have the same verdict on ${name}`, async () => {
      assert.deepEqual([ours(token), await joses(token)], [verdict, verdict]);
    });
  }

  for (const [name, token] of stricter) {
    it(`ours alone refuses ${name}`, async () => {
      assert.deepEqual([ours(token), await joses(token)], ['refuses', 'accepts']);
    });
  }

  for (const alg of algorithms) {
    it(`ours accepts what jose signs with ${alg}, and jose what we have signed here`, async () => {
      const { pair } = signings[alg];
      const token = await new SignJWT({ ...goodClaims }).setProtectedHeader({ alg, kid: 'one', typ: 'JWT' }).sign(pair.privateKey);
      assert.equal(ours(token, importJwk(publicJwk(pair))), 'accepts');
      assert.equal(await joses(signToken(goodClaims, {}, alg), pair.publicKey, [alg]), 'accepts');
    });
  }

  it('ours accepts no changed token that jose refuses', async () => {
    const edit = fc.tuple(fc.nat(good.length), fc.nat(3), fc.string({ unit: fc.constantFrom(...'AQgw.=-_ e'), maxLength: 3 }));
    const claim = fc.tuple(
      fc.constantFrom('iss', 'aud', 'sub', 'exp', 'nbf', 'iat', 'jti'),
      fc.oneof(fc.jsonValue(), fc.constantFrom(audience, issuer, [audience], nowSeconds, nowSeconds + 90)),
    );
    const token = fc.oneof(
      edit.map(([at, cut, put]) => good.slice(0, at) + put + good.slice(at + cut)),
      fc.array(claim, { maxLength: 3 }).map((changes) => signToken(claimsWith(Object.fromEntries(changes)))),
      fc.json().map((text) => `${encodeText(text)}.${payload}.${signature}`),
    );
    await fc.assert(
      fc.asyncProperty(token, async (changed) => {
        if (ours(changed) === 'accepts') assert.equal(await joses(changed), 'accepts');
      }),
      { numRuns: 1500 },
    );
  });
});
