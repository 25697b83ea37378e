/** What the identity slice asks of the store. */
import type { StoredPolicy } from '../access/policies/policy.ts';
import type { AccountReads, AccountWrites } from './accounts/account-store.ts';
import type { ApiKeyReads, ApiKeyWrites } from './api-keys/api-key-store.ts';
import type { ExtrasReads, HistoryRecord } from './history.ts';
import type { ProfileReads, ProfileWrites } from './profiles/profile-store.ts';
import type { ReportReads, ReportWrites } from './reports/report-store.ts';
import type { ServiceIdReads, ServiceIdWrites } from './service-ids/service-id-store.ts';
import type { SettingsReads, SettingsWrites } from './settings/settings-store.ts';
import type { TemplateReads, TemplateWrites } from './templates/template-store.ts';

export interface IdentityReads
  extends AccountReads,
    ApiKeyReads,
    ExtrasReads,
    ProfileReads,
    ReportReads,
    ServiceIdReads,
    SettingsReads,
    TemplateReads {}

export interface IdentityWrites
  extends IdentityReads,
    AccountWrites,
    ApiKeyWrites,
    ProfileWrites,
    ReportWrites,
    ServiceIdWrites,
    SettingsWrites,
    TemplateWrites {
  insertHistory(objectId: string, record: HistoryRecord): Promise<void>;
}

/** What a transaction of this slice writes besides: the policies that make somebody an administrator of something. */
export interface IdentityTransaction extends IdentityWrites {
  insertPolicy(policy: StoredPolicy): Promise<void>;
  updatePolicy(policy: StoredPolicy): Promise<void>;
  deletePermits(policyId: string): Promise<void>;
  purgePolicies(deletedBefore: number): Promise<void>;
  findPolicy(id: string): Promise<StoredPolicy | undefined>;
}
