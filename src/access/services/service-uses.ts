/** What of an account rests on a registered service: what would lose something with it, and what a change of it would widen. */
import { serviceLineage } from '@podpass/policy';
import { readCrn } from '../../kernel/crn.ts';
import { contentOf, type PolicyContent } from '../policies/policy.ts';
import { type CustomRole, customRoleCrn } from '../roles/custom-role.ts';
import type { RoleReads } from '../roles/role-store.ts';
import {
  actionId,
  commonRole,
  otherSpelling,
  type RegisteredService,
  registeredRoleCrn,
  type ServiceContent,
} from './service-registration.ts';
import type { ServiceReads } from './service-store.ts';

export interface ServiceUses {
  readonly policies: number;
  readonly customRoles: number;
}

/** Whether a policy names the service, a child of it that is not registered itself, or a role of its own. */
function namesService(content: PolicyContent, name: string, registered: ReadonlySet<string>): boolean {
  const isMeant = (value: string) => serviceLineage(value).find((part) => registered.has(part)) === name;
  const clauses = [...content.resource, ...content.subject].filter(({ key }) => key === 'serviceName');
  if (clauses.some(({ value }) => [value].flat().some((one) => isMeant(String(one))))) return true;
  return content.roleIds.some((roleId) => readCrn(roleId)?.serviceName === name);
}

export async function findServiceUses(reads: ServiceReads & RoleReads, accountId: string, name: string): Promise<ServiceUses> {
  const registered = new Set((await reads.listServices(accountId)).map((service) => service.name));
  const policies = await reads.listPoliciesMentioning(accountId, name);
  const customRoles = await reads.listCustomRoles(accountId);
  return {
    policies: policies.filter((policy) => namesService(contentOf(policy), name, registered)).length,
    customRoles: customRoles.filter((role) => role.serviceName === name).length,
  };
}

const counted = (count: number, one: string, several: string): readonly string[] =>
  count === 0 ? [] : [count === 1 ? `1 ${one}` : `${count} ${several}`];

/** `2 active policies and 1 custom role`; undefined where there are neither. */
export function describeUses({ policies, customRoles }: ServiceUses): string | undefined {
  const parts = [...counted(policies, 'active policy', 'active policies'), ...counted(customRoles, 'custom role', 'custom roles')];
  return parts.length === 0 ? undefined : parts.join(' and ');
}

/** A sentence for each role of the service's own that a change takes away although active policies name it. */
export async function describeLostRoles(
  reads: ServiceReads,
  before: RegisteredService,
  after: RegisteredService,
): Promise<readonly string[]> {
  const kept = new Set(after.roles.map(({ name }) => name));
  const lost = before.roles.map(({ name }) => name).filter((name) => commonRole(name) === undefined && !kept.has(name));
  if (lost.length === 0) return [];
  const roleIds = (await reads.listPoliciesMentioning(before.accountId, before.name)).flatMap((policy) => contentOf(policy).roleIds);
  return lost.flatMap((name) => {
    const crn = registeredRoleCrn(before.name, name);
    const count = roleIds.filter((roleId) => roleId === crn || roleId === otherSpelling(crn)).length;
    const uses = describeUses({ policies: count, customRoles: 0 });
    return uses === undefined ? [] : [`The service no longer has the role ${name}, which is named by ${uses}: it gives nothing there.`];
  });
}

/** The ids, in either spelling, of the roles that give an action on the service which they did not give before. */
export function widenedRoles(
  accountId: string,
  name: string,
  before: ServiceContent | undefined,
  after: ServiceContent,
  customRoles: readonly CustomRole[],
): readonly string[] {
  const given = new Map(before?.roles.map((role) => [role.name, new Set(role.actions)]));
  const widened = after.roles.filter((role) => role.actions.some((action) => !given.get(role.name)?.has(action)));
  // A custom role may name an action that the service did not define meanwhile: it gives it again.
  const defined = new Set(before?.actions.map(actionId));
  const added = new Set(after.actions.map(actionId).filter((action) => !defined.has(action)));
  const custom = customRoles.filter((role) => role.serviceName === name && role.actions.some((action) => added.has(action)));
  return [
    ...widened.flatMap((role) => {
      const crn = registeredRoleCrn(name, role.name);
      return commonRole(role.name) === undefined ? [crn, otherSpelling(crn)] : [crn];
    }),
    ...custom.map((role) => customRoleCrn(accountId, role.name)),
  ];
}
