import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';

let world: World;
let account: TestAccount;
let ids: readonly string[];

before(async () => {
  world = await startWorld();
  account = await world.account();
  const made: string[] = [];
  for (const name of ['g1', 'g2 Payroll', 'other']) made.push((await world.group(account, name)).id);
  ids = made;
});
after(() => world[Symbol.asyncDispose]());

const get = async (query: string, owner = account): Promise<Wire> =>
  (await world.expect(200, 'GET', `/v2/groups?account_id=${owner.id}${query}`, { token: owner.owner })).body;
const idsOf = (page: Wire): string[] => page.groups.map((group: Wire) => group.id);
const offsetOf = (link: Wire): string | null => new URL(link.href).searchParams.get('offset');

describe('listing access groups', () => {
  it('AG-13: answers the groups in the envelope of a page', async () => {
    const page = await get('');
    assert.deepEqual(idsOf(page), ids);
    assert.deepEqual([page.limit, page.offset, page.total_count], [100, 0, 3]);
    assert.ok(page.first.href && page.last.href);
    assert.ok(!('next' in page) && !('previous' in page));
    assert.equal(new URL(page.first.href).searchParams.get('account_id'), account.id);
  });

  it('AG-14: pages by limit and offset', async () => {
    const first = await get('&limit=2');
    assert.deepEqual([first.groups.length, first.total_count, offsetOf(first.next)], [2, 3, '2']);
    const second = await get('&limit=2&offset=2');
    assert.deepEqual(idsOf(second), ids.slice(2));
    assert.equal(offsetOf(second.previous), '0');
    assert.ok(!('next' in second));
  });

  it('AG-15: a pager with limit 1 collects the same set', async () => {
    const collected: string[] = [];
    for (let offset: string | null = '0'; offset !== null; ) {
      const page: Wire = await get(`&limit=1&offset=${offset}`);
      collected.push(...idsOf(page));
      offset = page.next ? offsetOf(page.next) : null;
    }
    assert.deepEqual(collected, ids);
  });

  it('AG-16, AG-17: limit 0 answers the count alone, more than 100 is refused', async () => {
    const page = await get('&limit=0');
    assert.deepEqual([page.groups, page.total_count, 'next' in page], [[], 3, false]);
    for (const query of ['limit=101', 'limit=-1', 'limit=x', 'offset=-1']) {
      await world.expect(400, 'GET', `/v2/groups?account_id=${account.id}&${query}`, { token: account.owner });
    }
  });

  it('an offset beyond the end answers an empty page', async () => {
    const page = await get('&offset=50');
    assert.deepEqual([page.groups, page.total_count, 'next' in page], [[], 3, false]);
  });

  it('AG-18: searches in names, descriptions and ids', async () => {
    assert.deepEqual(idsOf(await get('&search=name:g1')), [ids[0]]);
    assert.deepEqual(idsOf(await get('&search=name:PAYROLL')), [ids[1]]);
    assert.deepEqual(idsOf(await get(`&search=id:${ids[2]}`)), [ids[2]]);
    assert.deepEqual(idsOf(await get('&search=description:nothing')), []);
    await world.expect(400, 'GET', `/v2/groups?account_id=${account.id}&search=g1`, { token: account.owner });
  });

  it('AG-19, AG-20: lists the groups of an identity by its kind of membership', async () => {
    const profile = await world.profile(account);
    const body = { members: [{ iam_id: profile.iam_id, type: 'profile' }] };
    await world.expect(207, 'PUT', `/v2/groups/${ids[1]}/members`, { token: account.owner, body });
    const of = `&iam_id=${profile.iam_id}`;
    for (const type of ['', '&membership_type=static', '&membership_type=all']) assert.deepEqual(idsOf(await get(of + type)), [ids[1]]);
    assert.deepEqual(idsOf(await get(`${of}&membership_type=dynamic`)), []);
    await world.expect(400, 'GET', `/v2/groups?account_id=${account.id}&membership_type=bogus`, { token: account.owner });
  });

  it('AG-21, AG-22: shows federation and CRN when asked', async () => {
    const page = await get('&show_federated=true&show_crn=true');
    for (const group of page.groups) {
      assert.equal(group.is_federated, false);
      assert.equal(group.crn, `crn:v1:bluemix:public:iam-groups::a/${account.id}::access-group:${group.id}`);
    }
    const { body } = await world.expect(200, 'GET', `/v2/groups/${ids[0]}?show_federated=true&show_crn=true`, { token: account.owner });
    assert.deepEqual([body.is_federated, body.crn !== ''], [false, true]);
  });

  it('AG-23: leaves the Public Access group out when asked', async () => {
    assert.ok(!idsOf(await get('&hide_public_access=true')).includes('AccessGroupId-PublicAccess'));
  });

  it('sorts by the fields that the contract names, both ways', async () => {
    assert.deepEqual(idsOf(await get('&sort=-name')), [...ids].reverse());
    assert.deepEqual(idsOf(await get('&sort=id')), [...ids].sort());
    await world.expect(400, 'GET', `/v2/groups?account_id=${account.id}&sort=colour`, { token: account.owner });
  });

  it('AG-24: 150 groups come in pages of 100 and 50', async () => {
    const large = await world.account();
    for (let number = 0; number < 150; number += 1) await world.group(large, `group ${number}`);
    const [first, second] = [await get('&offset=0&limit=100', large), await get('&offset=100&limit=100', large)];
    assert.deepEqual([first.groups.length, second.groups.length, first.total_count, second.total_count], [100, 50, 150, 150]);
    assert.equal(new Set([...idsOf(first), ...idsOf(second)]).size, 150);
  });
});
