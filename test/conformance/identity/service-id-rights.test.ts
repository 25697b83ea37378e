/** Who may do what to service IDs. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeServiceId, makeSignedInServiceId, makeUserWith, setAccountSettings } from './making.ts';
import { assertRefused } from './refusal.ts';

const CREATOR = 'crn:v1:bluemix:public:iam-identity::::serviceRole:ServiceIdCreator';
let world: World;
let account: TestAccount;
let restricted: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
  restricted = await world.account();
  await setAccountSettings(world, restricted, { restrict_create_service_id: 'RESTRICTED' });
});
after(() => world[Symbol.asyncDispose]());

const create = (token: string, accountId = account.id) =>
  world.call('POST', '/v1/serviceids', { token, body: { account_id: accountId, name: crypto.randomUUID() } });
const get = (token: string, id: string) => world.call('GET', `/v1/serviceids/${id}`, { token });
const list = (token: string) => world.call('GET', `/v1/serviceids?account_id=${account.id}`, { token });
const update = (token: string, id: string) =>
  world.call('PUT', `/v1/serviceids/${id}`, { token, headers: { 'if-match': '*' }, body: { description: crypto.randomUUID() } });
const lock = (token: string, id: string, method = 'POST') => world.call(method, `/v1/serviceids/${id}/lock`, { token });
const remove = (token: string, id: string) => world.call('DELETE', `/v1/serviceids/${id}`, { token });
const policiesOf = async (iamId: string, of = account): Promise<Wire[]> =>
  (await world.expect(200, 'GET', `/v1/policies?account_id=${of.id}&iam_id=${iamId}`, { token: of.owner })).body.policies;

/** Insists on these answers: true for a success, false for a missing right. */
async function answers(token: string, expected: { create: boolean; get: boolean; update: boolean; delete: boolean }): Promise<void> {
  const { id } = await makeServiceId(world, account);
  const replies = {
    create: [await create(token)],
    get: [await get(token, id), await list(token)],
    update: [await update(token, id), await lock(token, id)],
    delete: [] as Wire[],
  };
  if (expected.update) replies.update.push(await lock(token, id, 'DELETE'));
  replies.delete.push(await remove(token, id));
  for (const [operation, permitted] of Object.entries(expected)) {
    for (const reply of replies[operation as keyof typeof replies]) {
      if (permitted) assert.ok(reply.status < 300, `${operation}: ${reply.status} ${reply.text}`);
      else assertRefused(reply, 403, 'insufficient_permissions');
    }
  }
}

test('a Viewer reads', async () => {
  const { token } = await makeUserWith(world, account, ROLE('Viewer'));
  await answers(token, { create: true, get: true, update: false, delete: false });
});

test('an Editor reads and updates', async () => {
  const { token } = await makeUserWith(world, account, ROLE('Editor'));
  await answers(token, { create: true, get: true, update: true, delete: false });
});

test('an Operator reads, updates and deletes, and so does an Administrator', async () => {
  for (const role of ['Operator', 'Administrator']) {
    const { token } = await makeUserWith(world, account, ROLE(role));
    await answers(token, { create: true, get: true, update: true, delete: true });
  }
});

test('a member without a role creates, and touches nothing that others made', async () => {
  const { token } = await world.user(account.id);
  await answers(token, { create: true, get: false, update: false, delete: false });
});

test('a member administers the service ID that they made, by a policy on it alone', async () => {
  const user = await world.user(account.id);
  const made = await create(user.token);
  assert.equal(made.status, 201, made.text);
  const [policy, ...more] = await policiesOf(user.iamId);
  assert.equal(more.length, 0);
  assert.deepEqual(
    policy.roles.map((role: { role_id: string }) => role.role_id),
    [ROLE('Administrator')],
  );
  const attributes = policy.resources[0].attributes.map(({ name, value }: { name: string; value: string }) => [name, value]);
  assert.deepEqual(Object.fromEntries(attributes), {
    accountId: account.id,
    serviceName: 'iam-identity',
    resourceType: 'serviceid',
    resource: made.body.id,
  });
  assert.equal((await get(user.token, made.body.id)).status, 200);
  assert.equal((await update(user.token, made.body.id)).status, 200);
  assert.equal((await lock(user.token, made.body.id)).status, 204);
  assert.equal((await lock(user.token, made.body.id, 'DELETE')).status, 204);
  const key = { name: 'k', iam_id: made.body.iam_id };
  assert.equal((await world.call('POST', '/v1/apikeys', { token: user.token, body: key })).status, 201);
  assert.equal((await remove(user.token, made.body.id)).status, 204);
  assert.deepEqual(await policiesOf(user.iamId), []);
});

