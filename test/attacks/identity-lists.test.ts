/** Lists asked for what is not the caller's: with page tokens of others, forged ones, filters, and names that are SQL. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeServiceId, nextPageToken } from '../conformance/identity/making.ts';
import { createTemplateCalls, PROFILE_TEMPLATES } from '../conformance/identity/template-calls.ts';
import { ROLE, startWorld, type TestAccount, type Wire, type World } from '../support/world.ts';

const LISTS = ['profiles', 'serviceids', 'apikeys', 'profile_templates'] as const;
type List = (typeof LISTS)[number];
let world: World;
let victim: TestAccount;
let stranger: TestAccount;
const tokens = new Map<List, string>();

before(async () => {
  world = await startWorld();
  [victim, stranger] = [await world.account(), await world.account()];
  const templates = createTemplateCalls(world, victim, PROFILE_TEMPLATES);
  for (let n = 0; n < 3; n += 1) {
    await world.profile(victim, `victim's ${n}`);
    await makeServiceId(world, victim, { name: `victim's ${n}`, apikey: { name: `victim's ${n}` } });
    await templates.create({ name: `victim's ${n}` });
  }
  for (const list of LISTS) tokens.set(list, nextPageToken((await first(list)).body));
});
after(() => world[Symbol.asyncDispose]());

const sizeOf = (list: List) => (list === 'profile_templates' ? 'limit' : 'pagesize');
const get = (list: List, query: string, token = victim.owner) => world.call('GET', `/v1/${list}?${query}`, { token });
const first = (list: List) => get(list, `account_id=${victim.id}&${sizeOf(list)}=1${list === 'apikeys' ? '&scope=account' : ''}`);
const tokenOf = (list: List) => tokens.get(list) ?? '';

for (const list of LISTS) {
  test(`75: a page token of ${list} gives no right to the list: whoever presents it needs one`, async () => {
    const token = encodeURIComponent(tokenOf(list));
    assert.equal((await get(list, `pagetoken=${token}`)).status, 200);
    const member = await world.user(victim.id);
    for (const caller of [stranger.owner, member.token]) {
      for (const query of [`pagetoken=${token}`, `account_id=${stranger.id}&pagetoken=${token}`]) {
        const reply = await get(list, query, caller);
        assert.equal(reply.status, 403, reply.text);
        assert.ok(!reply.text.includes("victim's"));
      }
    }
  });

  test(`75: a page token of ${list} opens no other list, and none that was changed opens this one`, async () => {
    const token = tokenOf(list);
    for (const other of LISTS) {
      if (other === list) continue;
      assert.equal((await get(other, `pagetoken=${encodeURIComponent(token)}`)).status, 400, other);
    }
    const bytes = Buffer.from(token, 'base64url');
    const payload = bytes.subarray(16).toString();
    const forged = [
      Buffer.concat([bytes.subarray(0, 16), Buffer.from(payload.replace(victim.id, stranger.id))]),
      Buffer.concat([bytes.subarray(0, 16), Buffer.from(payload.replace('"limit":1', '"limit":1000000'))]),
      Buffer.from(payload),
      Buffer.concat([Buffer.alloc(16), bytes.subarray(16)]),
      bytes.subarray(0, 16),
      ...[0, 15, 16, bytes.length - 1].map((at) => Buffer.from(bytes).fill((bytes[at] ?? 0) ^ 1, at, at + 1)),
    ].map((changed) => changed.toString('base64url'));
    for (const changed of [...forged, '', 'null', "' OR 1=1 --"]) {
      const reply = await get(list, `account_id=${victim.id}&pagetoken=${encodeURIComponent(changed)}`);
      assert.equal(reply.status, 400, `${changed}: ${reply.text}`);
    }
  });
}

test('75: the versions of one template are not paged through with a token of another', async () => {
  const calls = createTemplateCalls(world, victim, PROFILE_TEMPLATES);
  const [one, two] = [(await calls.create()).body.id, (await calls.create()).body.id];
  for (const id of [one, two]) await calls.createVersion(id, { description: 'second' });
  const token = nextPageToken((await calls.versions(one, '?limit=1')).body);
  assert.equal((await calls.versions(one, `?pagetoken=${token}`)).status, 200);
  assert.equal((await calls.versions(two, `?pagetoken=${token}`)).status, 400);
});

const SQL = [
  "' OR '1'='1",
  '" OR 1=1 --',
  "x'; DELETE FROM profiles; --",
  'name) UNION SELECT key_hash FROM api_keys --',
  '%',
  '_',
  '*',
  "\\'",
] as const;

test('76: text that is SQL in a name, an id, a filter or an order finds nothing and changes nothing', async () => {
  const all = async (list: List) => (await get(list, `account_id=${victim.id}`)).body[list].length;
  const before = [await all('profiles'), await all('serviceids')];
  for (const text of SQL) {
    const encoded = encodeURIComponent(text);
    for (const list of ['profiles', 'serviceids'] as const) {
      assert.deepEqual((await get(list, `account_id=${victim.id}&name=${encoded}`)).body[list], [], text);
      const filter = encodeURIComponent(`name co "${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
      const filtered = await get(list, `account_id=${victim.id}&filter=${filter}`);
      assert.equal(filtered.status, 200, filtered.text);
      assert.equal(filtered.body[list].length, 0, text);
      for (const bad of [`filter=${encoded}`, `sort=${encoded}`, `order=${encoded}`, `pagesize=${encoded}`, `account_id=${encoded}`]) {
        assert.equal((await get(list, `account_id=${victim.id}&${bad}`)).status, 400, bad);
      }
      assert.equal((await world.call('GET', `/v1/${list}/${encoded}`, { token: victim.owner })).status, 404);
    }
    const byGroup = await get('serviceids', `account_id=${victim.id}&group_id=${encoded}`);
    assert.equal(byGroup.status, 404, byGroup.text);
    assert.deepEqual((await get('apikeys', `scope=account&group_id=${encoded}`)).body.apikeys, []);
    const counted = await world.call('GET', `/v1/accounts/${victim.id}/limits/identity?apikeys_per_identity=${encoded}`, {
      token: victim.owner,
    });
    assert.equal(counted.body.apikeys_per_identity.identities[0].count, 0);
  }
  assert.deepEqual([await all('profiles'), await all('serviceids')], before);
});

test('63: a list shows nobody what they may not read one by one', async () => {
  const [mine] = (await get('profiles', `account_id=${victim.id}&pagesize=1`)).body.profiles;
  const member = await world.user(victim.id);
  await world.policy(victim, member.iamId, [ROLE('Viewer')], { serviceName: 'iam-identity', resourceType: 'profile', resource: mine.id });
  assert.equal((await world.call('GET', `/v1/profiles/${mine.id}`, { token: member.token })).status, 200);
  for (const list of LISTS) {
    const whole = list === 'apikeys' ? '&scope=account' : '';
    assert.equal((await get(list, `account_id=${victim.id}${whole}`, member.token)).status, 403, list);
  }
});

test('63: keys of service IDs in a group of another account are counted and listed for nobody else', async () => {
  const group = `ServiceIdGroup-${victim.id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}`;
  const listed = await get('apikeys', `account_id=${stranger.id}&group_id=${group}`, stranger.owner);
  assert.deepEqual([listed.status, listed.body.apikeys], [200, []]);
  assert.equal((await get('serviceids', `account_id=${stranger.id}&group_id=${group}`, stranger.owner)).status, 404);
  const limits = `/v1/accounts/${stranger.id}/limits/identity?serviceids_per_group=${group}`;
  const counted: Wire = (await world.call('GET', limits, { token: stranger.owner })).body;
  assert.deepEqual(counted.serviceids_per_group.serviceid_groups, [{ group_id: group, count: 0 }]);
});
