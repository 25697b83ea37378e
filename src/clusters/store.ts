/** What the clusters slice asks of the store. */
import type { Cluster, ClusterKey } from './cluster.ts';

export interface ClusterReads {
  findCluster(id: string): Promise<Cluster | undefined>;
  findClusterByCrn(crn: string): Promise<Cluster | undefined>;
  findClusterByName(accountId: string, name: string): Promise<Cluster | undefined>;
  listClusters(accountId: string): Promise<readonly Cluster[]>;
  listAllClusters(): Promise<readonly Cluster[]>;
  keysOf(clusterId: string): Promise<readonly ClusterKey[]>;
  allClusterKeys(): Promise<readonly ClusterKey[]>;
  /** The cluster that holds a key for this issuer, if any does. */
  ownerOfKey(issuer: string, thumbprint: string): Promise<string | undefined>;
  /** How many keys of other clusters a token of this issuer with this key id would be tried against. */
  countCandidates(issuer: string, kid: string | null, exceptClusterId: string): Promise<number>;
  wasClusterIdUsed(id: string): Promise<boolean>;
  /** Whether a link of the cluster carries this text where the service account belongs. */
  hasLinkNamed(crn: string, name: string): Promise<boolean>;
}

export interface ClusterWrites extends ClusterReads {
  insertCluster(cluster: Cluster): Promise<void>;
  updateCluster(cluster: Cluster): Promise<void>;
  replaceKeys(clusterId: string, keys: readonly ClusterKey[]): Promise<void>;
  /** Deletes the cluster and its keys, and retires its id for good. */
  deleteCluster(cluster: Cluster, at: number): Promise<void>;
  /** Disables the links that match only because a link's name might be the cluster's; returns their profiles' accounts and ids. */
  disableNameMatches(crn: string): Promise<readonly { readonly accountId: string; readonly profileId: string }[]>;
  insertSingleUse(value: {
    readonly hash: string;
    readonly purpose: string;
    readonly accountId: string;
    readonly expiresAt: number;
  }): Promise<void>;
  /** Takes the value out of the store; false where it is not there, belongs to another account or has expired. */
  takeSingleUse(value: {
    readonly hash: string;
    readonly purpose: string;
    readonly accountId: string;
    readonly now: number;
  }): Promise<boolean>;
}
