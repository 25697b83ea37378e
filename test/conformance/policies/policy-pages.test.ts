/** Pages of policies in every order, both ways, while policies come and go. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { createManualClock } from '../../../src/kernel/clock.ts';
import { ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { bodyV1, bodyV2, createPolicyCalls, ids, type PolicyCalls } from './making.ts';

const SORTS = ['id', 'type', 'href', 'created_at', 'created_by_id', 'last_modified_at', 'last_modified_by_id', 'state'] as const;
const PERMITS = ['last_permit_at', 'last_permit_frequency'] as const;

const clock = createManualClock(Date.now());
let world: World;
let account: TestAccount;
let user: TestUser;
let calls: PolicyCalls;

before(async () => {
  world = await startWorld({ clock });
  account = await world.account();
  user = await world.user(account.id);
  calls = createPolicyCalls(world, account);
  const administrator = await world.user(account.id);
  await world.policy(account, administrator.iamId, [ROLE('Administrator')], { serviceName: 'kms' });
  const others = createPolicyCalls(world, account, administrator.token);
  for (let number = 0; number < 23; number += 1) {
    if (number % 3 === 0) clock.advance(1);
    const made =
      number % 2 === 0 ? await calls.made(1, bodyV1(account.id, user.iamId)) : await others.made(2, bodyV2(account.id, user.iamId));
    if (number % 5 === 0) {
      clock.advance(1);
      assert.equal((await others.put(2, made.id, '*', bodyV2(account.id, user.iamId))).status, 200);
    }
  }
});
after(() => world[Symbol.asyncDispose]());

const startOf = (link: Wire): string => `&start=${encodeURIComponent(link.start)}`;

/** Every page from the first to the last. */
async function walk(query: string): Promise<Wire[]> {
  const pages = [await calls.list(1, query)];
  for (let page = pages[0]; page.next !== undefined; pages.push(page)) page = await calls.list(1, query + startOf(page.next));
  return pages;
}

test('in every order the pages hold what the whole list holds, and go back as they came', async () => {
  const arbitrarySort = fc.constantFrom(...SORTS, ...PERMITS);
  const property = fc.asyncProperty(arbitrarySort, fc.boolean(), fc.integer({ min: 1, max: 24 }), async (sort, descending, limit) => {
    const order = `&sort=${descending ? '-' : ''}${sort}`;
    const whole = ids(await calls.list(1, order));
    const pages = await walk(`${order}&limit=${limit}`);
    assert.deepEqual(pages.flatMap(ids), whole);
    assert.equal(pages[0].previous, undefined);
    let page = pages.at(-1);
    for (const expected of pages.toReversed().slice(1)) {
      page = await calls.list(1, `${order}&limit=${limit}${startOf(page.previous)}`);
      assert.deepEqual(ids(page), ids(expected));
      assert.equal('previous' in page, expected !== pages[0]);
      const onwards = await calls.list(1, `${order}&limit=${limit}${startOf(page.next)}`);
      assert.deepEqual(ids(onwards), ids(pages[pages.indexOf(expected) + 1]));
    }
  });
  await fc.assert(property, {
    numRuns: 30,
    examples: [...SORTS, ...PERMITS].map((sort): [typeof sort, boolean, number] => [sort, true, 7]),
  });
});

test('the orders are those of what they are named after', async () => {
  for (const sort of SORTS) {
    const values = (await calls.list(1, `&sort=${sort}`)).policies.map((policy: Wire) => (sort === 'href' ? policy.id : policy[sort]));
    assert.deepEqual(values, values.toSorted(), sort);
    const back = (await calls.list(1, `&sort=-${sort}`)).policies.map((policy: Wire) => (sort === 'href' ? policy.id : policy[sort]));
    assert.deepEqual(back, values.toReversed(), sort);
  }
  assert.deepEqual(ids(await calls.list(1)), ids(await calls.list(1, '&sort=created_at')), 'where nothing is said');
});

test('by what was permitted last the list is in order of what it shows', async () => {
  const own = await world.account();
  const [group, one] = [await world.group(own), await world.user(own.id)];
  const ownCalls = createPolicyCalls(world, own);
  const idle = await ownCalls.made(1, bodyV1(own.id, one.iamId));
  const used = await world.policy(own, one.iamId, [ROLE('Viewer')], { serviceName: 'iam-groups' });
  clock.advance(1000);
  await world.expect(200, 'GET', `/v2/groups/${group.id}`, { token: one.token });
  for (const sort of PERMITS) {
    const page = await ownCalls.list(2, `&sort=-${sort}&format=include_last_permit`);
    assert.deepEqual(ids(page), [used.id, idle.id], sort);
    assert.deepEqual(
      page.policies.map((policy: Wire) => policy.last_permit_frequency),
      [1, 0],
    );
    assert.deepEqual(ids(await ownCalls.list(2, `&sort=${sort}`)), [idle.id, used.id]);
  }
});

test('what is made and deleted in between moves nothing else from its place', async () => {
  const own = await world.account();
  const one = await world.user(own.id);
  const ownCalls = createPolicyCalls(world, own);
  const make = async () => {
    clock.advance(1);
    return (await ownCalls.made(1, bodyV1(own.id, one.iamId))).id as string;
  };
  const made: string[] = [];
  for (let count = 0; count < 9; count += 1) made.push(await make());
  const first = await ownCalls.list(1, '&limit=3');
  assert.deepEqual(ids(first), made.slice(0, 3));
  const next = startOf(first.next);
  // The place between two pages stays where it is, though the policy beside it is gone.
  await ownCalls.remove(1, made[2] ?? '');
  await ownCalls.remove(1, made[4] ?? '');
  const late = await make();
  const second = await ownCalls.list(1, `&limit=3${next}`);
  assert.deepEqual(ids(second), [made[3], made[5], made[6]]);
  const third = await ownCalls.list(1, `&limit=3${startOf(second.next)}`);
  assert.deepEqual(ids(third), [made[7], made[8], late]);
  assert.equal(third.next, undefined);
  assert.deepEqual(ids(await ownCalls.list(1, `&limit=3${startOf(second.previous)}`)), [made[0], made[1]]);
  for (const id of made.slice(0, 2)) await ownCalls.remove(1, id);
  const begin = await ownCalls.list(1, `&limit=3${startOf(second.previous)}`);
  assert.deepEqual(ids(begin), ids(second), 'where nothing is before it any more, the first page comes');
  assert.equal(begin.previous, undefined);
  for (const id of [...made.slice(3), late]) await ownCalls.remove(1, id);
  const end = await ownCalls.list(1, `&limit=3${next}`);
  assert.deepEqual([end.policies, end.next], [[], undefined]);
});
