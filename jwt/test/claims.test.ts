import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ClaimExpectations, checkClaims, JwtError, type JwtErrorCode, parseCompact } from '../src/index.ts';
import { audience, claimsWith, goodClaims, issuer, nowSeconds, refusal, signTexts, signToken } from './tokens.ts';

const expected: ClaimExpectations = {
  issuer,
  audiences: [audience, 'vault'],
  nowSeconds,
  maxLifetimeSeconds: (name) => (name === 'vault' ? 7200 : 3600),
};

function check(
  changes: Readonly<Record<string, unknown>> = {},
  expectations: Partial<ClaimExpectations> = {},
): ReturnType<typeof checkClaims> {
  return checkClaims(parseCompact(signToken(claimsWith(changes))), { ...expected, ...expectations });
}

function refuses(code: JwtErrorCode, changes: Readonly<Record<string, unknown>>, expectations: Partial<ClaimExpectations> = {}): void {
  assert.throws(() => check(changes, expectations), refusal(code), JSON.stringify(changes));
}

describe('checkClaims', () => {
  it('returns what it checked, frozen', () => {
    const token = parseCompact(signToken());
    const checked = checkClaims(token, expected);
    const { claims, ...rest } = checked;
    assert.deepEqual(rest, {
      issuer,
      subject: goodClaims.sub,
      audience: [audience],
      matchedAudiences: [audience],
      issuedAt: goodClaims.iat,
      expiresAt: goodClaims.exp,
      notBefore: goodClaims.nbf,
      tokenId: goodClaims.jti,
    });
    assert.equal(claims, token.claims);
    assert.ok([checked, checked.audience, checked.matchedAudiences].every((value) => Object.isFrozen(value)));
  });

  it('leaves notBefore and tokenId out when the token has none', () => {
    const checked = check({ nbf: undefined, jti: undefined });
    assert.equal('notBefore' in checked, false);
    assert.equal('tokenId' in checked, false);
  });

  it('finds the issuer first, then the audience, then the times, then the lifetime', () => {
    const wrong = { iss: 'https://evil.example', aud: 'other', exp: nowSeconds - 100, iat: nowSeconds - 9_999, nbf: nowSeconds - 9_999 };
    refuses('issuer', wrong);
    refuses('audience', { ...wrong, iss: issuer });
    refuses('expired', { ...wrong, iss: issuer, aud: audience });
    refuses('lifetime', { ...wrong, iss: issuer, aud: audience, exp: nowSeconds + 100 });
    assert.doesNotThrow(() => check({ ...wrong, iss: issuer, aud: audience, exp: nowSeconds + 100 }, { maxLifetimeSeconds: () => 86_400 }));
  });
});

describe('the issuer', () => {
  it('is compared exactly', () => {
    const { host } = new URL(issuer);
    for (const iss of [
      `${issuer}/`,
      issuer.toUpperCase(),
      issuer.slice(0, -1),
      `${issuer}.evil.example`,
      `https://${host}@evil.example`,
      ` ${issuer}`,
      `${issuer}\0`,
      issuer.replace('https', 'http'),
      '*',
    ])
      refuses('issuer', { iss });
  });

  it('is a string', () => {
    for (const iss of [undefined, null, [issuer], [issuer, 'https://evil.example'], { 0: issuer }, 1, true, '']) refuses('claim', { iss });
  });
});

describe('the audience', () => {
  it('may be a string or a list, with the same result', () => {
    assert.deepEqual(check({ aud: audience }), { ...check({ aud: [audience] }), claims: check({ aud: audience }).claims });
  });

  it('must contain an expected one, compared exactly', () => {
    for (const aud of [
      'other',
      [],
      audience.toUpperCase(),
      `${audience}/`,
      audience.slice(1),
      ['a', 'b'],
      'podpass',
      '*',
      '',
      [''],
      'https://kubernetes.default.svc',
    ]) {
      refuses(Array.isArray(aud) && aud.length === 0 ? 'claim' : 'audience', { aud });
    }
  });

  it('reports those that match, once, in the order of the token', () => {
    assert.deepEqual(check({ aud: ['x', 'vault', audience, 'vault', 'y'] }).matchedAudiences, ['vault', audience]);
    assert.deepEqual(check({ aud: ['x', audience, 'y'] }).audience, ['x', audience, 'y']);
  });

  it('must be there, and be text only, at most 20 of it', () => {
    for (const aud of [undefined, null, 1, true, {}, { 0: audience, length: 1 }, [audience, 1], [audience, null], [[audience]], []])
      refuses('claim', { aud });
    assert.doesNotThrow(() => check({ aud: [...new Array(19).fill('x'), audience] }));
    refuses('claim', { aud: [...new Array(20).fill('x'), audience] });
  });

  it('is not repeated in the message of a refusal, nor is anything of the token', () => {
    const aud = 'somebody-elses-audience';
    for (const changes of [{ aud }, { iss: aud }, { sub: [aud] }, { exp: aud }, { jti: [aud] }, { iat: 0 }]) {
      assert.throws(
        () => check(changes),
        (error) => error instanceof JwtError && !JSON.stringify({ ...error, message: error.message }).includes(aud),
      );
    }
  });

  it('makes an empty list of expectations a programming error, not a refusal', () => {
    for (const audiences of [[], [''], ['a', ''], undefined, audience, [undefined]]) {
      assert.throws(() => check({}, { audiences: audiences as unknown as string[] }), RangeError);
    }
  });
});

