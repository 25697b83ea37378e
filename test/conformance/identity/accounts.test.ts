import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { claimsOf, ROLE, startWorld, type TestAccount, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

const UNKNOWN = '0'.repeat(32);
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const createAccount = (body: unknown, token = world.admin) => world.call('POST', '/podpass/v1/accounts', { token, body });
const createUser = (accountId: string, body: unknown, token = world.admin) =>
  world.call('POST', `/podpass/v1/accounts/${accountId}/users`, { token, body });
const createKey = (accountId: string, iamId: string, body: unknown = { name: 'key' }, token = world.admin) =>
  world.call('POST', `/podpass/v1/accounts/${accountId}/users/${iamId}/apikeys`, { token, body });

test('an administrator makes an account, whose owner is in it', async () => {
  const { status, body, headers } = await createAccount({ name: 'first', owner_iam_id: 'IBMid-first' });
  assert.equal(status, 201);
  const { id, entity_tag, created_at, ...rest } = body;
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(headers.get('etag'), entity_tag);
  assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, { name: 'first', owner_iam_id: 'IBMid-first', state: 'active' });
  assertRefused(await createUser(id, { iam_id: 'IBMid-first', name: 'Again' }), 409, 'conflict');
});

test('an account may have a parent, which must exist', async () => {
  const child = { name: 'child', owner_iam_id: 'IBMid-child' };
  const { status, body } = await createAccount({ ...child, parent_account_id: account.id });
  assert.equal(status, 201);
  assert.equal(body.parent_account_id, account.id);
  assertRefused(await createAccount({ ...child, parent_account_id: UNKNOWN }), 404, 'not_found');
  assertRefused(await createAccount({ ...child, parent_account_id: 'invalid' }), 400, 'invalid_parameter');
});

test('an account without a name or an owner is refused', async () => {
  assertRefused(await createAccount({ owner_iam_id: 'IBMid-x' }), 400, 'missing_parameter');
  assertRefused(await createAccount({ name: '', owner_iam_id: 'IBMid-x' }), 400, 'missing_parameter');
  assertRefused(await createAccount({ name: 'x' }), 400, 'missing_parameter');
  assertRefused(await createAccount({ name: 'x'.repeat(301), owner_iam_id: 'IBMid-x' }), 400, 'invalid_parameter');
});

for (const id of [
  'iam-Profile-x',
  'iam-ServiceId-x',
  'crn-x',
  'AccessGroupId-x',
  'ab',
  'x'.repeat(129),
  'IBMid 1',
  'IBMid-ä',
  '*',
  '../x',
]) {
  test(`${id.slice(0, 20)} is no id of a user`, async () => {
    assertRefused(await createAccount({ name: 'x', owner_iam_id: id }), 400, 'invalid_parameter', 'BXNIM0106E');
    assertRefused(await createUser(account.id, { iam_id: id, name: 'X' }), 400, 'invalid_parameter', 'BXNIM0106E');
  });
}

test('an administrator adds a user, once', async () => {
  const sent = { iam_id: 'IBMid-added', name: 'Added', email: 'added@example.com' };
  const { status, body } = await createUser(account.id, sent);
  assert.equal(status, 201);
  const { created_at, ...rest } = body;
  assert.match(created_at, /Z$/);
  assert.deepEqual(rest, { ...sent, account_id: account.id, state: 'active' });
  assertRefused(await createUser(account.id, sent), 409, 'conflict');
});

test('a user may be in several accounts', async () => {
  const other = await world.account();
  assert.equal((await createUser(account.id, { iam_id: 'IBMid-both', name: 'Both' })).status, 201);
  assert.equal((await createUser(other.id, { iam_id: 'IBMid-both', name: 'Both' })).status, 201);
});

test('a user without a name or an id is refused', async () => {
  assertRefused(await createUser(account.id, { name: 'X' }), 400, 'missing_parameter');
  assertRefused(await createUser(account.id, { iam_id: 'IBMid-nameless' }), 400, 'missing_parameter');
});

test('of 20 additions of one user at once exactly one succeeds', async () => {
  const body = { iam_id: 'IBMid-race', name: 'Race' };
  const replies = await Promise.all(Array.from({ length: 20 }, () => createUser(account.id, body)));
  assert.equal(replies.filter(({ status }) => status === 201).length, 1);
  for (const reply of replies) if (reply.status !== 201) assertRefused(reply, 409, 'conflict');
});

