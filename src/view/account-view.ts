/**
 * What the exchange and the decisions need of one account, in memory. Readers see it change only between turns of
 * the event loop: everything that reads it is synchronous, and so is every application of a change.
 */
import { compilePolicy, PolicyIndex } from '@podpass/policy';
import { type StoredPolicy, toEvaluatedPolicy } from '../access/policy.ts';
import type { Account, User } from '../identity/account.ts';
import type { Link } from '../identity/link.ts';
import { type Profile, profileIamId } from '../identity/profile.ts';

/** All of an account at one position of the change feed. */
export interface AccountSnapshot {
  readonly account: Account;
  readonly users: readonly User[];
  readonly profiles: readonly Profile[];
  readonly links: readonly Link[];
  readonly memberships: readonly { readonly groupId: string; readonly iamId: string }[];
  readonly policies: readonly StoredPolicy[];
  readonly operators: readonly { readonly serviceName: string; readonly iamId: string }[];
  /** Profiles of other accounts whose links name compute resources of this one. */
  readonly foreignProfiles: readonly { readonly profileId: string; readonly accountId: string }[];
}

interface ProfileEntry {
  readonly profile: Profile;
  readonly links: readonly Link[];
  /** Links that can match, by cluster, namespace and service account. */
  readonly matching: ReadonlyMap<string, Link>;
}

/** The service account that the exchange compares a pod's with. */
function comparedServiceAccount(link: Link): string | undefined {
  return link.matchServiceAccount ?? link.serviceAccount ?? undefined;
}

const matchKey = (crn: string, namespace: string, serviceAccount: string) => `${crn}\n${namespace}\n${serviceAccount}`;

function profileEntry(profile: Profile, links: readonly Link[]): ProfileEntry {
  const matching = new Map<string, Link>();
  for (const link of links) {
    const serviceAccount = comparedServiceAccount(link);
    if (!link.matchEnabled || link.namespace === null || serviceAccount === undefined) continue;
    matching.set(matchKey(link.crn, link.namespace, serviceAccount), link);
  }
  return { profile, links, matching };
}

export class AccountView {
  #account: Account;
  readonly #users: Map<string, User>;
  readonly #profiles = new Map<string, ProfileEntry>();
  readonly #profileIds = new Map<string, string>();
  readonly #groups = new Map<string, readonly string[]>();
  readonly #policies = new PolicyIndex();
  readonly #policiesOf = new Map<string, Set<string>>();
  readonly #subjectOf = new Map<string, string>();
  readonly #foreign = new Map<string, string>();
  #operators = new Map<string, ReadonlySet<string>>();

  constructor(snapshot: AccountSnapshot) {
    this.#account = snapshot.account;
    this.#users = new Map(snapshot.users.map((user) => [user.iamId, user]));
    const linksOf = Map.groupBy(snapshot.links, (link) => link.profileId);
    for (const profile of snapshot.profiles) this.putProfile(profile, linksOf.get(profile.id) ?? []);
    for (const [iamId, rows] of Map.groupBy(snapshot.memberships, (row) => row.iamId)) {
      this.putMemberships(
        iamId,
        rows.map((row) => row.groupId),
      );
    }
    for (const policy of snapshot.policies) this.putPolicy(policy);
    this.putOperators(snapshot.operators);
    for (const { profileId, accountId } of snapshot.foreignProfiles) this.#foreign.set(profileId, accountId);
  }

  get account(): Account {
    return this.#account;
  }

  get policies(): PolicyIndex {
    return this.#policies;
  }

  user(iamId: string): User | undefined {
    return this.#users.get(iamId);
  }

  profile(profileId: string): Profile | undefined {
    return this.#profiles.get(profileId)?.profile;
  }

  profileNamed(name: string): Profile | undefined {
    const id = this.#profileIds.get(name);
    return id === undefined ? undefined : this.profile(id);
  }

  linksOf(profileId: string): readonly Link[] {
    return this.#profiles.get(profileId)?.links ?? [];
  }

  /** The link by which a pod of this cluster, namespace and service account may become the profile. */
  matchingLink(profileId: string, crn: string, namespace: string, serviceAccount: string): Link | undefined {
    return this.#profiles.get(profileId)?.matching.get(matchKey(crn, namespace, serviceAccount));
  }

  /** The other account whose profile has a link to a compute resource of this account. */
  accountOfForeignProfile(profileId: string): string | undefined {
    return this.#foreign.get(profileId);
  }

  groupsOf(iamId: string): readonly string[] {
    return this.#groups.get(iamId) ?? [];
  }

  isOwner(iamId: string): boolean {
    return this.#account.ownerIamId === iamId;
  }

  isOperator(serviceName: string, iamId: string): boolean {
    return this.#operators.get(serviceName)?.has(iamId) ?? false;
  }

  putAccount(account: Account): void {
    this.#account = account;
  }

  putUser(iamId: string, user: User | undefined): void {
    if (user) this.#users.set(iamId, user);
    else this.#users.delete(iamId);
  }

  putProfile(profile: Profile, links: readonly Link[]): void {
    const previous = this.#profiles.get(profile.id)?.profile;
    if (previous && previous.name !== profile.name) this.#profileIds.delete(previous.name);
    this.#profiles.set(profile.id, profileEntry(profile, links));
    this.#profileIds.set(profile.name, profile.id);
  }

  removeProfile(profileId: string): void {
    const previous = this.#profiles.get(profileId)?.profile;
    if (previous && this.#profileIds.get(previous.name) === profileId) this.#profileIds.delete(previous.name);
    this.#profiles.delete(profileId);
    this.#removeSubject(profileIamId(profileId));
    this.#groups.delete(profileIamId(profileId));
  }

  putMemberships(iamId: string, groupIds: readonly string[]): void {
    if (groupIds.length === 0) this.#groups.delete(iamId);
    else this.#groups.set(iamId, groupIds);
  }

  removeGroup(groupId: string): void {
    for (const [iamId, groupIds] of this.#groups) {
      if (groupIds.includes(groupId)) {
        this.putMemberships(
          iamId,
          groupIds.filter((id) => id !== groupId),
        );
      }
    }
    this.#removeSubject(groupId);
  }

  putPolicy(policy: StoredPolicy): void {
    this.removePolicy(policy.id);
    this.#policies.put(compilePolicy(toEvaluatedPolicy(policy)));
    this.#subjectOf.set(policy.id, policy.subjectKey);
    const ids = this.#policiesOf.get(policy.subjectKey) ?? new Set();
    ids.add(policy.id);
    this.#policiesOf.set(policy.subjectKey, ids);
  }

  removePolicy(policyId: string): void {
    const subjectKey = this.#subjectOf.get(policyId);
    if (subjectKey === undefined) return;
    this.#policies.remove(policyId);
    this.#subjectOf.delete(policyId);
    this.#policiesOf.get(subjectKey)?.delete(policyId);
  }

  #removeSubject(subjectKey: string): void {
    for (const policyId of [...(this.#policiesOf.get(subjectKey) ?? [])]) this.removePolicy(policyId);
    this.#policiesOf.delete(subjectKey);
  }

  putForeignProfile(profileId: string, accountId: string | undefined): void {
    if (accountId === undefined) this.#foreign.delete(profileId);
    else this.#foreign.set(profileId, accountId);
  }

  putOperators(rows: readonly { readonly serviceName: string; readonly iamId: string }[]): void {
    this.#operators = new Map(
      [...Map.groupBy(rows, (row) => row.serviceName)].map(([name, list]) => [name, new Set(list.map((row) => row.iamId))]),
    );
  }
}
