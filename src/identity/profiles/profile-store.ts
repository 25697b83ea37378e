import type { Filter } from '../filter.ts';
import type { ClaimRule } from './claim-rule.ts';
import type { Link } from './link.ts';
import type { Profile } from './profile.ts';
import type { ProfileIdentity } from './profile-identity.ts';

export interface ProfileListQuery {
  readonly accountId: string;
  readonly name?: string;
  readonly filter?: Filter;
  readonly sort: 'name' | 'description' | 'created_at' | 'modified_at';
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

export interface ProfileReads {
  findProfile(id: string): Promise<Profile | undefined>;
  findProfileByName(accountId: string, name: string): Promise<Profile | undefined>;
  /** At most `limit` profiles from `offset` on, in the order asked for, ties broken by id. */
  listProfiles(query: ProfileListQuery): Promise<readonly Profile[]>;
  countProfiles(accountId: string): Promise<number>;
  findLink(profileId: string, linkId: string): Promise<Link | undefined>;
  /** The link of the profile that has this key (`targetKey`). */
  findLinkByTarget(profileId: string, key: string): Promise<Link | undefined>;
  listLinks(profileId: string): Promise<readonly Link[]>;
  /** Other accounts that registered clusters of the profile's links belong to. */
  listLinkedAccounts(profileId: string): Promise<readonly string[]>;
  countLinks(profileId: string): Promise<number>;
  countLinksOfAccount(accountId: string): Promise<number>;
  findClaimRule(profileId: string, ruleId: string): Promise<ClaimRule | undefined>;
  listClaimRules(profileId: string): Promise<readonly ClaimRule[]>;
  countClaimRules(profileId: string): Promise<number>;
  /** The rules of an account that decide about compute resources. */
  listComputeRules(accountId: string): Promise<readonly ClaimRule[]>;
  /** In the order in which they were given. */
  listProfileIdentities(profileId: string): Promise<readonly ProfileIdentity[]>;
  /** The identity of the profile that has this `iam_id`. */
  findProfileIdentity(profileId: string, iamId: string): Promise<ProfileIdentity | undefined>;
  countProfileIdentities(profileId: string): Promise<number>;
}

export interface ProfileWrites {
  insertProfile(profile: Profile): Promise<void>;
  updateProfile(profile: Profile): Promise<void>;
  /** Deletes the profile with its links, rules, identities, memberships and policies. */
  deleteProfile(profile: Profile, iamId: string): Promise<void>;
  /** `key` is equal for two links of a profile that are the same link. */
  insertLink(link: Link, key: string): Promise<void>;
  deleteLink(link: Link): Promise<void>;
  insertClaimRule(rule: ClaimRule): Promise<void>;
  updateClaimRule(rule: ClaimRule): Promise<void>;
  deleteClaimRule(rule: ClaimRule): Promise<void>;
  /** Puts these in the place of whatever rules the profile had; a rule that stays is among them. */
  replaceClaimRules(profileId: string, rules: readonly ClaimRule[]): Promise<void>;
  /** Puts the identity in the place of the one with its `iam_id`, or after all others. */
  putProfileIdentity(profileId: string, identity: ProfileIdentity): Promise<void>;
  deleteProfileIdentity(profileId: string, identity: ProfileIdentity): Promise<void>;
  /** Puts these in the place of whatever identities the profile had. */
  replaceProfileIdentities(profileId: string, identities: readonly ProfileIdentity[]): Promise<void>;
}
