import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

let world: World;
let account: TestAccount;
let profile: Wire;

before(async () => {
  world = await startWorld();
  account = await world.account();
  profile = await world.profile(account, 'readable');
});
after(() => world[Symbol.asyncDispose]());

const get = (path: string, token = account.owner) => world.call('GET', path, { token });

test('P11: GET returns the profile as it was created, with the same tag in body and header', async () => {
  const { status, body, headers } = await get(`/v1/profiles/${profile.id}`);
  assert.equal(status, 200);
  assert.deepEqual(body, profile);
  assert.equal(headers.get('etag'), profile.entity_tag);
});

test('P12: include_activity=true on a new profile shows a count of 0 and no last authentication', async () => {
  const { status, body } = await get(`/v1/profiles/${profile.id}?include_activity=true`);
  assert.equal(status, 200);
  assert.deepEqual(body.activity, { authn_count: 0 });
});

test('P13: without the parameter, or with false, there is no activity and no history', async () => {
  for (const query of ['', '?include_activity=false', '?include_history=false']) {
    const { body } = await get(`/v1/profiles/${profile.id}${query}`);
    assert.ok(!('activity' in body));
    assert.ok(!('history' in body));
  }
});

test('a parameter that is neither true nor false is refused', async () => {
  assertRefused(await get(`/v1/profiles/${profile.id}?include_activity=perhaps`), 400, 'invalid_parameter', 'BXNIM0106E');
});

test('include_history=true on one profile shows the record of its creation', async () => {
  const { body } = await get(`/v1/profiles/${profile.id}?include_history=true`);
  assert.equal(body.history.length, 1);
  assert.equal(body.history[0].action, 'CREATE');
  assert.equal(body.history[0].iam_id, account.ownerIamId);
});

test('P14: an unknown profile is answered with the envelope, a numeric status and the trace of the header', async () => {
  for (const id of ['invalid', `Profile-${crypto.randomUUID()}`, '__proto__', 'constructor', '%2e%2e']) {
    assertRefused(await get(`/v1/profiles/${id}`), 404, 'not_found');
  }
});

test('P48: a profile of another account is not found, with the words for a profile that does not exist', async () => {
  const other = await world.account();
  const foreign = await get(`/v1/profiles/${profile.id}`, other.owner);
  assertRefused(foreign, 404, 'not_found');
  const unknownId = `Profile-${crypto.randomUUID()}`;
  const unknown = await get(`/v1/profiles/${unknownId}`, other.owner);
  assertRefused(unknown, 404, 'not_found');
  assert.deepEqual(JSON.parse(JSON.stringify(foreign.body.errors).replaceAll(profile.id, unknownId)), unknown.body.errors);
});

test('P48: no operation on a profile of another account tells that it exists', async () => {
  const { owner: token } = await world.account();
  const path = `/v1/profiles/${profile.id}`;
  const link = { crn: profile.crn, namespace: 'default', name: 'default' };
  const headers = { 'if-match': '*' };
  assertRefused(await world.call('PUT', path, { token, headers, body: { description: 'mine' } }), 404, 'not_found');
  assertRefused(await world.call('DELETE', path, { token }), 404, 'not_found');
  assertRefused(await world.call('GET', `${path}/links`, { token }), 404, 'not_found');
  assertRefused(await world.call('POST', `${path}/links`, { token, body: { cr_type: 'ROKS_SA', link } }), 404, 'not_found');
  assertRefused(await world.call('GET', `${path}/links/link-1`, { token }), 404, 'not_found');
  assertRefused(await world.call('DELETE', `${path}/links/link-1`, { token }), 404, 'not_found');
  assertRefused(await world.call('DELETE', `${path}/links?type=ROKS_SA`, { token }), 404, 'not_found');
  assert.deepEqual((await get(path)).body, profile);
});

test('P49: a Transaction-Id of the caller comes back in both headers, and as trace of an error', async () => {
  const headers = { 'transaction-id': 't1' };
  const found = await world.call('GET', `/v1/profiles/${profile.id}`, { token: account.owner, headers });
  assert.equal(found.headers.get('transaction-id'), 't1');
  assert.equal(found.headers.get('x-correlation-id'), 't1');
  const missing = await world.call('GET', '/v1/profiles/invalid', { token: account.owner, headers });
  assertRefused(missing, 404, 'not_found');
  assert.equal(missing.body.trace, 't1');
  assert.equal(missing.headers.get('x-correlation-id'), 't1');
});

test('P49: without one, each call gets a transaction id of its own in the form that IBM uses', async () => {
  const first = (await get(`/v1/profiles/${profile.id}`)).headers.get('transaction-id') ?? '';
  const second = (await get(`/v1/profiles/${profile.id}`)).headers.get('transaction-id') ?? '';
  for (const id of [first, second]) assert.match(id, /^.{5,7}-[0-9a-f]{32}$/);
  assert.notEqual(first, second);
});

test('P49: a Transaction-Id that is no label is replaced, not repeated', async () => {
  for (const label of ['<script>', 'x'.repeat(129), 'a b']) {
    const reply = await world.call('GET', '/v1/profiles/invalid', { token: account.owner, headers: { 'transaction-id': label } });
    assertRefused(reply, 404, 'not_found');
    assert.notEqual(reply.body.trace, label);
  }
});

test('P50: the bare uuid and the iam id name the same profile', async () => {
  const uuid = profile.id.slice('Profile-'.length);
  for (const id of [uuid, profile.iam_id]) assert.deepEqual((await get(`/v1/profiles/${id}`)).body, profile);
});

test('P50: a name never names a profile', async () => {
  assertRefused(await get(`/v1/profiles/${profile.name}`), 404, 'not_found');
});

test('replies are not to be cached, sniffed or framed', async () => {
  for (const { headers } of [await get(`/v1/profiles/${profile.id}`), await get('/v1/profiles/invalid')]) {
    assert.equal(headers.get('cache-control'), 'no-cache, no-store, must-revalidate');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('ibm-cloud-service-name'), 'iam-identity');
    assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f]{8}-/);
  }
});
