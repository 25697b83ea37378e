/** Accounts and the users in them. */
import type { EpochMs } from '../../kernel/clock.ts';

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly ownerIamId: string;
  readonly parentAccountId: string | null;
  readonly state: 'active' | 'suspended';
  readonly entityTag: string;
  readonly createdAt: EpochMs;
}

export interface User {
  readonly accountId: string;
  readonly iamId: string;
  readonly email: string;
  readonly name: string;
  readonly state: 'active' | 'disabled';
  readonly createdAt: EpochMs;
}

/** Users carry ids of an identity provider's realm; these prefixes belong to other kinds of identity, and to Podpass itself. */
const RESERVED_PREFIXES = ['iam-', 'Profile-', 'ServiceId-', 'ServiceIdGroup-', 'ApiKey-', 'crn-', 'AccessGroupId-', 'podpass'];
const USER_IAM_ID = /^[A-Za-z0-9._@-]{3,128}$/;

export function isUserIamId(text: string): boolean {
  return USER_IAM_ID.test(text) && !RESERVED_PREFIXES.some((prefix) => text.startsWith(prefix));
}

/** What the activity of a user is counted under: one account does not learn of sign-ins to another. */
export function userActivityId({ accountId, iamId }: Pick<User, 'accountId' | 'iamId'>): string {
  return `${accountId}/${iamId}`;
}

/** The realm part of a user's id (`IBMid-…` → `IBMid`). */
export function realmOf(iamId: string): string {
  const dash = iamId.indexOf('-');
  return dash === -1 ? iamId : iamId.slice(0, dash);
}
