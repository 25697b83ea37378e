/** Trusted profiles: what a pod becomes when it exchanges its token. */

import type { EpochMs } from '../kernel/clock.ts';
import { accountCrn } from '../kernel/crn.ts';

export interface Profile {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly description: string | null;
  readonly email: string | null;
  readonly revision: number;
  readonly entityTag: string;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
}

/** `iam-Profile-<uuid>`: the form that policies, access groups and tokens use. */
export function profileIamId(profileId: string): string {
  return `iam-${profileId}`;
}

export function profileCrn(profile: Pick<Profile, 'id' | 'accountId'>): string {
  return accountCrn('iam-identity', profile.accountId, { resourceType: 'profile', resource: profile.id });
}

/** One record of an object's history, as the identity API shows it. */
export interface HistoryRecord {
  readonly at: EpochMs;
  readonly iamId: string;
  readonly iamIdAccount: string;
  readonly action: 'CREATE' | 'UPDATE';
  readonly params: readonly string[];
  readonly message: string;
}

export interface Activity {
  readonly authnCount: number;
  readonly lastAuthn: EpochMs | undefined;
}
