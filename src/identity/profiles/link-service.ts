/** Links of trusted profiles: who may become a profile. */
import type { MutationContext } from '../../audit/mutation.ts';
import { type Cluster, clusterResource } from '../../clusters/cluster.ts';
import { canonicalCrn, crnAccountId, readCrn } from '../../kernel/crn.ts';
import { newEntityTag } from '../../kernel/entity-tag.ts';
import { DomainError } from '../../kernel/errors.ts';
import { limitWarnings, refuseExcess } from '../../kernel/limits.ts';
import type { Warning } from '../../kernel/route.ts';
import type { IdentityDeps, Tx } from '../deps.ts';
import { gatePart } from '../gate.ts';
import {
  type CrType,
  DEFAULT_SERVICE_ACCOUNT,
  isServiceAccountType,
  type Link,
  type LinkTarget,
  matchedInstead,
  targetKey,
} from './link.ts';
import type { Profile } from './profile.ts';
import { createProfileGate, type PartEvent, profileGrantee, profileTarget, recordPart, refuseManaged } from './profile-gate.ts';
import type { ProfileReads } from './profile-store.ts';

export interface LinkParameters {
  readonly type: CrType;
  readonly crn?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly component_type?: string | undefined;
  readonly component_name?: string | undefined;
}

export type LinkService = ReturnType<typeof createLinkService>;

const LINKS = 'links of the profile';

/** Every pod of a namespace that names no service account of its own runs as `default`. */
function sharedAccountWarning(crType: CrType, target: LinkTarget): Warning | undefined {
  if (!isServiceAccountType(crType) || target.name !== DEFAULT_SERVICE_ACCOUNT) return undefined;
  return {
    code: 'shared_service_account',
    text: `The service account 'default' is shared by every pod of namespace '${target.namespace}' that names no other one, so all of them may become the profile.`,
  };
}

export function createLinkService(deps: IdentityDeps) {
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

  /** A form of a link that IBM published carries the cluster's name where the service account belongs. */
  function nameWarning(cluster: Cluster, target: LinkTarget): Warning | undefined {
    if (target.name !== cluster.name) return undefined;
    const effect = cluster.linkNameMayBeClusterName
      ? `The cluster allows this form, so the link matches the service account '${DEFAULT_SERVICE_ACCOUNT}' of namespace '${target.namespace}' and no other.`
      : `The link matches only a service account of that name. Put the service account's name there, or turn on the cluster's setting link_name_may_be_cluster_name and make the link again.`;
    return {
      code: 'link_name_is_cluster_name',
      text: `link.name '${target.name}' is the name of the cluster, not of a service account. ${effect}`,
    };
  }

  const find = (context: MutationContext, from: ProfileReads, profileId: string, linkId: string, action: string) =>
    gatePart(
      gate,
      context,
      from,
      profileId,
      action,
      (profile) => from.findLink(profile.id, linkId),
      (profile) => linkNotFound(profile, linkId),
    );

  const linkNotFound = (profile: Profile, linkId: string) =>
    new DomainError('not_found', {
      message: `Link '${linkId.slice(0, 60)}' was not found.`,
      details: `Profile ${profile.id} has no such link.`,
    });

  /**
   * Tells the views of the profile's account, and of the cluster's where that is another one. A cluster that is not registered concerns
   * nobody: who merely knows an account's id must not keep its views busy.
   */
  function record(tx: Tx, profile: Profile, link: Link, event: PartEvent): void {
    const change = { kind: 'link', id: `${profile.id}/${link.id}` } as const;
    recordPart(tx, profile, change, event);
    const home = deps.findCluster(link.crn)?.accountId;
    if (home !== undefined && home !== profile.accountId) tx.changed({ accountId: home, ...change });
  }

  async function remove(tx: Tx, profile: Profile, link: Link): Promise<void> {
    refuseManaged(profile, 'rules', 'remove');
    record(tx, profile, link, { kind: 'link', operation: 'delete', before: link });
    await tx.deleteLink(link);
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
    ): Promise<{ link: Link; warnings: readonly Warning[] }> {
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
        await deps.guardConferral(context, profileGrantee(profile), profileTarget(profile));
        refuseManaged(profile, 'rules', 'add');
        const key = targetKey(input.crType, crn, input.target);
        const same = await tx.findLinkByTarget(profile.id, key);
        if (same) throw new DomainError('conflict', { message: 'The profile already has this link.', details: `It is ${same.id}.` });
        const count = await tx.countLinks(profile.id);
        refuseExcess(LINKS, count + 1, limits.linksPerProfile);
        refuseExcess('links in the account', (await tx.countLinksOfAccount(profile.accountId)) + 1, limits.linksPerAccount);
        const warning = cluster && nameWarning(cluster, input.target);
        const warnings = [warning, sharedAccountWarning(input.crType, input.target)].filter((each) => each !== undefined);
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
          matchServiceAccount: matchedInstead(cluster, input.target),
          matchEnabled: true,
          isCrossAccount: input.isCrossAccount ?? null,
          entityTag: newEntityTag(ids, 1),
          createdAt: at,
          modifiedAt: at,
        };
        await tx.insertLink(link, key);
        record(tx, profile, link, {
          kind: 'link',
          operation: 'create',
          after: link,
          warnings: [...warnings.map(({ text }) => text), ...limitWarnings(LINKS, count + 1, limits.linksPerProfile)],
        });
        return { link, warnings };
      });
    },

    async list(context: MutationContext, profileId: string): Promise<readonly Link[]> {
      const profile = await gate(context, reads, profileId, 'iam-identity.profile.get');
      return reads.listLinks(profile.id);
    },

    async get(context: MutationContext, profileId: string, linkId: string): Promise<Link> {
      return (await find(context, reads, profileId, linkId, 'iam-identity.profile.get')).part;
    },

    async remove(context: MutationContext, profileId: string, linkId: string): Promise<void> {
      await mutate(context, async (tx) => {
        const { whole: profile, part } = await find(context, tx, profileId, linkId, 'iam-identity.profile.update');
        await remove(tx, profile, part);
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
