/** Registered clusters: one function per operation of Podpass's own clusters API, and IBM's list. */
import { createHash } from 'node:crypto';
import type { AuditTarget } from '../audit/events.ts';
import type { Guard, MayDo, Mutate, MutationContext, Recording } from '../audit/mutation.ts';
import { guardVisible } from '../audit/visible.ts';
import type { Caller } from '../kernel/caller.ts';
import type { Clock } from '../kernel/clock.ts';
import { canonicalCrn } from '../kernel/crn.ts';
import { ifMatchNames, newEntityTag } from '../kernel/entity-tag.ts';
import { DomainError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Warning } from '../kernel/route.ts';
import { audienceWarnings, readIssuers } from './audiences.ts';
import {
  type Cluster,
  type ClusterIssuer,
  type ClusterKey,
  clusterCrn,
  clusterResource,
  isClusterId,
  unmetPrerequisite,
} from './cluster.ts';
import { MAX_CANDIDATES } from './directory.ts';
import { fetchKeys, type IssuerDocuments, isFetched, type KeysByIssuer, readUploadedKeys, toClusterKeys } from './key-sources.ts';
import { checkProofs, NONCE_TTL_MS, registrationAudience } from './registration.ts';
import type { PatchClusterInput, RegisterClusterInput } from './schema.ts';
import type { ClusterReads, ClusterWrites } from './store.ts';

export interface ClusterDeps {
  readonly reads: ClusterReads;
  readonly mutate: Mutate<ClusterWrites>;
  readonly guard: Guard;
  readonly mayDo: MayDo;
  readonly documents: IssuerDocuments;
  readonly clock: Clock;
  readonly ids: Ids;
  /** How many claim rules of an account would let in pods of a cluster that they do not name. */
  readonly countRulesForAnyCluster: (accountId: string) => Promise<number>;
  /** Lifts the gate on the version that an OpenShift cluster was created at. */
  readonly allowUpdatedClusters: boolean;
}

export interface ClusterDetails {
  readonly cluster: Cluster;
  readonly keys: readonly ClusterKey[];
}

export interface Warned<T> {
  readonly result: T;
  readonly warnings: readonly Warning[];
}

export type ClusterService = ReturnType<typeof createClusterService>;
type Tx = ClusterWrites & Recording;

const NONCE_PURPOSE = 'cluster-registration';
export const clusterTarget = (cluster: Pick<Cluster, 'crn' | 'name'>): AuditTarget => ({
  id: cluster.crn,
  name: cluster.name,
  typeURI: 'containers-kubernetes/cluster',
});

const clusterNotFound = (id: string) => new DomainError('not_found', { message: `Cluster '${id.slice(0, 80)}' was not found.` });

const hashOf = (value: string) => createHash('sha256').update(value).digest('hex');

