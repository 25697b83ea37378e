/** Registered Kubernetes and OpenShift clusters: where they are, and by which issuers and keys they are trusted. */
import type { EpochMs } from '../kernel/clock.ts';
import { accountCrn } from '../kernel/crn.ts';

export const PROVIDERS = ['classic', 'vpc-gen2', 'vpc-classic', 'satellite', 'self-hosted'] as const;
export type Provider = (typeof PROVIDERS)[number];
export const TRUST_MODES = ['jwks', 'discovery'] as const;
export type TrustMode = (typeof TRUST_MODES)[number];

export interface ClusterIssuer {
  readonly issuer: string;
  /** Audiences that a pod's token may carry; never empty. */
  readonly audiences: readonly string[];
  /** Consent to fetch this issuer's documents from a private address. */
  readonly allowPrivate: boolean;
}

export interface Cluster {
  readonly id: string;
  readonly crn: string;
  readonly accountId: string;
  readonly name: string;
  readonly provider: Provider;
  readonly type: 'kubernetes' | 'openshift';
  readonly region: string;
  readonly version: string;
  readonly createdVersion: string | null;
  readonly resourceGroupId: string | null;
  readonly issuers: readonly ClusterIssuer[];
  readonly trustMode: TrustMode;
  readonly caBundle: string | null;
  readonly linkNameMayBeClusterName: boolean;
  readonly state: 'active' | 'suspended';
  readonly revision: number;
  readonly entityTag: string;
  readonly keysFetchedAt: EpochMs;
  /** Why the last refresh of the keys failed; null after one that succeeded. */
  readonly keysError: string | null;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
}

/** One public key that a cluster signs its pods' tokens with. */
export interface ClusterKey {
  readonly clusterId: string;
  readonly issuer: string;
  readonly thumbprint: string;
  readonly kid: string | null;
  readonly jwk: Readonly<Record<string, string>>;
}

/** Ids as they are made today, and those of old clusters. */
export const isClusterId = (text: string): boolean => /^(?:[a-z0-9]{20}|[0-9a-f]{32})$/.test(text);

export function clusterCrn(accountId: string, region: string, id: string): string {
  return accountCrn('containers-kubernetes', accountId, { region, serviceInstance: id });
}

/** The attributes under which decisions about a cluster are made. */
export function clusterResource(cluster: Cluster): Record<string, string> {
  return {
    accountId: cluster.accountId,
    serviceName: 'containers-kubernetes',
    serviceInstance: cluster.id,
    region: cluster.region,
    ...(cluster.resourceGroupId !== null && { resourceGroupId: cluster.resourceGroupId }),
  };
}

/**
 * The seed's prerequisite: OpenShift clusters created at 4.7 or later. Returns the sentence of the refusal,
 * or undefined where the prerequisite is met. Kubernetes clusters have no such gate.
 */
export function unmetPrerequisite(type: Cluster['type'], createdVersion: string | undefined): string | undefined {
  if (type !== 'openshift') return undefined;
  if (createdVersion === undefined) {
    return "'created_version' is required for an OpenShift cluster: the version it was created at, for example 4.7.0.";
  }
  const match = /^(\d{1,4})\.(\d{1,4})(?:[._-].*)?$/.exec(createdVersion);
  if (!match) return `'created_version' must be a version such as 4.7.0; '${createdVersion.slice(0, 40)}' is none.`;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  if (major > 4 || (major === 4 && minor >= 7)) return undefined;
  return `The cluster was created at OpenShift ${createdVersion}. Trusted profiles for pods need a cluster created at OpenShift 4.7 or later; one that was updated to it from an earlier version cannot be used.`;
}
