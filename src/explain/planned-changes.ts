/** The changes of a what-if: checked as the operations that make them check, and never made. */
import { compilePolicy } from '@podpass/policy';
import type { Catalog } from '../access/catalog/catalog.ts';
import { accessSubject, contentOf, evaluatedPolicy, type VersionedDocument } from '../access/policies/policy.ts';
import { checkNames, checkPolicy, FIELDS_V1, FIELDS_V2 } from '../access/policies/policy-checks.ts';
import type { MayDo, MutationContext } from '../audit/mutation.ts';
import type { ClusterDirectory } from '../clusters/directory.ts';
import { groupNotFound, groupResource, memberNotFound } from '../groups/gate.ts';
import { PUBLIC_ACCESS_GROUP } from '../groups/group.ts';
import { isServiceAccountType, type Link, type LinkTarget, matchedInstead, targetKey } from '../identity/profiles/link.ts';
import type { Profile } from '../identity/profiles/profile.ts';
import { refuseManaged } from '../identity/profiles/profile-gate.ts';
import { canonicalCrn, crnAccountId, readCrn } from '../kernel/crn.ts';
import { DomainError } from '../kernel/errors.ts';
import { readProfileId } from '../kernel/ids.ts';
import type { InspectedView } from './inspection.ts';
import type { PlannedChange } from './overlaid-view.ts';
import type { Visibility, VisibilityDeps } from './visibility.ts';
import type { GivenChange } from './what-if-schema.ts';

export interface PlanDeps extends VisibilityDeps {
  readonly mayDo: MayDo;
  readonly clusters: Pick<ClusterDirectory, 'findByCrn'>;
  readonly findCatalog: (accountId: string) => Promise<Catalog>;
  readonly findGroup: (id: string) => Promise<{ readonly id: string; readonly accountId: string } | undefined>;
  readonly findIdentity: (accountId: string, iamId: string) => Promise<unknown>;
  readonly hasSubject: (accountId: string, subject: { readonly name: string; readonly value: string }) => Promise<boolean>;
}

/** Who plans, and in which account as it is at which instant. */
export interface Planning {
  readonly context: MutationContext;
  readonly see: Visibility;
  readonly view: InspectedView;
  readonly at: number;
}

/** Checks the changes in their order. What the caller may not read is answered like what is not there. */
export async function planChanges(deps: PlanDeps, planning: Planning, changes: readonly GivenChange[]): Promise<readonly PlannedChange[]> {
  const planned: PlannedChange[] = [];
  for (const [index, change] of changes.entries()) {
    try {
      planned.push(await planChange(deps, planning, change, index));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { code, message, details, conflictsWith } = error;
      const place = `changes[${index}].${Object.keys(change).find((kind) => change[kind as keyof GivenChange] !== undefined) ?? ''}`;
      throw new DomainError(code, {
        message: `Field '${place}': ${message}`,
        ...(details !== undefined && { details }),
        ...(conflictsWith && { conflictsWith }),
        cause: error,
      });
    }
  }
  return planned;
}

async function planChange(deps: PlanDeps, planning: Planning, change: GivenChange, index: number): Promise<PlannedChange> {
  const { add_policy, remove_policy, add_member, remove_member, add_link, remove_link } = change;
  if (add_policy) return addedPolicy(deps, planning, add_policy, index);
  if (remove_policy !== undefined) return removedPolicy(planning, remove_policy);
  if (add_member) return changedMember(deps, planning, 'add_member', add_member);
  if (remove_member) return changedMember(deps, planning, 'remove_member', remove_member);
  if (add_link) return addedLink(deps, planning, add_link, index);
  if (remove_link) return removedLink(planning, remove_link);
  throw new DomainError('invalid_field', { message: 'A change is expected.' });
}

/** The id that a planned object has, which no stored one can have. */
const plannedId = (index: number): string => `changes[${index}]`;

export const isPlanned = (id: string): boolean => id.startsWith('changes[');

async function addedPolicy(
  deps: PlanDeps,
  { context, view }: Planning,
  versioned: VersionedDocument,
  index: number,
): Promise<PlannedChange> {
  const { accountId } = view;
  const content = contentOf(versioned);
  const fields = versioned.apiVersion === 1 ? FIELDS_V1 : FIELDS_V2;
  const named = checkPolicy(content, fields);
  if (named !== accountId) throw new DomainError('invalid_field', { message: `The policy belongs to another account than ${accountId}.` });
  checkNames(content, fields, await deps.findCatalog(accountId));
  const policy = evaluatedPolicy(plannedId(index), accountId, content);
  if (content.type === 'access') {
    const subject = accessSubject(content);
    // Only whoever could make the policy is told whether its subject exists, as by the operation itself.
    const isAsked = subject.value !== PUBLIC_ACCESS_GROUP && (await deps.mayManage(context, 'create', policy));
    if (isAsked && !(await deps.hasSubject(accountId, subject))) {
      const message = `Field '${fields.subject}' names '${subject.value.slice(0, 140)}', which the account does not have.`;
      throw new DomainError('invalid_field', { message });
    }
  }
  return { kind: 'add_policy', policy: compilePolicy(policy) };
}

