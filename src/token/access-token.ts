/** Recognising Podpass's own access tokens in the Authorization header of a call. */
import { JwtError, parseCompact, verifySignature } from '@podpass/jwt';
import type { Caller } from '../kernel/caller.ts';
import { DomainError } from '../kernel/errors.ts';
import type { KeyRing } from './signing-keys.ts';

export interface AccessTokenRules {
  readonly keyRing: () => KeyRing;
  readonly issuer: string;
  /** What a token's `aud` must be where it has one; tokens of IBM's road have none. */
  readonly ownAudience: string;
}

const SKEW_SECONDS = 60;
/** What people put into the header instead of an access token. */
const EXCHANGE_FIRST = "An API key or a pod's token is no access token: exchange it at POST /identity/token first.";
const JWT_START = /^[A-Za-z0-9_-]+\./;

/** Takes the token out of the header. A bare token and one doubled scheme word are accepted: people paste both. */
function readBearer(authorization: string | undefined): string {
  if (!authorization?.trim()) throw new DomainError('no_authorization');
  const words = authorization.trim().split(/\s+/);
  const schemes = words.slice(0, -1);
  const token = words.at(-1) ?? '';
  if (schemes.length > 2 || schemes.some((word) => word.toLowerCase() !== 'bearer') || !JWT_START.test(token)) {
    throw new DomainError('invalid_token', { details: `Header 'Authorization' must be: Bearer <access token>. ${EXCHANGE_FIRST}` });
  }
  return token;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Verifies the token of a call and says who calls. Throws `no_authorization` or `invalid_token`. */
export function verifyAccessToken(rules: AccessTokenRules, authorization: string | undefined, nowSeconds: number): Caller {
  const invalid = (detail: string) => new DomainError('invalid_token', { detail, details: EXCHANGE_FIRST });
  try {
    const token = parseCompact(readBearer(authorization));
    const key = token.header.kid === undefined ? undefined : rules.keyRing().verificationKey(token.header.kid);
    if (!key || token.header.alg !== 'RS256' || !verifySignature(token, key)) throw invalid('not signed by this installation');
    const { iss, iam_id: iamId, exp, iat, scope, jti, name, aud, account } = token.claims;
    if (iss !== rules.issuer) throw invalid('issuer is another');
    if (typeof exp !== 'number' || exp <= nowSeconds) throw invalid('expired');
    if (typeof iat !== 'number' || iat > nowSeconds + SKEW_SECONDS) throw invalid('issued in the future');
    if (aud !== undefined && ![aud].flat().includes(rules.ownAudience)) throw invalid('meant for another audience');
    const accountId =
      typeof account === 'object' && account !== null && !Array.isArray(account) ? (account as { bss?: unknown }).bss : undefined;
    if (!isText(iamId) || !isText(accountId) || !isText(jti)) throw invalid('claims are missing');
    return { iamId, accountId, tokenId: jti, scope: isText(scope) ? scope : '', name: isText(name) ? name : iamId };
  } catch (error) {
    if (error instanceof JwtError) throw invalid(error.message);
    throw error;
  }
}
