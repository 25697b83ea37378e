import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
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

const withHeader = (authorization: string) => world.call('GET', `/v1/profiles/${profile.id}`, { headers: { authorization } });

async function userWith(role: string): Promise<TestUser> {
  const user = await world.user(account.id);
  await world.policy(account, user.iamId, [ROLE(role)], { serviceName: 'iam-identity' });
  return user;
}

const create = (token: string) =>
  world.call('POST', '/v1/profiles', { token, body: { name: crypto.randomUUID(), account_id: account.id } });
const get = (token: string) => world.call('GET', `/v1/profiles/${profile.id}`, { token });
const update = (token: string) =>
  world.call('PUT', `/v1/profiles/${profile.id}`, { token, headers: { 'if-match': '*' }, body: { description: crypto.randomUUID() } });
const remove = (token: string, id: string = profile.id) => world.call('DELETE', `/v1/profiles/${id}`, { token });
const link = (token: string, crn: string) =>
  world.call('POST', `/v1/profiles/${profile.id}/links`, {
    token,
    body: { cr_type: 'ROKS_SA', link: { crn, namespace: 'default', name: crypto.randomUUID() } },
  });

test('P43: a bare token, a lower-case scheme and a doubled scheme are accepted', async () => {
  for (const prefix of ['', 'bearer ', 'Bearer Bearer ']) {
    const { status, body } = await withHeader(prefix + account.owner);
    assert.equal(status, 200);
    assert.equal(body.id, profile.id);
  }
});

test('P44: without an Authorization header the code is BXNIM0308E', async () => {
  for (const [method, path] of [
    ['GET', `/v1/profiles/${profile.id}`],
    ['GET', '/v1/profiles'],
    ['POST', '/v1/profiles'],
    ['DELETE', `/v1/profiles/${profile.id}/links`],
  ] as const) {
    assertRefused(await world.call(method, path), 401, 'invalid_access_token', 'BXNIM0308E');
  }
});

test('P45: what is no token of this server is refused', async () => {
  const [header = '', claims = '', signature = ''] = account.owner.split('.');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  const changed = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const forged = Buffer.from(JSON.stringify({ ...changed, iam_id: 'IBMid-other' })).toString('base64url');
  const cluster = await world.cluster(account);
  for (const token of [
    'garbage',
    'a.b.c',
    `${header}.${claims}`,
    `${header}.${claims}.`,
    `${header}.${forged}.${signature}`,
    `${none}.${claims}.`,
    `${header}.${claims}.${signature}.x`,
    cluster.issuer.token(),
    account.ownerApiKey,
  ]) {
    assertRefused(await withHeader(`Bearer ${token}`), 401, 'invalid_access_token');
  }
  assertRefused(await withHeader(`Basic ${account.owner}`), 401, 'invalid_access_token');
  assertRefused(await withHeader(`Bearer Bearer Bearer ${account.owner}`), 401, 'invalid_access_token');
});

test('P46: a Viewer reads and does nothing else', async () => {
  const { token } = await userWith('Viewer');
  assert.equal((await get(token)).status, 200);
  assert.equal((await world.call('GET', `/v1/profiles?account_id=${account.id}`, { token })).status, 200);
  for (const reply of [await create(token), await update(token), await remove(token), await link(token, profile.crn)]) {
    assertRefused(reply, 403, 'insufficient_permissions');
  }
});

test('P47: an Editor updates and links, and neither creates nor deletes', async () => {
  const { token } = await userWith('Editor');
  assertRefused(await create(token), 403, 'insufficient_permissions');
  assert.equal((await update(token)).status, 200);
  assert.equal((await link(token, profile.crn)).status, 201);
  assertRefused(await remove(token), 403, 'insufficient_permissions');
});

test('P47: an Editor links a registered cluster only with Viewer and Writer on it', async () => {
  const cluster = await world.cluster(account);
  const { token, iamId } = await userWith('Editor');
  const onCluster = { serviceName: 'containers-kubernetes', serviceInstance: cluster.id };
  assertRefused(await link(token, cluster.crn), 403, 'insufficient_permissions');
  await world.policy(account, iamId, [ROLE('Viewer')], onCluster);
  assertRefused(await link(token, cluster.crn), 403, 'insufficient_permissions');
  await world.policy(account, iamId, [SERVICE_ROLE('Writer')], onCluster);
  assert.equal((await link(token, cluster.crn)).status, 201);
});

test('P47: an Operator deletes and does not create', async () => {
  const { token } = await userWith('Operator');
  const { id } = await world.profile(account);
  assertRefused(await create(token), 403, 'insufficient_permissions');
  assert.equal((await remove(token, id)).status, 204);
});

test('P47: an Administrator does everything', async () => {
  const { token } = await userWith('Administrator');
  const made = await create(token);
  assert.equal(made.status, 201);
  assert.equal((await get(token)).status, 200);
  assert.equal((await update(token)).status, 200);
  assert.equal((await link(token, profile.crn)).status, 201);
  assert.equal((await remove(token, made.body.id)).status, 204);
});

test('P47: a role on one profile ends with that profile', async () => {
  const user = await world.user(account.id);
  const other = await world.profile(account);
  const resource = { serviceName: 'iam-identity', resourceType: 'profile', resource: profile.id };
  await world.policy(account, user.iamId, [ROLE('Viewer')], resource);
  assert.equal((await get(user.token)).status, 200);
  assertRefused(await world.call('GET', `/v1/profiles/${other.id}`, { token: user.token }), 403, 'insufficient_permissions');
  assertRefused(await world.call('GET', `/v1/profiles?account_id=${account.id}`, { token: user.token }), 403, 'insufficient_permissions');
});

test('a member of the account without any role reads nothing', async () => {
  const { token } = await world.user(account.id);
  assertRefused(await get(token), 403, 'insufficient_permissions');
  assertRefused(await world.call('GET', `/v1/profiles?account_id=${account.id}`, { token }), 403, 'insufficient_permissions');
});

test('P51: no error carries a context', async () => {
  const token = account.owner;
  const headers = { 'if-match': 'stale' };
  const path = `/v1/profiles/${profile.id}`;
  for (const reply of [
    await world.call('GET', path),
    await world.call('POST', '/v1/profiles', { token, body: {} }),
    await world.call('GET', '/v1/profiles/invalid', { token }),
    await world.call('GET', '/v1/nowhere', { token }),
    await world.call('PUT', path, { token, headers, body: { name: 'x' } }),
    await create((await world.user(account.id)).token),
  ]) {
    assert.ok(reply.status >= 400 && reply.status < 500);
    assert.deepEqual(Object.keys(reply.body).sort(), ['errors', 'status_code', 'trace']);
  }
});
