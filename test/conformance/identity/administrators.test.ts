import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { claimsOf, startWorld, type TestAccount, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

let world: World;
let account: TestAccount;
let installationId: string;

before(async () => {
  world = await startWorld();
  account = await world.account();
  installationId = claimsOf(world.admin).account.bss;
});
after(() => world[Symbol.asyncDispose]());

const create = (body: unknown, token = world.admin) => world.call('POST', '/podpass/v1/administrators', { token, body });
const canAdminister = async (token: string) =>
  (await world.call('POST', '/podpass/v1/accounts', { token, body: { name: 'x', owner_iam_id: 'IBMid-x' } })).status === 201;

test('an administrator makes another one, with an API key', async () => {
  const { status, body, headers } = await create({ iam_id: 'IBMid-second', name: 'Second' });
  assert.equal(status, 201);
  assert.match(body.apikey, /^[A-Za-z0-9_-]{44}$/);
  assert.equal(body.account_id, installationId);
  assert.equal(headers.get('etag'), body.entity_tag);
  assert.ok(await canAdminister(await world.login(body.apikey)));
});

test('an administrator who is made again gets another key', async () => {
  const first = await create({ iam_id: 'IBMid-twice', name: 'Twice' });
  const second = await create({ iam_id: 'IBMid-twice', name: 'Twice' });
  assert.equal(second.status, 201);
  assert.notEqual(second.body.apikey, first.body.apikey);
  for (const { body } of [first, second]) assert.ok(await canAdminister(await world.login(body.apikey)));
});

test('a user of the installation account becomes an administrator, and was none before', async () => {
  const user = await world.user(installationId);
  assert.ok(!(await canAdminister(user.token)));
  const { status, body } = await create({ iam_id: user.iamId, name: 'Promoted' });
  assert.equal(status, 201);
  assert.ok(await canAdminister(await world.login(body.apikey)));
});

test('of 10 requests at once for one administrator all give a key that works', async () => {
  const replies = await Promise.all(Array.from({ length: 10 }, () => create({ iam_id: 'IBMid-at-once', name: 'At once' })));
  for (const { status, body, text } of replies) {
    assert.equal(status, 201, text);
    assert.ok(await canAdminister(await world.login(body.apikey)));
  }
});

test('an administrator without an id or a name, or with an id of no user, is refused', async () => {
  assertRefused(await create({ name: 'X' }), 400, 'missing_parameter');
  assertRefused(await create({ iam_id: 'IBMid-x' }), 400, 'missing_parameter');
  assertRefused(await create({ iam_id: 'iam-Profile-x', name: 'X' }), 400, 'invalid_parameter', 'BXNIM0106E');
});

test('nobody else makes administrators', async () => {
  const { token } = await world.user(account.id);
  const body = { iam_id: 'IBMid-mallory', name: 'Mallory' };
  for (const caller of [account.owner, token]) assertRefused(await create(body, caller), 403, 'insufficient_permissions');
  assertRefused(await world.call('POST', '/podpass/v1/administrators', { body }), 401, 'invalid_access_token', 'BXNIM0308E');
});

test('the first key of the installation makes an administrator', async () => {
  const { status, body } = await create({ iam_id: 'IBMid-by-first-key', name: 'First' }, world.bootstrap);
  assert.equal(status, 201);
  assert.ok(await canAdminister(await world.login(body.apikey)));
});

test('the first key of the installation does nothing else', async () => {
  const token = world.bootstrap;
  const profile = await world.profile(account);
  const user = { iam_id: 'IBMid-x', name: 'X' };
  const users = `/podpass/v1/accounts/${account.id}/users`;
  for (const [path, body] of [
    ['/podpass/v1/accounts', { name: 'x', owner_iam_id: 'IBMid-x' }],
    [users, user],
    [`${users}/${account.ownerIamId}/apikeys`, { name: 'x' }],
    [`/podpass/v1/accounts/${installationId}/users`, user],
    [`/podpass/v1/accounts/${installationId}/users/IBMid-admin/apikeys`, { name: 'x' }],
    ['/v1/profiles', { name: 'x', account_id: account.id }],
    ['/v1/profiles', { name: 'x', account_id: installationId }],
  ] as const) {
    assertRefused(await world.call('POST', path, { token, body }), 403, 'insufficient_permissions');
  }
  assertRefused(await world.call('GET', `/v1/profiles?account_id=${installationId}`, { token }), 403, 'insufficient_permissions');
  assertRefused(await world.call('GET', `/v1/profiles/${profile.id}`, { token }), 404, 'not_found');
  assertRefused(
    await world.call('GET', `/podpass/v1/audit/events?account_id=${installationId}`, { token }),
    403,
    'insufficient_permissions',
  );
});
