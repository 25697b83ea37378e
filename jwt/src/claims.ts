import type { UnverifiedToken } from './compact.ts';
import { JwtError } from './errors.ts';
import type { JsonObject, JsonValue } from './json.ts';

/** What a token must say. Everything here comes from configuration; a value that would switch a check off throws a RangeError. */
export interface ClaimExpectations {
  /** Compared exactly. */
  readonly issuer: string;
  /** At least one of these must be in `aud`; must not be empty. */
  readonly audiences: readonly string[];
  readonly nowSeconds: number;
  /** How far clocks may be apart: 0 to 60, by default 60. */
  readonly clockSkewSeconds?: number;
  /** The longest accepted `exp - iat` for one of `audiences`; of several matched audiences the largest counts. */
  readonly maxLifetimeSeconds: (audience: string) => number;
}

export interface CheckedClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: readonly string[];
  /** Those of `audience` that were expected, in the token's order. */
  readonly matchedAudiences: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly notBefore?: number;
  readonly tokenId?: string;
  readonly claims: JsonObject;
}

export const maxClockSkewSeconds = 60;
const maxAudiences = 20;
const maxNumericDate = 253_402_300_799; // the end of the year 9999

/**
 * Checks the registered claims (RFC 7519 section 4.1): issuer, audience, subject, then times, then lifetime. `iss`, `sub`, `aud`, `exp` and
 * `iat` are required; `nbf` and `jti` are checked where present. A missing or mistyped claim throws `claim`; a refused value throws `issuer`,
 * `audience`, `expired`, `not_yet_valid` or `lifetime`. Does not verify the signature: call `verifySignature` first.
 */
export function checkClaims(token: UnverifiedToken, expected: ClaimExpectations): CheckedClaims {
  checkExpectations(expected);
  const { claims } = token;
  const issuer = parseText('iss', claims.iss);
  if (issuer !== expected.issuer) throw new JwtError('issuer', 'The token is from another issuer than the expected one.');
  const audience = parseAudience(claims.aud);
  const matchedAudiences = matchAudiences(audience, expected.audiences);
  const subject = parseText('sub', claims.sub);
  const times = checkTimes(claims, expected);
  checkLifetime(times.expiresAt - times.issuedAt, matchedAudiences, expected);
  const tokenId = claims.jti === undefined ? undefined : { tokenId: parseText('jti', claims.jti) };
  return Object.freeze({ issuer, subject, audience, matchedAudiences, ...times, ...tokenId, claims });
}

/** A comparison with NaN is false, and an empty list matches nothing or everything: neither may decide about a token. */
function checkExpectations({ issuer, audiences, nowSeconds, clockSkewSeconds = maxClockSkewSeconds }: ClaimExpectations): void {
  if (typeof issuer !== 'string' || issuer === '') throw new RangeError('The expected issuer must be a non-empty string.');
  if (!Array.isArray(audiences) || audiences.length === 0) throw new RangeError('At least one audience must be expected.');
  if (audiences.some((audience) => typeof audience !== 'string' || audience === '')) {
    throw new RangeError('Every expected audience must be a non-empty string.');
  }
  if (!Number.isFinite(nowSeconds)) throw new RangeError('The present time must be a finite number of seconds.');
  if (!(clockSkewSeconds >= 0 && clockSkewSeconds <= maxClockSkewSeconds)) {
    throw new RangeError(`The clock skew must be 0 to ${maxClockSkewSeconds} seconds.`);
  }
}

function parseText(name: 'iss' | 'sub' | 'jti', value: JsonValue | undefined): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new JwtError('claim', `The ${name} claim must be a non-empty string.`);
}

function parseAudience(value: JsonValue | undefined): readonly string[] {
  if (typeof value === 'string') return Object.freeze([value]);
  if (isTextList(value) && value.length >= 1 && value.length <= maxAudiences) return value;
  throw new JwtError('claim', `The aud claim must be a string or a list of 1 to ${maxAudiences} strings.`);
}

function isTextList(value: JsonValue | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function matchAudiences(audience: readonly string[], expected: readonly string[]): readonly string[] {
  const matched = audience.filter((name, index) => expected.includes(name) && audience.indexOf(name) === index);
  if (matched.length === 0) throw new JwtError('audience', 'The token is not meant for any of the expected audiences.');
  return Object.freeze(matched);
}

interface Times {
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly notBefore?: number;
}

function checkTimes(claims: JsonObject, { nowSeconds, clockSkewSeconds = maxClockSkewSeconds }: ClaimExpectations): Times {
  const expiresAt = parseTime('exp', claims.exp);
  const issuedAt = parseTime('iat', claims.iat);
  const notBefore = claims.nbf === undefined ? undefined : parseTime('nbf', claims.nbf);
  if (expiresAt <= issuedAt) throw new JwtError('claim', 'The exp claim must be later than the iat claim.');
  if (nowSeconds - clockSkewSeconds >= expiresAt) throw new JwtError('expired', 'The token has expired.');
  const latestStart = nowSeconds + clockSkewSeconds;
  if (issuedAt > latestStart) throw new JwtError('not_yet_valid', 'The token was issued in the future; compare the clocks of both sides.');
  if (notBefore === undefined) return { issuedAt, expiresAt };
  if (notBefore > latestStart) throw new JwtError('not_yet_valid', 'The token is not valid yet; compare the clocks of both sides.');
  return { issuedAt, expiresAt, notBefore };
}

function parseTime(name: 'exp' | 'iat' | 'nbf', value: JsonValue | undefined): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= maxNumericDate) return value;
  throw new JwtError('claim', `The ${name} claim must be a whole number of seconds from 0 to ${maxNumericDate}.`);
}

function checkLifetime(lifetimeSeconds: number, matchedAudiences: readonly string[], { maxLifetimeSeconds }: ClaimExpectations): void {
  const limits = matchedAudiences.map((audience) => maxLifetimeSeconds(audience));
  if (!limits.every((limit) => Number.isFinite(limit) && limit >= 0)) {
    throw new RangeError('The longest lifetime of an audience must be a finite number of seconds.');
  }
  const limitSeconds = Math.max(...limits);
  if (lifetimeSeconds > limitSeconds) {
    throw new JwtError('lifetime', `The token lives longer than the ${limitSeconds} seconds that its audience allows.`);
  }
}
