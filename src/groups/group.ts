/** Access groups: who is in one has what its policies grant. */
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

/** A group as lists show it. */
export interface ListedGroup extends AccessGroup {
  /** Whether it has rules. */
  readonly isFederated: boolean;
}

/** A membership that a rule made when its user signed in; it ends by itself. */
export interface RuleMembership {
  readonly groupId: string;
  readonly iamId: string;
  readonly expiresAt: EpochMs;
}

/** The group that everybody is in, as long as its account has not switched public access off. Nobody makes, changes or fills it. */
export const PUBLIC_ACCESS_GROUP = 'AccessGroupId-PublicAccess';
export const PUBLIC_ACCESS_NAME = 'Public Access';

/** The key under which two names of one account are the same name: neither case nor the way in which a letter is encoded counts. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase();
}

const withoutGaps = (text: string): string => text.replace(/[\s\p{Cf}]+/gu, ' ').trim();

/** Whether a reader would take the name for that of the public access group. */
export function isReservedName(name: string): boolean {
  return withoutGaps(foldName(name)) === foldName(PUBLIC_ACCESS_NAME);
}
