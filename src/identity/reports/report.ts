/** Reports on an account: who has not signed in for a while, and how users stand with multi-factor authentication. */
import type { EpochMs } from '../../kernel/clock.ts';
import type { User } from '../accounts/account.ts';
import type { MfaEnrollment } from './mfa.ts';

interface Inactive {
  /** Absent for who has never signed in. */
  readonly lastAuthn?: EpochMs;
}

export interface InactiveUser extends Inactive {
  readonly user: ReportedUser;
}

export interface InactiveObject extends Inactive {
  readonly id: string;
  readonly name: string;
}

export interface InactiveApiKey extends InactiveObject {
  /** Whom the key signs in: a user, or a service ID. */
  readonly owner: { readonly user: ReportedUser } | { readonly serviceId: { readonly id: string; readonly name: string } };
}

export type ReportedUser = Pick<User, 'iamId' | 'name' | 'email'>;

/** What holds for each kind of report. */
export interface ReportDocuments {
  readonly activity: {
    readonly durationHours: number;
    readonly start: EpochMs;
    readonly end: EpochMs;
    readonly users: readonly InactiveUser[];
    readonly apiKeys: readonly InactiveApiKey[];
    readonly serviceIds: readonly InactiveObject[];
    readonly profiles: readonly InactiveObject[];
  };
  readonly mfa: { readonly users: readonly { readonly user: ReportedUser; readonly enrollment: MfaEnrollment }[] };
}

export type ReportKind = keyof ReportDocuments;

export interface Report<Kind extends ReportKind> {
  readonly reference: string;
  readonly accountId: string;
  readonly kind: Kind;
  readonly createdBy: string;
  readonly createdAt: EpochMs;
  /** Before this the report counts as being made. */
  readonly readyAt: EpochMs;
  readonly document: ReportDocuments[Kind];
}
