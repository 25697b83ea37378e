import type { Buffer } from 'node:buffer';
import { verify } from 'node:crypto';
import { type AlgorithmRow, readAlgorithm } from './algorithms.ts';
import type { UnverifiedToken } from './compact.ts';
import { readEcdsaSignature } from './ecdsa.ts';
import type { VerificationKey } from './keys.ts';

/**
 * Whether `key` made the signature of `token` (RFC 7515 section 5.2). False also when the key does not serve the algorithm that the token
 * names (RFC 8725 section 3.1), so candidates can be tried in turn. Says nothing about claims: see `checkClaims`.
 */
export function verifySignature(token: UnverifiedToken, { key, algorithms }: VerificationKey): boolean {
  const row = readAlgorithm(token.header.alg);
  if (row === undefined || !algorithms.includes(row.name)) return false;
  const signature = readSignature(row, token.signature);
  if (signature === undefined) return false;
  return verify(row.digest, token.signingInput, row.pss === undefined ? key : { key, ...row.pss }, signature);
}

/** The signature as OpenSSL wants it; undefined when no key of the algorithm can have made it. */
function readSignature(row: AlgorithmRow, signature: Buffer): Buffer | undefined {
  if (row.signatureLength !== undefined && signature.length !== row.signatureLength) return undefined;
  return row.isEcdsa ? readEcdsaSignature(signature) : signature;
}