describe('the subject and the token id', () => {
  it('are non-empty strings; only the id may be missing', () => {
    for (const value of [null, '', 1, ['a'], {}]) {
      refuses('claim', { sub: value });
      refuses('claim', { jti: value });
    }
    refuses('claim', { sub: undefined });
  });
});

describe('the times', () => {
  it('are whole numbers from 0 to the end of the year 9999', () => {
    const bad = ['1785003000', 1785003000.5, -1, null, true, [1785003000], {}, 253_402_300_800, 2 ** 53, 1e308, ''];
    for (const name of ['exp', 'iat', 'nbf']) for (const value of bad) refuses('claim', { [name]: value });
    assert.doesNotThrow(() => check({ exp: 253_402_300_799, iat: 0, nbf: 0 }, { maxLifetimeSeconds: () => 1e12 }));
  });

  it('may be spelled as any JSON number that is whole, and none that overflows', () => {
    const payload = (exp: string): string => JSON.stringify(claimsWith({ exp: 0 })).replace('"exp":0', `"exp":${exp}`);
    const token = (exp: string): ReturnType<typeof parseCompact> => parseCompact(signTexts('{"alg":"ES256"}', payload(exp)));
    for (const exp of ['1785003000.0', '17850030e2', '1785003000'])
      assert.equal(checkClaims(token(exp), expected).expiresAt, 1_785_003_000);
    for (const exp of ['1e999', '-1e999', '1785003000.0001', '-0'])
      assert.throws(() => checkClaims(token(exp), expected), refusal('claim'));
  });

  it('must have exp and iat, with exp the later', () => {
    for (const changes of [
      { exp: undefined },
      { iat: undefined },
      { exp: nowSeconds, iat: nowSeconds },
      { exp: nowSeconds, iat: nowSeconds + 1 },
    ])
      refuses('claim', changes);
  });

  it('expire with the skew, not a second later', () => {
    const iat = nowSeconds - 1000;
    assert.doesNotThrow(() => check({ exp: nowSeconds - 59, iat, nbf: iat }));
    refuses('expired', { exp: nowSeconds - 60, iat, nbf: iat });
    refuses('expired', { exp: nowSeconds, iat, nbf: iat }, { clockSkewSeconds: 0 });
    assert.doesNotThrow(() => check({ exp: nowSeconds + 1, iat, nbf: iat }, { clockSkewSeconds: 0 }));
  });

  it('begin with the skew, not a second earlier', () => {
    const exp = nowSeconds + 1000;
    for (const [iat, nbf] of [
      [nowSeconds + 60, nowSeconds],
      [nowSeconds, nowSeconds + 60],
      [nowSeconds + 60, undefined],
    ])
      assert.doesNotThrow(() => check({ exp, iat, nbf }));
    for (const [iat, nbf] of [
      [nowSeconds + 61, nowSeconds],
      [nowSeconds, nowSeconds + 61],
      [nowSeconds + 61, undefined],
    ])
      refuses('not_yet_valid', { exp, iat, nbf });
    refuses('not_yet_valid', { exp, iat: nowSeconds + 1, nbf: nowSeconds }, { clockSkewSeconds: 0 });
  });

  it('make a present or a skew that is no number a programming error', () => {
    for (const now of [Number.NaN, Number.POSITIVE_INFINITY, undefined, '1785000000'])
      assert.throws(() => check({}, { nowSeconds: now as number }), RangeError);
    for (const skew of [Number.NaN, -1, 61, Number.POSITIVE_INFINITY])
      assert.throws(() => check({}, { clockSkewSeconds: skew }), RangeError);
    assert.throws(() => check({}, { issuer: '' }), RangeError);
  });
});

describe('the lifetime', () => {
  it('is at most what the audience allows', () => {
    const times = (seconds: number): Record<string, number> => ({ iat: nowSeconds, nbf: nowSeconds, exp: nowSeconds + seconds });
    assert.doesNotThrow(() => check(times(3600)));
    refuses('lifetime', times(3601));
    assert.doesNotThrow(() => check({ ...times(7200), aud: 'vault' }));
    refuses('lifetime', { ...times(7201), aud: 'vault' });
    refuses('lifetime', times(31_536_000));
  });

  it('is measured by the largest limit of the audiences that matched, and by no other', () => {
    const times = { iat: nowSeconds, nbf: nowSeconds, exp: nowSeconds + 7200 };
    assert.doesNotThrow(() => check({ ...times, aud: [audience, 'vault'] }));
    refuses('lifetime', { ...times, aud: [audience, 'vault'] }, { audiences: [audience] });
  });

  it('makes a limit that is no number a programming error', () => {
    for (const limit of [Number.NaN, Number.POSITIVE_INFINITY, undefined, -1]) {
      assert.throws(() => check({}, { maxLifetimeSeconds: () => limit as number }), RangeError);
    }
    refuses('lifetime', {}, { maxLifetimeSeconds: () => 0 });
  });
});

it('a legacy token from a Secret, without exp and aud, is refused by its issuer and by its claims', () => {
  const legacy = {
    iss: 'kubernetes/serviceaccount',
    sub: 'system:serviceaccount:default:default',
    'kubernetes.io/serviceaccount/namespace': 'default',
  };
  const token = parseCompact(signToken(legacy));
  assert.throws(() => checkClaims(token, expected), refusal('issuer'));
  assert.throws(() => checkClaims(token, { ...expected, issuer: legacy.iss }), refusal('claim'));
});
