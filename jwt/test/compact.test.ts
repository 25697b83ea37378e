import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { JwtError, parseCompact } from '../src/index.ts';
import { readReferenceJson } from './reference-json.ts';
import { encode, encodeText, goodClaims, refusal, signToken } from './tokens.ts';

const header = { alg: 'RS256', kid: 'one' };

/** A token that is not signed: parsing does not look. */
function tokenOf(headerValue: unknown, payload: unknown = goodClaims): string {
  return `${encode(headerValue)}.${encode(payload)}.AAAA`;
}

function refuses(token: string, code: 'malformed' | 'algorithm' = 'malformed'): void {
  assert.throws(() => parseCompact(token), refusal(code));
}

describe('parseCompact', () => {
  it('reads header, claims, signing input and signature', () => {
    const token = signToken(goodClaims, { typ: 'JWT' });
    const parsed = parseCompact(token);
    assert.deepEqual(parsed.header, { alg: 'ES256', kid: 'one', typ: 'JWT' });
    assert.equal(JSON.stringify(parsed.claims), JSON.stringify(goodClaims));
    assert.equal(parsed.signingInput.toString(), token.slice(0, token.lastIndexOf('.')));
    assert.equal(parsed.signature.toString('base64url'), token.slice(token.lastIndexOf('.') + 1));
    assert.ok([parsed, parsed.header, parsed.claims].every((value) => Object.isFrozen(value)));
  });

  it('reads a header of alg alone, of alg and kid, and of alg and typ', () => {
    for (const value of [{ alg: 'RS256' }, { alg: 'RS256', kid: 'k' }, { alg: 'RS256', typ: 'at+jwt' }]) {
      assert.deepEqual(parseCompact(tokenOf(value)).header, value);
    }
  });
});

describe('the parts', () => {
  const good = tokenOf(header);
  const [first, second] = good.split('.') as [string, string];

  it('must be three', () => {
    for (const token of ['', first, `${first}.${second}`, `${good}.AAAA`, `${good}.AAAA.AAAA`, '....', '.'.repeat(16_000)]) refuses(token);
  });

  it('must not be empty', () => {
    for (const token of [`.${second}.AAAA`, `${first}..AAAA`, `${first}.${second}.`, '..']) refuses(token);
  });

  it('must be base64url without padding, white space and other alphabets', () => {
    for (const signature of ['AAA=', 'AA==', 'AAAA=', 'AA+A', 'AA/A', 'AA A', 'AAAA\n', ' AAAA', 'AAé', 'AA\0A', 'A\u0141A', 'AA%A'])
      refuses(`${first}.${second}.${signature}`);
    refuses(` ${good}`);
    refuses(`${good}\n`);
    refuses(`${first}.${second.slice(0, 8)} ${second.slice(8)}.AAAA`);
  });

  it('must not have bits left over, nor a length that no value has', () => {
    for (const signature of ['AB', 'AAB', 'A', 'AAAAA']) refuses(`${first}.${second}.${signature}`);
    assert.doesNotThrow(() => parseCompact(`${first}.${second}.AQ`));
  });

  it('must not exceed the limit together, which is 16 KiB unless another is given', () => {
    const long = (length: number): string => `${first}.${second}.`.padEnd(length, 'A');
    const even = 16_384 - ((16_384 - first.length - second.length - 2) % 4);
    assert.doesNotThrow(() => parseCompact(long(even)));
    assert.throws(() => parseCompact(long(even + 4)), refusal('malformed', /16384 bytes/));
    assert.doesNotThrow(() => parseCompact(good, good.length));
    assert.throws(() => parseCompact(good, good.length - 1), refusal('malformed'));
    assert.throws(() => parseCompact(good, Number.NaN), refusal('malformed'));
  });

  it('are refused before they are parsed when there are five', () => {
    const encrypted = `${encode({ alg: 'PBES2-HS256+A128KW', p2c: 2 ** 31, enc: 'A128GCM' })}.AAAA.AAAA.AAAA.AAAA`;
    assert.throws(() => parseCompact(encrypted), refusal('malformed', /three parts/));
  });

  it('are not read from the JSON serialisation', () => {
    refuses(JSON.stringify({ protected: first, payload: second, signature: 'AAAA' }));
    refuses(JSON.stringify({ payload: second, signatures: [{ protected: first, signature: 'AAAA' }] }));
  });

  it('are not read from anything but a string', () => {
    for (const value of [undefined, null, 1, {}, [good], Buffer.from(good), new String(good)]) refuses(value as unknown as string);
  });
});

