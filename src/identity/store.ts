/** What the identity slice asks of the store. */
import type { StoredPolicy } from '../access/policy.ts';
import type { Account, ApiKey, User } from './account.ts';
import type { Filter } from './filter.ts';
import type { Link } from './link.ts';
import type { Activity, HistoryRecord, Profile } from './profile.ts';

export interface ProfileListQuery {
  readonly accountId: string;
  readonly name?: string;
  readonly filter?: Filter;
  readonly sort: 'name' | 'description' | 'created_at' | 'modified_at';
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

export interface IdentityReads {
  findAccount(id: string): Promise<Account | undefined>;
  findUser(accountId: string, iamId: string): Promise<User | undefined>;
  findApiKeyByHash(keyHash: string): Promise<ApiKey | undefined>;
  findProfile(id: string): Promise<Profile | undefined>;
  findProfileByName(accountId: string, name: string): Promise<Profile | undefined>;
  /** At most `limit` profiles from `offset` on, in the order asked for, ties broken by id. */
  listProfiles(query: ProfileListQuery): Promise<readonly Profile[]>;
  countProfiles(accountId: string): Promise<number>;
  historyOf(objectIds: readonly string[]): Promise<ReadonlyMap<string, readonly HistoryRecord[]>>;
  activityOf(identity: string): Promise<Activity>;
  findLink(profileId: string, linkId: string): Promise<Link | undefined>;
  listLinks(profileId: string): Promise<readonly Link[]>;
  countLinks(profileId: string): Promise<number>;
}

export interface IdentityWrites extends IdentityReads {
  insertAccount(account: Account): Promise<void>;
  insertUser(user: User): Promise<void>;
  insertApiKey(key: ApiKey): Promise<void>;
  insertProfile(profile: Profile): Promise<void>;
  updateProfile(profile: Profile): Promise<void>;
  /** Deletes the profile with its links, memberships and policies. */
  deleteProfile(profile: Profile, iamId: string): Promise<void>;
  /** `key` is equal for two links of a profile that are the same link. */
  insertLink(link: Link, key: string): Promise<void>;
  deleteLink(link: Link): Promise<void>;
  insertHistory(objectId: string, record: HistoryRecord): Promise<void>;
}

/** What making an administrator writes besides the user: the policy that makes it one. */
export interface AccountWrites extends IdentityWrites {
  insertPolicy(policy: StoredPolicy): Promise<void>;
}
