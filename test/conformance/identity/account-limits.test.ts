import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeServiceId, makeUserWith } from './making.ts';
import { assertRefused } from './refusal.ts';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
/** Name of a count of one thing → name of its list → name of the id in it, with IBM Cloud's published limit where there is one. */
const LISTS = [
  ['serviceids_per_group', 'serviceid_groups', 'group_id', 2000],
  ['apikeys_per_identity', 'identities', 'iam_id', 20],
  ['template_versions_per_template', 'templates', 'template_id', 100],
  ['claim_rules_per_group', 'access_groups', 'group_id', undefined],
  ['claim_rules_per_profile', 'profiles', 'profile_id', 20],
  ['cr_links_per_profile', 'profiles', 'profile_id', 100],
  ['cr_rules_per_profile', 'profiles', 'profile_id', 20],
] as const;
const COUNTS = ['serviceid_groups', 'profiles', 'profile_templates', 'account_settings_templates', 'idps', 'cr_links', 'cr_rules'];
let world: World;
let account: TestAccount;
let profile: Wire;
let serviceId: Wire;

before(async () => {
  world = await startWorld({ settings: { 'limits-set': 'ibm' } });
  account = await world.account();
  profile = await world.profile(account);
  await world.link(account, profile.id, profile.crn);
  serviceId = await makeServiceId(world, account, { apikey: { name: 'counted' } });
});
after(() => world[Symbol.asyncDispose]());

const pathOf = (of = account) => `/v1/accounts/${of.id}/limits/identity`;
const get = (query = '', of = account, token = of.owner) => world.call('GET', pathOf(of) + query, { token });
const post = (body: unknown, of = account, token = of.owner) =>
  world.call('POST', pathOf(of), { token, body, headers: { 'content-type': 'application/json' } });

test('A15: without parameters all limits are told, without counts', async () => {
  const { status, body } = await get();
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body).sort(), [...COUNTS, ...LISTS.map(([name]) => name)].sort());
  for (const [name, value] of Object.entries<Wire>(body)) {
    assert.deepEqual(Object.keys(value), ['limit'], name);
    assert.ok(Number.isInteger(value.limit), name);
  }
  assert.equal(body.profiles.limit, 2000);
  assert.deepEqual([body.profile_templates.limit, body.account_settings_templates.limit, body.idps.limit], [100, 10, 5]);
  for (const [name, , , limit] of LISTS) if (limit !== undefined) assert.equal(body[name].limit, limit, name);
});

test('A15: what is asked for in a query is counted, and nothing else shown', async () => {
  const { status, body } = await get('?profiles=true&serviceid_groups=true&templates=true&idps=true&cr_links=true&cr_rules=true');
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body).sort(), [...COUNTS].sort());
  assert.equal(body.profiles.count, 1);
  assert.ok(Number.isInteger(body.serviceid_groups.count));
  assert.deepEqual([body.profile_templates.count, body.account_settings_templates.count, body.idps.count], [0, 0, 0]);
  assert.deepEqual([body.cr_links.count, body.cr_rules.count], [1, 0]);
});

test('A15: the counts of single things are asked for as a comma list or as an array', async () => {
  const group = await world.expect(200, 'GET', `/v1/serviceid_groups?account_id=${account.id}`, { token: account.owner });
  const groupId = group.body.serviceid_groups[0].id;
  const unknown = `Profile-${UNKNOWN}`;
  const query = `?serviceids_per_group=${groupId}&apikeys_per_identity=${serviceId.iam_id}&cr_links_per_profile=${profile.id},${unknown}`;
  const body = {
    serviceids_per_group: [groupId],
    apikeys_per_identity: [serviceId.iam_id],
    cr_links_per_profile: [profile.id, unknown],
  };
  for (const reply of [await get(query), await post(body)]) {
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(reply.body.serviceids_per_group, { limit: 2000, serviceid_groups: [{ group_id: groupId, count: 1 }] });
    assert.deepEqual(reply.body.apikeys_per_identity, { limit: 20, identities: [{ iam_id: serviceId.iam_id, count: 1 }] });
    assert.deepEqual(reply.body.cr_links_per_profile, {
      limit: 100,
      profiles: [
        { profile_id: profile.id, count: 1 },
        { profile_id: unknown, count: 0 },
      ],
    });
    assert.deepEqual(Object.keys(reply.body).sort(), Object.keys(body).sort());
  }
});

test('A15: ids that do not exist, or are not of the account, have a count of 0', async () => {
  const other = await world.account();
  const foreign = await world.profile(other);
  await world.link(other, foreign.id, foreign.crn);
  for (const [name, list, id] of LISTS) {
    for (const asked of [UNKNOWN, 'invalid', '__proto__', foreign.id]) {
      const { status, body, text } = await post({ [name]: [asked] });
      assert.equal(status, 200, text);
      assert.deepEqual(body[name][list], [{ [id]: asked, count: 0 }], name);
      assert.deepEqual((await get(`?${name}=${asked}`)).body[name][list], [{ [id]: asked, count: 0 }], name);
    }
  }
});

test('counts follow what is made and deleted', async () => {
  const count = async () => (await post({ profiles: true })).body.profiles.count;
  const before = await count();
  const { id } = await world.profile(account);
  assert.equal(await count(), before + 1);
  await world.expect(204, 'DELETE', `/v1/profiles/${id}`, { token: account.owner });
  assert.equal(await count(), before);
});

test('what is no boolean and no list of texts is refused', async () => {
  for (const body of [
    { profiles: 'perhaps' },
    { profiles: 1 },
    { apikeys_per_identity: 'x' },
    { apikeys_per_identity: [7] },
    { cr_links_per_profile: {} },
    '[]',
    '{',
    `{"cr_links_per_profile":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
  ]) {
    assert.equal((await post(body)).status, 400, JSON.stringify(body).slice(0, 60));
  }
  assertRefused(await get('?profiles=perhaps'), 400, 'invalid_parameter', 'BXNIM0106E');
  const inherited = await post('{"__proto__":{"profiles":true}}');
  assert.equal(inherited.status, 200);
  assert.ok(!('count' in inherited.body.profiles));
});

test('a Viewer sees the limits, a member without a role does not', async () => {
  const viewer = await makeUserWith(world, account, ROLE('Viewer'));
  const member = await world.user(account.id);
  for (const call of [(token: string) => get('', account, token), (token: string) => post({}, account, token)]) {
    assert.equal((await call(viewer.token)).status, 200);
    assertRefused(await call(member.token), 403, 'insufficient_permissions');
  }
});

test('the limits of an account that is unknown or of others are not found', async () => {
  const { owner: token } = await world.account();
  for (const id of [account.id, '0'.repeat(32), 'invalid', '__proto__']) {
    assertRefused(await world.call('GET', `/v1/accounts/${id}/limits/identity`, { token }), 404, 'not_found');
    assertRefused(await world.call('POST', `/v1/accounts/${id}/limits/identity`, { token, body: {} }), 404, 'not_found');
  }
});