export function createClusterService(deps: ClusterDeps) {
  const { reads, mutate, guard, mayDo, documents, clock, ids } = deps;

  async function obtainKeys(trust: RegisterClusterInput['trust'], issuers: readonly ClusterIssuer[]): Promise<KeysByIssuer> {
    if (!isFetched(trust.mode)) return readUploadedKeys(trust.jwks, issuers);
    try {
      return await fetchKeys(documents, issuers, trust.ca_bundle ?? null);
    } catch (error) {
      if (error instanceof DomainError) throw error;
      throw new DomainError('invalid_field', {
        message: `The keys of the cluster could not be fetched: ${error instanceof Error ? error.message : 'the issuer did not answer.'}`,
        cause: error,
      });
    }
  }

  /** Where claim rules reach every cluster of the account, a new one is given their profiles: that takes the right to change trust. */
  async function guardRules(
    context: MutationContext,
    resource: Readonly<Record<string, string>> & { readonly accountId: string },
    target: AuditTarget,
  ): Promise<readonly Warning[]> {
    const count = await deps.countRulesForAnyCluster(resource.accountId);
    if (count === 0) return [];
    await guard(context, 'containers-kubernetes.cluster.trust', resource, target);
    const text = `${count} claim rules of the account name no cluster (crn or service_instance), so pods of this one may become their profiles.`;
    return [{ code: 'rules_reach_cluster', text }];
  }

  async function takeNonces(tx: Tx, accountId: string, nonces: readonly string[]): Promise<void> {
    for (const nonce of nonces) {
      const taken = await tx.takeSingleUse({ hash: hashOf(nonce), purpose: NONCE_PURPOSE, accountId, now: clock.now() });
      if (!taken) {
        throw new DomainError('invalid_field', {
          message: "Field 'proofs' was made for a nonce that is unknown, used up or older than 10 minutes.",
          details: 'Get a new nonce from POST /podpass/v1/clusters/registrations and make a new proof for it.',
        });
      }
    }
  }

  /** No two clusters share an (issuer, key) pair, or a token could be from either. */
  async function refuseTakenKeys(tx: ClusterReads, keys: readonly ClusterKey[]): Promise<void> {
    for (const key of keys) {
      const owner = await tx.ownerOfKey(key.issuer, key.thumbprint);
      if (owner !== undefined && owner !== key.clusterId) {
        throw new DomainError('conflict', {
          message: `Another cluster is already trusted by a key of the issuer ${key.issuer}.`,
          details: `The key's thumbprint is ${key.thumbprint}.`,
        });
      }
      // Each token is tried against a bounded number of keys: one more key of the same id would push another cluster's out.
      if ((await tx.countCandidates(key.issuer, key.kid, key.clusterId)) >= MAX_CANDIDATES) {
        throw new DomainError('conflict', {
          message: `${MAX_CANDIDATES} keys with the id '${key.kid ?? ''}' are registered for the issuer ${key.issuer} already; a token is tried against no more.`,
          details:
            "Give the cluster a signing key with another id, or an issuer of its own (the API server's option --service-account-issuer).",
        });
      }
    }
  }

  async function gate(context: MutationContext, from: ClusterReads, id: string, action: string): Promise<Cluster> {
    const cluster = await from.findCluster(id);
    if (!cluster) throw clusterNotFound(id);
    await guardVisible(guard, context, action, clusterResource(cluster), clusterTarget(cluster), () => clusterNotFound(id));
    return cluster;
  }

  function identify(input: RegisterClusterInput): { id: string; crn: string } {
    const id = input.id ?? input.crn?.split(':')[7] ?? ids.clusterId();
    const crn = clusterCrn(input.account_id, input.region, id);
    if (!isClusterId(id) || (input.crn !== undefined && canonicalCrn(input.crn) !== crn)) {
      throw new DomainError('invalid_crn', {
        message: "Field 'crn' must be the cluster's own CRN in the registering account.",
        details: `Expected ${clusterCrn(input.account_id, input.region, '<id>')} with the id of 20 lower-case letters and digits, or 32 hexadecimal digits, that 'id' names where it is sent.`,
      });
    }
    return { id, crn };
  }

  const describe = (cluster: Cluster, keys: readonly ClusterKey[]) => ({
    ...cluster,
    keys: keys.map((key) => ({ issuer: key.issuer, thumbprint: key.thumbprint })),
  });

  return {
    /** A nonce for the proof of possession; good once, for ten minutes. */
    async openRegistration(context: MutationContext, accountId: string): Promise<{ nonce: string; audience: string; expiresAt: number }> {
      return mutate(context, async (tx) => {
        await guard(
          context,
          'containers-kubernetes.cluster.create',
          { accountId, serviceName: 'containers-kubernetes' },
          { id: accountId, typeURI: 'containers-kubernetes/cluster' },
        );
        const nonce = ids.base64url(24);
        const expiresAt = clock.now() + NONCE_TTL_MS;
        await tx.insertSingleUse({ hash: hashOf(nonce), purpose: NONCE_PURPOSE, accountId, expiresAt });
        return { nonce, audience: registrationAudience(accountId, nonce), expiresAt };
      });
    },

    async register(context: MutationContext, input: RegisterClusterInput): Promise<Warned<ClusterDetails>> {
      const accountId = input.account_id;
      // The right first, then the network: nobody makes this server fetch anything before it is known that they may.
      const resource = { accountId, serviceName: 'containers-kubernetes', region: input.region };
      await guard(context, 'containers-kubernetes.cluster.create', resource, {
        id: '',
        name: input.name,
        typeURI: 'containers-kubernetes/cluster',
      });
      const unmet = deps.allowUpdatedClusters ? undefined : unmetPrerequisite(input.type, input.created_version);
      if (unmet !== undefined) throw new DomainError('invalid_field', { message: unmet });
      const issuers = readIssuers(input.issuers, input.allow_api_server_audience ?? false);
      const { id, crn } = identify(input);
      const keysOf = await obtainKeys(input.trust, issuers);
      const nonces = checkProofs(input.proofs, accountId, keysOf, Math.floor(clock.now() / 1000));
      const keys = toClusterKeys(id, keysOf);
      return mutate(context, async (tx) => {
        const target = { id: crn, name: input.name, typeURI: 'containers-kubernetes/cluster' };
        await guard(context, 'containers-kubernetes.cluster.create', resource, target);
        const warnings = [...audienceWarnings(issuers), ...(await guardRules(context, resource, target))];
        if ((await tx.findClusterByCrn(crn)) || (await tx.findCluster(id)) || (await tx.wasClusterIdUsed(id))) {
          throw new DomainError('conflict', {
            message: `The cluster id ${id} is, or once was, another cluster's; ids are never used again.`,
          });
        }
        if (await tx.findClusterByName(accountId, input.name)) {
          throw new DomainError('conflict', { message: `A cluster named '${input.name}' is registered in the account already.` });
        }
        await takeNonces(tx, accountId, nonces);
        await refuseTakenKeys(tx, keys);
        const at = clock.now();
        const cluster: Cluster = {
          id,
          crn,
          accountId,
          name: input.name,
          provider: input.provider,
          type: input.type,
          region: input.region,
          version: input.version,
          createdVersion: input.created_version ?? null,
          resourceGroupId: input.resource_group_id ?? null,
          issuers,
          trustMode: input.trust.mode,
          caBundle: input.trust.ca_bundle ?? null,
          linkNameMayBeClusterName: input.link_name_may_be_cluster_name ?? false,
          state: 'active',
          revision: 1,
          entityTag: newEntityTag(ids, 1),
          keysFetchedAt: at,
          keysError: null,
          createdAt: at,
          modifiedAt: at,
        };
        await tx.insertCluster(cluster);
        await tx.replaceKeys(id, keys);
        tx.changed({ accountId: '*', kind: 'cluster', id });
        tx.event({
          action: 'containers-kubernetes.cluster.create',
          accountId,
          target: clusterTarget(cluster),
          after: describe(cluster, keys),
          ...(warnings.length > 0 && { warnings: warnings.map((warning) => warning.text) }),
        });
        return { result: { cluster, keys }, warnings };
      });
    },

    async list(context: MutationContext, accountId: string): Promise<readonly ClusterDetails[]> {
      const found: ClusterDetails[] = [];
      for (const cluster of await reads.listClusters(accountId)) {
        if (!(await mayDo(context.caller, 'containers-kubernetes.cluster.read', clusterResource(cluster)))) continue;
        found.push({ cluster, keys: await reads.keysOf(cluster.id) });
      }
      return found;
    },

    async get(context: MutationContext, id: string): Promise<Warned<ClusterDetails>> {
      const cluster = await gate(context, reads, id, 'containers-kubernetes.cluster.read');
      return { result: { cluster, keys: await reads.keysOf(cluster.id) }, warnings: audienceWarnings(cluster.issuers) };
    },

    async update(context: MutationContext, id: string, ifMatch: string, input: PatchClusterInput): Promise<Warned<ClusterDetails>> {
      const changesTrust =
        input.trust !== undefined ||
        input.issuers !== undefined ||
        input.link_name_may_be_cluster_name !== undefined ||
        input.state !== undefined;
      const action = changesTrust ? 'containers-kubernetes.cluster.trust' : 'containers-kubernetes.cluster.update';
      const known = await gate(context, reads, id, action);
      const issuers = input.issuers ? readIssuers(input.issuers, input.allow_api_server_audience ?? false) : known.issuers;
      const warnings = audienceWarnings(issuers);
      const keySource = await newKeySource(known, input, issuers);
      return mutate(context, async (tx) => {
        const before = await gate(context, tx, id, action);
        // Issuers and keys were prepared from what was read before the transaction; a change in between makes them old.
        if (!ifMatchNames(ifMatch, before.entityTag) || before.entityTag !== known.entityTag)
          throw new DomainError('etag_mismatch', { details: `The current entity tag of ${before.id} is ${before.entityTag}.` });
        if (input.name !== undefined && input.name !== before.name) await refuseRename(tx, before, input.name);
        const revision = before.revision + 1;
        const at = clock.now();
        const after: Cluster = {
          ...before,
          name: input.name ?? before.name,
          version: input.version ?? before.version,
          resourceGroupId: input.resource_group_id === undefined ? before.resourceGroupId : input.resource_group_id || null,
          issuers,
          trustMode: input.trust?.mode ?? before.trustMode,
          caBundle: input.trust ? (input.trust.ca_bundle ?? null) : before.caBundle,
          linkNameMayBeClusterName: input.link_name_may_be_cluster_name ?? before.linkNameMayBeClusterName,
          state: input.state ?? before.state,
          revision,
          entityTag: newEntityTag(ids, revision),
          keysFetchedAt: keySource ? at : before.keysFetchedAt,
          keysError: keySource ? null : before.keysError,
          modifiedAt: at,
        };
        const keys = keySource ? toClusterKeys(id, keySource.keysOf) : await tx.keysOf(id);
        if (keySource) {
          await takeNonces(tx, before.accountId, keySource.nonces);
          await refuseTakenKeys(tx, keys);
          await tx.replaceKeys(id, keys);
        }
        await tx.updateCluster(after);
        tx.changed({ accountId: '*', kind: 'cluster', id });
        if (before.linkNameMayBeClusterName && !after.linkNameMayBeClusterName) {
          for (const { accountId, profileId } of await tx.disableNameMatches(before.crn))
            tx.changed({ accountId, kind: 'link', id: profileId });
        }
        tx.event({
          action: changesTrust ? 'containers-kubernetes.cluster.trust' : 'containers-kubernetes.cluster.update',
          accountId: after.accountId,
          target: clusterTarget(after),
          before,
          after: describe(after, keys),
          ...(input.issuers && warnings.length > 0 && { warnings: warnings.map((warning) => warning.text) }),
        });
        return { result: { cluster: after, keys }, warnings };
      });
    },

    async remove(context: MutationContext, id: string): Promise<void> {
      await mutate(context, async (tx) => {
        const cluster = await gate(context, tx, id, 'containers-kubernetes.cluster.create');
        await tx.deleteCluster(cluster, clock.now());
        tx.changed({ accountId: '*', kind: 'cluster', id });
        tx.event({
          action: 'containers-kubernetes.cluster.delete',
          accountId: cluster.accountId,
          target: clusterTarget(cluster),
          before: cluster,
        });
      });
    },

    /** The clusters of the caller's account that it may read, as IBM's Kubernetes Service lists them. */
    async listVisible(
      caller: Caller,
      filter: { readonly resourceGroup?: string | undefined; readonly location?: string | undefined },
    ): Promise<readonly Cluster[]> {
      const visible: Cluster[] = [];
      for (const cluster of await reads.listClusters(caller.accountId)) {
        if (filter.resourceGroup !== undefined && cluster.resourceGroupId !== filter.resourceGroup) continue;
        if (filter.location !== undefined && cluster.region !== filter.location) continue;
        if (await mayDo(caller, 'containers-kubernetes.cluster.read', clusterResource(cluster))) visible.push(cluster);
      }
      return visible;
    },
  };

  /** New keys and the nonces of their proofs, where a change of trust brings any. */
  async function newKeySource(cluster: Cluster, input: PatchClusterInput, issuers: readonly ClusterIssuer[]) {
    const sameIssuers = issuers.every((own) =>
      cluster.issuers.some((known) => known.issuer === own.issuer && known.allowPrivate === own.allowPrivate),
    );
    if (!input.trust && sameIssuers && issuers.length === cluster.issuers.length) return undefined;
    if (!input.trust && !isFetched(cluster.trustMode)) {
      throw new DomainError('missing_field', {
        message: "Field 'trust' is required when the issuers of a cluster with uploaded keys change: send its key set again.",
      });
    }
    const trust = input.trust ?? { mode: cluster.trustMode, ...(cluster.caBundle !== null && { ca_bundle: cluster.caBundle }) };
    const keysOf = await obtainKeys(trust, issuers);
    return { keysOf, nonces: checkProofs(input.proofs ?? [], cluster.accountId, keysOf, Math.floor(clock.now() / 1000)) };
  }

  async function refuseRename(tx: ClusterReads, cluster: Cluster, name: string): Promise<void> {
    if (await tx.findClusterByName(cluster.accountId, name)) {
      throw new DomainError('conflict', { message: `A cluster named '${name}' is registered in the account already.` });
    }
    if (await tx.hasLinkNamed(cluster.crn, name)) {
      throw new DomainError('conflict', {
        message: `A link to this cluster already carries the name '${name}'.`,
        details:
          'If the cluster took that name, the link could be read as naming the cluster. Delete the link first, or choose another name.',
      });
    }
  }
}