test('who may administer service IDs anyway receives no policy for the one that they make', async () => {
  await create(account.owner);
  assert.deepEqual(await policiesOf(account.ownerIamId), []);
  const administrator = await makeUserWith(world, account, ROLE('Administrator'));
  await create(administrator.token);
  assert.equal((await policiesOf(administrator.iamId)).length, 1);
});

test('a user of the account whose token is of another account does not create here', async () => {
  const other = await world.account();
  const here = await world.user(account.id);
  const there = await world.user(other.id, here.iamId);
  assertRefused(await create(there.token), 403, 'insufficient_permissions');
  assertRefused(await create(other.owner), 403, 'insufficient_permissions');
  assert.equal((await create(here.token)).status, 201);
});

test('a service ID creates none without the role of a Service ID creator', async () => {
  const caller = await makeSignedInServiceId(world, account);
  assertRefused(await create(caller.token), 403, 'insufficient_permissions');
  await world.policy(account, caller.iamId, [CREATOR], { serviceName: 'iam-identity' });
  const made = await create(caller.token);
  assert.equal(made.status, 201, made.text);
  assert.equal((await update(caller.token, made.body.id)).status, 200);
});

test('a pod with a profile creates none without the role of a Service ID creator', async () => {
  const cluster = await world.cluster(account);
  const profile = await world.profile(account);
  await world.link(account, profile.id, cluster.crn);
  const { access_token: token } = (await world.crToken(cluster.issuer.token(), { profile_id: profile.id })).body;
  assertRefused(await create(token), 403, 'insufficient_permissions');
  await world.policy(account, profile.iam_id, [CREATOR], { serviceName: 'iam-identity' });
  assert.equal((await create(token)).status, 201);
});

test('where the account restricts it, only a Service ID creator creates, the owner included', async () => {
  const member = await world.user(restricted.id);
  const administrator = await makeUserWith(world, restricted, ROLE('Administrator'));
  for (const token of [restricted.owner, administrator.token, member.token]) {
    assertRefused(await create(token, restricted.id), 403, 'insufficient_permissions');
  }
  const creator = await makeUserWith(world, restricted, CREATOR);
  const made = await create(creator.token, restricted.id);
  assert.equal(made.status, 201, made.text);
  assert.equal((await policiesOf(creator.iamId, restricted)).length, 2);
  await world.policy(restricted, restricted.ownerIamId, [CREATOR], { serviceName: 'iam-identity' });
  assert.equal((await create(restricted.owner, restricted.id)).status, 201);
});

test('a role on one service ID ends with it', async () => {
  const [one, other] = [await makeServiceId(world, account), await makeServiceId(world, account)];
  const user = await world.user(account.id);
  const resource = { serviceName: 'iam-identity', resourceType: 'serviceid', resource: one.id };
  await world.policy(account, user.iamId, [ROLE('Editor')], resource);
  assert.equal((await update(user.token, one.id)).status, 200);
  assertRefused(await get(user.token, other.id), 403, 'insufficient_permissions');
  assertRefused(await list(user.token), 403, 'insufficient_permissions');
  assertRefused(await remove(user.token, one.id), 403, 'insufficient_permissions');
});

test('a service ID of another account is not found, whatever is done, in the words for one that does not exist', async () => {
  const made = await makeServiceId(world, account);
  const unknown = `ServiceId-${crypto.randomUUID()}`;
  const { owner: token } = await world.account();
  for (const attempt of [get, update, lock, remove]) {
    const [foreign, absent] = [await attempt(token, made.id), await attempt(token, unknown)];
    assertRefused(foreign, 404, 'not_found');
    assertRefused(absent, 404, 'not_found');
    assert.deepEqual(JSON.parse(JSON.stringify(foreign.body.errors).replaceAll(made.id, unknown)), absent.body.errors);
  }
  assert.deepEqual((await get(account.owner, made.id)).body, made);
});

test('an unknown service ID is told before a missing right, a missing right before a stale tag', async () => {
  const { token } = await world.user(account.id);
  const made = await makeServiceId(world, account);
  assertRefused(await update(token, 'ServiceId-unknown'), 404, 'not_found');
  const options = { token, headers: { 'if-match': 'stale' }, body: { description: 'x' } };
  assertRefused(await world.call('PUT', `/v1/serviceids/${made.id}`, options), 403, 'insufficient_permissions');
  assertRefused(await world.call('PUT', `/v1/serviceids/${made.id}`, { ...options, body: { name: 7 } }), 400, 'invalid_parameter');
});

test('a Service ID creator has no other right', async () => {
  const { token } = await makeUserWith(world, account, CREATOR);
  await answers(token, { create: true, get: false, update: false, delete: false });
});
