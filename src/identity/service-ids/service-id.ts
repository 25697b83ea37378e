/** Service IDs, and the groups that hold them. */
import type { EpochMs } from '../../kernel/clock.ts';
import { accountCrn } from '../../kernel/crn.ts';
import type { Account } from '../accounts/account.ts';

export interface ServiceId {
  readonly id: string;
  readonly accountId: string;
  readonly groupId: string;
  readonly name: string;
  readonly description: string | null;
  readonly uniqueInstanceCrns: readonly string[];
  /** A locked service ID can neither be changed nor deleted, nor can its policies. */
  readonly locked: boolean;
  /** The policy that makes its creator its administrator, where the creator was not one anyway. */
  readonly creatorPolicyId: string | null;
  readonly revision: number;
  readonly entityTag: string;
  readonly createdBy: string;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
}

export interface ServiceIdGroup {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly description: string | null;
  readonly revision: number;
  readonly entityTag: string;
  readonly createdBy: string;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
}

const SERVICE_ID = /^(?:iam-)?(ServiceId-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** Reads `ServiceId-<uuid>` or `iam-ServiceId-<uuid>` as the id of a service ID; undefined for anything else. */
export function readServiceId(text: string): string | undefined {
  return SERVICE_ID.exec(text)?.[1];
}

/** `iam-ServiceId-<uuid>`: the form that policies, access groups and tokens use. */
export function serviceIdIamId(id: string): string {
  return `iam-${id}`;
}

export function serviceIdCrn({ id, accountId }: Pick<ServiceId, 'id' | 'accountId'>): string {
  return accountCrn('iam-identity', accountId, { resourceType: 'serviceid', resource: id });
}

/** What a right on service IDs is asked for: on all of an account, or on one. */
export function serviceIdResource(accountId: string, id?: string): Record<string, string> {
  return { accountId, serviceName: 'iam-identity', resourceType: 'serviceid', ...(id !== undefined && { resource: id }) };
}

/** The wire names of the fields in which a service ID differs from what it was; of those that were given, for a new one. */
export function changedFields(
  after: ChangeableFields,
  before: ChangeableFields = { name: '', description: null, uniqueInstanceCrns: [] },
): readonly string[] {
  const { uniqueInstanceCrns: old } = before;
  const isSameList = old.length === after.uniqueInstanceCrns.length && old.every((crn, index) => crn === after.uniqueInstanceCrns[index]);
  return [
    ...(after.name === before.name ? [] : ['name']),
    ...(after.description === before.description ? [] : ['description']),
    ...(isSameList ? [] : ['unique_instance_crns']),
  ];
}

type ChangeableFields = Pick<ServiceId, 'name' | 'description' | 'uniqueInstanceCrns'>;

const GROUP_ID = /^ServiceIdGroup-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

export function serviceIdGroupCrn({ id, accountId }: Pick<ServiceIdGroup, 'id' | 'accountId'>): string {
  return accountCrn('iam-identity', accountId, { resourceType: 'serviceid-group', resource: id });
}

/** The name of the group that every account has without making it. */
export const DEFAULT_GROUP_NAME = 'default';

/** The id of that group: the account's id in the form of a UUID. */
export function defaultGroupId(accountId: string): string {
  const parts = [accountId.slice(0, 8), accountId.slice(8, 12), accountId.slice(12, 16), accountId.slice(16, 20), accountId.slice(20)];
  return `ServiceIdGroup-${parts.join('-')}`;
}

/** The account whose default group has this id, if it is the id of a default group. */
export function accountOfDefaultGroup(groupId: string): string | undefined {
  return GROUP_ID.exec(groupId)?.[1]?.replaceAll('-', '');
}

/** The default group of an account. It needs no row, and nobody changes it. */
export function defaultGroup(account: Account): ServiceIdGroup {
  return {
    id: defaultGroupId(account.id),
    accountId: account.id,
    name: DEFAULT_GROUP_NAME,
    description: null,
    revision: 1,
    entityTag: `1-${account.id}`,
    createdBy: account.ownerIamId,
    createdAt: account.createdAt,
    modifiedAt: account.createdAt,
  };
}

export function isDefaultGroup(group: ServiceIdGroup): boolean {
  return group.id === defaultGroupId(group.accountId);
}
