/** What policies ask of the store. */
import type { EpochMs } from '../../kernel/clock.ts';
import type { AccessHold } from './access-hold.ts';
import type { StoredPolicy } from './policy.ts';

export const POLICY_SORTS = [
  ...(['id', 'type', 'href', 'created_at', 'created_by_id', 'last_modified_at', 'last_modified_by_id', 'state'] as const),
  ...(['last_permit_at', 'last_permit_frequency'] as const),
] as const;
export type PolicySort = (typeof POLICY_SORTS)[number];

/** A place between two entries of a sorted list: next to the entry with this sort value and id. */
export interface PolicyPlace {
  readonly value: string | number;
  readonly id: string;
}

export interface PolicyListQuery {
  readonly accountId: string;
  readonly subjectKey?: string;
  readonly type?: string;
  readonly state: 'active' | 'deleted';
  /** Deleted policies are listed while they were deleted after this instant. */
  readonly deletedAfter: EpochMs;
  readonly sort: PolicySort;
  readonly descending: boolean;
}

/** How often, and when last, a policy permitted something. */
export interface PolicyPermits {
  readonly permits: number;
  readonly lastAt: EpochMs;
}

/** A policy with the value that it is sorted by. */
export interface ListedPolicy {
  readonly policy: StoredPolicy;
  readonly value: string | number;
}

export interface PolicyReads {
  findPolicy(id: string): Promise<StoredPolicy | undefined>;
  findActiveByFingerprint(accountId: string, fingerprint: string): Promise<StoredPolicy | undefined>;
  /** At most `limit` policies after a place in the order of the query, or the nearest ones before it, the nearest first. */
  listPolicies(
    query: PolicyListQuery,
    from: { readonly place?: PolicyPlace; readonly backwards: boolean; readonly limit: number },
  ): Promise<readonly ListedPolicy[]>;
  listActivePoliciesOf(accountId: string, subjectKey: string): Promise<readonly StoredPolicy[]>;
  /** The active policies of the account that grant the role. */
  listPoliciesWithRole(accountId: string, roleId: string): Promise<readonly StoredPolicy[]>;
  countPolicies(accountId: string, subjectKey?: string): Promise<number>;
  countPoliciesWithTags(accountId: string): Promise<number>;
  findPermits(policyIds: readonly string[]): Promise<ReadonlyMap<string, PolicyPermits>>;
  /** Whether the account has the subject of a policy: a user, a profile, a service ID, or an access group. */
  hasSubject(accountId: string, subject: { readonly name: string; readonly value: string }): Promise<boolean>;
  /** What keeps the access of an identity of the account as it is. */
  findAccessHold(accountId: string, iamId: string): Promise<AccessHold | undefined>;
  isPublicAccessEnabled(accountId: string): Promise<boolean>;
}

export interface PolicyWrites extends PolicyReads {
  insertPolicy(policy: StoredPolicy): Promise<void>;
  updatePolicy(policy: StoredPolicy): Promise<void>;
  /** Forgets how often the policy permitted. */
  deletePermits(policyId: string): Promise<void>;
  /** Forgets the policies that were deleted before the instant. */
  purgePolicies(deletedBefore: EpochMs): Promise<void>;
}
