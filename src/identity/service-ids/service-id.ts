/** Service IDs, and the groups that hold them. */
import type { EpochMs } from '../../kernel/clock.ts';
import { accountCrn } from '../../kernel/crn.ts';

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

/** The group that every account has without making it; its id is the account's id in the form of a UUID. */
export function defaultGroupId(accountId: string): string {
  const parts = [accountId.slice(0, 8), accountId.slice(8, 12), accountId.slice(12, 16), accountId.slice(16, 20), accountId.slice(20)];
  return `ServiceIdGroup-${parts.join('-')}`;
}
