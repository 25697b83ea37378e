/** `ibm_iam_trusted_profile`, and the data sources that look profiles up. */
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

/** Create and the read that follows it. */
async function apply(configured: Readonly<Record<string, string>>): Promise<Wire> {
  const { body: made } = await provider.expect(201, 'POST', '/v1/profiles', { ...configured, account_id: provider.accountId });
  const { body: read } = await provider.expect(200, 'GET', `/v1/profiles/${made.id}`);
  assertNoDrift('profile', configured, read);
  return read;
}

test('P3, P17 (replay): ibm_iam_trusted_profile is created, changed whatever its tag, and destroyed', async () => {
  const profile = await apply({ name: 'tf_name_1' });
  assert.ok(!('description' in profile) && !('email' in profile));
  for (const attribute of ['id', 'account_id', 'entity_tag', 'crn', 'created_at', 'modified_at', 'iam_id'])
    assert.ok(profile[attribute], attribute);
  assert.ok(!('template_id' in profile) && !('assignment_id' in profile) && !('ims_account_id' in profile));

  const path = `/v1/profiles/${profile.id}`;
  const configured = { name: 'tf_name_2', description: 'tf_description_1' };
  await provider.expect(200, 'PUT', path, configured, ANY_TAG);
  assertNoDrift('profile', configured, (await provider.expect(200, 'GET', path)).body);

  // A description that is taken out of the configuration is not sent, so it stays.
  await provider.expect(200, 'PUT', path, { name: 'tf_name_3' }, ANY_TAG);
  const { body: last } = await provider.expect(200, 'GET', path);
  assert.equal(last.name, 'tf_name_3');
  assert.equal(last.description, 'tf_description_1');

  await provider.expect(204, 'DELETE', path);
  await assertForgotten(provider, path);
  await provider.expect(404, 'DELETE', path);
});

test('P9 (replay): ibm_iam_trusted_profile keeps an e-mail that is none', async () => {
  const profile = await apply({ name: 'tf_name_email', description: 'tf_description_47', email: 'tf_email_47' });
  const path = `/v1/profiles/${profile.id}`;
  const configured = { name: 'tf_name_email', description: 'tf_description_47', email: 'tf_email_48' };
  await provider.expect(200, 'PUT', path, configured, ANY_TAG);
  assertNoDrift('profile', configured, (await provider.expect(200, 'GET', path)).body);
  await provider.expect(204, 'DELETE', path);
});

test('P3 (replay): ibm_iam_trusted_profile is created again under its name after it was destroyed', async () => {
  const first = await apply({ name: 'tf_replaced' });
  await provider.expect(204, 'DELETE', `/v1/profiles/${first.id}`);
  const second = await apply({ name: 'tf_replaced' });
  assert.notEqual(second.id, first.id);
});

test('P35 (replay): data source ibm_iam_trusted_profiles finds a profile by its name, and twenty without', async () => {
  const names = Array.from({ length: 21 }, (_, index) => `tf_listed_${String(index).padStart(2, '0')}`);
  for (const name of names) await provider.expect(201, 'POST', '/v1/profiles', { name, account_id: provider.accountId });
  const list = async (query: string) =>
    (await provider.expect(200, 'GET', `/v1/profiles?account_id=${provider.accountId}${query}`)).body as Wire;
  assert.deepEqual(
    (await list('&name=tf_listed_07')).profiles.map(({ name }: Wire) => name),
    ['tf_listed_07'],
  );
  assert.deepEqual((await list('&name=tf_listed')).profiles, []);
  assert.equal((await list('')).profiles.length, 20);
  for (const profile of (await list('&include_history=true')).profiles) assert.ok(profile.history.length > 0);

  // Older providers ask for a hundred and follow `next` by its page token.
  const seen: string[] = [];
  let pagetoken = '';
  do {
    const page = await list(`&pagesize=10${pagetoken === '' ? '' : `&pagetoken=${encodeURIComponent(pagetoken)}`}`);
    seen.push(...page.profiles.map(({ id }: Wire) => id));
    pagetoken = page.next === undefined ? '' : (new URL(page.next).searchParams.get('pagetoken') ?? '');
  } while (pagetoken !== '');
  assert.equal(new Set(seen).size, seen.length);
  assert.ok(seen.length >= names.length);
});

test('P17 (replay): data source ibm_iam_trusted_profile reads one, with its activity where that is set', async () => {
  const profile = await apply({ name: 'tf_read', description: 'd' });
  const { body: plain } = await provider.expect(200, 'GET', `/v1/profiles/${profile.id}`);
  assert.ok(!('activity' in plain));
  const { body } = await provider.expect(200, 'GET', `/v1/profiles/${profile.id}?include_activity=true`);
  assert.equal(body.activity.authn_count, 0);
});
