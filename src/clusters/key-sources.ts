/** Where the keys of a cluster come from, by its trust mode. */
import { JwtError, readKeySet, type VerificationKey } from '@podpass/jwt';
import { DomainError } from '../kernel/errors.ts';
import type { ClusterIssuer, ClusterKey, TrustMode } from './cluster.ts';

/** Fetches an issuer's published keys; implemented at the edge. Throws errors whose message is a sentence for the administrator. */
export interface IssuerDocuments {
  fetchKeys(request: {
    readonly issuer: string;
    readonly caBundle?: string;
    readonly allowPrivate: boolean;
  }): Promise<{ readonly jwks: unknown }>;
}

export type KeysByIssuer = ReadonlyMap<string, readonly VerificationKey[]>;

/** Reads a key set that an administrator handed in. */
export function readUploadedKeys(jwks: unknown, issuers: readonly ClusterIssuer[]): KeysByIssuer {
  if (jwks === undefined) {
    throw new DomainError('missing_field', {
      message: "Field 'trust.jwks' is required for trust mode 'jwks': the cluster's key set, as /openid/v1/jwks shows it.",
    });
  }
  const keys = usableKeys(jwks, "Field 'trust.jwks'");
  return new Map(issuers.map((issuer) => [issuer.issuer, keys]));
}

/** Fetches the key set of every issuer at the address that its administrator registered. */
export async function fetchKeys(
  documents: IssuerDocuments,
  issuers: readonly ClusterIssuer[],
  caBundle: string | null,
): Promise<KeysByIssuer> {
  const sets = await Promise.all(
    issuers.map(async ({ issuer, allowPrivate }) => {
      const { jwks } = await documents.fetchKeys({ issuer, allowPrivate, ...(caBundle !== null && { caBundle }) });
      return [issuer, usableKeys(jwks, `The key set of ${issuer}`)] as const;
    }),
  );
  return new Map(sets);
}

function usableKeys(jwks: unknown, subject: string): readonly VerificationKey[] {
  try {
    const { keys, skipped } = readKeySet(jwks);
    if (keys.length > 0) return keys;
    const reasons = skipped.map((key) => `key ${key.index}: ${key.reason}`).join('; ');
    throw new DomainError('invalid_field', { message: `${subject} holds no key that can be used.`, details: reasons || 'It is empty.' });
  } catch (error) {
    if (error instanceof JwtError) throw new DomainError('invalid_field', { message: `${subject} cannot be read: ${error.message}` });
    throw error;
  }
}

export function toClusterKeys(clusterId: string, keysOf: KeysByIssuer): readonly ClusterKey[] {
  return [...keysOf].flatMap(([issuer, keys]) =>
    keys.map((key): ClusterKey => ({ clusterId, issuer, thumbprint: key.thumbprint, kid: key.kid ?? null, jwk: key.publicJwk })),
  );
}

/** Whether keys of this mode can be fetched again. */
export function isFetched(mode: TrustMode): boolean {
  return mode === 'discovery';
}
