/** The life of a policy of version 1. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type TestUser, type World } from '../../support/world.ts';
import { assertRefused, attribute, bodyV1, createPolicyCalls, ids, type PolicyCalls, taggedV1, tagOf } from './making.ts';

let world: World;
let account: TestAccount;
let user: TestUser;
let calls: PolicyCalls;

before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  account = await world.account();
  user = await world.user(account.id);
  calls = createPolicyCalls(world, account);
});

const tagged = () => taggedV1(account.id, user.iamId);
const editor = [{ role_id: ROLE('Editor') }];

test('W-01: a policy is made, and its subjects and resources come back as they were sent', async () => {
  const reply = await calls.create(1, tagged());
  assert.equal(reply.status, 201, reply.text);
  const { id, subjects, resources, roles, href, state, type, ...server } = reply.body;
  assert.deepEqual({ subjects, resources, type }, { subjects: tagged().subjects, resources: tagged().resources, type: 'access' });
  assert.deepEqual(Object.keys(roles[0]).sort(), ['description', 'display_name', 'role_id']);
  assert.deepEqual([roles[0].role_id, roles[0].display_name], [ROLE('Viewer'), 'Viewer']);
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.deepEqual([state, href], ['active', `${world.url}/v1/policies/${id}`]);
  assert.deepEqual(Object.keys(server).sort(), ['created_at', 'created_by_id', 'last_modified_at', 'last_modified_by_id']);
  assert.match(server.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual([server.created_by_id, server.last_modified_by_id], [account.ownerIamId, account.ownerIamId]);
  assert.match(tagOf(reply), /^1-/);
});

test('W-02: it is read back with the same body and entity tag', async () => {
  const made = await calls.create(1, { ...tagged(), description: 'as it was written' });
  const read = await calls.get(1, made.body.id);
  assert.equal(read.status, 200);
  assert.deepEqual(read.body, made.body);
  assert.equal(read.body.description, 'as it was written');
  assert.equal(tagOf(read), tagOf(made));
});

test('W-03: it is replaced under its current entity tag', async () => {
  const made = await calls.create(1, { ...tagged(), description: 'first' });
  const { id, created_at, created_by_id } = made.body;
  const put = await calls.put(1, id, tagOf(made), { ...tagged(), roles: editor });
  assert.equal(put.status, 200, put.text);
  assert.deepEqual([put.body.roles[0].role_id, put.body.roles[0].display_name], [ROLE('Editor'), 'Editor']);
  assert.deepEqual([put.body.id, put.body.created_at, put.body.created_by_id], [id, created_at, created_by_id]);
  assert.ok(!('description' in put.body), 'the body is the whole policy');
  assert.match(tagOf(put), /^2-/);
  assert.deepEqual((await calls.get(1, id)).body, put.body);
});

test('a replacement may be what the policy is already, in quotes or weak or under any tag, and repeat what the server added', async () => {
  const made = await calls.create(1, tagged());
  const { id } = made.body;
  assert.equal((await calls.put(1, id, `"${tagOf(made)}"`, made.body)).status, 200);
  const second = await calls.get(1, id);
  assert.equal((await calls.put(1, id, `W/"${tagOf(second)}"`, second.body)).status, 200);
  assert.equal((await calls.put(1, id, '*', tagged())).status, 200);
  assert.match(tagOf(await calls.get(1, id)), /^4-/);
});

test('W-04: a stale entity tag is a conflict that names the current one', async () => {
  const made = await calls.create(1, tagged());
  const put = await calls.put(1, made.body.id, tagOf(made), { ...tagged(), roles: editor });
  const error = assertRefused(await calls.put(1, made.body.id, tagOf(made), tagged()), 409, 'policy_conflict_error');
  assert.deepEqual(error.details.conflicts_with, { etag: tagOf(put) });
  assert.equal((await calls.get(1, made.body.id)).body.roles[0].role_id, ROLE('Editor'));
});

test('W-05: a replacement without If-Match is refused', async () => {
  const { id } = await calls.made(1, tagged());
  assert.match(assertRefused(await calls.put(1, id, undefined, tagged()), 400, 'invalid_body').message, /If-Match/);
});

test('W-06: the type of a policy cannot be changed', async () => {
  const { id } = await calls.made(1, tagged());
  const authorization = {
    type: 'authorization',
    subjects: [{ attributes: [attribute('accountId', account.id), attribute('serviceName', 'cloud-object-storage')] }],
    roles: editor,
    resources: [{ attributes: [attribute('accountId', account.id), attribute('serviceName', 'kms')] }],
  };
  assert.match(assertRefused(await calls.put(1, id, '*', authorization), 400, 'invalid_body').message, /'type'/);
});

test('nor can its account, or the account of what it is for', async () => {
  const { id } = await calls.made(1, tagged());
  const other = await world.account();
  const foreign = bodyV1(other.id, user.iamId);
  assertRefused(await calls.put(1, id, '*', foreign), 400, 'invalid_body');
  const stranger = await world.user(other.id);
  assertRefused(await calls.put(1, id, '*', bodyV1(account.id, stranger.iamId)), 400, 'invalid_body');
});

test('W-09: a deleted policy is not in the list', async () => {
  const { id } = await calls.made(1, tagged());
  const kept = await calls.made(1, bodyV1(account.id, user.iamId));
  const reply = await calls.remove(1, id);
  assert.deepEqual([reply.status, reply.text], [204, '']);
  for (const version of [1, 2] as const) assert.deepEqual(ids(await calls.list(version)), [kept.id]);
});

test('W-10: it stays readable by its id', async () => {
  const { id } = await calls.made(1, tagged());
  await calls.remove(1, id);
  for (const version of [1, 2] as const) {
    const { status, body } = await calls.get(version, id);
    assert.deepEqual([status, body.state, body.id], [200, 'deleted', id]);
  }
});

test('it is neither deleted nor replaced again', async () => {
  const { id } = await calls.made(1, tagged());
  await calls.remove(1, id);
  assertRefused(await calls.remove(1, id), 404, 'policy_not_found');
  assertRefused(await calls.remove(2, id), 404, 'policy_not_found');
  assertRefused(await calls.put(1, id, '*', tagged()), 404, 'policy_not_found');
});

test('W-14: what grants the same again is refused, with the policy that does so already', async () => {
  const made = await calls.create(1, tagged());
  const error = assertRefused(await calls.create(1, { ...tagged(), description: 'other words' }), 409, 'policy_conflict_error');
  assert.deepEqual(error.details.conflicts_with, { etag: tagOf(made), policy: made.body });
});

test('W-15: in another order it grants the same', async () => {
  const { id } = await calls.made(1, tagged());
  const reordered = tagged();
  reordered.resources[0].attributes.reverse();
  const error = assertRefused(await calls.create(1, reordered), 409, 'policy_conflict_error');
  assert.equal(error.details.conflicts_with.policy.id, id);
});

test('a replacement that would grant what another policy grants is refused', async () => {
  const first = await calls.made(1, tagged());
  const second = await calls.made(1, { ...tagged(), roles: editor });
  const error = assertRefused(await calls.put(1, second.id, '*', tagged()), 409, 'policy_conflict_error');
  assert.equal(error.details.conflicts_with.policy.id, first.id);
});

test('W-16: once the first is deleted, it may be made again', async () => {
  const { id } = await calls.made(1, tagged());
  await calls.remove(1, id);
  assert.notEqual((await calls.made(1, tagged())).id, id);
});

test('other roles for the same subject and resource are another policy', async () => {
  await calls.made(1, tagged());
  await calls.made(1, { ...tagged(), roles: editor });
  await calls.made(1, { ...tagged(), roles: [...editor, { role_id: ROLE('Viewer') }] });
});

test('an operator, tags and a description come back only where they were sent', async () => {
  const body = await calls.made(1, bodyV1(account.id, user.iamId));
  for (const { attributes } of [...body.subjects, ...body.resources]) {
    for (const one of attributes) assert.ok(!('operator' in one));
  }
  assert.ok(!('tags' in body.resources[0]) && !('description' in body));
  assert.deepEqual((await calls.made(1, bodyV1(account.id, user.iamId, { description: '' }))).description, '');
});

test('W-19: a policy may be for a resource group itself', async () => {
  const attributes = [attribute('accountId', account.id), attribute('resourceType', 'resource-group'), attribute('resource', 'rg1')];
  const made = await calls.made(1, bodyV1(account.id, user.iamId, { resources: [{ attributes }] }));
  assert.deepEqual(made.resources, [{ attributes }]);
});

test('W-45: the transaction id of a request is that of its reply, and a refusal names it', async () => {
  const headers = { 'transaction-id': 'x' };
  const good = await world.call('GET', `/v1/policies?account_id=${account.id}`, { token: account.owner, headers });
  assert.deepEqual([good.status, good.headers.get('transaction-id')], [200, 'x']);
  const bad = await calls.create(1, {}, { token: account.owner, headers });
  assert.deepEqual([bad.status, bad.headers.get('transaction-id'), bad.body.trace], [400, 'x', 'x']);
  const without = await world.call('GET', `/v1/policies?account_id=${account.id}`, { token: account.owner });
  assert.match(without.headers.get('transaction-id') ?? '', /^\S{10,}$/);
});

test('replies are not to be kept', async () => {
  const { headers } = await calls.create(1, tagged());
  assert.match(headers.get('cache-control') ?? '', /no-cache, no-store/);
  assert.equal(headers.get('pragma'), 'no-cache');
});

test('a caller without a token is refused before anything is looked at, and an id that is none is not found', async () => {
  for (const [method, path] of [
    ['POST', '/v1/policies'],
    ['GET', '/v1/policies'],
    ['PATCH', '/v1/policies/x'],
    ['PUT', '/v2/policies/x'],
    ['GET', '/v2/roles'],
  ] as const) {
    assertRefused(await world.call(method, path, method === 'GET' ? {} : { body: {} }), 401, 'invalid_token');
  }
  for (const id of ['nonsense', '11111111-2222-4333-8444-555555555555', '%00', 'x'.repeat(500)]) {
    assertRefused(await calls.get(1, id), 404, 'policy_not_found');
    assertRefused(await calls.remove(2, id), 404, 'policy_not_found');
  }
});

test('every change is in the audit log of the account, with what was there before', async () => {
  const made = await calls.create(1, tagged());
  const put = await calls.put(1, made.body.id, '*', { ...tagged(), roles: editor });
  const gone = await calls.remove(1, made.body.id);
  const back = await calls.setState(made.body.id, 'active');
  for (const [reply, action] of [
    [made, 'iam-am.policy.create'],
    [put, 'iam-am.policy.update'],
    [gone, 'iam-am.policy.delete'],
    [back, 'iam-am.policy.update'],
  ] as const) {
    const events = await world.events(account, reply.headers.get('x-request-id') ?? '');
    assert.deepEqual(
      events.map((event) => [event.data.action, event.data.target.id]),
      [[action, made.body.id]],
    );
  }
});
