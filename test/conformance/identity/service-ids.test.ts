import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type World } from '../../support/world.ts';
import { makeApiKey, makeServiceId } from './making.ts';
import { assertRefused } from './refusal.ts';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const UNKNOWN = 'ServiceId-00000000-0000-4000-8000-000000000000';
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const create = (body: unknown, path = '/v1/serviceids') => world.call('POST', path, { token: account.owner, body });
const get = (id: string, query = '') => world.call('GET', `/v1/serviceids/${id}${query}`, { token: account.owner });
const read = async (id: string) => (await world.expect(200, 'GET', `/v1/serviceids/${id}`, { token: account.owner })).body;
const remove = (id: string) => world.call('DELETE', `/v1/serviceids/${id}`, { token: account.owner });
const put = (id: string, ifMatch: string | undefined, body: unknown) =>
  world.call('PUT', `/v1/serviceids/${id}`, {
    token: account.owner,
    body,
    ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }),
  });

test('S1: a service ID is created with and without a slash at the end of the path', async () => {
  for (const path of ['/v1/serviceids', '/v1/serviceids/']) {
    const { status, body, headers } = await create({ account_id: account.id, name: 's1', description: 'first' }, path);
    assert.equal(status, 201);
    assert.match(body.id, new RegExp(`^ServiceId-${UUID}$`));
    assert.equal(body.iam_id, `iam-${body.id}`);
    assert.equal(body.crn, `crn:v1:bluemix:public:iam-identity::a/${account.id}::serviceid:${body.id}`);
    assert.match(body.entity_tag, /^1-[0-9a-f]{32}$/);
    assert.equal(headers.get('etag'), body.entity_tag);
    assert.match(body.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d\+0000$/);
    assert.equal(body.modified_at, body.created_at);
    assert.deepEqual([body.account_id, body.name, body.description], [account.id, 's1', 'first']);
  }
});

test('S1: what was not asked for is not in the reply', async () => {
  for (const members of [{}, { description: '' }]) {
    const { body } = await create({ account_id: account.id, name: 's1 bare', ...members });
    assert.deepEqual(
      Object.keys(body).sort(),
      'account_id created_at crn entity_tag iam_id id locked modified_at name unique_instance_crns'.split(' '),
    );
  }
});

test('S2: a service ID comes with an API key where one was asked for, and only the reply of its creation shows it', async () => {
  const apikey = { name: 's2 key', description: 'of s2', store_value: true, expires_at: '2049-01-02T18:30+0000' };
  const { status, body } = await create({ account_id: account.id, name: 's2', apikey });
  assert.equal(status, 201);
  assert.match(body.apikey.apikey, /^[A-Za-z0-9_-]{44}$/);
  assert.match(body.apikey.id, new RegExp(`^ApiKey-${UUID}$`));
  assert.deepEqual(
    [body.apikey.iam_id, body.apikey.name, body.apikey.description, body.apikey.expires_at, body.apikey.account_id],
    [body.iam_id, 's2 key', 'of s2', '2049-01-02T18:30+0000', account.id],
  );
  const { apikey: _, ...bare } = body;
  assert.deepEqual(await read(body.id), bare);
  await world.login(body.apikey.apikey);
});

test('S2: the value may be given with the service ID', async () => {
  const value = `given-${crypto.randomUUID()}`;
  const { status, body } = await create({ account_id: account.id, name: 's2', apikey: { name: 'k', apikey: value } });
  assert.equal(status, 201);
  assert.equal(body.apikey.apikey, value);
  await world.login(value);
});

test('S2: a bad API key leaves no service ID behind', async () => {
  const name = crypto.randomUUID();
  for (const apikey of [{}, { name: '' }, { name: 'x', apikey: 'x'.repeat(31) }, { name: 'x', action_when_leaked: 'burn' }, 'key', []]) {
    assert.equal((await create({ account_id: account.id, name, apikey })).status, 400, JSON.stringify(apikey));
  }
  const taken = { name: 'x', apikey: account.ownerApiKey };
  assertRefused(await create({ account_id: account.id, name, apikey: taken }), 409, 'conflict');
  const list = `/v1/serviceids?account_id=${account.id}&name=${name}`;
  assert.deepEqual((await world.expect(200, 'GET', list, { token: account.owner })).body.serviceids, []);
});

