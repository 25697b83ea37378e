import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { makeApiKey, makeServiceId } from './making.ts';
import { assertRefused } from './refusal.ts';

const UNKNOWN = 'ApiKey-00000000-0000-4000-8000-000000000000';
let world: World;
let account: TestAccount;
let user: TestUser;

before(async () => {
  world = await startWorld();
  account = await world.account();
  user = await world.user(account.id);
});
after(() => world[Symbol.asyncDispose]());

const own = (members: Readonly<Record<string, unknown>> = {}) => makeApiKey(world, user.token, user.iamId, members);
const get = (id: string, query = '') => world.call('GET', `/v1/apikeys/${id}${query}`, { token: user.token });
const read = async (id: string) => (await world.expect(200, 'GET', `/v1/apikeys/${id}`, { token: user.token })).body;
const remove = (id: string) => world.call('DELETE', `/v1/apikeys/${id}`, { token: user.token });
const put = (id: string, ifMatch: string | undefined, body: unknown) =>
  world.call('PUT', `/v1/apikeys/${id}`, {
    token: user.token,
    body,
    ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }),
  });

test('K1: a key without account_id is of the account of the token, and is shown once', async () => {
  const body = { name: 'k1', iam_id: user.iamId, description: 'first' };
  const { status, body: made, headers } = await world.call('POST', '/v1/apikeys', { token: user.token, body });
  assert.equal(status, 201);
  assert.match(made.id, /^ApiKey-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.match(made.apikey, /^[A-Za-z0-9_-]{44}$/);
  assert.match(made.entity_tag, /^1-[0-9a-f]{32}$/);
  assert.equal(headers.get('etag'), made.entity_tag);
  assert.equal(made.crn, `crn:v1:bluemix:public:iam-identity::a/${account.id}::apikey:${made.id}`);
  assert.deepEqual([made.name, made.description, made.account_id], ['k1', 'first', account.id]);
  assert.deepEqual([made.iam_id, made.created_by], [user.iamId, user.iamId]);
  assert.match(made.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d\+0000$/);
  assert.equal(made.modified_at, made.created_at);
  await world.login(made.apikey);
});

test('K1: what was not asked for is not in the reply', async () => {
  const members =
    'account_id action_when_leaked apikey created_at created_by crn disabled entity_tag iam_id id locked modified_at name support_sessions';
  assert.deepEqual(Object.keys(await own()).sort(), members.split(' '));
});

test('K2: GET shows the defaults, no value, a history and an activity', async () => {
  const made = await own();
  const { status, body, headers } = await get(made.id, '?include_history=true&include_activity=true');
  assert.equal(status, 200);
  assert.deepEqual([body.locked, body.disabled, body.support_sessions], [false, false, false]);
  assert.equal(body.action_when_leaked, 'none');
  assert.equal(body.apikey, '');
  assert.equal(body.history.length, 1);
  const [record] = body.history;
  assert.deepEqual(Object.keys(record).sort(), ['action', 'iam_id', 'iam_id_account', 'message', 'params', 'timestamp']);
  assert.deepEqual([record.action, record.iam_id], ['CREATE', user.iamId]);
  assert.deepEqual(body.activity, { authn_count: 0 });
  assert.equal(headers.get('etag'), body.entity_tag);
  assert.deepEqual(await read(made.id), { ...made, apikey: '' });
});

test('a sign-in counts as activity', async () => {
  const made = await own();
  await world.login(made.apikey);
  const deadline = Date.now() + 10_000;
  let activity: Wire = {};
  while (activity.authn_count !== 1 && Date.now() < deadline) {
    activity = (await get(made.id, '?include_activity=true')).body.activity;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(activity.authn_count, 1);
  assert.match(activity.last_authn, /^\d{4}-\d\d-\d\dT\d\d:\d\d/);
});

test('K3: an expiry in the past is taken at a change, and ends the key', async () => {
  const made = await own({ expires_at: '2049-01-02T18:30:00+0000' });
  const { status, body } = await put(made.id, made.entity_tag, { description: 'k3', expires_at: '2026-01-02T18:30:00+0000' });
  assert.equal(status, 200);
  assert.deepEqual([body.description, body.expires_at], ['k3', '2026-01-02T18:30+0000']);
  await assert.rejects(world.login(made.apikey), /BXNIM0462E/);
  assert.equal((await put(made.id, '*', { expires_at: '2049-01-02T18:30+0000' })).status, 200);
  await world.login(made.apikey);
});

test('K4: an expiry is echoed to the minute', async () => {
  for (const sent of ['2040-01-28T15:00+0000', '2040-01-28T15:00:00+0000', '2040-01-28T15:00:59+0000']) {
    const made = await own({ expires_at: sent });
    assert.equal(made.expires_at, '2040-01-28T15:00+0000');
    assert.equal((await read(made.id)).expires_at, '2040-01-28T15:00+0000');
  }
});

test('K6: lock, unlock, disable and enable answer 204 and show in GET', async () => {
  const { id } = await own();
  for (const [method, state, member, value] of [
    ['POST', 'lock', 'locked', true],
    ['DELETE', 'lock', 'locked', false],
    ['POST', 'disable', 'disabled', true],
    ['DELETE', 'disable', 'disabled', false],
  ] as const) {
    const reply = await world.call(method, `/v1/apikeys/${id}/${state}`, { token: user.token });
    assert.deepEqual([reply.status, reply.text], [204, '']);
    assert.equal((await read(id))[member], value);
    assertRefused(await world.call(method, `/v1/apikeys/${id}/${state}`, { token: user.token }), 409, 'conflict');
  }
  const { body } = await get(id, '?include_history=true');
  assert.deepEqual(
    body.history.map(({ action }: { action: string }) => action),
    ['CREATE', 'LOCK', 'UNLOCK', 'DISABLE', 'ENABLE'],
  );
});

test('K6: a locked key is neither changed, disabled nor deleted, and signs in', async () => {
  const made = await own();
  await world.expect(204, 'POST', `/v1/apikeys/${made.id}/lock`, { token: user.token });
  const locked = await read(made.id);
  assertRefused(await put(made.id, '*', { description: 'x' }), 422, 'invalid_state');
  assertRefused(await remove(made.id), 422, 'invalid_state');
  assertRefused(await world.call('POST', `/v1/apikeys/${made.id}/disable`, { token: user.token }), 422, 'invalid_state');
  assert.deepEqual(await read(made.id), locked);
  await world.login(made.apikey);
  await world.expect(204, 'DELETE', `/v1/apikeys/${made.id}/lock`, { token: user.token });
  assert.equal((await remove(made.id)).status, 204);
});

test('K10: an unknown, a deleted and a malformed id are not found', async () => {
  const gone = await own();
  assert.deepEqual([(await remove(gone.id)).status, (await remove(gone.id)).status], [204, 404]);
  for (const id of ['InvalidApiKey', UNKNOWN, gone.id, '__proto__', 'constructor']) {
    assertRefused(await remove(id), 404, 'not_found');
    assertRefused(await get(id), 404, 'not_found');
    assertRefused(await put(id, 'invalid', { description: 'x' }), 404, 'not_found');
    for (const state of ['lock', 'disable']) {
      for (const method of ['POST', 'DELETE']) {
        assertRefused(await world.call(method, `/v1/apikeys/${id}/${state}`, { token: user.token }), 404, 'not_found');
      }
    }
  }
});

test('K12: a key is born locked, or disabled, where the header says so', async () => {
  for (const [header, member] of [
    ['entity-lock', 'locked'],
    ['entity-disable', 'disabled'],
  ] as const) {
    for (const value of ['true', 'false']) {
      const body = { name: 'k12', iam_id: user.iamId };
      const made = await world.expect(201, 'POST', '/v1/apikeys', { token: user.token, headers: { [header]: value }, body });
      assert.equal(made.body[member], value === 'true');
    }
  }
});

test('PUT changes what is given and keeps the rest', async () => {
  const made = await own({ description: 'old' });
  const { status, body, headers } = await put(made.id, made.entity_tag, { name: 'renamed', action_when_leaked: 'disable' });
  assert.equal(status, 200);
  assert.match(body.entity_tag, /^2-/);
  assert.equal(headers.get('etag'), body.entity_tag);
  assert.deepEqual([body.name, body.description, body.action_when_leaked, body.apikey], ['renamed', 'old', 'disable', '']);
  const sessions = await put(made.id, body.entity_tag, { support_sessions: true, description: '' });
  assert.equal(sessions.body.support_sessions, true);
  assert.ok(!('description' in sessions.body));
  const ignored = await put(made.id, '*', { iam_id: 'IBMid-x', account_id: '0'.repeat(32), apikey: 'x'.repeat(40), locked: true });
  assert.deepEqual([ignored.status, ignored.body.iam_id, ignored.body.locked], [200, user.iamId, false]);
  await world.login(made.apikey);
});

test('a change needs the current entity tag', async () => {
  const made = await own();
  assertRefused(await put(made.id, undefined, { description: 'x' }), 400, 'missing_parameter');
  assertRefused(await put(UNKNOWN, undefined, { description: 'x' }), 400, 'missing_parameter');
  const { body: current } = await put(made.id, made.entity_tag, { description: 'second' });
  assertRefused(await put(made.id, made.entity_tag, { description: 'third' }), 409, 'conflict');
  assert.deepEqual(await read(made.id), current);
  assert.equal((await put(made.id, `W/"${current.entity_tag}"`, { description: 'weak' })).status, 200);
});

test('of 100 changes at once with the same tag exactly one succeeds', async () => {
  const made = await own();
  const replies = await Promise.all(Array.from({ length: 100 }, (_, index) => put(made.id, made.entity_tag, { description: `${index}` })));
  const winners = replies.filter(({ status }) => status === 200);
  assert.equal(winners.length, 1);
  for (const reply of replies) if (reply.status !== 200) assertRefused(reply, 409, 'conflict');
  assert.deepEqual(await read(made.id), winners[0]?.body);
});

test('a deleted key signs nobody in', async () => {
  const made = await own();
  await world.login(made.apikey);
  assert.equal((await remove(made.id)).status, 204);
  await assert.rejects(world.login(made.apikey), /BXNIM0415E/);
});

test('each change is one audit event of its own kind, which shows no value', async () => {
  const serviceId = await makeServiceId(world, account);
  for (const [kind, iamId, token] of [
    ['user', user.iamId, user.token],
    ['serviceid', serviceId.iam_id, account.owner],
  ] as const) {
    const made = await world.call('POST', '/v1/apikeys', { token, body: { name: 'audited', iam_id: iamId } });
    const path = `/v1/apikeys/${made.body.id}`;
    const changed = await world.call('PUT', path, { token, headers: { 'if-match': '*' }, body: { description: 'x' } });
    const removed = await world.call('DELETE', path, { token });
    for (const [reply, operation] of [
      [made, 'create'],
      [changed, 'update'],
      [removed, 'delete'],
    ] as const) {
      const events = await world.events(account, reply.headers.get('x-request-id') ?? '');
      assert.deepEqual(
        events.map(({ data }) => [data.action, data.outcome]),
        [[`iam-identity.${kind}-apikey.${operation}`, 'success']],
      );
      assert.ok(JSON.stringify(events[0].data.target).includes(made.body.id));
      assert.ok(!JSON.stringify(events).includes(made.body.apikey));
    }
  }
});