async function removedPolicy({ see, view }: Planning, policyId: string): Promise<PlannedChange> {
  const policy = view.policies.get(policyId)?.policy;
  if (!policy || !(await see.policy(policy))) {
    throw new DomainError('policy_not_found', { message: `Policy '${policyId.slice(0, 60)}' was not found.` });
  }
  return { kind: 'remove_policy', policyId };
}

async function changedMember(
  deps: PlanDeps,
  { context, see, view, at }: Planning,
  kind: 'add_member' | 'remove_member',
  { access_group_id: groupId, iam_id: iamId }: { readonly access_group_id: string; readonly iam_id: string },
): Promise<PlannedChange> {
  const { accountId } = view;
  const group = await deps.findGroup(groupId);
  if (group?.accountId !== accountId || !(await see.group(accountId, groupId))) throw groupNotFound(groupId);
  if (kind === 'add_member') {
    const mayAdd = await deps.mayDo(context.caller, 'iam-groups.members.add', groupResource(accountId, groupId));
    if (mayAdd && !(await deps.findIdentity(accountId, iamId))) {
      throw new DomainError('not_found', { message: `The account has no identity '${iamId.slice(0, 160)}'.` });
    }
  } else {
    const { groups, endAt } = view.membershipsOf(iamId, at);
    if (!groups.includes(groupId) || endAt?.has(groupId)) throw memberNotFound(groupId, iamId);
  }
  return { kind, groupId, iamId };
}

async function profileOf({ see, view }: Planning, id: string): Promise<Profile> {
  const profileId = readProfileId(id);
  const profile = profileId === undefined ? undefined : view.profiles.profile(profileId);
  if (profile && (await see.profile(profile))) return profile;
  throw new DomainError('not_found', { message: `Profile '${id.slice(0, 60)}' was not found.` });
}

type GivenLink = NonNullable<GivenChange['add_link']>;

async function addedLink(
  deps: PlanDeps,
  planning: Planning,
  { profile_id, link: given }: GivenLink,
  index: number,
): Promise<PlannedChange> {
  const { see, view, at } = planning;
  const profile = await profileOf(planning, profile_id);
  const parsed = readCrn(given.link.crn);
  const crn = canonicalCrn(given.link.crn);
  if (!parsed || crn === undefined) throw new DomainError('invalid_crn');
  const owner = crnAccountId(parsed);
  if (owner !== profile.accountId) {
    throw new DomainError('invalid_field', {
      message: "Its CRN names a compute resource outside the profile's account, whose exchanges are in the log of that other account.",
    });
  }
  refuseManaged(profile, 'rules', 'add');
  const { cr_type: crType } = given;
  const linkTarget = definedMembers(given.link);
  const key = targetKey(crType, crn, linkTarget);
  for (const other of view.profiles.linksOf(profile.id)) {
    if (targetKey(other.crType, other.crn, other.target) !== key) continue;
    throw new DomainError('conflict', { message: 'The profile already has this link.', details: `It is ${other.id}.` });
  }
  const namesPod = isServiceAccountType(crType);
  const cluster = namesPod ? deps.clusters.findByCrn(crn) : undefined;
  const link: Link = {
    id: plannedId(index),
    profileId: profile.id,
    accountId: profile.accountId,
    label: null,
    crType,
    crn,
    crnAccountId: owner,
    target: linkTarget,
    namespace: namesPod ? (linkTarget.namespace ?? null) : null,
    serviceAccount: namesPod ? (linkTarget.name ?? null) : null,
    matchServiceAccount: matchedInstead(cluster && (await see.cluster(cluster)) ? cluster : undefined, linkTarget),
    matchEnabled: true,
    isCrossAccount: null,
    entityTag: '',
    createdAt: at,
    modifiedAt: at,
  };
  return { kind: 'add_link', link };
}

const definedMembers = (link: GivenLink['link']['link']): LinkTarget =>
  Object.fromEntries(Object.entries(link).filter(([, value]) => value !== undefined)) as unknown as LinkTarget;

async function removedLink(
  planning: Planning,
  { profile_id, link_id: linkId }: { readonly profile_id: string; readonly link_id: string },
): Promise<PlannedChange> {
  const profile = await profileOf(planning, profile_id);
  const isThere = [...planning.view.profiles.linksOf(profile.id)].some(({ id }) => id === linkId);
  if (!isThere) throw new DomainError('not_found', { message: `Link '${linkId.slice(0, 60)}' was not found.` });
  refuseManaged(profile, 'rules', 'remove');
  return { kind: 'remove_link', profileId: profile.id, linkId };
}
