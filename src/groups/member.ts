/** Members of access groups: identities that were added, and users whom a rule made members when they signed in. */
import type { EpochMs } from '../kernel/clock.ts';
import type { DomainError } from '../kernel/errors.ts';

export const MEMBER_TYPES = ['user', 'service', 'profile'] as const;
export type MemberType = (typeof MEMBER_TYPES)[number];

/** `static`: added; `dynamic`: made by a rule. */
export const MEMBERSHIP_TYPES = ['static', 'dynamic', 'all'] as const;
export type MembershipType = (typeof MEMBERSHIP_TYPES)[number];

export interface GroupMember {
  readonly groupId: string;
  readonly accountId: string;
  readonly iamId: string;
  readonly type: MemberType;
  readonly createdAt: EpochMs;
  readonly createdById: string;
}

/** A member as a list shows it; the identity's words only where they were asked for. */
export interface ListedMember extends Omit<GroupMember, 'accountId'> {
  readonly membershipType: Exclude<MembershipType, 'all'>;
  readonly name?: string | null;
  readonly email?: string | null;
  readonly description?: string | null;
}

/** What became of one item of a call with several. */
export interface ItemOutcome {
  readonly statusCode: number;
  readonly member?: GroupMember;
  readonly error?: { readonly code: string; readonly message: string };
}

/** The outcome of an item that was refused. */
export function refused(error: DomainError): ItemOutcome {
  return { statusCode: error.row.status, error: { code: error.row.groups, message: error.message } };
}

const SERVICE_ID_PREFIX = 'iam-ServiceId-';
const PROFILE_PREFIX = 'iam-Profile-';

/** The member type that an id's prefix stands for. */
export function memberTypeOf(iamId: string): MemberType {
  if (iamId.startsWith(SERVICE_ID_PREFIX)) return 'service';
  return iamId.startsWith(PROFILE_PREFIX) ? 'profile' : 'user';
}
