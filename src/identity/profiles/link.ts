/** Links: which compute resources may become a profile. */
import type { EpochMs } from '../../kernel/clock.ts';

export const CR_TYPES = ['VSI', 'PVS', 'BMS', 'IKS_SA', 'ROKS_SA', 'CE'] as const;
export type CrType = (typeof CR_TYPES)[number];

/** The service account that pods run as unless told otherwise. */
export const DEFAULT_SERVICE_ACCOUNT = 'default';

/** The `link` member as the client sent it; echoed member for member. */
export interface LinkTarget {
  readonly crn: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly component_type?: string;
  readonly component_name?: string;
}

export interface Link {
  readonly id: string;
  readonly profileId: string;
  readonly accountId: string;
  /** The link's own optional name. */
  readonly label: string | null;
  readonly crType: CrType;
  /** Canonical CRN of the compute resource. */
  readonly crn: string;
  readonly crnAccountId: string | null;
  readonly target: LinkTarget;
  readonly namespace: string | null;
  readonly serviceAccount: string | null;
  /**
   * The service account that the exchange compares, where it is not `serviceAccount`: `default`, for a link that
   * was made with the cluster's name in its place while the cluster's setting allowed it.
   */
  readonly matchServiceAccount: string | null;
  readonly matchEnabled: boolean;
  readonly isCrossAccount: boolean | null;
  readonly entityTag: string;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
}

/** What makes two links of a profile the same link. */
export function targetKey(crType: CrType, crn: string, target: LinkTarget): string {
  return JSON.stringify([
    crType,
    crn,
    target.namespace ?? null,
    target.name ?? null,
    target.component_type ?? null,
    target.component_name ?? null,
  ]);
}

/** Whether a link of this type names a Kubernetes service account. */
export function isServiceAccountType(crType: CrType): boolean {
  return crType === 'IKS_SA' || crType === 'ROKS_SA';
}

/**
 * The service account that a new link matches in place of the one that it names: `default`, where it names the cluster and the cluster
 * allows that form.
 */
export function matchedInstead(
  cluster: { readonly name: string; readonly linkNameMayBeClusterName: boolean } | undefined,
  target: Pick<LinkTarget, 'name'>,
): string | null {
  return cluster?.linkNameMayBeClusterName && target.name === cluster.name ? DEFAULT_SERVICE_ACCOUNT : null;
}
