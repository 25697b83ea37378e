/** The wire forms of Podpass's own clusters API and of IBM's Kubernetes Service clusters list. */
import { z } from 'zod';
import { accountId } from '../identity/schema.ts';
import { printInstant, printSeconds } from '../kernel/times.ts';
import { type Cluster, isClusterId, PROVIDERS, TRUST_MODES } from './cluster.ts';

const clusterName = z
  .string()
  .min(1)
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,31}$/, 'must be 1 to 32 letters, digits and -, a letter first');

const issuer = z.object({
  issuer: z
    .string()
    .min(1)
    .max(500)
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces'),
  audiences: z.array(z.string().min(1).max(300)).min(1, 'must name at least one audience').max(20),
  allow_private: z.boolean().optional(),
});

const trust = z.object({
  mode: z.enum(TRUST_MODES),
  jwks: z.object({ keys: z.array(z.unknown()) }).optional(),
  ca_bundle: z
    .string()
    .max(200_000)
    .refine((text) => text.includes('-----BEGIN CERTIFICATE-----'), 'must hold certificates in PEM form')
    .optional(),
});

const proofs = z.array(z.string().min(1).max(16_384)).max(20);

export const registrationBody = z.object({ account_id: accountId });

export const registerClusterBody = z.object({
  account_id: accountId,
  id: z.string().refine(isClusterId, 'must be 20 lower-case letters and digits, or 32 hexadecimal digits').optional(),
  crn: z.string().optional(),
  name: clusterName,
  provider: z.enum(PROVIDERS).default('self-hosted'),
  type: z.enum(['kubernetes', 'openshift']),
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'must be 1 to 40 lower-case letters, digits and -')
    .default('local'),
  version: z.string().min(1).max(60),
  created_version: z.string().max(60).optional(),
  resource_group_id: z.string().min(1).max(64).optional(),
  issuers: z.array(issuer).min(1).max(5),
  trust,
  proofs,
  link_name_may_be_cluster_name: z.boolean().optional(),
  allow_api_server_audience: z.boolean().optional(),
});

export const patchClusterBody = z.object({
  name: clusterName.optional(),
  version: z.string().min(1).max(60).optional(),
  resource_group_id: z.string().max(64).optional(),
  issuers: z.array(issuer).min(1).max(5).optional(),
  trust: trust.optional(),
  proofs: proofs.optional(),
  link_name_may_be_cluster_name: z.boolean().optional(),
  state: z.enum(['active', 'suspended']).optional(),
  allow_api_server_audience: z.boolean().optional(),
});

export const listClustersQuery = z.object({ account_id: accountId });
export const globalListQuery = z.object({ location: z.string().optional(), showResources: z.string().optional() });

export type RegisterClusterInput = z.infer<typeof registerClusterBody>;
export type PatchClusterInput = z.infer<typeof patchClusterBody>;

/** A cluster as Podpass's own API prints it. */
export function printCluster(
  cluster: Cluster,
  keys: readonly { readonly kid: string | null; readonly thumbprint: string; readonly issuer: string }[],
) {
  return {
    id: cluster.id,
    crn: cluster.crn,
    entity_tag: cluster.entityTag,
    name: cluster.name,
    account_id: cluster.accountId,
    provider: cluster.provider,
    type: cluster.type,
    region: cluster.region,
    version: cluster.version,
    ...(cluster.createdVersion !== null && { created_version: cluster.createdVersion }),
    ...(cluster.resourceGroupId !== null && { resource_group_id: cluster.resourceGroupId }),
    issuers: cluster.issuers.map((own) => ({ issuer: own.issuer, audiences: own.audiences, allow_private: own.allowPrivate })),
    trust: {
      mode: cluster.trustMode,
      ...(cluster.caBundle !== null && { ca_bundle: cluster.caBundle }),
      keys: keys.map((key) => ({ issuer: key.issuer, ...(key.kid !== null && { kid: key.kid }), thumbprint: key.thumbprint })),
      keys_fetched_at: printInstant(cluster.keysFetchedAt),
      ...(cluster.keysError !== null && { keys_error: cluster.keysError }),
    },
    link_name_may_be_cluster_name: cluster.linkNameMayBeClusterName,
    state: cluster.state,
    created_at: printInstant(cluster.createdAt),
    modified_at: printInstant(cluster.modifiedAt),
  };
}

/** A cluster in the shape of IBM's `GET /global/v1/clusters`. */
export function printGlobalCluster(cluster: Cluster) {
  const reachable = cluster.keysError === null;
  // Clients tell OpenShift by the suffix; a build number before it stays.
  const isMarked = cluster.type !== 'openshift' || cluster.version.endsWith('_openshift');
  const masterKubeVersion = isMarked ? cluster.version : `${cluster.version}_openshift`;
  return {
    id: cluster.id,
    name: cluster.name,
    crn: cluster.crn,
    region: cluster.region,
    location: cluster.region,
    dataCenter: cluster.region,
    resourceGroup: cluster.resourceGroupId ?? '',
    resourceGroupName: cluster.resourceGroupId ?? '',
    type: cluster.type,
    provider: cluster.provider,
    state: reachable ? 'normal' : 'warning',
    status: reachable ? 'All Workers Normal' : 'The keys of the cluster could not be fetched anew.',
    masterKubeVersion,
    targetVersion: masterKubeVersion,
    masterStatus: 'Ready',
    masterState: 'deployed',
    masterHealth: reachable ? 'normal' : 'unavailable',
    masterStatusModifiedDate: printSeconds(cluster.modifiedAt),
    createdDate: printSeconds(cluster.createdAt),
    modifiedDate: printSeconds(cluster.modifiedAt),
    serverURL: '',
    masterURL: '',
    publicServiceEndpointEnabled: false,
    publicServiceEndpointURL: '',
    privateServiceEndpointEnabled: false,
    privateServiceEndpointURL: '',
    ingressHostname: '',
    ingressSecretName: '',
    ingressStatus: '',
    ingressMessage: '',
    workerCount: 0,
    workerZones: [],
    isPaid: true,
    isTrusted: true,
    multiAzCapable: false,
    disableAutoUpdate: false,
    imageSecurityEnabled: false,
    keyProtectEnabled: false,
    pullSecretApplied: false,
    ownerEmail: '',
    apiUser: '',
    monitoringURL: '',
    etcdPort: '',
    versionEOS: '',
    podSubnet: '',
    serviceSubnet: '',
    logOrg: '',
    logOrgName: '',
    logSpace: '',
    logSpaceName: '',
  };
}
