/** What the access slice asks of the store. */
import type { AccessHold } from './access-hold.ts';
import type { StoredPolicy } from './policy.ts';

export interface PolicyListQuery {
  readonly accountId: string;
  readonly subjectKey?: string;
  readonly type?: string;
  readonly state: 'active' | 'deleted';
  readonly sort: 'id' | 'type' | 'href' | 'created_at' | 'created_by_id' | 'last_modified_at' | 'last_modified_by_id' | 'state';
  readonly descending: boolean;
}

export interface PolicyReads {
  findPolicy(id: string): Promise<StoredPolicy | undefined>;
  findActiveByFingerprint(accountId: string, fingerprint: string): Promise<StoredPolicy | undefined>;
  listPolicies(query: PolicyListQuery): Promise<readonly StoredPolicy[]>;
  countPolicies(accountId: string, subjectKey?: string): Promise<number>;
  /** Whether the account has the subject of a policy: a user, a profile, a service ID, or an access group. */
  hasSubject(accountId: string, subject: { readonly name: string; readonly value: string }): Promise<boolean>;
  /** What keeps the access of an identity of the account as it is. */
  findAccessHold(accountId: string, iamId: string): Promise<AccessHold | undefined>;
}

export interface PolicyWrites extends PolicyReads {
  insertPolicy(policy: StoredPolicy): Promise<void>;
  updatePolicy(policy: StoredPolicy): Promise<void>;
}