test('an API key is shown once, signs its user in to its account, and is in no audit event', async () => {
  const user = await world.user(account.id);
  const { status, body, headers } = await createKey(account.id, user.iamId);
  assert.equal(status, 201);
  assert.match(body.id, /^ApiKey-[0-9a-f-]{36}$/);
  assert.match(body.apikey, /^[A-Za-z0-9_-]{44}$/);
  assert.equal(headers.get('etag'), body.entity_tag);
  assert.equal(body.iam_id, user.iamId);
  assert.equal(body.account_id, account.id);
  assert.equal(body.created_by, user.iamId);
  assert.ok(!('expires_at' in body));
  const claims = claimsOf(await world.login(body.apikey));
  assert.equal(claims.iam_id, user.iamId);
  assert.equal(claims.account.bss, account.id);
  const events = await world.events(account, headers.get('x-request-id') ?? '');
  assert.equal(events.length, 1);
  assert.equal(events[0].data.action, 'iam-identity.user-apikey.create');
  assert.ok(!JSON.stringify(events).includes(body.apikey));
  assert.ok(!JSON.stringify(events).includes('keyHash'));
});

test('an API key has the expiry that it was given, and after it signs nobody in', async () => {
  const user = await world.user(account.id);
  const later = await createKey(account.id, user.iamId, { name: 'later', expires_at: '2999-01-31T18:30+0000' });
  assert.equal(later.body.expires_at, '2999-01-31T18:30+0000');
  await world.login(later.body.apikey);
  const past = await createKey(account.id, user.iamId, { name: 'past', expires_at: '2020-01-31T18:30:00Z' });
  assert.equal(past.status, 201);
  await assert.rejects(world.login(past.body.apikey), /BXNIM0462E/);
});

test('an expiry that is no date with an offset is refused', async () => {
  for (const expires_at of ['tomorrow', '2027-01-31', '2027-13-31T18:30+0000', '2027-01-31T18:30', '']) {
    assert.equal((await createKey(account.id, account.ownerIamId, { name: 'x', expires_at })).status, 400, expires_at);
  }
});

test('an unknown account and an unknown user are not found', async () => {
  const body = { iam_id: 'IBMid-x', name: 'X' };
  for (const id of [UNKNOWN, 'invalid', '__proto__']) {
    assertRefused(await createUser(id, body), 404, 'not_found');
    assertRefused(await createKey(id, account.ownerIamId), 404, 'not_found');
  }
  assertRefused(await createKey(account.id, 'IBMid-unknown'), 404, 'not_found');
});

test('a user of one account gets no key for another', async () => {
  const other = await world.account();
  assertRefused(await createKey(other.id, account.ownerIamId), 404, 'not_found');
});

test('nobody but an administrator of the installation gets in, and nobody learns what exists', async () => {
  const administrator = await world.user(account.id);
  await world.policy(account, administrator.iamId, [ROLE('Administrator')], { serviceName: 'iam-identity' });
  const outsider = await world.account();
  for (const token of [account.owner, administrator.token, outsider.owner]) {
    assertRefused(await createAccount({ name: 'x', owner_iam_id: 'IBMid-x' }, token), 403, 'insufficient_permissions');
    for (const id of [account.id, UNKNOWN]) {
      assertRefused(await createUser(id, { iam_id: 'IBMid-x', name: 'X' }, token), 403, 'insufficient_permissions');
      assertRefused(await createUser(id, { iam_id: account.ownerIamId, name: 'X' }, token), 403, 'insufficient_permissions');
      assertRefused(await createKey(id, account.ownerIamId, undefined, token), 403, 'insufficient_permissions');
      assertRefused(await createKey(id, 'IBMid-unknown', undefined, token), 403, 'insufficient_permissions');
    }
  }
});

test('an administrator of the installation has no rights in the accounts', async () => {
  const profile = await world.profile(account);
  assertRefused(await world.call('GET', `/v1/profiles/${profile.id}`, { token: world.admin }), 404, 'not_found');
  const body = { name: 'x', account_id: account.id };
  assertRefused(await world.call('POST', '/v1/profiles', { token: world.admin, body }), 403, 'insufficient_permissions');
});
