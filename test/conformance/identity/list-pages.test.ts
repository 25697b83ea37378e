/** Which lists come in pages, and where their links lead. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeApiKey, makeServiceId } from './making.ts';
import { createTemplateCalls, PROFILE_TEMPLATES } from './template-calls.ts';

const ORIGIN = 'https://iam.example.com';
const MANY = 25;
let world: World;
let account: TestAccount;
let profile: Wire;

before(async () => {
  world = await startWorld({ settings: { 'public-url': `${ORIGIN}/` } });
  account = await world.account();
  profile = await world.profile(account);
});
after(() => world[Symbol.asyncDispose]());

const create = (path: string, body: (index: number) => unknown) =>
  Promise.all(
    Array.from({ length: MANY }, async (_, index) => {
      const { status, text } = await world.call('POST', path, { token: account.owner, body: body(index) });
      assert.ok(status === 200 || status === 201, text);
    }),
  );
const get = async (path: string): Promise<Wire> => (await world.expect(200, 'GET', path, { token: account.owner })).body;

test('rules, links, identities and groups of service IDs come as a whole, whatever is said of pages', async () => {
  const path = `/v1/profiles/${profile.id}`;
  const conditions = [{ claim: 'namespace', operator: 'EQUALS', value: 'default' }];
  await create(`${path}/rules`, () => ({ type: 'Profile-CR', conditions }));
  await create(`${path}/links`, (index) => ({ cr_type: 'VSI', link: { crn: profile.crn, name: `n${index}` } }));
  await create(`${path}/identities/user`, (index) => ({ type: 'user', identifier: `IBMid-${index}00` }));
  await create('/v1/serviceid_groups', (index) => ({ account_id: account.id, name: `group ${index}` }));
  const groups = `/v1/serviceid_groups?account_id=${account.id}`;
  for (const [list, members, count] of [
    [`${path}/rules?x=1`, ['rules'], MANY],
    [`${path}/links?x=1`, ['links'], MANY],
    [`${path}/identities?x=1`, ['entity_tag', 'identities'], MANY],
    // The default group is one of them.
    [groups, ['serviceid_groups'], MANY + 1],
  ] as const) {
    for (const query of ['', '&pagesize=2&limit=2&pagetoken=x']) {
      const body = await get(list + query);
      assert.deepEqual(Object.keys(body).sort(), members, list);
      assert.equal(body[members.at(-1) ?? ''].length, count, list);
    }
  }
});

test('the links of pages are addresses on the public address, and hold a page token', async () => {
  const calls = createTemplateCalls(world, account, PROFILE_TEMPLATES);
  const template = (await calls.create()).body;
  for (let count = 0; count < 2; count++) {
    await world.profile(account);
    await calls.create();
    await calls.createVersion(template.id);
    await makeApiKey(world, account.owner, (await makeServiceId(world, account)).iam_id);
  }
  for (const [path, size] of [
    ['/v1/profiles', 'pagesize'],
    ['/v1/serviceids', 'pagesize'],
    ['/v1/apikeys', 'pagesize'],
    ['/v1/profile_templates', 'limit'],
    [`/v1/profile_templates/${template.id}/versions`, 'limit'],
  ] as const) {
    const first = await get(`${path}?account_id=${account.id}&scope=account&${size}=1`);
    assert.deepEqual([first.offset, first.limit, 'previous' in first], [0, 1, false], path);
    const { pathname, search } = new URL(first.next);
    const second = await get(pathname + search);
    assert.deepEqual([second.offset, second.limit], [1, 1], path);
    for (const link of [first.first, first.next, second.first, second.previous]) {
      const url = new URL(link);
      assert.deepEqual([url.origin, url.pathname], [ORIGIN, path]);
      assert.ok(url.searchParams.get('pagetoken'), link);
    }
  }
});

test('the last page has no next, the only page neither next nor previous', async () => {
  const empty = await world.account();
  for (const [path, member] of [
    ['/v1/profiles', 'profiles'],
    ['/v1/serviceids', 'serviceids'],
    ['/v1/profile_templates', 'profile_templates'],
    ['/v1/account_settings_templates', 'account_settings_templates'],
    ['/v1/profile_assignments', 'assignments'],
    ['/v1/account_settings_assignments', 'assignments'],
  ] as const) {
    const { body } = await world.expect(200, 'GET', `${path}?account_id=${empty.id}`, { token: empty.owner });
    assert.deepEqual(Object.keys(body).sort(), ['first', 'limit', 'offset', member].sort(), path);
    assert.deepEqual([body.offset, body.limit, body[member]], [0, 20, []], path);
  }
});
