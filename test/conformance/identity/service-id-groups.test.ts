import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeServiceId, makeUserWith } from './making.ts';
import { assertRefused } from './refusal.ts';

const UNKNOWN = 'ServiceIdGroup-00000000-0000-4000-8000-000000000000';
const ID = /^ServiceIdGroup-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const create = (members: unknown, token = account.owner) =>
  world.call('POST', '/v1/serviceid_groups', {
    token,
    body: typeof members === 'object' ? { account_id: account.id, ...members } : members,
    headers: { 'content-type': 'application/json' },
  });
const get = (id: string, token = account.owner) => world.call('GET', `/v1/serviceid_groups/${id}`, { token });
const remove = (id: string, token = account.owner) => world.call('DELETE', `/v1/serviceid_groups/${id}`, { token });
const put = (id: string, ifMatch: string | undefined, body: unknown, token = account.owner) =>
  world.call('PUT', `/v1/serviceid_groups/${id}`, { token, body, ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }) });
const list = (of = account, token = of.owner) => world.call('GET', `/v1/serviceid_groups?account_id=${of.id}`, { token });
const make = async (name: string = crypto.randomUUID()): Promise<Wire> => (await create({ name })).body;
const defaultOf = async (of = account): Promise<Wire> =>
  (await list(of)).body.serviceid_groups.find(({ name }: { name: string }) => name === 'default');
const namesIn = async (query: string): Promise<string[]> => {
  const { body } = await world.expect(200, 'GET', `/v1/serviceids?account_id=${account.id}${query}`, { token: account.owner });
  return body.serviceids.map(({ name }: { name: string }) => name);
};

test('S10: a group is created, read, listed, changed and deleted', async () => {
  const made = await create({ name: 's10', description: 'first' });
  assert.equal(made.status, 201, made.text);
  assert.match(made.body.id, ID);
  assert.match(made.body.entity_tag, /^1-[0-9a-f]{32}$/);
  assert.equal(made.headers.get('etag'), made.body.entity_tag);
  assert.equal(made.body.crn, `crn:v1:bluemix:public:iam-identity::a/${account.id}::serviceid-group:${made.body.id}`);
  assert.deepEqual([made.body.account_id, made.body.name, made.body.description], [account.id, 's10', 'first']);
  assert.equal(made.body.created_by, account.ownerIamId);
  assert.match(made.body.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d\+0000$/);
  assert.equal(made.body.modified_at, made.body.created_at);
  const found = await get(made.body.id);
  assert.deepEqual([found.status, found.body, found.headers.get('etag')], [200, made.body, made.body.entity_tag]);
  assert.deepEqual(
    (await list()).body.serviceid_groups.find(({ id }: { id: string }) => id === made.body.id),
    made.body,
  );
  const changed = await put(made.body.id, made.body.entity_tag, { name: 's10', description: 'second' });
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.body.description, 'second');
  assert.match(changed.body.entity_tag, /^2-/);
  assert.equal(changed.headers.get('etag'), changed.body.entity_tag);
  const removed = await remove(made.body.id);
  assert.deepEqual([removed.status, removed.text], [204, '']);
  assertRefused(await get(made.body.id), 404, 'not_found');
  assertRefused(await remove(made.body.id), 404, 'not_found');
  assertRefused(await world.call('GET', `/v1/serviceids/${made.body.id}`, { token: account.owner }), 404, 'not_found');
});

test('S10: a group that is not empty is not deleted', async () => {
  const group = await make();
  const member = await makeServiceId(world, account, { group_id: group.id });
  assertRefused(await remove(group.id), 422, 'invalid_state');
  assert.deepEqual((await get(group.id)).body, group);
  await world.expect(204, 'DELETE', `/v1/serviceids/${member.id}`, { token: account.owner });
  assert.equal((await remove(group.id)).status, 204);
});

