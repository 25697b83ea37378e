/** What the plan of an account says, in the form in which it is stored. */
import type { AttributeClause } from '@podpass/policy';
import {
  AUTHORIZATION_SUBJECT,
  contentOf,
  fingerprintOf,
  type PolicyDocumentV2,
  type PolicyType,
  type StoredPolicy,
} from '../../src/access/policies/policy.ts';
import { type CustomRole, customRoleCrn } from '../../src/access/roles/custom-role.ts';
import type { ResourceTags } from '../../src/access/services/resource-tags.ts';
import { PUBLIC_ACCESS_GROUP } from '../../src/groups/group.ts';
import type { Account } from '../../src/identity/accounts/account.ts';
import type { Profile } from '../../src/identity/profiles/profile.ts';
import type { AccountSnapshot } from '../../src/view/account-view.ts';
import type { AccountPlan, PlannedPolicy } from './account.ts';
import { groupIdOf, policyIdOf, profileIamIdOf, profileIdOf } from './names.ts';
import { instanceId, tagsOfInstance } from './policy-kinds.ts';
import { ROLES, SERVICES } from './services.ts';

const BY = 'IBMid-bench-owner';
const changed = { revision: 1, entityTag: '1-a', createdAt: 1, createdById: BY, lastModifiedAt: 1, lastModifiedById: BY };

const equals = (key: string, value: string): AttributeClause => ({ key, operator: 'stringEquals', value });

function stored(accountId: string, number: number, subjectKey: string, document: PolicyDocumentV2): StoredPolicy {
  const versioned = { apiVersion: 2, document } as const;
  const type: PolicyType = document.type;
  const fingerprint = fingerprintOf(contentOf(versioned));
  return { ...changed, id: policyIdOf(number), accountId, type, subjectKey, fingerprint, state: 'active', deletedAt: null, ...versioned };
}

function accessPolicy(accountId: string, subject: AttributeClause, planned: PlannedPolicy): StoredPolicy {
  const { number, kind, draw, level, byCustomRole } = planned;
  const { clauses, tags, pattern, rule } = kind.write(draw);
  const roleIds = byCustomRole ? [customRoleCrn(accountId, customRoleName(draw.service.name))] : ROLES[level];
  return stored(accountId, number, String(subject.value), {
    type: 'access',
    control: { grant: { roles: roleIds.map((role_id) => ({ role_id })) } },
    subject: { attributes: [subject] },
    resource: { attributes: [equals('accountId', accountId), ...clauses], ...(tags !== undefined && { tags }) },
    ...(pattern !== undefined && { pattern }),
    ...(rule !== undefined && { rule }),
  });
}

/** Instances of one service read instances of another. */
function authorization(accountId: string, number: number): StoredPolicy {
  const [source, target] = [SERVICES[number % SERVICES.length], SERVICES[(number + 1) % SERVICES.length]];
  if (source === undefined || target === undefined) throw new Error('There are no services.');
  const from = [equals('accountId', accountId), equals('serviceName', source.name), equals('serviceInstance', instanceId(source, number))];
  const to = [equals('accountId', accountId), equals('serviceName', target.name), equals('serviceInstance', instanceId(target, number))];
  return stored(accountId, number, AUTHORIZATION_SUBJECT, {
    type: 'authorization',
    control: { grant: { roles: ROLES[0].slice(1).map((role_id) => ({ role_id })) } },
    subject: { attributes: from },
    resource: { attributes: to },
  });
}

export function policiesOfPlan({ accountId, ofProfile, ofGroup, ofPublic, authorizations }: AccountPlan): readonly StoredPolicy[] {
  const ofGroups = (groupId: string, planned: readonly PlannedPolicy[]) =>
    planned.map((one) => accessPolicy(accountId, equals('access_group_id', groupId), one));
  return [
    ...ofProfile.map((one, profile) => accessPolicy(accountId, equals('iam_id', profileIamIdOf(profile)), one)),
    ...ofGroup.flatMap((planned, group) => ofGroups(groupIdOf(group), planned)),
    ...ofGroups(PUBLIC_ACCESS_GROUP, ofPublic),
    ...authorizations.map((number) => authorization(accountId, number)),
  ];
}

const customRoleName = (serviceName: string): string => `Bench${serviceName.replaceAll('-', '')}`;

export function customRolesOfPlan({ accountId }: AccountPlan): readonly CustomRole[] {
  return SERVICES.filter((service) => service.hasCustomRole).map(({ name, actions: [read, write] }, index) => ({
    ...changed,
    id: index.toString(16).padStart(32, '0'),
    accountId,
    serviceName: name,
    name: customRoleName(name),
    displayName: `Bench ${name}`,
    description: null,
    actions: [read, write].toSorted(),
  }));
}

export function profilesOfPlan({ accountId, profiles }: AccountPlan): readonly Profile[] {
  const at = { revision: 1, entityTag: '1-a', createdAt: 1, modifiedAt: 1 };
  return profiles.map((_, number) => ({
    ...at,
    id: profileIdOf(number),
    accountId,
    name: `profile ${number}`,
    description: null,
    email: null,
    managedBy: null,
  }));
}

export const membershipsOfPlan = ({ profiles }: AccountPlan): AccountSnapshot['memberships'] =>
  profiles.flatMap((groups, number) => groups.map((group) => ({ groupId: groupIdOf(group), iamId: profileIamIdOf(number) })));

export function resourceTagsOfPlan({ instanceCount }: AccountPlan): readonly ResourceTags[] {
  const tagged = Array.from({ length: instanceCount }, (_, instance) => instance).filter((instance) => tagsOfInstance(instance).length > 0);
  return SERVICES.flatMap((service) =>
    tagged.map((instance) => ({
      serviceName: service.name,
      serviceInstance: instanceId(service, instance),
      tags: tagsOfInstance(instance),
    })),
  );
}

/** The account as a view loads it. */
export function snapshotOfPlan(plan: AccountPlan): AccountSnapshot {
  const { accountId } = plan;
  const account: Account = {
    id: accountId,
    name: 'bench',
    ownerIamId: BY,
    parentAccountId: null,
    state: 'active',
    entityTag: '1-a',
    createdAt: 1,
  };
  return {
    account,
    settings: { own: undefined, templates: [] },
    users: [],
    profiles: profilesOfPlan(plan),
    links: [],
    rules: [],
    memberships: membershipsOfPlan(plan),
    ruleMemberships: [],
    publicAccessEnabled: true,
    policies: policiesOfPlan(plan),
    customRoles: customRolesOfPlan(plan),
    services: { services: [], operators: [] },
    accessSettings: undefined,
    resourceTags: resourceTagsOfPlan(plan),
    foreignProfiles: [],
  };
}
