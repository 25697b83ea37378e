/** Trusted profiles: what a pod becomes when it exchanges its token. */

import type { EpochMs } from '../../kernel/clock.ts';
import { accountCrn } from '../../kernel/crn.ts';

/** Which changes of a profile that a template made are left to its account. */
export interface ActionControls {
  readonly identities: { readonly add: boolean; readonly remove: boolean };
  readonly rules: { readonly add: boolean; readonly remove: boolean };
  readonly policies: { readonly add: boolean; readonly remove: boolean };
}

/** The enterprise template that made a profile. */
export interface ManagedBy {
  readonly templateId: string;
  readonly assignmentId: string;
  readonly actionControls: ActionControls;
}

export interface Profile {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly description: string | null;
  readonly email: string | null;
  readonly managedBy: ManagedBy | null;
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