test('S3: GET shows no API key, a list of unique instances and no lock', async () => {
  const crns = [`crn:v1:bluemix:public:kms:eu-de:a/${account.id}:i1::`];
  const made = await makeServiceId(world, account, { unique_instance_crns: crns });
  const { status, body, headers } = await get(made.id);
  assert.equal(status, 200);
  assert.deepEqual(body, made);
  assert.deepEqual(body.unique_instance_crns, crns);
  assert.equal(body.locked, false);
  assert.equal(headers.get('etag'), body.entity_tag);
});

test('S3: history and activity are shown where they are asked for, from the first moment on', async () => {
  const { id } = await makeServiceId(world, account);
  const { body } = await get(id, '?include_history=true&include_activity=true');
  assert.deepEqual(body.activity, { authn_count: 0 });
  assert.equal(body.history.length, 1);
  const [record] = body.history;
  assert.deepEqual(Object.keys(record).sort(), ['action', 'iam_id', 'iam_id_account', 'message', 'params', 'timestamp']);
  assert.deepEqual([record.action, record.iam_id, record.iam_id_account], ['CREATE', account.ownerIamId, account.id]);
  const plain = await read(id);
  assert.ok(!('history' in plain) && !('activity' in plain));
});

test('S5: two service IDs of one name are two service IDs', async () => {
  const [first, second] = [await makeServiceId(world, account, { name: 's5' }), await makeServiceId(world, account, { name: 's5' })];
  assert.notEqual(first.id, second.id);
});

test('S8: an account id that is none is a bad request, an unknown service ID is not found', async () => {
  assertRefused(await create({ account_id: 'InvalidAccountId', name: 's8' }), 400, 'invalid_parameter', 'BXNIM0106E');
  assertRefused(await create({ account_id: '0'.repeat(32), name: 's8' }), 400, 'invalid_parameter');
  for (const id of ['InvalidServiceId', UNKNOWN, '__proto__', 'constructor']) assertRefused(await get(id), 404, 'not_found');
});

test('PUT changes what is given and keeps the rest', async () => {
  const made = await makeServiceId(world, account, { description: 'old', unique_instance_crns: ['crn:v1:a:b:c::::d:e'] });
  const { status, body, headers } = await put(made.id, made.entity_tag, { description: 'new' });
  assert.equal(status, 200);
  assert.match(body.entity_tag, /^2-[0-9a-f]{32}$/);
  assert.equal(headers.get('etag'), body.entity_tag);
  assert.deepEqual({ ...body, entity_tag: made.entity_tag, modified_at: made.modified_at }, { ...made, description: 'new' });
  assert.deepEqual(await read(made.id), body);
  const renamed = await put(made.id, body.entity_tag, { name: 'renamed', unique_instance_crns: [] });
  assert.deepEqual([renamed.body.name, renamed.body.unique_instance_crns], ['renamed', []]);
  const cleared = await put(made.id, '*', { description: '' });
  assert.ok(!('description' in cleared.body));
  assert.deepEqual(await read(made.id), cleared.body);
});

test('PUT of nothing, and of members that cannot be changed, succeeds and changes nothing', async () => {
  const made = await makeServiceId(world, account, { description: 'kept' });
  for (const body of [{}, { id: UNKNOWN, iam_id: 'x', account_id: '0'.repeat(32), group_id: 'x', locked: true, apikey: { name: 'x' } }]) {
    const reply = await put(made.id, '*', body);
    assert.equal(reply.status, 200);
    assert.deepEqual([reply.body.id, reply.body.iam_id, reply.body.account_id], [made.id, made.iam_id, account.id]);
    assert.deepEqual([reply.body.name, reply.body.description, reply.body.locked], [made.name, 'kept', false]);
    assert.ok(!('apikey' in reply.body));
  }
});

test('an old entity tag is a conflict and changes nothing', async () => {
  const made = await makeServiceId(world, account);
  const { body: current } = await put(made.id, made.entity_tag, { description: 'second' });
  for (const tag of [made.entity_tag, 'x', '1-0']) assertRefused(await put(made.id, tag, { description: 'third' }), 409, 'conflict');
  assert.deepEqual(await read(made.id), current);
});

