import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeServiceId, makeUserWith } from './making.ts';
import { assertRefused } from './refusal.ts';

let world: World;
let account: TestAccount;
let profile: Wire;

before(async () => {
  world = await startWorld();
  account = await world.account();
  profile = await world.profile(account);
});
after(() => world[Symbol.asyncDispose]());

const ofIdentity = (iamId: string, accountId = account.id) => `/v1/preferences/accounts/${accountId}/identities/${iamId}`;
const pathOf = (id: string, iamId: string = profile.iam_id, service = 'console') => `${ofIdentity(iamId)}/${service}/${id}`;
const put = (path: string, body: unknown, token = account.owner) =>
  world.call('PUT', path, { token, body, headers: { 'content-type': 'application/json' } });
const get = (path: string, token = account.owner) => world.call('GET', path, { token });
const remove = (path: string, token = account.owner) => world.call('DELETE', path, { token });

test("A13: a preference is set on a profile's iam id, and read back", async () => {
  const expected = { service: 'console', id: 'landing_page', account_id: account.id, scope: 'account', value_string: '/billing' };
  const { status, body } = await put(pathOf('landing_page'), { value_string: '/billing' });
  assert.equal(status, 200);
  assert.deepEqual(body, expected);
  const read = await get(pathOf('landing_page'));
  assert.deepEqual([read.status, read.body], [200, expected]);
});

test('A13: it is set again with another value, of either kind', async () => {
  await put(pathOf('again'), { value_string: 'one' });
  const list = await put(pathOf('again'), { value_list_of_strings: ['two', 'three'] });
  assert.equal(list.status, 200, list.text);
  assert.deepEqual(list.body.value_list_of_strings, ['two', 'three']);
  assert.ok(!('value_string' in list.body));
  const text = await put(pathOf('again'), { value_string: 'four' });
  assert.equal(text.body.value_string, 'four');
  assert.ok(!('value_list_of_strings' in text.body));
  assert.deepEqual((await get(pathOf('again'))).body, text.body);
});

test('A14: a deleted preference is not found', async () => {
  await put(pathOf('gone'), { value_string: 'x' });
  const reply = await remove(pathOf('gone'));
  assert.deepEqual([reply.status, reply.text], [204, '']);
  assertRefused(await get(pathOf('gone')), 404, 'not_found');
  assertRefused(await remove(pathOf('gone')), 404, 'not_found');
});

test('A14: one that was never set is not found', async () => {
  for (const id of ['never', '__proto__', 'constructor']) assertRefused(await get(pathOf(id)), 404, 'not_found');
});

test('all preferences of an identity are listed, and no others', async () => {
  const { iam_id } = await world.profile(account);
  assert.deepEqual((await get(ofIdentity(iam_id))).body, { preferences: [] });
  const made: Wire[] = [];
  for (const id of ['first', 'second']) made.push((await put(pathOf(id, iam_id), { value_string: id })).body);
  const { status, body } = await get(ofIdentity(iam_id));
  assert.equal(status, 200);
  const byId = (one: Wire, other: Wire) => one.id.localeCompare(other.id);
  assert.deepEqual(body.preferences.sort(byId), made);
});

test('users and service IDs of the account have preferences too', async () => {
  const user = await world.user(account.id);
  const serviceId = await makeServiceId(world, account);
  for (const iamId of [user.iamId, serviceId.iam_id, account.ownerIamId]) {
    assert.equal((await put(pathOf('landing_page', iamId), { value_string: iamId })).status, 200);
    assert.equal((await get(pathOf('landing_page', iamId))).body.value_string, iamId);
  }
});

test('a value of neither kind, of both, or of another type is refused', async () => {
  for (const body of [
    {},
    { value_string: 'x', value_list_of_strings: ['x'] },
    { value_string: 7 },
    { value_string: null },
    { value_string: ['x'] },
    { value_list_of_strings: 'x' },
    { value_list_of_strings: [7] },
    { value_list_of_strings: Array.from({ length: 50 }, () => 'x'.repeat(100)) },
    { value: 'x' },
    '{"__proto__":{"value_string":"x"}}',
    '[]',
    'null',
    '{',
    `{"value_list_of_strings":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
  ]) {
    const reply = await put(pathOf('refused'), body);
    assert.equal(reply.status, 400, `${JSON.stringify(body).slice(0, 60)}: ${reply.text}`);
    assert.equal(reply.body.status_code, 400);
  }
  assertRefused(await get(pathOf('refused')), 404, 'not_found');
});

test('an identity that the account does not have is not found', async () => {
  const other = await world.account();
  const foreign = await world.profile(other);
  for (const iamId of ['IBMid-nobody', 'iam-Profile-00000000-0000-4000-8000-000000000000', foreign.iam_id, '__proto__']) {
    assertRefused(await put(pathOf('landing_page', iamId), { value_string: 'x' }), 404, 'not_found');
    assertRefused(await get(pathOf('landing_page', iamId)), 404, 'not_found');
  }
});

test('an account that is unknown or of others is not found', async () => {
  await put(pathOf('seen'), { value_string: 'secret value' });
  const { owner: token } = await world.account();
  for (const path of [pathOf('seen'), ofIdentity(profile.iam_id), `${ofIdentity(profile.iam_id, '0'.repeat(32))}/console/seen`]) {
    assertRefused(await get(path, token), 404, 'not_found');
  }
  assertRefused(await put(pathOf('seen'), { value_string: 'changed' }, token), 404, 'not_found');
  assertRefused(await remove(pathOf('seen'), token), 404, 'not_found');
  assert.equal((await get(pathOf('seen'))).body.value_string, 'secret value');
});

test('an Administrator reads and changes preferences of others, nobody below does', async () => {
  await put(pathOf('guarded'), { value_string: 'x' });
  for (const role of ['Administrator', 'Operator', 'Editor', 'Viewer', undefined]) {
    const { token } = role === undefined ? await world.user(account.id) : await makeUserWith(world, account, ROLE(role));
    for (const reply of [
      await get(pathOf('guarded'), token),
      await get(ofIdentity(profile.iam_id), token),
      await put(pathOf('guarded'), { value_string: 'x' }, token),
    ]) {
      if (role === 'Administrator') assert.equal(reply.status, 200, reply.text);
      else assertRefused(reply, 403, 'insufficient_permissions');
    }
  }
});

test('with an identity go its preferences', async () => {
  const { id, iam_id } = await world.profile(account);
  await put(pathOf('landing_page', iam_id), { value_string: 'x' });
  await world.expect(204, 'DELETE', `/v1/profiles/${id}`, { token: account.owner });
  assertRefused(await get(pathOf('landing_page', iam_id)), 404, 'not_found');
});
