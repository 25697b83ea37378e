import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ROLE, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { createCalls, refused, when } from './calls.ts';

let world: World;
let account: TestAccount;
let ids: readonly string[];

const PUBLIC = 'AccessGroupId-PublicAccess';

before(async () => {
  world = await startWorld();
  account = await world.account();
  const made: string[] = [];
  for (const name of ['g1', 'g2 Payroll', 'other']) {
    const body = { name, description: name === 'other' ? 'For the Other ones' : '' };
    made.push((await world.expect(201, 'POST', `/v2/groups?account_id=${account.id}`, { token: account.owner, body })).body.id);
  }
  ids = made;
});
after(() => world[Symbol.asyncDispose]());

const get = async (query: string, owner = account): Promise<Wire> =>
  (await world.expect(200, 'GET', `/v2/groups?account_id=${owner.id}${query}`, { token: owner.owner })).body;
/** Without the group that every account has. */
const getOwn = (query: string, owner = account) => get(`&hide_public_access=true${query}`, owner);
const idsOf = (page: Wire): string[] => page.groups.map((group: Wire) => group.id);
const offsetOf = (link: Wire): string | null => new URL(link.href).searchParams.get('offset');

describe('listing access groups', () => {
  it('AG-13: answers the groups in the envelope of a page', async () => {
    const page = await get('');
    assert.deepEqual(idsOf(page), [PUBLIC, ...ids]);
    assert.deepEqual([page.limit, page.offset, page.total_count], [100, 0, 4]);
    assert.ok(page.first.href && page.last.href);
    assert.ok(!('next' in page) && !('previous' in page));
    assert.equal(new URL(page.first.href).searchParams.get('account_id'), account.id);
  });

  it('AG-14: pages by limit and offset', async () => {
    const first = await getOwn('&limit=2');
    assert.deepEqual([first.groups.length, first.total_count, offsetOf(first.next)], [2, 3, '2']);
    assert.equal(new URL(first.next.href).searchParams.get('hide_public_access'), 'true');
    const second = await getOwn('&limit=2&offset=2');
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
    assert.deepEqual(collected, [PUBLIC, ...ids]);
  });

  it('AG-16, AG-17: limit 0 answers the count alone, more than 100 is refused', async () => {
    for (const offset of [0, 2]) {
      const page = await get(`&limit=0&offset=${offset}`);
      assert.deepEqual([page.groups, page.total_count, 'next' in page, 'previous' in page], [[], 4, false, false]);
    }
    for (const query of ['limit=101', 'limit=-1', 'limit=x', 'offset=-1']) {
      await world.expect(400, 'GET', `/v2/groups?account_id=${account.id}&${query}`, { token: account.owner });
    }
  });

  it('an offset beyond the end answers an empty page', async () => {
    const page = await get('&offset=50');
    assert.deepEqual([page.groups, page.total_count, 'next' in page], [[], 4, false]);
  });

  it('AG-18: searches in names, descriptions and ids', async () => {
    assert.deepEqual(idsOf(await get('&search=name:g1')), [ids[0]]);
    assert.deepEqual(idsOf(await get('&search=name:PAYROLL')), [ids[1]]);
    assert.deepEqual(idsOf(await get(`&search=id:${ids[2]}`)), [ids[2]]);
    assert.deepEqual(idsOf(await get(`&search=id:${ids[2]?.slice(0, -1)}`)), []);
    assert.deepEqual(idsOf(await get('&search=description:FOR%20THE%20other')), [ids[2]]);
    assert.deepEqual(idsOf(await get('&search=description:nothing')), []);
    assert.equal((await get('&search=name:g&limit=1')).total_count, 2);
    for (const search of ['g1', 'colour:g1', ':g1', ''])
      await world.expect(400, 'GET', `/v2/groups?account_id=${account.id}&search=${search}`, { token: account.owner });
  });

  it('what is searched for is no pattern, and folds as names do', async () => {
    for (const text of ['%25', '_', '*', '.*', "'", '%5c']) assert.deepEqual(idsOf(await getOwn(`&search=name:${text}`)), [], text);
    const large = await world.account();
    const { id } = await world.group(large, 'Stra\u00dfe 100% \u00c9t\u00e9');
    for (const text of ['stra\u00dfe', 'STRASSE', '100%', '\u00c9T\u00c9', 'e\u0301t'])
      assert.deepEqual(idsOf(await getOwn(`&search=name:${encodeURIComponent(text)}`, large)), [id], text);
  });

  it('AG-19, AG-20: lists the groups of an identity by its kind of membership', async () => {
    const calls = createCalls(world, account);
    const profile = await world.profile(account);
    await calls.add(`/v2/groups/${ids[1]}`, profile.iam_id);
    const of = `&iam_id=${profile.iam_id}`;
    for (const type of ['', '&membership_type=static', '&membership_type=all']) assert.deepEqual(idsOf(await get(of + type)), [ids[1]]);
    assert.deepEqual(idsOf(await get(`${of}&membership_type=dynamic`)), []);
    await world.expect(400, 'GET', `/v2/groups?account_id=${account.id}&membership_type=bogus`, { token: account.owner });
  });

  it('lists the groups that a user is in by rules, apart from and with those that the user was added to', async () => {
    const own = await world.account();
    const calls = createCalls(world, own);
    const { iamId } = await world.user(own.id);
    const [added, byRule, both] = [await calls.group(), await calls.group(), await calls.group()];
    for (const group of [added, both]) await calls.add(group, iamId);
    for (const group of [byRule, both]) await calls.rule(group, [when('team', 'EQUALS', 'a')]);
    await calls.signIn(iamId, { team: 'a' });
    const groupsOf = async (type: string) => idsOf(await get(`&iam_id=${iamId}&membership_type=${type}&sort=id`, own));
    const sorted = (...paths: readonly string[]) => paths.map((path) => path.split('/')[3]).sort();
    assert.deepEqual(await groupsOf('static'), sorted(added, both));
    assert.deepEqual(await groupsOf('dynamic'), sorted(byRule, both));
    assert.deepEqual(await groupsOf('all'), sorted(added, byRule, both));
  });

  it("an identity that is asked about belongs to the account, and a user is asked about in the caller's own", async () => {
    const other = await world.account();
    const foreign = await world.profile(other);
    const path = `/v2/groups?account_id=${account.id}&iam_id=`;
    for (const id of [foreign.iam_id, 'iam-ServiceId-none', 'iam-Profile-none']) {
      await refused(world, 403, 'insufficient_permissions', 'GET', path + id, { token: account.owner });
    }
    const { body } = await world.expect(200, 'GET', `${path}IBMid-nobody`, { token: account.owner });
    assert.deepEqual([body.groups, body.total_count], [[], 0]);
    // The owner of the installation's account may do nothing here, a guest with a policy may, but not ask about users.
    const guest = await world.user(other.id);
    await world.user(account.id, guest.iamId);
    await world.policy(account, guest.iamId, [ROLE('Viewer')], { serviceName: 'iam-groups' });
    await world.expect(200, 'GET', `/v2/groups?account_id=${account.id}`, { token: guest.token });
    await refused(world, 403, 'insufficient_permissions', 'GET', path + guest.iamId, { token: guest.token });
  });

  it('AG-21, AG-22: shows federation and CRN when asked', async () => {
    const calls = createCalls(world, account);
    await calls.rule(`/v2/groups/${ids[0]}`, [when('a', 'EQUALS', 'b')]);
    const page = await get('&show_federated=true&show_crn=true');
    assert.deepEqual(
      page.groups.map((group: Wire) => [group.id, group.is_federated]),
      [PUBLIC, ...ids].map((id) => [id, id === ids[0]]),
    );
    for (const group of page.groups) {
      assert.equal(group.crn, `crn:v1:bluemix:public:iam-groups::a/${account.id}::access-group:${group.id}`);
    }
    for (const [index, isFederated] of [true, false].entries()) {
      const path = `/v2/groups/${ids[index]}?show_federated=true&show_crn=true`;
      const { body } = await world.expect(200, 'GET', path, { token: account.owner });
      assert.deepEqual([body.is_federated, body.crn !== ''], [isFederated, true]);
    }
    for (const group of (await get('&show_federated=false')).groups) assert.ok(!('is_federated' in group) && !('crn' in group));
    assert.deepEqual(idsOf(await get('&sort=-is_federated'))[0], ids[0]);
    assert.deepEqual(idsOf(await get('&sort=is_federated')).at(-1), ids[0]);
  });

  it('AG-23: leaves the Public Access group out when asked', async () => {
    assert.deepEqual(idsOf(await get('&hide_public_access=true')), ids);
    assert.deepEqual(idsOf(await get('&hide_public_access=false')), [PUBLIC, ...ids]);
  });

  it('sorts by the fields that the contract names, both ways', async () => {
    assert.deepEqual(idsOf(await get('&sort=-name')), [...ids.toReversed(), PUBLIC]);
    assert.deepEqual(idsOf(await get('&sort=id')), [...ids, PUBLIC].sort());
    assert.deepEqual(idsOf(await get('&sort=-description'))[0], ids[2]);
    await world.expect(400, 'GET', `/v2/groups?account_id=${account.id}&sort=colour`, { token: account.owner });
  });

  it('AG-24: 150 groups come in pages of 100 and 50', async () => {
    const large = await world.account();
    for (let number = 0; number < 150; number += 1) await world.group(large, `group ${number}`);
    const [first, second] = [await getOwn('&offset=0&limit=100', large), await getOwn('&offset=100&limit=100', large)];
    assert.deepEqual([first.groups.length, second.groups.length, first.total_count, second.total_count], [100, 50, 150, 150]);
    assert.equal(new Set([...idsOf(first), ...idsOf(second)]).size, 150);
  });
});
