import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { constants, sign, verify } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Algorithm, importJwk, parseCompact, type UnverifiedToken, verifySignature } from '../src/index.ts';
import { algorithms, encode, goodClaims, pairs, publicJwk, signings, signToken } from './tokens.ts';

const keys = Object.values(pairs).map((pair) => importJwk(publicJwk(pair)));

function keyFor(alg: Algorithm): ReturnType<typeof importJwk> {
  return importJwk(publicJwk(signings[alg].pair));
}

function withSignature(token: UnverifiedToken, signature: Buffer): UnverifiedToken {
  return { ...token, signature };
}

describe('verifySignature', () => {
  for (const alg of algorithms) {
    it(`accepts ${alg} by its own key and by no other`, () => {
      const token = parseCompact(signToken(goodClaims, {}, alg));
      const own = keyFor(alg);
      assert.deepEqual(
        keys.map((key) => verifySignature(token, key)),
        keys.map((key) => key.thumbprint === own.thumbprint),
      );
    });

    it(`refuses ${alg} when the text, the signature or its length has changed`, () => {
      const good = signToken(goodClaims, {}, alg);
      const [header, , signature] = good.split('.') as [string, string, string];
      const token = parseCompact(good);
      const key = keyFor(alg);
      assert.equal(verifySignature(parseCompact(`${header}.${encode({ ...goodClaims, sub: 'other' })}.${signature}`), key), false);
      for (const at of [0, token.signature.length - 1]) {
        const changed = Buffer.from(token.signature);
        changed[at] = (changed[at] ?? 0) ^ 1;
        assert.equal(verifySignature(withSignature(token, changed), key), false);
      }
      for (const other of [Buffer.alloc(0), Buffer.alloc(token.signature.length), Buffer.alloc(token.signature.length, 0xff)]) {
        assert.equal(verifySignature(withSignature(token, other), key), false);
      }
      for (const other of [
        token.signature.subarray(1),
        token.signature.subarray(0, -1),
        Buffer.concat([token.signature, Buffer.alloc(1)]),
        Buffer.concat([Buffer.alloc(1), token.signature]),
      ]) {
        assert.equal(verifySignature(withSignature(token, other), key), false);
      }
    });
  }

  it('refuses an algorithm that the key was not given for, though the signature holds', () => {
    for (const alg of algorithms.filter((name) => signings[name].pair === pairs.rsa)) {
      const others = algorithms.filter((name) => name !== alg && signings[name].pair === pairs.rsa);
      const token = parseCompact(signToken(goodClaims, {}, alg));
      assert.equal(verifySignature(token, importJwk({ ...publicJwk(pairs.rsa), alg })), true);
      for (const other of others) assert.equal(verifySignature(token, importJwk({ ...publicJwk(pairs.rsa), alg: other })), false);
    }
  });

  it('refuses a signature made by one algorithm under the name of another', () => {
    for (const alg of algorithms) {
      for (const named of algorithms.filter((name) => name !== alg)) {
        const token = parseCompact(signToken(goodClaims, { alg: named }, alg));
        for (const key of keys) assert.equal(verifySignature(token, key), false);
      }
    }
  });

  it('refuses a PSS signature whose salt is not as long as the digest', () => {
    const token = parseCompact(signToken(goodClaims, {}, 'PS256'));
    for (const [saltLength, verdict] of [
      [0, false],
      [20, false],
      [32, true],
      [222, false],
    ] as const) {
      const input = { key: pairs.rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
      assert.equal(verifySignature(withSignature(token, sign('sha256', token.signingInput, input)), keyFor('PS256')), verdict);
    }
  });

  it('refuses an algorithm outside the table, should a token be made by hand', () => {
    const token = parseCompact(signToken());
    for (const alg of ['none', 'HS256', '__proto__'] as unknown as Algorithm[]) {
      const key = { ...keyFor('ES256'), algorithms: [alg] };
      assert.equal(verifySignature({ ...token, header: { alg } }, key), false);
    }
  });
});

const orders = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
};

function sideBySide(r: bigint, s: bigint, half: number): Buffer {
  return Buffer.from([r, s].map((value) => value.toString(16).padStart(half * 2, '0')).join(''), 'hex');
}

describe('ECDSA signatures', () => {
  for (const alg of ['ES256', 'ES384'] as const) {
    const token = parseCompact(signToken(goodClaims, {}, alg));
    const half = token.signature.length / 2;
    const r = BigInt(`0x${token.signature.toString('hex', 0, half)}`);
    const s = BigInt(`0x${token.signature.toString('hex', half)}`);
    const n = orders[alg];
    const max = 2n ** BigInt(half * 8) - 1n;

    it(`of ${alg} with r or s zero, at the order or beyond it are refused`, () => {
      for (const [a, b] of [
        [0n, 0n],
        [0n, s],
        [r, 0n],
        [0n, 1n],
        [1n, 0n],
        [1n, 1n],
        [n, s],
        [r, n],
        [n, n],
        [n, 0n],
        [n - 1n, n - 1n],
        [max, s],
        [r, max],
        [1n, n],
        [s, r],
      ] as const) {
        assert.equal(verifySignature(withSignature(token, sideBySide(a, b, half)), keyFor(alg)), false);
      }
      if (r + n <= max) assert.equal(verifySignature(withSignature(token, sideBySide(r + n, s, half)), keyFor(alg)), false);
      assert.equal(verifySignature(withSignature(token, sideBySide(r, s, half)), keyFor(alg)), true);
    });

    it(`of ${alg} in DER are refused`, () => {
      const { publicKey } = signings[alg].pair;
      const parsed = parseCompact(signToken(goodClaims, {}, alg));
      assert.ok(verify(signings[alg].digest, parsed.signingInput, { key: publicKey, dsaEncoding: 'ieee-p1363' }, parsed.signature));
      assert.equal(
        verifySignature(withSignature(parsed, Buffer.concat([Buffer.from('3044', 'hex'), parsed.signature])), keyFor(alg)),
        false,
      );
    });

    it(`of ${alg} get the verdict that Node's own conversion gives, with short numbers too`, () => {
      const { publicKey } = signings[alg].pair;
      const key = keyFor(alg);
      const number = fc.oneof(fc.bigInt(0n, max), fc.bigInt(0n, 300n), fc.bigInt(0n, 2n ** 248n), fc.constantFrom(r, s, n - s, n - r));
      const check = (a: bigint, b: bigint): void => {
        const signature = sideBySide(a, b, half);
        const expected = verify(signings[alg].digest, token.signingInput, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
        assert.equal(verifySignature(withSignature(token, signature), key), expected);
      };
      fc.assert(fc.property(number, number, check), {
        examples: [
          [r, s],
          [r, n - s],
        ],
        numRuns: 200,
      });
    });

    it(`of ${alg} hold for many messages, so that leading zeros and high bits occur`, () => {
      const key = keyFor(alg);
      for (let index = 0; index < 600; index++) assert.ok(verifySignature(parseCompact(signToken({ index }, {}, alg)), key));
    });
  }
});
