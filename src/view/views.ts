/**
 * Keeps account views and the cluster directory at the head of the change feed. A view is loaded on first use and
 * brought up to date change by change; when anything about the feed looks wrong, every view is dropped and loaded anew.
 */

import type { StoredPolicy } from '../access/policies/policy.ts';
import type { CustomRole } from '../access/roles/custom-role.ts';
import type { ResourceTags } from '../access/services/resource-tags.ts';
import type { RegisteredService } from '../access/services/service-registration.ts';
import type { AccessSettingsValues } from '../access/settings/access-settings.ts';
import type { Change } from '../audit/mutation.ts';
import type { Cluster, ClusterKey } from '../clusters/cluster.ts';
import type { ClusterDirectory } from '../clusters/directory.ts';
import type { RuleMembership } from '../groups/group.ts';
import type { Account, User } from '../identity/accounts/account.ts';
import type { ClaimRule } from '../identity/profiles/claim-rule.ts';
import type { Link } from '../identity/profiles/link.ts';
import type { Profile } from '../identity/profiles/profile.ts';
import type { ServiceId } from '../identity/service-ids/service-id.ts';
import type { AssignedSettings } from '../identity/settings/account-settings.ts';
import { type AccountSnapshot, AccountView } from './account-view.ts';

/** What the views ask of the store. All reads see committed data. */
export interface ViewReads {
  feedHead(): Promise<{ readonly epoch: string; readonly seq: number }>;
  changesAfter(seq: number): Promise<readonly (Change & { readonly seq: number })[]>;
  loadAccount(accountId: string): Promise<AccountSnapshot | undefined>;
  findAccount(accountId: string): Promise<Account | undefined>;
  findUser(accountId: string, iamId: string): Promise<User | undefined>;
  findAssignedSettings(accountId: string): Promise<AssignedSettings>;
  findServiceId(id: string): Promise<ServiceId | undefined>;
  findProfile(profileId: string): Promise<Profile | undefined>;
  findLink(profileId: string, linkId: string): Promise<Link | undefined>;
  listClaimRules(profileId: string): Promise<readonly ClaimRule[]>;
  /** Other accounts that registered clusters of the profile's links belong to. */
  listLinkedAccounts(profileId: string): Promise<readonly string[]>;
  /** The profiles of other accounts whose links name the cluster. */
  listForeignProfiles(clusterId: string): Promise<AccountSnapshot['foreignProfiles']>;
  listLinks(profileId: string): Promise<readonly Link[]>;
  groupIdsOf(accountId: string, iamId: string): Promise<readonly string[]>;
  ruleMembershipsOf(accountId: string, iamId: string): Promise<readonly RuleMembership[]>;
  isPublicAccessEnabled(accountId: string): Promise<boolean>;
  findPolicy(policyId: string): Promise<StoredPolicy | undefined>;
  listCustomRoles(accountId: string): Promise<readonly CustomRole[]>;
  findService(accountId: string, name: string): Promise<RegisteredService | undefined>;
  operatorsOf(accountId: string, serviceName: string): Promise<readonly string[]>;
  findAccessSettings(accountId: string): Promise<AccessSettingsValues | undefined>;
  findResourceTags(accountId: string, serviceName: string, serviceInstance: string): Promise<ResourceTags>;
  findCluster(clusterId: string): Promise<Cluster | undefined>;
  keysOf(clusterId: string): Promise<readonly ClusterKey[]>;
  listAllClusters(): Promise<readonly Cluster[]>;
  allClusterKeys(): Promise<readonly ClusterKey[]>;
}

export interface Views {
  /** Position of the change feed that every loaded view and the directory are at. */
  readonly seq: number;
  /** The view of an account, loaded if need be; undefined where there is no such account. */
  get(accountId: string): Promise<AccountView | undefined>;
  /** The view if it is loaded. */
  peek(accountId: string): AccountView | undefined;
  /** Brings everything to the head of the feed. */
  catchUp(): Promise<void>;
}

/** How many accounts stay in memory; the least recently used one makes room. */
const MAX_VIEWS = 1000;