test('every account has a default group without anybody making it', async () => {
  const fresh = await world.account();
  const { status, body } = await list(fresh);
  assert.equal(status, 200);
  assert.equal(body.serviceid_groups.length, 1);
  const [group] = body.serviceid_groups;
  assert.match(group.id, ID);
  assert.deepEqual([group.name, group.account_id], ['default', fresh.id]);
  assert.deepEqual((await list(fresh)).body, body);
  assert.deepEqual((await get(group.id, fresh.owner)).body, group);
  assert.notEqual(group.id, (await defaultOf()).id);
});

test('the default group is neither changed nor deleted, and its name is taken', async () => {
  const group = await defaultOf();
  assertRefused(await put(group.id, '*', { name: 'mine' }), 422, 'invalid_state');
  assertRefused(await put(group.id, '*', { name: 'default', description: 'x' }), 422, 'invalid_state');
  assertRefused(await remove(group.id), 422, 'invalid_state');
  assertRefused(await create({ name: 'default' }), 409, 'conflict');
  assert.deepEqual(await defaultOf(), group);
});

test('a service ID without a group belongs to the default one, with a group to that, for good', async () => {
  const [group, standard] = [await make(), await defaultOf()];
  const path = '/v1/serviceids?show_group_id=true';
  const ungrouped = { account_id: account.id, name: 'in default' };
  const first = await world.expect(201, 'POST', path, { token: account.owner, body: ungrouped });
  assert.equal(first.body.group_id, standard.id);
  const grouped = { account_id: account.id, name: 'in group', group_id: group.id };
  const second = await world.expect(201, 'POST', path, { token: account.owner, body: grouped });
  assert.equal(second.body.group_id, group.id);
  const headers = { 'if-match': '*' };
  const moved = { token: account.owner, headers, body: { group_id: standard.id } };
  await world.call('PUT', `/v1/serviceids/${second.body.id}`, moved);
  const read = await world.expect(200, 'GET', `/v1/serviceids/${second.body.id}?show_group_id=true`, { token: account.owner });
  assert.equal(read.body.group_id, group.id);
});

test('the list of service IDs shows the default group, and with group_id that one', async () => {
  const [group, empty, standard] = [await make(), await make(), await defaultOf()];
  await makeServiceId(world, account, { name: 'listed in default' });
  await makeServiceId(world, account, { name: 'listed in group', group_id: group.id });
  assert.ok((await namesIn('')).includes('listed in default'));
  assert.ok(!(await namesIn('')).includes('listed in group'));
  assert.deepEqual(await namesIn(`&group_id=${group.id}`), ['listed in group']);
  assert.deepEqual(await namesIn(`&group_id=${empty.id}`), []);
  assert.deepEqual(await namesIn(`&group_id=${standard.id}`), await namesIn(''));
});

test('a group that is unknown or of another account takes no service ID and shows none', async () => {
  const other = await world.account();
  const foreign = await defaultOf(other);
  for (const group_id of [UNKNOWN, 'invalid', '__proto__', foreign.id]) {
    const body = { account_id: account.id, name: 'nowhere', group_id };
    const made = await world.call('POST', '/v1/serviceids', { token: account.owner, body });
    assert.ok([400, 404].includes(made.status), `${group_id}: ${made.status} ${made.text}`);
    const shown = await world.call('GET', `/v1/serviceids?account_id=${account.id}&group_id=${group_id}`, { token: account.owner });
    assert.ok([200, 400, 404].includes(shown.status), `${group_id}: ${shown.status} ${shown.text}`);
    assert.deepEqual(shown.body.serviceids ?? [], []);
  }
});

test('the name of a group is unique in its account', async () => {
  const [first, second] = [await make('unique'), await make()];
  assertRefused(await create({ name: 'unique' }), 409, 'conflict');
  assertRefused(await put(second.id, '*', { name: 'unique' }), 409, 'conflict');
  assert.equal((await put(first.id, '*', { name: 'unique', description: 'own name' })).status, 200);
  const other = await world.account();
  const elsewhere = await world.call('POST', '/v1/serviceid_groups', {
    token: other.owner,
    body: { account_id: other.id, name: 'unique' },
  });
  assert.equal(elsewhere.status, 201);
  await remove(first.id);
  assert.equal((await create({ name: 'unique' })).status, 201);
});

