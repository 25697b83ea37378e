/** What the groups slice asks of the store. */
import type { AccessHold } from '../access/access-hold.ts';
import type { AccessGroup, GroupMember, MemberType } from './group.ts';

export interface GroupListQuery {
  readonly accountId: string;
  /** Only groups that this identity belongs to. */
  readonly iamId?: string;
  readonly search?: { readonly field: 'id' | 'name' | 'description'; readonly text: string };
  readonly sort: 'id' | 'name' | 'description';
  readonly descending: boolean;
}

export interface GroupReads {
  findGroup(id: string): Promise<AccessGroup | undefined>;
  findGroupByFoldedName(accountId: string, folded: string): Promise<AccessGroup | undefined>;
  listGroups(query: GroupListQuery): Promise<readonly AccessGroup[]>;
  countGroups(accountId: string): Promise<number>;
  findMember(groupId: string, iamId: string): Promise<GroupMember | undefined>;
  /** Members in the order in which they were added, and how many there are in all. */
  listMembers(query: {
    groupId: string;
    type?: MemberType;
    offset: number;
    limit: number;
  }): Promise<{ members: readonly GroupMember[]; total: number }>;
  countGroupsOf(accountId: string, iamId: string): Promise<number>;
  groupIdsOf(accountId: string, iamId: string): Promise<readonly string[]>;
  /** What keeps the access of an identity of the account as it is. */
  findAccessHold(accountId: string, iamId: string): Promise<AccessHold | undefined>;
  /** Name and e-mail of an identity of the account, or undefined where the account has no such identity. */
  findIdentity(accountId: string, iamId: string): Promise<{ readonly name: string; readonly email?: string } | undefined>;
}

export interface GroupWrites extends GroupReads {
  /** `nameFolded` is the name as it is compared: unique in the account. */
  insertGroup(group: AccessGroup, nameFolded: string): Promise<void>;
  updateGroup(group: AccessGroup, nameFolded: string): Promise<void>;
  /** Deletes the group with its members and policies. */
  deleteGroup(group: AccessGroup): Promise<void>;
  insertMember(member: GroupMember): Promise<void>;
  deleteMember(groupId: string, iamId: string): Promise<void>;
}
