import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../src/audit/mutation.ts';
import { createClusterDirectory } from '../../src/clusters/directory.ts';
import type { Account } from '../../src/identity/accounts/account.ts';
import type { ClaimRule } from '../../src/identity/profiles/claim-rule.ts';
import type { Profile } from '../../src/identity/profiles/profile.ts';
import { createViews, type ViewReads } from '../../src/view/views.ts';

const account = (id: string): Account => ({
  id,
  name: id,
  ownerIamId: 'IBMid-1',
  parentAccountId: null,
  state: 'active',
  entityTag: '1-a',
  createdAt: 0,
});
const profile = (id: string, accountId: string, name = id): Profile => ({
  id,
  accountId,
  name,
  description: null,
  email: null,
  managedBy: null,
  revision: 1,
  entityTag: '1-a',
  createdAt: 0,
  modifiedAt: 0,
});

/** A store in memory whose feed a test can write, and break. */
function memoryStore() {
  const state = { epoch: 'e1', seq: 0, changes: [] as (Change & { seq: number })[], profiles: new Map<string, Profile>(), loads: 0 };
  const nothing = async () => [];
  const reads: ViewReads = {
    feedHead: async () => ({ epoch: state.epoch, seq: state.seq }),
    changesAfter: async (seq) => state.changes.filter((change) => change.seq > seq),
    async loadAccount(id) {
      state.loads += 1;
      const profiles = [...state.profiles.values()].filter((each) => each.accountId === id);
      const empty = {
        users: [],
        links: [],
        rules: [],
        memberships: [],
        policies: [],
        ruleMemberships: [],
        publicAccessEnabled: false,
        customRoles: [],
        services: { services: [], operators: [] },
        accessSettings: undefined,
        resourceTags: [],
        foreignProfiles: [],
      };
      return { ...empty, account: account(id), settings: { own: undefined, templates: [] }, profiles };
    },
    findAccount: async (id) => account(id),
    findUser: async () => undefined,
    findProfile: async (id) => state.profiles.get(id),
    findAssignedSettings: async () => ({ own: undefined, templates: [] }),
    findServiceId: async () => undefined,
    findLink: async () => undefined,
    listLinks: nothing,
    listClaimRules: nothing,
    listLinkedAccounts: nothing,
    listForeignProfiles: nothing,
    groupIdsOf: nothing,
    findPolicy: async () => undefined,
    ruleMembershipsOf: nothing,
    isPublicAccessEnabled: async () => false,
    listCustomRoles: nothing,
    findService: async () => undefined,
    operatorsOf: async () => [],
    findAccessSettings: async () => undefined,
    findResourceTags: async (_account, serviceName, serviceInstance) => ({ serviceName, serviceInstance, tags: [] }),
    findCluster: async () => undefined,
    keysOf: nothing,
    listAllClusters: nothing,
    allClusterKeys: nothing,
  };
  const write = (change: Change) => {
    state.seq += 1;
    state.changes.push({ ...change, seq: state.seq });
  };
  return { state, reads, write };
}

test('a change is applied to a loaded view without loading the account again', async () => {
  const { state, reads, write } = memoryStore();
  const views = await createViews(reads, createClusterDirectory());
  const view = await views.get('a');
  state.profiles.set('p1', profile('p1', 'a'));
  write({ accountId: 'a', kind: 'profile', id: 'p1' });
  await views.catchUp();
  assert.equal(views.seq, 1);
  assert.equal(view?.profiles.profile('p1')?.name, 'p1');
  state.profiles.set('p1', profile('p1', 'a', 'renamed'));
  write({ accountId: 'a', kind: 'profile', id: 'p1' });
  await views.catchUp();
  assert.equal(view?.profiles.profileNamed('renamed')?.id, 'p1');
  assert.equal(view?.profiles.profileNamed('p1'), undefined);
  assert.equal(state.loads, 1);
});

test('rules and links that were made together with their profile are there, in whatever order the feed tells of them', async () => {
  const { state, reads, write } = memoryStore();
  const rule = {
    id: 'r1',
    profileId: 'p1',
    type: 'Profile-CR',
    crType: null,
    conditions: [{ claim: 'name', operator: 'EQUALS', value: 'x' }],
  };
  const views = await createViews({ ...reads, listClaimRules: async () => [rule as unknown as ClaimRule] }, createClusterDirectory());
  const view = await views.get('a');
  state.profiles.set('p1', profile('p1', 'a'));
  write({ accountId: 'a', kind: 'claim_rule', id: 'p1' });
  write({ accountId: 'a', kind: 'profile', id: 'p1' });
  await views.catchUp();
  assert.equal(view?.profiles.rulesOf('p1')[0]?.rule.id, 'r1');
});

for (const [name, breakFeed] of [
  [
    'a hole in the feed',
    (state: ReturnType<typeof memoryStore>['state']) => {
      state.seq += 2;
    },
  ],
  [
    'a feed that steps back',
    (state: ReturnType<typeof memoryStore>['state']) => {
      state.seq = 0;
    },
  ],
  [
    'another epoch',
    (state: ReturnType<typeof memoryStore>['state']) => {
      state.epoch = 'e2';
    },
  ],
] as const) {
  test(`${name} drops every view, and the next use loads anew`, async () => {
    const { state, reads, write } = memoryStore();
    const views = await createViews(reads, createClusterDirectory());
    write({ accountId: 'a', kind: 'profile', id: 'p1' });
    await views.get('a');
    assert.equal(views.seq, 1);
    breakFeed(state);
    await views.catchUp();
    assert.equal(views.peek('a'), undefined);
    assert.equal(views.seq, state.seq);
    state.profiles.set('p2', profile('p2', 'a'));
    assert.equal((await views.get('a'))?.profiles.profile('p2')?.id, 'p2');
  });
}

test('a view that is loaded while a change commits is loaded again until it stands at one position', async () => {
  const { state, reads, write } = memoryStore();
  let interfere = true;
  const loadAccount = reads.loadAccount;
  const views = await createViews(
    {
      ...reads,
      async loadAccount(id) {
        const snapshot = await loadAccount(id);
        if (interfere) {
          interfere = false;
          state.profiles.set('p1', profile('p1', 'a'));
          write({ accountId: 'a', kind: 'profile', id: 'p1' });
        }
        return snapshot;
      },
    },
    createClusterDirectory(),
  );
  const view = await views.get('a');
  assert.equal(view?.profiles.profile('p1')?.id, 'p1');
  assert.equal(views.seq, 1);
});

test('a store that cannot be read drops every view instead of serving old ones', async () => {
  const { reads, write } = memoryStore();
  let broken = false;
  const views = await createViews(
    {
      ...reads,
      changesAfter: async (seq) => {
        if (broken) throw new Error('gone');
        return reads.changesAfter(seq);
      },
    },
    createClusterDirectory(),
  );
  await views.get('a');
  write({ accountId: 'a', kind: 'account', id: 'a' });
  broken = true;
  await assert.rejects(views.catchUp(), /gone/);
  assert.equal(views.peek('a'), undefined);
});