test('of 20 creations of one name at once exactly one succeeds', async () => {
  const replies = await Promise.all(Array.from({ length: 20 }, () => create({ name: 'race' })));
  assert.equal(replies.filter(({ status }) => status === 201).length, 1);
  for (const reply of replies) if (reply.status !== 201) assertRefused(reply, 409, 'conflict');
});

test('a change needs the current entity tag and a name', async () => {
  const group = await make();
  assertRefused(await put(group.id, undefined, { name: 'x' }), 400, 'missing_parameter');
  assertRefused(await put(group.id, '*', { description: 'x' }), 400, 'missing_parameter');
  assertRefused(await put(group.id, '*', { name: '' }), 400, 'missing_parameter');
  assertRefused(await put(group.id, 'stale', { name: group.name }), 409, 'conflict');
  assertRefused(await put(UNKNOWN, 'stale', { name: 'x' }), 404, 'not_found');
  assert.equal((await put(group.id, `"${group.entity_tag}"`, { name: group.name })).status, 200);
});

test('of 100 changes at once with the same tag exactly one succeeds', async () => {
  const group = await make();
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, index) => put(group.id, group.entity_tag, { name: group.name, description: `writer ${index}` })),
  );
  const winners = replies.filter(({ status }) => status === 200);
  assert.equal(winners.length, 1);
  for (const reply of replies) if (reply.status !== 200) assertRefused(reply, 409, 'conflict');
  assert.deepEqual((await get(group.id)).body, winners[0]?.body);
});

test('a group without a name or an account, or with values of the wrong kind, is refused', async () => {
  for (const members of [{}, { name: '' }, { name: 'x', account_id: undefined }]) {
    assertRefused(await create(members), 400, 'missing_parameter');
  }
  for (const members of [{ name: 7 }, { name: null }, { name: 'x'.repeat(301) }, { name: 'x', description: 'x'.repeat(1001) }]) {
    assertRefused(await create(members), 400, 'invalid_parameter');
  }
  assertRefused(await create({ name: 'x', account_id: 'invalid' }), 400, 'invalid_parameter', 'BXNIM0106E');
  assertRefused(await create({ name: 'x', account_id: '0'.repeat(32) }), 400, 'invalid_parameter');
  assertRefused(await create(`{"__proto__":{"name":"x","account_id":"${account.id}"}}`), 400, 'missing_parameter');
  for (const id of [UNKNOWN, 'invalid', '__proto__']) assertRefused(await get(id), 404, 'not_found');
});

test('a list without an account is refused, one of another account forbidden', async () => {
  assertRefused(await world.call('GET', '/v1/serviceid_groups', { token: account.owner }), 400, 'missing_parameter');
  assertRefused(await world.call('GET', '/v1/serviceid_groups?account_id=x', { token: account.owner }), 400, 'invalid_parameter');
  assertRefused(await list(account, (await world.account()).owner), 403, 'insufficient_permissions');
});

test('Viewer reads, Editor updates, Operator and Administrator do everything, others nothing', async () => {
  for (const [role, level] of [
    ['Viewer', 1],
    ['Editor', 2],
    ['Operator', 3],
    ['Administrator', 3],
    [undefined, 0],
  ] as const) {
    const { token } = role === undefined ? await world.user(account.id) : await makeUserWith(world, account, ROLE(role));
    const group = await make();
    for (const [reply, needed] of [
      [await get(group.id, token), 1],
      [await list(account, token), 1],
      [await put(group.id, '*', { name: group.name, description: 'x' }, token), 2],
      [await create({ name: crypto.randomUUID() }, token), 3],
      [await remove(group.id, token), 3],
    ] as const) {
      if (level >= needed) assert.ok(reply.status < 300, `${role}: ${reply.text}`);
      else assertRefused(reply, 403, 'insufficient_permissions');
    }
  }
});

test('a group of another account is not found', async () => {
  const group = await make();
  const { owner } = await world.account();
  for (const reply of [await get(group.id, owner), await put(group.id, '*', { name: 'x' }, owner), await remove(group.id, owner)]) {
    assertRefused(reply, 404, 'not_found');
  }
  assert.deepEqual((await get(group.id)).body, group);
});
