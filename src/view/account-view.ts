/**
 * What the exchange and the decisions need of one account, in memory. Readers see it change only between turns of
 * the event loop: everything that reads it is synchronous, and so is every application of a change.
 */
import { CompilePool, compilePolicy, PolicyIndex } from '@podpass/policy';
import { type AccountModel, EMPTY_MODEL } from '../access/catalog/account-catalog.ts';
import { AUTHORIZATION_SUBJECT, type StoredPolicy, toEvaluatedPolicy } from '../access/policies/policy.ts';
import type { CustomRole } from '../access/roles/custom-role.ts';
import type { ResourceTags } from '../access/services/resource-tags.ts';
import type { RegisteredService } from '../access/services/service-registration.ts';
import { type AccessSettingsValues, DEFAULT_ACCESS_SETTINGS } from '../access/settings/access-settings.ts';
import type { RuleMembership } from '../groups/group.ts';
import type { Account, User } from '../identity/accounts/account.ts';
import type { ClaimRule } from '../identity/profiles/claim-rule.ts';
import type { Link } from '../identity/profiles/link.ts';
import { type Profile, profileIamId } from '../identity/profiles/profile.ts';
import { serviceIdIamId } from '../identity/service-ids/service-id.ts';
import { type AssignedSettings, effectiveSettings } from '../identity/settings/account-settings.ts';
import { type IpAllowList, readIpAllowList } from '../identity/settings/ip-allow-list.ts';
import { Memberships, type MembershipsAt } from './memberships.ts';
import { ProfileIndex } from './profile-index.ts';

/** What an account registered: services of its own, and who may ask for decisions about which service. */
export interface ServicesSnapshot {
  readonly services: readonly RegisteredService[];
  readonly operators: readonly { readonly serviceName: string; readonly iamId: string }[];
}

/** All of an account at one position of the change feed. */
export interface AccountSnapshot {
  readonly account: Account;
  readonly settings: AssignedSettings;
  readonly users: readonly User[];
  readonly profiles: readonly Profile[];
  readonly links: readonly Link[];
  readonly rules: readonly ClaimRule[];
  readonly memberships: readonly { readonly groupId: string; readonly iamId: string }[];
  readonly ruleMemberships: readonly RuleMembership[];
  readonly publicAccessEnabled: boolean;
  readonly policies: readonly StoredPolicy[];
  readonly customRoles: readonly CustomRole[];
  readonly services: ServicesSnapshot;
  /** The account's own access settings; undefined where it changed none. */
  readonly accessSettings: AccessSettingsValues | undefined;
  readonly resourceTags: readonly ResourceTags[];
  /** Profiles of other accounts whose links name registered clusters of this one. */
  readonly foreignProfiles: readonly { readonly profileId: string; readonly accountId: string }[];
}

const noTags: readonly string[] = Object.freeze([]);

function rulesOf(assigned: AssignedSettings) {
  const { systemAccessTokenExpirationInSeconds, allowedIpAddresses } = effectiveSettings(assigned);
  return { accessTokenSeconds: Number(systemAccessTokenExpirationInSeconds), addresses: readIpAllowList(allowedIpAddresses) };
}

export class AccountView {
  #account: Account;
  /** What holds of the account's own settings and its enterprise's. */
  #rules: { readonly accessTokenSeconds: number; readonly addresses: IpAllowList | undefined };
  readonly #users: Map<string, User>;
  /** Who may become which profile. */
  readonly profiles = new ProfileIndex();
  readonly #memberships = new Memberships();
  readonly #policies = new PolicyIndex();
  readonly #pool = new CompilePool();
  readonly #policiesOf = new Map<string, Set<string>>();
  readonly #subjectOf = new Map<string, string>();
  readonly #foreign = new Map<string, string>();
  readonly #operators = new Map<string, ReadonlySet<string>>();
  #model: AccountModel = EMPTY_MODEL;
  #accessSettings: AccessSettingsValues = DEFAULT_ACCESS_SETTINGS;
  /** Access tags by service and, in it, by instance. */
  readonly #tags = new Map<string, Map<string, readonly string[]>>();

  constructor(snapshot: AccountSnapshot) {
    this.#account = snapshot.account;
    this.#rules = rulesOf(snapshot.settings);
    this.#users = new Map(snapshot.users.map((user) => [user.iamId, user]));
    for (const profile of snapshot.profiles) this.profiles.putProfile(profile);
    for (const link of snapshot.links) this.profiles.putLink(link.profileId, link.id, link);
    for (const [profileId, rules] of Map.groupBy(snapshot.rules, (rule) => rule.profileId)) this.profiles.putRules(profileId, rules);
    this.#memberships.load(snapshot);
    for (const policy of snapshot.policies) this.putPolicy(policy);
    this.#loadServices(snapshot.services);
    this.putCustomRoles(snapshot.customRoles);
    this.putAccessSettings(snapshot.accessSettings);
    for (const tags of snapshot.resourceTags) this.putResourceTags(tags);
    for (const { profileId, accountId } of snapshot.foreignProfiles) this.#foreign.set(profileId, accountId);
  }

  get account(): Account {
    return this.#account;
  }

