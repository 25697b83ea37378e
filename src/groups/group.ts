/** Access groups and their members. */
import type { EpochMs } from '../kernel/clock.ts';

export interface AccessGroup {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly description: string;
  readonly revision: number;
  readonly entityTag: string;
  readonly createdAt: EpochMs;
  readonly createdById: string;
  readonly lastModifiedAt: EpochMs;
  readonly lastModifiedById: string;
}

export type MemberType = 'user' | 'service' | 'profile';

export interface GroupMember {
  readonly groupId: string;
  readonly accountId: string;
  readonly iamId: string;
  readonly type: MemberType;
  readonly createdAt: EpochMs;
  readonly createdById: string;
}

export const PUBLIC_ACCESS_GROUP = 'AccessGroupId-PublicAccess';

/** The key under which two names of one account are the same name: case is ignored. */
export function foldName(name: string): string {
  return name.toLowerCase();
}

/** The member type that an id's prefix stands for. */
export function memberTypeOf(iamId: string): MemberType {
  if (iamId.startsWith('iam-ServiceId-')) return 'service';
  return iamId.startsWith('iam-Profile-') ? 'profile' : 'user';
}