describe('the header', () => {
  it('names an algorithm of the table', () => {
    const others = [
      'none',
      'None',
      'NONE',
      'nOnE',
      'HS256',
      'HS384',
      'HS512',
      'ES512',
      'ES256K',
      'Ed25519',
      'Ed448',
      'RS1',
      'rs256',
      'RS256 ',
      '',
      '__proto__',
      'constructor',
      'toString',
    ];
    for (const alg of [...others, undefined, null, 1, true, ['RS256'], { RS256: 1 }]) refuses(tokenOf({ alg }), 'algorithm');
  });

  it('has neither crit nor b64, whatever their value', () => {
    for (const extra of [{ crit: ['exp'] }, { crit: [] }, { crit: null }, { b64: false }, { b64: true }, { crit: ['b64'], b64: false }])
      refuses(tokenOf({ ...header, ...extra }));
  });

  it('has a kid of 1 to 200 characters without control characters, or none', () => {
    for (const kid of ['', 'a'.repeat(201), 'a\nb', 'a\0', '\u007f', '\u0085', 1, null, ['a'], {}]) refuses(tokenOf({ ...header, kid }));
    for (const kid of ['a', 'é', 'a'.repeat(200), '../../etc/passwd', "' or 1=1 --"])
      assert.equal(parseCompact(tokenOf({ ...header, kid })).header.kid, kid);
  });

  it('has a typ that is a string, or none', () => {
    for (const typ of [1, null, ['JWT'], {}]) refuses(tokenOf({ ...header, typ }));
  });

  it('may bring keys along, which are named and otherwise ignored', () => {
    const hints = { jku: 'https://evil.example', x5u: 1, x5c: ['AAAA'], jwk: { kty: 'oct', k: 'AA' }, x5t: null, 'x5t#S256': 'AA' };
    const parsed = parseCompact(tokenOf({ ...header, ...hints }));
    assert.deepEqual(parsed.header, header);
    assert.deepEqual(parsed.ignoredHeaders, ['jku', 'jwk', 'x5u', 'x5c', 'x5t', 'x5t#S256']);
    assert.deepEqual(parseCompact(tokenOf(header)).ignoredHeaders, []);
  });

  it('is strict JSON, and so is the payload', () => {
    for (const text of ['[]', 'null', '"RS256"', '{', '{"alg":"RS256","alg":"RS256"}', '{"alg":"none","\\u0061lg":"RS256"}']) {
      refuses(`${encodeText(text)}.${encode(goodClaims)}.AAAA`);
      refuses(`${encode(header)}.${encodeText(text)}.AAAA`);
    }
  });
});

/** Whether a part is canonical, by the letter of RFC 4648. */
function referencePart(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1) return undefined;
  const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.indexOf(text.at(-1) ?? '');
  const unusedBits = { 0: 0, 2: 4, 3: 2 }[text.length % 4] ?? 0;
  return last % 2 ** unusedBits === 0 ? Buffer.from(text, 'base64url') : undefined;
}

describe('parseCompact beside a reference', () => {
  const part = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'ABCDQRgw019-_'), maxLength: 12 }),
    fc.string({ maxLength: 12 }),
    fc.constantFrom(encode(header), encode(goodClaims), encode({ alg: 'none' }), encodeText('{"alg":"RS256","kid":1}')),
    fc.json().map(encodeText),
  );

  it('accepts what the reference accepts, and throws nothing but a JwtError', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 2, maxLength: 4 }), (parts) => {
        const decoded = parts.map(referencePart);
        const objects = decoded.slice(0, 2).map((bytes) => (bytes === undefined ? undefined : readReferenceJson(bytes.toString())));
        const isGood =
          decoded.length === 3 && decoded.every(Boolean) && objects.every(Boolean) && (objects[0] as { kid?: unknown }).kid === 'one';
        if (isGood) assert.doesNotThrow(() => parseCompact(parts.join('.')));
        else assert.throws(() => parseCompact(parts.join('.')), JwtError);
      }),
      { numRuns: 3000, examples: [[[encode(header), encode(goodClaims), 'AAAA']]] },
    );
  });

  it('throws nothing but a JwtError for any string', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('.', 'A', '=', 'e', 'y') })), (token) => {
        assert.throws(() => parseCompact(token), JwtError);
      }),
    );
  });
});
