import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { calculateJwkThumbprint } from 'jose';
import { importJwk, JwtError, maxKeys, readKeySet } from '../src/index.ts';
import { pairs, publicJwk, refusal } from './tokens.ts';

const rsa = publicJwk(pairs.rsa);
const p256 = publicJwk(pairs.p256);
const p384 = publicJwk(pairs.p384);
const ed25519 = publicJwk(pairs.ed25519);
const rsaAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

function refuses(jwk: unknown, message?: RegExp): void {
  assert.throws(() => importJwk(jwk), refusal('key', message));
}

/** A modulus of so many bits: odd, and nobody's. */
function modulus(bits: number): string {
  const bytes = Buffer.alloc(Math.ceil(bits / 8), 0xa5);
  bytes[0] = 1 << ((bits - 1) % 8);
  return bytes.toString('base64url');
}

describe('importJwk', () => {
  for (const [name, jwk, algorithms] of [
    ['RSA', rsa, rsaAlgorithms],
    ['P-256', p256, ['ES256']],
    ['P-384', p384, ['ES384']],
    ['Ed25519', ed25519, ['EdDSA']],
  ] as const) {
    it(`imports a ${name} key with the thumbprint that jose computes`, async () => {
      const key = importJwk({ ...jwk, kid: 'one', use: 'sig', key_ops: ['verify'], x5c: ['AAAA'], unknown: 1 });
      assert.deepEqual(key.algorithms, algorithms);
      assert.equal(key.kid, 'one');
      assert.equal(key.thumbprint, await calculateJwkThumbprint(jwk));
      assert.deepEqual({ ...key.publicJwk }, { ...jwk, kid: 'one' });
      assert.equal(key.key.type, 'public');
      assert.ok([key, key.algorithms, key.publicJwk].every((value) => Object.isFrozen(value)));
    });
  }

  it('gives the same key again for its own public members', () => {
    for (const jwk of [rsa, { ...rsa, alg: 'PS384', kid: 'one' }, { ...p256, alg: 'ES256' }, ed25519]) {
      const { key, ...first } = importJwk(jwk);
      const { key: again, ...second } = importJwk(first.publicJwk);
      assert.deepEqual(second, first);
      assert.ok(again.equals(key));
    }
  });

  it('takes an object without a prototype', () => {
    assert.equal(importJwk(Object.assign(Object.create(null), p256)).thumbprint, importJwk(p256).thumbprint);
  });

  it('refuses everything that is not a parsed object', () => {
    const pem = pairs.rsa.publicKey.export({ type: 'spki', format: 'pem' });
    for (const value of [
      undefined,
      null,
      1,
      '',
      pem,
      ` ${pem}`,
      JSON.stringify(rsa),
      Buffer.from(pem),
      [rsa],
      pairs.rsa.publicKey,
      new Map(Object.entries(rsa)),
      () => rsa,
    ]) {
      refuses(value, /JSON object/);
    }
  });

  it('does not look for members on a prototype', () => {
    refuses(Object.create(rsa));
    refuses(Object.assign(Object.create({ y: p256.y }), { ...p256, y: undefined }));
    assert.doesNotThrow(() => importJwk(JSON.parse(JSON.stringify(p256))));
  });

  it('refuses private and symmetric keys, and says that a key was given away', () => {
    for (const pair of Object.values(pairs)) refuses(pair.privateKey.export({ format: 'jwk' }), /private members/);
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) refuses({ ...rsa, [member]: 'AA' }, /private members/);
    refuses({ kty: 'oct', k: 'AAAA' }, /private members/);
    refuses({ kty: 'oct' });
  });

  it('refuses other key types and curves', () => {
    for (const kty of ['rsa', 'EC', 'OKP', 'AKP', '', null, undefined, 1, ['RSA'], '__proto__']) refuses({ ...rsa, kty });
    for (const crv of ['P-521', 'secp256k1', 'p-256', 'Ed25519', undefined, null]) refuses({ ...p256, crv });
    for (const crv of ['X25519', 'Ed448', 'P-256']) refuses({ ...ed25519, crv });
    refuses(publicJwk(generateKeyPairSync('ec', { namedCurve: 'P-521' })));
    refuses(publicJwk(generateKeyPairSync('ed448')));
    refuses(publicJwk(generateKeyPairSync('x25519')));
  });

  it('refuses a use other than sig, and key_ops without verify', () => {
    for (const use of ['enc', 'SIG', '', null, ['sig']]) refuses({ ...rsa, use }, /use/);
    for (const operations of [[], ['sign'], 'verify', null, { verify: 1 }]) refuses({ ...rsa, key_ops: operations }, /key_ops/);
    assert.doesNotThrow(() => importJwk({ ...rsa, key_ops: ['sign', 'verify'] }));
  });

  it('restricts the key to its alg, which must fit', () => {
    for (const alg of rsaAlgorithms) assert.deepEqual(importJwk({ ...rsa, alg }).algorithms, [alg]);
    for (const alg of ['ES256', 'EdDSA', 'none', 'HS256', 'RSA-OAEP', 'rs256', '', null, ['RS256'], 'toString'])
      refuses({ ...rsa, alg }, /alg/);
    refuses({ ...p256, alg: 'ES384' }, /alg/);
    refuses({ ...p384, alg: 'ES256' }, /alg/);
    refuses({ ...ed25519, alg: 'Ed25519' }, /alg/);
  });

  it('refuses a kid that cannot be one', () => {
    for (const kid of ['', 'a'.repeat(201), 'a\n', '\ud800', 1, null, []]) refuses({ ...rsa, kid }, /kid/);
    assert.equal(importJwk(rsa).kid, undefined);
  });

  it('accepts RSA of 2048 to 4096 bits, and nothing smaller, larger, even or padded', () => {
    for (const bits of [2048, 2049, 3072, 4095, 4096]) assert.doesNotThrow(() => importJwk({ ...rsa, n: modulus(bits) }));
    for (const bits of [8, 512, 1024, 2040, 2047, 4097, 4104]) refuses({ ...rsa, n: modulus(bits) }, /2048 to 4096/);
    refuses({ ...rsa, n: modulus(65_536) });
    refuses({ ...rsa, n: Buffer.concat([Buffer.alloc(1), Buffer.from(rsa.n ?? '', 'base64url')]).toString('base64url') }, /zero byte/);
    const even = Buffer.alloc(256, 0xa4).toString('base64url');
    refuses({ ...rsa, n: even }, /odd/);
    for (const n of ['', `${rsa.n}=`, ` ${rsa.n}`, undefined, null, 1, ['AQAB']]) refuses({ ...rsa, n });
  });

  it('accepts the exponent 65537 only, spelled AQAB', () => {
    for (const e of ['AQ', 'Aw', 'AAEAAQ', 'AQAC', 'AQABAQAB', 'AQAB=', '', undefined, 65_537]) refuses({ ...rsa, e });
  });

  it('refuses points that are not on their curve, or have the wrong size', () => {
    refuses({ ...p256, x: p256.y, y: p256.x });
    refuses({ ...p256, x: 'A'.repeat(43), y: 'A'.repeat(43) });
    refuses({ ...p256, crv: 'P-384' }, /48 bytes/);
    refuses({ ...p384, crv: 'P-256' }, /32 bytes/);
    refuses({ ...p256, x: `AAAA${p256.x}` });
    refuses({ ...p256, y: undefined });
    refuses({ ...ed25519, x: `AAAA${ed25519.x}` });
    refuses({ ...ed25519, x: '' });
  });

  it('refuses the Ed25519 points of small order and encodings beyond the field', () => {
    const low = [
      '0000000000000000000000000000000000000000000000000000000000000000',
      '0100000000000000000000000000000000000000000000000000000000000000',
      '0100000000000000000000000000000000000000000000000000000000000080',
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
      'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    ];
    for (const hex of low) refuses({ ...ed25519, x: Buffer.from(hex, 'hex').toString('base64url') }, /small order/);
    for (const end of ['ed', 'ee', 'ff']) {
      refuses({ ...ed25519, x: Buffer.from(`${end}${'ff'.repeat(30)}7f`, 'hex').toString('base64url') }, /canonically/);
    }
  });

  it('throws nothing but a JwtError, and repeats nothing of the key', () => {
    const member = fc.oneof(fc.anything(), fc.string({ unit: fc.constantFrom(...'AQBgw') }), fc.constantFrom(...Object.values(p256)));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.record({
            kty: fc.constantFrom('RSA', 'EC', 'OKP'),
            crv: fc.constantFrom('P-256', 'Ed25519'),
            n: member,
            e: member,
            x: member,
            y: member,
          }),
        ),
        (jwk) => {
          try {
            importJwk(jwk);
          } catch (error) {
            assert.ok(error instanceof JwtError && error.code === 'key' && error.cause === undefined);
          }
        },
      ),
      { numRuns: 1000 },
    );
    assert.throws(
      () => importJwk({ ...rsa, kid: 'secret\n', d: 'secret' }),
      (error) => error instanceof JwtError && !error.message.includes('secret'),
    );
  });
});