  /** Whether API keys of this account may sign in from the address. A list that cannot be read lets nobody in. */
  admitsAddress(address: string): boolean {
    return this.#rules.addresses?.allows(address) ?? false;
  }

  /** How long an access token of this account lives. */
  get accessTokenSeconds(): number {
    return this.#rules.accessTokenSeconds;
  }

  get policies(): PolicyIndex {
    return this.#policies;
  }

  user(iamId: string): User | undefined {
    return this.#users.get(iamId);
  }

  /** The other account whose profile has a link to a compute resource of this account. */
  accountOfForeignProfile(profileId: string): string | undefined {
    return this.#foreign.get(profileId);
  }

  /** The access groups of an identity at an instant. */
  membershipsOf(iamId: string, at: number): MembershipsAt {
    return this.#memberships.of(iamId, at);
  }

  /** The identities that may hold something here: users and profiles of the account, members of its groups, subjects of its policies. */
  identities(): Iterable<string> {
    const profiles = [...this.profiles.ids()].map(profileIamId);
    const subjects = [...this.#policiesOf.keys()].filter((key) => key !== AUTHORIZATION_SUBJECT && !key.startsWith('AccessGroupId-'));
    return new Set([...this.#users.keys(), ...profiles, ...this.#memberships.identities(), ...subjects]);
  }

  get model(): AccountModel {
    return this.#model;
  }

  get settings(): AccessSettingsValues {
    return this.#accessSettings;
  }

  get accountId(): string {
    return this.#account.id;
  }

  tagsOf(serviceName: string, serviceInstance: string): readonly string[] {
    return this.#tags.get(serviceName)?.get(serviceInstance) ?? noTags;
  }

  isOwner(iamId: string): boolean {
    return this.#account.ownerIamId === iamId;
  }

  isOperator(serviceName: string, iamId: string): boolean {
    return this.#operators.get(serviceName)?.has(iamId) ?? false;
  }

  putAccount(account: Account, settings: AssignedSettings): void {
    this.#account = account;
    this.#rules = rulesOf(settings);
  }

  putUser(iamId: string, user: User | undefined): void {
    if (user) this.#users.set(iamId, user);
    else this.#users.delete(iamId);
  }

  removeProfile(profileId: string): void {
    this.profiles.removeProfile(profileId);
    this.#removeIdentity(profileIamId(profileId));
  }

  removeServiceId(serviceId: string): void {
    this.#removeIdentity(serviceIdIamId(serviceId));
  }

  putMemberships(iamId: string, groupIds: readonly string[], byRule: readonly RuleMembership[]): void {
    this.#memberships.put(iamId, groupIds, byRule);
  }

  removeGroup(groupId: string): void {
    this.#memberships.removeGroup(groupId);
    this.#removeSubject(groupId);
  }

  putPublicAccess(enabled: boolean): void {
    this.#memberships.publicAccessEnabled = enabled;
  }

  putCustomRoles(customRoles: readonly CustomRole[]): void {
    this.#model = { ...this.#model, customRoles };
  }

  putAccessSettings(settings: AccessSettingsValues | undefined): void {
    this.#accessSettings = settings ?? DEFAULT_ACCESS_SETTINGS;
  }

  /** Replaces the tags of one instance. */
  putResourceTags({ serviceName, serviceInstance, tags }: ResourceTags): void {
    const byInstance = this.#tags.get(serviceName) ?? new Map<string, readonly string[]>();
    this.#tags.set(serviceName, byInstance);
    if (tags.length > 0) byInstance.set(serviceInstance, tags);
    else byInstance.delete(serviceInstance);
    if (byInstance.size === 0) this.#tags.delete(serviceName);
  }

  putPolicy(policy: StoredPolicy): void {
    this.removePolicy(policy.id);
    this.#policies.put(compilePolicy(toEvaluatedPolicy(policy), this.#pool));
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

  #removeIdentity(iamId: string): void {
    this.#removeSubject(iamId);
    this.#memberships.removeIdentity(iamId);
  }

  #removeSubject(subjectKey: string): void {
    for (const policyId of [...(this.#policiesOf.get(subjectKey) ?? [])]) this.removePolicy(policyId);
    this.#policiesOf.delete(subjectKey);
  }

  putForeignProfile(profileId: string, accountId: string | undefined): void {
    if (accountId === undefined) this.#foreign.delete(profileId);
    else this.#foreign.set(profileId, accountId);
  }

  /** A service that the account knows: what it registered under the name, if anything, and who may ask about it. */
  putService(name: string, service: RegisteredService | undefined, operators: readonly string[]): void {
    const { services } = this.#model;
    // Operators alone change nothing that roles mean: the list stays the same one, and with it what was computed from it.
    if (service !== undefined || services.some((one) => one.name === name)) {
      const others = services.filter((one) => one.name !== name);
      this.#model = { ...this.#model, services: service === undefined ? others : [...others, service] };
    }
    if (operators.length > 0) this.#operators.set(name, new Set(operators));
    else this.#operators.delete(name);
  }

  #loadServices({ services, operators }: ServicesSnapshot): void {
    this.#model = { ...this.#model, services };
    for (const [name, rows] of Map.groupBy(operators, (row) => row.serviceName)) {
      this.#operators.set(name, new Set(rows.map((row) => row.iamId)));
    }
  }
}
