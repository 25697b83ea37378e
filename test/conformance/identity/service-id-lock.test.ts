import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeServiceId } from './making.ts';
import { assertRefused } from './refusal.ts';

const UNKNOWN = 'ServiceId-00000000-0000-4000-8000-000000000000';
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const on = (method: string, path: string, body?: unknown) =>
  world.call(method, path, { token: account.owner, ...(body !== undefined && { body, headers: { 'if-match': '*' } }) });
const lock = (id: string) => on('POST', `/v1/serviceids/${id}/lock`);
const unlock = (id: string) => on('DELETE', `/v1/serviceids/${id}/lock`);
const read = async (id: string) => (await world.expect(200, 'GET', `/v1/serviceids/${id}`, { token: account.owner })).body;
const policyFor = (iamId: string) => ({
  type: 'access',
  subjects: [{ attributes: [{ name: 'iam_id', value: iamId }] }],
  roles: [{ role_id: ROLE('Viewer') }],
  resources: [
    {
      attributes: [
        { name: 'accountId', value: account.id },
        { name: 'serviceName', value: 'kms' },
      ],
    },
  ],
});

async function makeLocked(): Promise<Wire> {
  const made = await makeServiceId(world, account, { apikey: { name: 'k' } });
  await world.expect(204, 'POST', `/v1/serviceids/${made.id}/lock`, { token: account.owner });
  return made;
}

test('S6: a locked service ID is neither changed nor deleted', async () => {
  const { id } = await makeServiceId(world, account);
  const locked = await lock(id);
  assert.deepEqual([locked.status, locked.text], [204, '']);
  const current = await read(id);
  assert.equal(current.locked, true);
  assertRefused(await on('PUT', `/v1/serviceids/${id}`, { description: 'x' }), 422, 'invalid_state');
  assertRefused(await on('DELETE', `/v1/serviceids/${id}`), 422, 'invalid_state');
  assert.deepEqual(await read(id), current);
});

test('S6: a service ID can be born locked', async () => {
  const headers = { 'entity-lock': 'true' };
  const body = { account_id: account.id, name: 'born locked' };
  const made = await world.expect(201, 'POST', '/v1/serviceids', { token: account.owner, headers, body });
  assert.equal(made.body.locked, true);
  assertRefused(await on('DELETE', `/v1/serviceids/${made.body.id}`), 422, 'invalid_state');
});

test('S7: unlocked again, it is deleted, and its API keys with it', async () => {
  const made = await makeLocked();
  const unlocked = await unlock(made.id);
  assert.deepEqual([unlocked.status, unlocked.text], [204, '']);
  assert.equal((await read(made.id)).locked, false);
  assert.equal((await on('PUT', `/v1/serviceids/${made.id}`, { description: 'x' })).status, 200);
  assert.equal((await on('DELETE', `/v1/serviceids/${made.id}`)).status, 204);
  assertRefused(await on('GET', `/v1/apikeys/${made.apikey.id}`), 404, 'not_found');
});

test('to lock what is locked and to unlock what is not is a conflict', async () => {
  const { id } = await makeServiceId(world, account);
  assertRefused(await unlock(id), 409, 'conflict');
  assert.equal((await lock(id)).status, 204);
  assertRefused(await lock(id), 409, 'conflict');
  assert.equal((await unlock(id)).status, 204);
  assertRefused(await unlock(id), 409, 'conflict');
});

test('of 20 locks at once exactly one succeeds', async () => {
  const { id } = await makeServiceId(world, account);
  const replies = await Promise.all(Array.from({ length: 20 }, () => lock(id)));
  assert.equal(replies.filter(({ status }) => status === 204).length, 1);
  for (const reply of replies) if (reply.status !== 204) assertRefused(reply, 409, 'conflict');
});

test('an unknown, a foreign and a deleted service ID are neither locked nor unlocked', async () => {
  const foreign = await makeServiceId(world, await world.account());
  const deleted = await makeServiceId(world, account);
  await world.expect(204, 'DELETE', `/v1/serviceids/${deleted.id}`, { token: account.owner });
  for (const id of [UNKNOWN, 'invalid', '__proto__', foreign.id, deleted.id]) {
    assertRefused(await lock(id), 404, 'not_found');
    assertRefused(await unlock(id), 404, 'not_found');
  }
});

test('a locked service ID signs in', async () => {
  const made = await makeLocked();
  await world.login(made.apikey.apikey);
});

test('the policies of a locked service ID stay as they are', async () => {
  const made = await makeServiceId(world, account);
  const policy = await world.policy(account, made.iam_id, [ROLE('Viewer')], { serviceName: 'iam-groups' });
  await lock(made.id);
  const refused = [await on('POST', '/v1/policies', policyFor(made.iam_id)), await on('DELETE', `/v1/policies/${policy.id}`)];
  for (const { status, body, text } of refused) {
    assert.equal(status, 422, text);
    assert.equal(body.status_code, 422);
    assert.equal(body.errors.length, 1);
    assert.equal(typeof body.errors[0].code, 'string');
    assert.ok(!('message_code' in body.errors[0]), 'the envelope is that of policies');
  }
  const list = `/v1/policies?account_id=${account.id}&iam_id=${made.iam_id}`;
  const listed = (await world.expect(200, 'GET', list, { token: account.owner })).body.policies;
  assert.deepEqual(
    listed.map(({ id }: { id: string }) => id),
    [policy.id],
  );
  await unlock(made.id);
  assert.equal((await on('POST', '/v1/policies', policyFor(made.iam_id))).status, 201);
  assert.equal((await on('DELETE', `/v1/policies/${policy.id}`)).status, 204);
});

test('a locked service ID can leave access groups', async () => {
  const made = await makeServiceId(world, account);
  const group = await world.group(account);
  const body = { members: [{ iam_id: made.iam_id, type: 'service' }] };
  await world.expect(207, 'PUT', `/v2/groups/${group.id}/members`, { token: account.owner, body });
  await lock(made.id);
  assert.equal((await on('DELETE', `/v2/groups/${group.id}/members/${made.iam_id}`)).status, 204);
});

test('a lock is told in the history and in the audit log', async () => {
  const { id } = await makeServiceId(world, account);
  const { headers } = await lock(id);
  const { body } = await world.expect(200, 'GET', `/v1/serviceids/${id}?include_history=true`, { token: account.owner });
  assert.deepEqual(
    body.history.map(({ action }: { action: string }) => action),
    ['CREATE', 'LOCK'],
  );
  const [event] = await world.events(account, headers.get('x-request-id') ?? '');
  assert.equal(event.data.action, 'iam-identity.account-serviceid.update');
});
