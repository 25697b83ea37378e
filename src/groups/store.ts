/** What the groups slice asks of the store. */
import type { AccessHold } from '../access/policies/access-hold.ts';
import type { StoredPolicy } from '../access/policies/policy.ts';
import type { Account, User } from '../identity/accounts/account.ts';
import type { EpochMs } from '../kernel/clock.ts';
import type { AccessGroup, ListedGroup } from './group.ts';
import type { GroupSettings } from './group-settings.ts';
import type { GroupMember, ListedMember, MembershipType, MemberType } from './member.ts';
import type { GroupRule, NewRuleMembership } from './rule.ts';

/** A part of a list. */
export interface Page {
  readonly offset: number;
  readonly limit: number;
}

export interface GroupFilter {
  readonly accountId: string;
  /** Only groups that this identity belongs to, in this way. */
  readonly memberships?: { readonly iamId: string; readonly type: MembershipType };
  /** A part of a name, folded as names are, or of a description, or a whole id. */
  readonly search?: { readonly field: 'id' | 'name' | 'description'; readonly text: string };
  /** Whether the public access group is among them, where the account has it. */
  readonly withPublicAccess: boolean;
  /** The instant at which memberships by rules are looked at. */
  readonly at: EpochMs;
}

export interface GroupOrder {
  readonly sort: 'id' | 'name' | 'description' | 'is_federated';
  readonly descending: boolean;
}

export interface MemberFilter {
  readonly groupId: string;
  readonly membershipType: MembershipType;
  readonly type?: MemberType;
  readonly at: EpochMs;
}

export interface MemberOrder {
  /** The order of joining where absent. */
  readonly sort?: 'id' | 'name' | 'email';
  readonly descending: boolean;
  /** With name, e-mail and description of each. */
  readonly verbose: boolean;
}

export interface GroupReads {
  findGroup(id: string): Promise<AccessGroup | undefined>;
  findGroupByFoldedName(accountId: string, folded: string): Promise<AccessGroup | undefined>;
  /** The public access group of an account that has it. */
  findPublicAccessGroup(accountId: string): Promise<AccessGroup | undefined>;
  /** Groups in order, ties broken by id; all of them where no page is named. */
  listGroups(filter: GroupFilter, order: GroupOrder, page?: Page): Promise<readonly ListedGroup[]>;
  countListedGroups(filter: GroupFilter): Promise<number>;
  countGroups(accountId: string): Promise<number>;

  findMember(groupId: string, iamId: string): Promise<GroupMember | undefined>;
  /** Whether the identity is in the group at the instant, added or by a rule. */
  isMember(groupId: string, iamId: string, at: EpochMs): Promise<boolean>;
  listMembers(filter: MemberFilter, order: MemberOrder, page: Page): Promise<readonly ListedMember[]>;
  countListedMembers(filter: MemberFilter): Promise<number>;
  countMembers(groupId: string): Promise<number>;
  countGroupsOf(accountId: string, iamId: string): Promise<number>;
  groupIdsOf(accountId: string, iamId: string): Promise<readonly string[]>;
  /** What keeps the access of an identity of the account as it is. */
  findAccessHold(accountId: string, iamId: string): Promise<AccessHold | undefined>;
  /** Name and e-mail of an identity of the account, or undefined where the account has no such identity. */
  findIdentity(accountId: string, iamId: string): Promise<{ readonly name: string; readonly email?: string } | undefined>;

  findGroupRule(groupId: string, ruleId: string): Promise<GroupRule | undefined>;
  /** The rules of a group, the oldest first. */
  listGroupRules(groupId: string): Promise<readonly GroupRule[]>;
  /** The rules of an account that look at sign-ins by an identity provider, the oldest first. */
  listGroupRulesOfRealm(accountId: string, realmName: string): Promise<readonly GroupRule[]>;
  countGroupRules(groupId: string): Promise<number>;
  countGroupRulesOfRealm(accountId: string, realmName: string): Promise<number>;

  /** The settings of an account, changed or not; undefined where there is no such account. */
  findGroupSettings(accountId: string): Promise<GroupSettings | undefined>;
}

export interface GroupWrites extends GroupReads {
  /** `nameFolded` is the name as it is compared: unique in the account. */
  insertGroup(group: AccessGroup, nameFolded: string): Promise<void>;
  updateGroup(group: AccessGroup, nameFolded: string): Promise<void>;
  /** Deletes the group with its members and rules. */
  deleteGroup(group: AccessGroup): Promise<void>;
  insertMember(member: GroupMember): Promise<void>;
  deleteMember(groupId: string, iamId: string): Promise<void>;
  insertGroupRule(rule: GroupRule): Promise<void>;
  updateGroupRule(rule: GroupRule): Promise<void>;
  deleteGroupRule(rule: GroupRule): Promise<void>;
  /** Ends the memberships that a rule made; answers whose they were. */
  endMembershipsByRule(ruleId: string): Promise<readonly string[]>;
  /** Ends the memberships of a user by the rules of an identity provider, and those that have ended by themselves; answers the first. */
  endMembershipsByRealm(accountId: string, iamId: string, realmName: string, at: EpochMs): Promise<readonly NewRuleMembership[]>;
  insertRuleMemberships(memberships: readonly NewRuleMembership[]): Promise<void>;
  putGroupSettings(settings: GroupSettings): Promise<void>;
}

/** What a transaction of this slice reads and writes besides. */
export interface GroupTransaction extends GroupWrites {
  findAccount(id: string): Promise<Account | undefined>;
  findUser(accountId: string, iamId: string): Promise<User | undefined>;
  listActivePoliciesOf(accountId: string, subjectKey: string): Promise<readonly StoredPolicy[]>;
  updatePolicy(policy: StoredPolicy): Promise<void>;
  deletePermits(policyId: string): Promise<void>;
  purgePolicies(deletedBefore: EpochMs): Promise<void>;
}