/** Whether an object that a change names is gone, or what it is now; applied without a pause in between. */
type Application = () => void;

export async function createViews(reads: ViewReads, directory: ClusterDirectory): Promise<Views> {
  const views = new Map<string, AccountView>();
  const loading = new Map<string, Promise<AccountView | undefined>>();
  let epoch = '';
  let seq = 0;

  async function start(): Promise<void> {
    const head = await reads.feedHead();
    const [clusters, keys] = [await reads.listAllClusters(), await reads.allClusterKeys()];
    const keysOf = Map.groupBy(keys, (key) => key.clusterId);
    for (const cluster of directory.all()) directory.remove(cluster.id);
    for (const cluster of clusters) directory.put(cluster, keysOf.get(cluster.id) ?? []);
    views.clear();
    loading.clear();
    ({ epoch, seq } = head);
  }

  /** Loads until no change came in between, so that the view is the account at exactly the feed position of all the others. */
  async function load(accountId: string): Promise<AccountView | undefined> {
    for (;;) {
      const before = (await reads.feedHead()).seq;
      const snapshot = await reads.loadAccount(accountId);
      const after = (await reads.feedHead()).seq;
      if (before !== after) continue;
      if (following || after !== seq) {
        // Changes are being applied to the views that are loaded; this one must not join between two of them.
        await catchUp();
        continue;
      }
      if (!snapshot) return undefined;
      const view = new AccountView(snapshot);
      remember(accountId, view);
      return view;
    }
  }

  function remember(accountId: string, view: AccountView): void {
    views.delete(accountId);
    views.set(accountId, view);
    if (views.size <= MAX_VIEWS) return;
    const oldest = views.keys().next().value;
    if (oldest !== undefined) views.delete(oldest);
  }

  async function prepare(change: Change): Promise<Application | undefined> {
    const { accountId, kind, id } = change;
    if (kind === 'cluster') return prepareCluster(id);
    const view = views.get(accountId);
    if (!view) return undefined;
    switch (kind) {
      case 'account': {
        const account = await reads.findAccount(accountId);
        const settings = await reads.findAssignedSettings(accountId);
        return () => (account ? view.putAccount(account, settings) : views.delete(accountId));
      }
      case 'user': {
        const user = await reads.findUser(accountId, id);
        return () => view.putUser(id, user);
      }
      case 'service_id': {
        const serviceId = await reads.findServiceId(id);
        return () => serviceId ?? view.removeServiceId(id);
      }
      case 'profile': {
        const profile = await reads.findProfile(id);
        if (profile?.accountId === accountId) return prepareProfile(view, profile);
        return prepareForeign(view, accountId, id, profile);
      }
      case 'link':
        return prepareLink(view, accountId, id);
      case 'claim_rule': {
        const rules = await reads.listClaimRules(id);
        return () => view.profiles.putRules(id, rules);
      }
      case 'members': {
        const groupIds = await reads.groupIdsOf(accountId, id);
        const byRule = await reads.ruleMembershipsOf(accountId, id);
        return () => view.putMemberships(id, groupIds, byRule);
      }
      case 'group':
        return () => view.removeGroup(id);
      case 'policy': {
        const policy = await reads.findPolicy(id);
        return () => (policy?.state === 'active' ? view.putPolicy(policy) : view.removePolicy(id));
      }
      case 'group_settings': {
        const enabled = await reads.isPublicAccessEnabled(accountId);
        return () => view.putPublicAccess(enabled);
      }
      case 'custom_role': {
        const roles = await reads.listCustomRoles(accountId);
        return () => view.putCustomRoles(roles);
      }
      case 'access_settings': {
        const settings = await reads.findAccessSettings(accountId);
        return () => view.putAccessSettings(settings);
      }
      case 'service': {
        const service = await reads.findService(accountId, id);
        const operators = await reads.operatorsOf(accountId, id);
        return () => view.putService(id, service, operators);
      }
      case 'resource_tags': {
        // `<service>/<instance>`; neither a service's name nor an instance's id has a slash.
        const slash = id.indexOf('/');
        const tags = await reads.findResourceTags(accountId, id.slice(0, slash), id.slice(slash + 1));
        return () => view.putResourceTags(tags);
      }
      case 'signing_key':
        return undefined;
      default:
        return kind satisfies never;
    }
  }

  /** A cluster; links of other accounts to it may be older than its registration. */
  async function prepareCluster(id: string): Promise<Application> {
    const cluster = await reads.findCluster(id);
    if (!cluster) return () => directory.remove(id);
    const keys = await reads.keysOf(id);
    const view = views.get(cluster.accountId);
    const foreign = view ? await reads.listForeignProfiles(id) : [];
    return () => {
      directory.put(cluster, keys);
      for (const { profileId, accountId } of foreign) view?.putForeignProfile(profileId, accountId);
    };
  }

  /** The links and rules of a new profile come with it: what was made in one transaction may be told in any order. */
  async function prepareProfile(view: AccountView, profile: Profile): Promise<Application> {
    if (view.profiles.profile(profile.id)) return () => view.profiles.putProfile(profile);
    const links = await reads.listLinks(profile.id);
    const rules = await reads.listClaimRules(profile.id);
    return () => {
      view.profiles.putProfile(profile);
      view.profiles.putLinks(profile.id, links);
      view.profiles.putRules(profile.id, rules);
    };
  }

  /** A link, or with a bare profile id all of a profile's links. */
  async function prepareLink(view: AccountView, accountId: string, id: string): Promise<Application> {
    const [profileId = '', linkId] = id.split('/');
    const profile = await reads.findProfile(profileId);
    if (profile?.accountId !== accountId) return prepareForeign(view, accountId, profileId, profile);
    if (linkId === undefined) {
      const links = await reads.listLinks(profileId);
      return () => view.profiles.putLinks(profileId, links);
    }
    const link = await reads.findLink(profileId, linkId);
    return () => view.profiles.putLink(profileId, linkId, link);
  }

  /** A profile that is not, or no longer, this account's own: whether its links reach compute resources here. */
  async function prepareForeign(
    view: AccountView,
    accountId: string,
    profileId: string,
    profile: Profile | undefined,
  ): Promise<Application> {
    const reachesHere = profile !== undefined && (await reads.listLinkedAccounts(profileId)).includes(accountId);
    return () => {
      view.removeProfile(profileId);
      view.putForeignProfile(profileId, reachesHere ? profile.accountId : undefined);
    };
  }

  let following: Promise<void> | undefined;

  async function follow(): Promise<void> {
    try {
      const head = await reads.feedHead();
      if (head.epoch !== epoch || head.seq < seq) return await start();
      if (head.seq === seq) return;
      const changes = await reads.changesAfter(seq);
      // The feed has no holes: one that shows means that something was lost, and nothing in memory can be trusted.
      const positions = new Set(changes.map((change) => change.seq));
      for (let position = seq + 1; position <= head.seq; position += 1) {
        if (!positions.has(position)) return await start();
      }
      const applications = await Promise.all(changes.map(prepare));
      for (const apply of applications) apply?.();
      seq = Math.max(head.seq, ...positions);
    } catch (error) {
      views.clear();
      throw error;
    }
  }

  let next: Promise<void> | undefined;

  function catchUp(): Promise<void> {
    // A follower that is under way may have read the head before the change that this caller waits for; who waits shares the next one.
    next ??= followNext();
    return next;
  }

  async function followNext(): Promise<void> {
    await following?.catch(() => undefined);
    next = undefined;
    following = follow().finally(() => {
      following = undefined;
    });
    await following;
  }

  await start();
  return {
    get seq() {
      return seq;
    },
    peek: (accountId) => views.get(accountId),
    async get(accountId) {
      const loaded = views.get(accountId);
      if (loaded) {
        remember(accountId, loaded);
        return loaded;
      }
      let pending = loading.get(accountId);
      if (!pending) {
        pending = load(accountId).finally(() => loading.delete(accountId));
        loading.set(accountId, pending);
      }
      return pending;
    },
    catchUp,
  };
}
