import type { EpochMs } from '../../kernel/clock.ts';
import type { User } from '../accounts/account.ts';
import type { InactiveApiKey, InactiveObject, InactiveUser, Report, ReportKind } from './report.ts';

/** The lists begin with those who have never signed in, and with the longest ago; they hold at most `limit` entries. */
export interface ReportReads {
  listInactiveUsers(accountId: string, since: EpochMs, limit: number): Promise<readonly InactiveUser[]>;
  listInactiveApiKeys(accountId: string, since: EpochMs, limit: number): Promise<readonly InactiveApiKey[]>;
  listInactiveServiceIds(accountId: string, since: EpochMs, limit: number): Promise<readonly InactiveObject[]>;
  listInactiveProfiles(accountId: string, since: EpochMs, limit: number): Promise<readonly InactiveObject[]>;
  /** At most `limit` users of the account, in the order of their ids. */
  listUsers(accountId: string, limit: number): Promise<readonly User[]>;
  /** The other accounts of the account's users, or of one of them; at most `limit`. */
  listOtherMemberships(
    accountId: string,
    iamId: string | undefined,
    limit: number,
  ): Promise<readonly { readonly iamId: string; readonly accountId: string }[]>;
  findReport<Kind extends ReportKind>(accountId: string, kind: Kind, reference: string): Promise<Report<Kind> | undefined>;
  findLatestReport<Kind extends ReportKind>(accountId: string, kind: Kind): Promise<Report<Kind> | undefined>;
  /** When the newest report was created. */
  findLatestReportTime(accountId: string, kind: ReportKind): Promise<EpochMs | undefined>;
}

export interface ReportWrites {
  insertReport(report: Report<ReportKind>): Promise<void>;
  /** Deletes reports of the account: those older than `before`, and of this kind all but the `keep` newest. */
  deleteOldReports(accountId: string, kind: ReportKind, before: EpochMs, keep: number): Promise<void>;
}
