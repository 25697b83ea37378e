/**
 * One strict verifier for JWTs in compact serialisation (RFC 7515, RFC 7519), with the advice of RFC 8725 built in and nothing to switch off.
 * It parses, imports keys, verifies and checks claims, synchronously; it fetches nothing, caches nothing and knows no configuration.
 * The way of a token: `parseCompact`, then `verifySignature` with the candidate keys, then `checkClaims`.
 */
export type { Algorithm } from './algorithms.ts';
export { type CheckedClaims, type ClaimExpectations, checkClaims, maxClockSkewSeconds } from './claims.ts';
export { defaultMaxBytes, parseCompact, type TokenHeader, type UnverifiedToken } from './compact.ts';
export { JwtError, type JwtErrorCode } from './errors.ts';
export { type JsonObject, type JsonValue, maxJsonDepth, parseJsonObject } from './json.ts';
export { type KeySet, maxKeys, readKeySet, type SkippedKey } from './key-set.ts';
export { importJwk, type VerificationKey } from './keys.ts';
export { verifySignature } from './verify.ts';