test('a quoted tag, a weak tag and * match', async () => {
  const made = await makeServiceId(world, account);
  const quoted = await put(made.id, `"${made.entity_tag}"`, { description: 'quoted' });
  assert.equal(quoted.status, 200);
  const weak = await put(made.id, `W/"${quoted.body.entity_tag}"`, { description: 'weak' });
  assert.equal(weak.status, 200);
  assert.equal((await put(made.id, '*', { description: 'any' })).status, 200);
});

test('PUT without If-Match is a bad request, with a wrong one on an unknown service ID not found', async () => {
  const { id } = await makeServiceId(world, account);
  assertRefused(await put(id, undefined, { description: 'x' }), 400, 'missing_parameter');
  assertRefused(await put(id, '', { description: 'x' }), 400, 'missing_parameter');
  assertRefused(await put(UNKNOWN, undefined, { description: 'x' }), 400, 'missing_parameter');
  assertRefused(await put(UNKNOWN, 'invalid', { description: 'x' }), 404, 'not_found');
});

test('of 100 updates at once with the same tag exactly one succeeds', async () => {
  const made = await makeServiceId(world, account);
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, index) => put(made.id, made.entity_tag, { description: `writer ${index}` })),
  );
  const winners = replies.filter(({ status }) => status === 200);
  assert.equal(winners.length, 1);
  for (const reply of replies) if (reply.status !== 200) assertRefused(reply, 409, 'conflict');
  assert.deepEqual(await read(made.id), winners[0]?.body);
});

test('DELETE is empty, and afterwards the service ID is nowhere', async () => {
  const made = await makeServiceId(world, account);
  const reply = await remove(made.id);
  assert.deepEqual([reply.status, reply.text], [204, '']);
  assertRefused(await get(made.id), 404, 'not_found');
  assertRefused(await put(made.id, '*', { description: 'x' }), 404, 'not_found');
  assertRefused(await remove(made.id), 404, 'not_found');
  const { body } = await world.expect(200, 'GET', `/v1/serviceids?account_id=${account.id}&name=${encodeURIComponent(made.name)}`, {
    token: account.owner,
  });
  assert.deepEqual(body.serviceids, []);
});

test('with a service ID go its API keys, its memberships and its policies', async () => {
  const made = await makeServiceId(world, account, { apikey: { name: 'first' } });
  const second = await makeApiKey(world, account.owner, made.iam_id);
  const group = await world.group(account);
  const members = { members: [{ iam_id: made.iam_id, type: 'service' }] };
  const added = await world.expect(207, 'PUT', `/v2/groups/${group.id}/members`, { token: account.owner, body: members });
  assert.equal(added.body.members[0].status_code, 200, added.text);
  const policy = await world.policy(account, made.iam_id, [ROLE('Viewer')], { serviceName: 'kms' });
  await world.expect(204, 'DELETE', `/v1/serviceids/${made.id}`, { token: account.owner });
  for (const { id, apikey } of [made.apikey, second]) {
    assertRefused(await world.call('GET', `/v1/apikeys/${id}`, { token: account.owner }), 404, 'not_found');
    await assert.rejects(world.login(apikey), /BXNIM0415E/);
  }
  assert.equal((await world.expect(200, 'GET', `/v2/groups/${group.id}/members`, { token: account.owner })).body.total_count, 0);
  const list = `/v1/policies?account_id=${account.id}&iam_id=${made.iam_id}`;
  assert.deepEqual((await world.expect(200, 'GET', list, { token: account.owner })).body.policies, [], policy.id);
});

test('each change is one audit event, which shows no API key', async () => {
  const made = await create({ account_id: account.id, name: 'audited', apikey: { name: 'audited key' } });
  const changed = await put(made.body.id, '*', { description: 'x' });
  const removed = await remove(made.body.id);
  for (const [reply, operation] of [
    [made, 'create'],
    [changed, 'update'],
    [removed, 'delete'],
  ] as const) {
    const events = await world.events(account, reply.headers.get('x-request-id') ?? '');
    const own = events.filter((event) => event.data.action === `iam-identity.account-serviceid.${operation}`);
    assert.equal(own.length, 1, operation);
    assert.equal(own[0].data.outcome, 'success');
    assert.equal(own[0].data.initiator.id, account.ownerIamId);
    assert.ok(JSON.stringify(own[0].data.target).includes(made.body.id));
    assert.ok(!JSON.stringify(events).includes(made.body.apikey.apikey));
  }
});
