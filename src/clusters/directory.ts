/**
 * The resident directory: everything that is needed up to the signature of a pod's token, in memory. It answers
 * for strangers, so nothing in it is loaded, fetched or written on their behalf.
 */
import { importJwk, type VerificationKey } from '@podpass/jwt';
import type { Cluster, ClusterIssuer, ClusterKey } from './cluster.ts';

/** A key that may have signed a token of an issuer, with the cluster it belongs to. */
export interface Candidate {
  readonly key: VerificationKey;
  readonly cluster: Cluster;
  readonly issuer: ClusterIssuer;
}

export type Lookup =
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[] }
  /** The issuer is registered, the key is not. `clusters` are those whose keys could be fetched anew. */
  | { readonly kind: 'unknown_key'; readonly clusters: readonly Cluster[] }
  | { readonly kind: 'unknown_issuer' };

/** How many keys one token is tried against at most. */
export const MAX_CANDIDATES = 4;

interface Entry {
  readonly cluster: Cluster;
  readonly candidates: readonly Candidate[];
}

export interface ClusterDirectory {
  lookup(issuer: string, kid: string | undefined): Lookup;
  put(cluster: Cluster, keys: readonly ClusterKey[]): void;
  remove(clusterId: string): void;
  get(clusterId: string): Cluster | undefined;
  findByCrn(crn: string): Cluster | undefined;
  /** The clusters of an account, in the order in which they were registered. */
  ofAccount(accountId: string): readonly Cluster[];
  all(): readonly Cluster[];
}

export function createClusterDirectory(): ClusterDirectory {
  const entries = new Map<string, Entry>();
  const byCrn = new Map<string, string>();
  const byIssuer = new Map<string, readonly Entry[]>();

  function reindex(issuers: Iterable<string>): void {
    for (const issuer of new Set(issuers)) {
      const holding = [...entries.values()].filter((entry) => entry.cluster.issuers.some((own) => own.issuer === issuer));
      if (holding.length === 0) byIssuer.delete(issuer);
      else byIssuer.set(issuer, holding);
    }
  }

  function drop(clusterId: string): readonly string[] {
    const entry = entries.get(clusterId);
    if (!entry) return [];
    entries.delete(clusterId);
    byCrn.delete(entry.cluster.crn);
    return entry.cluster.issuers.map((own) => own.issuer);
  }

  return {
    lookup(issuer, kid) {
      const holding = byIssuer.get(issuer);
      if (!holding) return { kind: 'unknown_issuer' };
      const candidates: Candidate[] = [];
      for (const entry of holding) {
        for (const candidate of entry.candidates) {
          // A token without a key id may be from any of the issuer's keys, a key without one may have signed any of its tokens.
          if (candidate.issuer.issuer === issuer && (kid === undefined || candidate.key.kid === undefined || candidate.key.kid === kid)) {
            candidates.push(candidate);
          }
        }
      }
      if (candidates.length === 0) return { kind: 'unknown_key', clusters: holding.map((entry) => entry.cluster) };
      return { kind: 'candidates', candidates };
    },
    put(cluster, keys) {
      const touched = drop(cluster.id);
      const candidates = cluster.issuers.flatMap((issuer) =>
        keys
          .filter((key) => key.issuer === issuer.issuer)
          .map((key): Candidate => ({ key: importJwk(key.kid === null ? key.jwk : { ...key.jwk, kid: key.kid }), cluster, issuer })),
      );
      entries.set(cluster.id, { cluster, candidates });
      byCrn.set(cluster.crn, cluster.id);
      reindex([...touched, ...cluster.issuers.map((own) => own.issuer)]);
    },
    remove(clusterId) {
      reindex(drop(clusterId));
    },
    get: (clusterId) => entries.get(clusterId)?.cluster,
    findByCrn(crn) {
      const id = byCrn.get(crn);
      return id === undefined ? undefined : entries.get(id)?.cluster;
    },
    ofAccount: (accountId) => [...entries.values()].map((entry) => entry.cluster).filter((cluster) => cluster.accountId === accountId),
    all: () => [...entries.values()].map((entry) => entry.cluster),
  };
}
