/**
 * Proof of possession: whoever registers a cluster shows a token that the cluster signed for the audience
 * `podpass-register:<account>:<nonce>`. Without it anybody could claim another cluster's issuer with its public keys.
 */
import { checkClaims, JwtError, parseCompact, type VerificationKey, verifySignature } from '@podpass/jwt';
import { DomainError } from '../kernel/errors.ts';

/** How long a nonce may be used. */
export const NONCE_TTL_MS = 10 * 60 * 1000;
const MAX_PROOF_LIFETIME_SECONDS = 24 * 3600;
const AUDIENCE = /^podpass-register:([0-9a-f]{32}):([A-Za-z0-9_-]{20,64})$/;

export function registrationAudience(accountId: string, nonce: string): string {
  return `podpass-register:${accountId}:${nonce}`;
}

const refuse = (index: number, message: string) =>
  new DomainError('invalid_field', {
    message: `Field 'proofs[${index}]' does not prove possession of the cluster's signing key: ${message}`,
    details:
      'Get a nonce from POST /podpass/v1/clusters/registrations, then: kubectl create token default --audience=<the audience in the reply>.',
  });

/** Checks one proof against the keys of its issuer; returns the nonce that it was made for. */
function checkProof(
  index: number,
  proof: string,
  accountId: string,
  keysOf: ReadonlyMap<string, readonly VerificationKey[]>,
  nowSeconds: number,
) {
  try {
    const token = parseCompact(proof.trim());
    const issuer = typeof token.claims.iss === 'string' ? token.claims.iss : '';
    const keys = keysOf.get(issuer);
    if (!keys) throw refuse(index, 'its issuer is not among the issuers to register.');
    const audience = [token.claims.aud].flat().find((value) => typeof value === 'string' && AUDIENCE.test(value));
    const [, account, nonce] = AUDIENCE.exec(String(audience ?? '')) ?? [];
    if (typeof audience !== 'string' || account !== accountId || nonce === undefined) {
      throw refuse(index, `its audience is not podpass-register:${accountId}:<nonce>.`);
    }
    if (
      !keys.some(
        (key) => (token.header.kid === undefined || key.kid === undefined || key.kid === token.header.kid) && verifySignature(token, key),
      )
    ) {
      throw refuse(index, 'none of the keys to register signed it.');
    }
    checkClaims(token, { issuer, audiences: [audience], nowSeconds, maxLifetimeSeconds: () => MAX_PROOF_LIFETIME_SECONDS });
    return { issuer, nonce };
  } catch (error) {
    if (error instanceof JwtError) throw refuse(index, error.message);
    throw error;
  }
}

/** Checks that every issuer is proved; returns the nonces, each of which must now be taken. */
export function checkProofs(
  proofs: readonly string[],
  accountId: string,
  keysOf: ReadonlyMap<string, readonly VerificationKey[]>,
  nowSeconds: number,
): readonly string[] {
  const proved = proofs.map((proof, index) => checkProof(index, proof, accountId, keysOf, nowSeconds));
  for (const issuer of keysOf.keys()) {
    if (!proved.some((proof) => proof.issuer === issuer)) {
      throw new DomainError('invalid_field', {
        message: `Field 'proofs' holds no token of the issuer ${issuer}.`,
        details:
          'Get a nonce from POST /podpass/v1/clusters/registrations, then: kubectl create token default --audience=<the audience in the reply>.',
      });
    }
  }
  return [...new Set(proved.map((proof) => proof.nonce))];
}
