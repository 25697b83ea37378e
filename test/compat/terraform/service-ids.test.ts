/** `ibm_iam_service_id`, `ibm_iam_api_key` and `ibm_iam_service_api_key`. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { ANY_TAG, assertForgotten, assertNoDrift, configureProvider, type Provider } from './provider.ts';

let world: World;
let account: TestAccount;
let provider: Provider;

before(async () => {
  world = await startWorld();
  account = await world.account();
  provider = await configureProvider(world, account);
});
after(() => world[Symbol.asyncDispose]());

async function applyServiceId(configured: Readonly<Record<string, string>>): Promise<Wire> {
  const { body: made } = await provider.expect(201, 'POST', '/v1/serviceids/', { account_id: provider.accountId, ...configured });
  const { body: read } = await provider.expect(200, 'GET', `/v1/serviceids/${made.id}`);
  assertNoDrift('serviceId', configured, read);
  return read;
}

/** Create and the read that follows it. The value is kept from the first answer; the second must have the member all the same. */
async function applyApiKey(
  configured: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly made: Wire; readonly read: Wire }> {
  const { body: made } = await provider.expect(201, 'POST', '/v1/apikeys', { account_id: provider.accountId, ...configured }, headers);
  const { body: read } = await provider.expect(200, 'GET', `/v1/apikeys/${made.id}`);
  assertNoDrift('apiKey', configured, read);
  assert.equal(typeof read.apikey, 'string', 'the provider panics');
  return { made, read };
}

test('(replay): ibm_iam_service_id is created, changed whatever its tag, and destroyed', async () => {
  const serviceId = await applyServiceId({ name: 'tf_service_id' });
  for (const attribute of ['id', 'iam_id', 'crn', 'entity_tag']) assert.ok(serviceId[attribute], attribute);
  assert.equal(serviceId.locked, false);
  assert.ok(!('description' in serviceId));
  const path = `/v1/serviceids/${serviceId.id}`;
  const change = async (changed: Readonly<Record<string, string>>, configured: Readonly<Record<string, string>>) => {
    await provider.expect(200, 'PUT', path, changed, ANY_TAG);
    assertNoDrift('serviceId', configured, (await provider.expect(200, 'GET', path)).body);
  };
  // Only what changed is sent; a description that is taken out of the configuration is sent empty.
  await change({ description: 'd' }, { name: 'tf_service_id', description: 'd' });
  await change({ name: 'tf_renamed' }, { name: 'tf_renamed', description: 'd' });
  await change({ description: '' }, { name: 'tf_renamed' });
  await provider.expect(204, 'DELETE', path);
  await assertForgotten(provider, path);
});

test('(replay): data source ibm_iam_service_id finds every service ID of a name, over two pages', async () => {
  const made = await Promise.all(Array.from({ length: 101 }, () => applyServiceId({ name: 'tf_same_name' })));
  await applyServiceId({ name: 'tf_same_name_not' });
  const list = `/v1/serviceids/?account_id=${provider.accountId}&name=tf_same_name`;
  const first = (await provider.expect(200, 'GET', `${list}&pagesize=100`)).body;
  const pagetoken = new URL(first.next).searchParams.get('pagetoken') ?? '';
  const second = (await provider.expect(200, 'GET', `${list}&pagesize=100&pagetoken=${encodeURIComponent(pagetoken)}`)).body;
  assert.ok(!('next' in second));
  const found = [...first.serviceids, ...second.serviceids].map(({ id }: Wire) => id);
  assert.deepEqual(found.sort(), made.map(({ id }) => id).sort());
});

test('K4 (replay): ibm_iam_api_key keeps its date of expiry to the letter', async () => {
  const own = { iam_id: provider.iamId };
  const unlocked = { 'entity-lock': 'false' };
  const { made, read } = await applyApiKey({ ...own, name: 'tf_key', expires_at: '2040-01-28T15:00+0000' }, unlocked);
  assert.equal(made.expires_at, '2040-01-28T15:00+0000');
  assert.equal(read.expires_at, '2040-01-28T15:00+0000');
  assert.ok(made.apikey.length >= 32);
  assert.equal(read.locked, false);
  assert.ok(!('description' in read));
  for (const attribute of ['iam_id', 'account_id', 'id', 'entity_tag', 'crn', 'created_at', 'created_by', 'modified_at']) {
    assert.ok(read[attribute], attribute);
  }
  const path = `/v1/apikeys/${read.id}`;
  const configured = { name: 'tf_key_2', description: 'tf_description', expires_at: '2041-01-28T15:00+0000' };
  await provider.expect(200, 'PUT', path, configured, ANY_TAG);
  assertNoDrift('apiKey', configured, (await provider.expect(200, 'GET', path)).body);
  await provider.expect(204, 'DELETE', path);
  await assertForgotten(provider, path);
});

test('K4 (replay): ibm_iam_api_key without a date of expiry has none, and one that is locked says so', async () => {
  const { read } = await applyApiKey({ iam_id: provider.iamId, name: 'tf_lasting' }, { 'entity-lock': 'false' });
  assert.ok(!('expires_at' in read));
  const { read: locked } = await applyApiKey({ iam_id: provider.iamId, name: 'tf_locked' }, { 'entity-lock': 'true' });
  assert.equal(locked.locked, true);
});

test('(replay): ibm_iam_service_api_key lives, changes and dies with the IAM id of its service ID', async () => {
  const serviceId = await applyServiceId({ name: 'tf_with_key' });
  const { made, read } = await applyApiKey({ iam_id: serviceId.iam_id, name: 'tf_service_key' });
  assert.equal(read.iam_id, serviceId.iam_id, 'another form of it would replace the key');
  assert.equal(read.apikey, '', 'the value was not to be stored');
  assert.ok((await world.login(made.apikey)).length > 0);
  const path = `/v1/apikeys/${read.id}`;
  await provider.expect(200, 'PUT', path, { description: 'd' }, ANY_TAG);
  // Older providers read the tag first.
  const { body: current } = await provider.expect(200, 'GET', path);
  await provider.expect(200, 'PUT', path, { name: 'tf_renamed' }, { 'if-match': current.entity_tag });
  assertNoDrift('apiKey', { name: 'tf_renamed', description: 'd' }, (await provider.expect(200, 'GET', path)).body);
  await provider.expect(200, 'GET', path);
  await provider.expect(204, 'DELETE', path);
  await assertForgotten(provider, path);
});

test('(replay): ibm_iam_service_api_key whose value is stored comes back with it', async () => {
  const serviceId = await applyServiceId({ name: 'tf_with_stored_key' });
  const { made, read } = await applyApiKey({ iam_id: serviceId.iam_id, name: 'tf_stored', store_value: true }, { 'entity-lock': 'true' });
  assert.equal(read.apikey, made.apikey);
  assert.equal(read.locked, true);
});