describe('readKeySet', () => {
  it('reads the usable keys in order and skips the others with a reason', () => {
    const set = readKeySet({
      keys: [
        { ...rsa, kid: 'r' },
        { kty: 'AKP', alg: 'ML-DSA-65', pub: 'AA', kid: 'pq' },
        null,
        'text',
        { ...p256, kid: 'e' },
        { kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'a\n' },
        [],
      ],
      extra: true,
    });
    assert.deepEqual(
      set.keys.map((key) => key.kid),
      ['r', 'e'],
    );
    assert.deepEqual(
      set.skipped.map(({ index, kid }) => [index, kid]),
      [
        [1, 'pq'],
        [2, undefined],
        [3, undefined],
        [5, undefined],
        [6, undefined],
      ],
    );
    assert.ok(set.skipped.every(({ reason }) => /^[A-Z].+\.$/.test(reason)));
    assert.ok([set, set.keys, set.skipped].every((value) => Object.isFrozen(value)));
  });

  it('keeps the first of two entries of one key, whatever their names', () => {
    const set = readKeySet({
      keys: [
        { ...rsa, kid: 'one' },
        { ...rsa, kid: 'two', alg: 'RS512' },
      ],
    });
    assert.deepEqual(
      set.keys.map((key) => key.kid),
      ['one'],
    );
    assert.deepEqual(
      set.skipped.map(({ index, kid }) => [index, kid]),
      [[1, 'two']],
    );
  });

  it('keeps two keys of one name, for the caller to try both', () => {
    assert.equal(
      readKeySet({
        keys: [
          { ...rsa, kid: 'one' },
          { ...p256, kid: 'one' },
        ],
      }).keys.length,
      2,
    );
  });

  it('returns a set without keys as such', () => {
    assert.deepEqual(readKeySet({ keys: [] }), { keys: [], skipped: [] });
  });

  it('refuses what is not a set', () => {
    for (const value of [
      undefined,
      null,
      [],
      [rsa],
      rsa,
      '{"keys":[]}',
      { keys: rsa },
      { keys: null },
      { Keys: [rsa] },
      Object.create({ keys: [rsa] }),
    ]) {
      assert.throws(() => readKeySet(value), refusal('key'));
    }
  });

  it('refuses more than 100 keys, usable or not', () => {
    assert.equal(readKeySet({ keys: new Array(maxKeys).fill(null) }).skipped.length, maxKeys);
    assert.throws(() => readKeySet({ keys: new Array(maxKeys + 1).fill(null) }), refusal('key', /more than 100/));
  });
});
