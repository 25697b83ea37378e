/** Links of trusted profiles: who may become a profile. */
import type { MayDo, MutationContext } from '../audit/mutation.ts';
import { type Cluster, clusterResource } from '../clusters/cluster.ts';
import { canonicalCrn, crnAccountId, readCrn } from '../kernel/crn.ts';
import { newEntityTag } from '../kernel/entity-tag.ts';
import { DomainError } from '../kernel/errors.ts';
import { type CrType, isServiceAccountType, type Link, type LinkTarget, targetKey } from './link.ts';
import type { Profile } from './profile.ts';
import { createProfileGate, type IdentityDeps, profileTarget } from './profile-service.ts';
import type { IdentityReads } from './store.ts';

export interface LinkDeps extends IdentityDeps {
  /** The registered cluster behind a CRN, if there is one. */
  readonly findCluster: (crn: string) => Cluster | undefined;
  readonly mayDo: MayDo;
}

export interface LinkWarning {
  readonly code: string;
  readonly text: string;
}

export interface LinkParameters {
  readonly type: CrType;
  readonly crn?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly component_type?: string | undefined;
  readonly component_name?: string | undefined;
}

export type LinkService = ReturnType<typeof createLinkService>;

const MATCHED_BY_NAME = 'default';

export function createLinkService(deps: LinkDeps) {
  const { reads, mutate, guard, clock, ids, limits } = deps;
  const gate = createProfileGate(deps);

  /** Linking confers the profile on the cluster's pods: besides the profile's action it needs Viewer, and Writer or Manager, on the cluster. */
  async function guardCluster(context: MutationContext, cluster: Cluster, namespace: string | undefined): Promise<void> {
    const target = { id: cluster.crn, name: cluster.name, typeURI: 'containers-kubernetes/cluster' };
    await guard(context, 'containers-kubernetes.cluster.read', clusterResource(cluster), target);
    const resource = { ...clusterResource(cluster), ...(namespace !== undefined && { namespace }) };
    // The service roles do not contain one another: a Manager, as the account's owner is, holds kube.manage and not kube.write.
    if (await deps.mayDo(context.caller, 'containers-kubernetes.kube.manage', resource)) return;
    await guard(context, 'containers-kubernetes.kube.write', resource, target);
  }

  /** The seed's form of a link carries the cluster's name where the service account belongs. */
  function nameWarning(cluster: Cluster, target: LinkTarget): LinkWarning | undefined {
    if (target.name !== cluster.name) return undefined;
    const effect = cluster.linkNameMayBeClusterName
      ? `The cluster allows this form, so the link matches the service account '${MATCHED_BY_NAME}' of namespace '${target.namespace}' and no other.`
      : `The link matches only a service account of that name. Put the service account's name there, or turn on the cluster's setting link_name_may_be_cluster_name and make the link again.`;
    return {
      code: 'link_name_is_cluster_name',
      text: `link.name '${target.name}' is the name of the cluster, not of a service account. ${effect}`,
    };
  }

  async function find(
    context: MutationContext,
    from: IdentityReads,
    profileId: string,
    linkId: string,
    action: string,
  ): Promise<{ profile: Profile; link: Link }> {
    const findLink = async (profile: Profile): Promise<Link> => {
      const link = await from.findLink(profile.id, linkId);
      if (!link) throw linkNotFound(profile, linkId);
      return link;
    };
    const profile = await gate(context, from, profileId, action, findLink);
    return { profile, link: await findLink(profile) };
  }

  const linkNotFound = (profile: Profile, linkId: string) =>
    new DomainError('not_found', {
      message: `Link '${linkId.slice(0, 60)}' was not found.`,
      details: `Profile ${profile.id} has no such link.`,
    });

  function remove(tx: Parameters<Parameters<typeof mutate>[1]>[0], profile: Profile, link: Link): Promise<void> {
    tx.changed({ accountId: profile.accountId, kind: 'link', id: profile.id });
    if (link.crnAccountId !== null && link.crnAccountId !== profile.accountId)
      tx.changed({ accountId: link.crnAccountId, kind: 'link', id: profile.id });
    tx.event({
      action: 'iam-identity.account-profile.update',
      accountId: profile.accountId,
      target: profileTarget(profile),
      requestData: { kind: 'link', operation: 'delete' },
      before: link,
    });
    return tx.deleteLink(link);
  }

  return {
    async create(
      context: MutationContext,
      profileId: string,
      input: {
        readonly label?: string | undefined;
        readonly crType: CrType;
        readonly target: LinkTarget;
        readonly isCrossAccount?: boolean | undefined;
      },
    ): Promise<{ link: Link; warnings: readonly LinkWarning[] }> {
      return mutate(context, async (tx) => {
        const profile = await gate(context, tx, profileId, 'iam-identity.profile.linkToResource');
        const parsed = readCrn(input.target.crn);
        const crn = canonicalCrn(input.target.crn);
        if (!parsed || crn === undefined) throw new DomainError('invalid_crn');
        const owner = crnAccountId(parsed);
        if (owner !== profile.accountId && input.isCrossAccount !== true) {
          throw new DomainError('invalid_field', {
            message: "Field 'link.crn' names a compute resource outside the profile's account.",
            details: `The CRN's scope is '${parsed.scope}', the profile's account is ${profile.accountId}. Set 'is_cross_account' to true to link across accounts.`,
          });
        }
        const cluster = isServiceAccountType(input.crType) ? deps.findCluster(crn) : undefined;
        if (cluster) await guardCluster(context, cluster, input.target.namespace);
        const existing = await tx.listLinks(profile.id);
        const key = targetKey(input.crType, crn, input.target);
        const same = existing.find((link) => targetKey(link.crType, link.crn, link.target) === key);
        if (same) throw new DomainError('conflict', { message: 'The profile already has this link.', details: `It is ${same.id}.` });
        if (existing.length >= limits.linksPerProfile) {
          throw new DomainError('limit_exceeded', {
            message: `The profile has ${limits.linksPerProfile} links already, which is its limit.`,
          });
        }
        const warning = cluster && nameWarning(cluster, input.target);
        const at = clock.now();
        const link: Link = {
          id: `link-${ids.uuid()}`,
          profileId: profile.id,
          accountId: profile.accountId,
          label: input.label ?? null,
          crType: input.crType,
          crn,
          crnAccountId: owner ?? null,
          target: input.target,
          namespace: isServiceAccountType(input.crType) ? (input.target.namespace ?? null) : null,
          serviceAccount: isServiceAccountType(input.crType) ? (input.target.name ?? null) : null,
          matchServiceAccount: warning && cluster?.linkNameMayBeClusterName ? MATCHED_BY_NAME : null,
          matchEnabled: true,
          isCrossAccount: input.isCrossAccount ?? null,
          entityTag: newEntityTag(ids, 1),
          createdAt: at,
          modifiedAt: at,
        };
        await tx.insertLink(link, key);
        tx.changed({ accountId: profile.accountId, kind: 'link', id: profile.id });
        if (owner !== undefined && owner !== profile.accountId) tx.changed({ accountId: owner, kind: 'link', id: profile.id });
        tx.event({
          action: 'iam-identity.account-profile.update',
          accountId: profile.accountId,
          target: profileTarget(profile),
          requestData: { kind: 'link', operation: 'create' },
          after: link,
          ...(warning && { warnings: [warning.text] }),
        });
        return { link, warnings: warning ? [warning] : [] };
      });
    },

    async list(context: MutationContext, profileId: string): Promise<readonly Link[]> {
      const profile = await gate(context, reads, profileId, 'iam-identity.profile.get');
      return reads.listLinks(profile.id);
    },

    async get(context: MutationContext, profileId: string, linkId: string): Promise<Link> {
      return (await find(context, reads, profileId, linkId, 'iam-identity.profile.get')).link;
    },

    async remove(context: MutationContext, profileId: string, linkId: string): Promise<void> {
      await mutate(context, async (tx) => {
        const { profile, link } = await find(context, tx, profileId, linkId, 'iam-identity.profile.update');
        await remove(tx, profile, link);
      });
    },

    /** Deletes the one link that agrees with every parameter given; several are too many to guess from. */
    async removeMatching(context: MutationContext, profileId: string, parameters: LinkParameters): Promise<void> {
      await mutate(context, async (tx) => {
        const profile = await gate(context, tx, profileId, 'iam-identity.profile.update');
        const { type, crn, ...members } = parameters;
        const wantedCrn = crn === undefined ? undefined : (canonicalCrn(crn) ?? crn);
        const matches = (await tx.listLinks(profile.id)).filter(
          (link) =>
            link.crType === type &&
            (wantedCrn === undefined || link.crn === wantedCrn) &&
            (['namespace', 'name', 'component_type', 'component_name'] as const).every(
              (member) => members[member] === undefined || link.target[member] === members[member],
            ),
        );
        const [match, ...others] = matches;
        if (!match)
          throw new DomainError('not_found', {
            message: 'No link of the profile has these parameters.',
            details: `Profile ${profile.id} was searched.`,
          });
        if (others.length > 0) {
          throw new DomainError('invalid_field', {
            message: `The parameters fit ${matches.length} links of the profile; nothing was deleted.`,
            details: 'Give further parameters until one link is left, or delete the links by id.',
          });
        }
        await remove(tx, profile, match);
      });
    },
  };
}
