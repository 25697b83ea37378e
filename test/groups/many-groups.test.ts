/** An account with 10,000 groups: its lists are paged by the database, and every group is on one page. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type AccessGroup, foldName, PUBLIC_ACCESS_GROUP } from '../../src/groups/group.ts';
import type { GroupFilter, GroupOrder } from '../../src/groups/store.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const GROUPS = 10_000;
const PAGE = 1000;

let test: TestStore;
let filter: GroupFilter;

before(async () => {
  test = await openTestStore();
  const { id: accountId } = await test.account();
  const { id: otherId } = await test.account();
  filter = { accountId, withPublicAccess: true, at: 0 };
  await test.store.mutate(test.context(accountId), async (tx) => {
    for (let number = 0; number < GROUPS; number += 1) await tx.insertGroup(newGroup(accountId, number), foldName(nameOf(number)));
    for (let number = 0; number < 10; number += 1) await tx.insertGroup(newGroup(otherId, GROUPS + number), foldName(nameOf(number)));
    for (let number = 0; number < GROUPS; number += 10) {
      const { id: groupId, createdAt, createdById } = newGroup(accountId, number);
      const made = { createdAt, createdById, lastModifiedAt: createdAt, lastModifiedById: createdById, revision: 1, entityTag: '1-a' };
      const conditions = [{ claim: 'c', operator: 'EQUALS', value: 'v' }] as const;
      await tx.insertGroupRule({
        ...made,
        id: `ClaimRule-${number}`,
        groupId,
        accountId,
        name: null,
        expiration: 1,
        realmName: 'r',
        conditions,
      });
    }
  });
});
after(() => test[Symbol.asyncDispose]());

/** Names whose order is not that of their numbers; many share a description. */
const nameOf = (number: number) => `${'Pq'[number % 2]}${((number * 7919) % GROUPS).toString(36)}`;

function newGroup(accountId: string, number: number): AccessGroup {
  return {
    id: `AccessGroupId-${number.toString(16).padStart(8, '0')}`,
    accountId,
    name: nameOf(number),
    description: `description ${number % 3}`,
    revision: 1,
    entityTag: '1-a',
    createdAt: 1,
    createdById: 'IBMid-maker',
    lastModifiedAt: 1,
    lastModifiedById: 'IBMid-maker',
  };
}

async function pages(order: GroupOrder, within = filter) {
  const collected = [];
  for (let offset = 0; offset <= GROUPS + 1; offset += PAGE) {
    collected.push(...(await test.store.reads.listGroups(within, order, { offset, limit: PAGE })));
  }
  return collected;
}

describe('an account of 10,000 groups', () => {
  for (const sort of ['id', 'name', 'description', 'is_federated'] as const) {
    for (const descending of [false, true]) {
      it(`is listed by ${descending ? '-' : ''}${sort} with every group on one page`, async () => {
        const collected = await pages({ sort, descending });
        assert.equal(collected.length, GROUPS + 1);
        assert.equal(new Set(collected.map(({ id }) => id)).size, GROUPS + 1);
        assert.ok(collected.every(({ accountId }) => accountId === filter.accountId));
        const keys = collected.map((group) => [sort === 'is_federated' ? Number(group.isFederated) : group[sort], group.id] as const);
        for (const [at, [key, id]] of keys.entries()) {
          const [nextKey, nextId] = keys[at + 1] ?? [key, id];
          const inOrder = key === nextKey ? (descending ? id >= nextId : id <= nextId) : descending ? key > nextKey : key < nextKey;
          assert.ok(inOrder, `${key} ${id} before ${nextKey} ${nextId}`);
        }
        assert.equal(collected.filter(({ isFederated }) => isFederated).length, GROUPS / 10);
        assert.equal(await test.store.reads.countListedGroups(filter), GROUPS + 1);
      });
    }
  }

  it('is searched by parts of names, page by page', async () => {
    const search = { ...filter, search: { field: 'name', text: 'pa' } } as const;
    const found = await test.store.reads.listGroups(search, { sort: 'name', descending: false });
    const expected = Array.from({ length: GROUPS }, (_, number) => nameOf(number)).filter((name) => foldName(name).includes('pa'));
    assert.deepEqual(
      found.map(({ name }) => name),
      expected.sort(),
    );
    assert.equal(await test.store.reads.countListedGroups(search), expected.length);
    const page = await test.store.reads.listGroups(search, { sort: 'name', descending: false }, { offset: 5, limit: 5 });
    assert.deepEqual(
      page.map(({ name }) => name),
      expected.slice(5, 10),
    );
  });

  it('has its public access group only where that is asked for', async () => {
    const without = { ...filter, withPublicAccess: false };
    assert.equal(await test.store.reads.countListedGroups(without), GROUPS);
    const [last] = await test.store.reads.listGroups(filter, { sort: 'id', descending: true }, { offset: 0, limit: 1 });
    assert.equal(last?.id, PUBLIC_ACCESS_GROUP);
  });
});
