/** Deleted policies: ten days in which they can be restored, and what must be so that they are. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createManualClock } from '../../../src/kernel/clock.ts';
import { ROLE, startWorld, type TestAccount, type TestUser, type World } from '../../support/world.ts';
import { assertRefused, attribute, bodyV1, bodyV2, createPolicyCalls, ids, type PolicyCalls, tagOf, userWith } from './making.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

let clock: ReturnType<typeof createManualClock>;
let world: World;
let account: TestAccount;
let user: TestUser;
let calls: PolicyCalls;

// A world for each test: what is signed in does not live to the days after.
beforeEach(async () => {
  clock = createManualClock(Date.now());
  world = await startWorld({ clock });
  account = await world.account();
  user = await world.user(account.id);
  calls = createPolicyCalls(world, account);
});
afterEach(() => world[Symbol.asyncDispose]());

/** The calls of the owner, signed in again. */
const signedIn = async () => createPolicyCalls(world, account, await world.login(account.ownerApiKey));

const viewsGroups = () =>
  bodyV1(account.id, user.iamId, {
    resources: [{ attributes: [attribute('accountId', account.id), attribute('serviceName', 'iam-groups')] }],
  });

test('W-11: a deleted policy is restored, and grants again', async () => {
  const group = await world.group(account);
  const reads = async () => (await world.call('GET', `/v2/groups/${group.id}`, { token: user.token })).status;
  const { id } = await calls.made(1, viewsGroups());
  assert.equal(await reads(), 200);
  await calls.remove(1, id);
  assert.equal(await reads(), 403);
  const deleted = await calls.get(1, id);
  clock.advance(1000);
  const back = await calls.setState(id, 'active', tagOf(deleted));
  assert.equal(back.status, 200, back.text);
  assert.deepEqual([back.body.state, back.body.id, back.body.created_at], ['active', id, deleted.body.created_at]);
  assert.notEqual(tagOf(back), tagOf(deleted));
  assert.equal(await reads(), 200);
  assert.deepEqual(ids(await calls.list(1)), [id]);
});

test('a policy of version 2 is restored by version 1, which shows its placeholder', async () => {
  const { id } = await calls.made(2, bodyV2(account.id, user.iamId));
  await calls.remove(2, id);
  const back = await calls.setState(id, 'active');
  assert.deepEqual([back.status, back.body.state, back.body.href], [200, 'active', `${world.url}/v2/policies/${id}`]);
  assert.equal((await calls.get(2, id)).body.state, 'active');
});

test('W-12: eleven days after its deletion it is not there any more', async () => {
  const { id } = await calls.made(1, viewsGroups());
  await calls.remove(1, id);
  clock.advance(11 * DAY_MS);
  const later = await signedIn();
  assertRefused(await later.setState(id, 'active'), 404, 'policy_not_found');
  for (const version of [1, 2] as const) assertRefused(await later.get(version, id), 404, 'policy_not_found');
  assert.deepEqual(ids(await later.list(1, '&state=deleted')), []);
  // A deletion of something else is what clears it away.
  const other = await later.made(1, viewsGroups());
  await later.remove(1, other.id);
  assert.deepEqual(ids(await later.list(1, '&state=deleted')), [other.id]);
  assertRefused(await later.setState(id, 'active'), 404, 'policy_not_found');
});

test('it is there to the last millisecond of the tenth day', async () => {
  const { id } = await calls.made(1, viewsGroups());
  await calls.remove(1, id);
  clock.advance(10 * DAY_MS - 1);
  const later = await signedIn();
  assert.deepEqual(ids(await later.list(1, '&state=deleted')), [id]);
  assert.equal((await later.setState(id, 'active')).status, 200);
  await later.remove(1, id);
  clock.advance(10 * DAY_MS);
  assertRefused(await (await signedIn()).setState(id, 'active'), 404, 'policy_not_found');
});

test('the state is changed under the current entity tag, and only to a state that there is', async () => {
  const made = await calls.create(1, viewsGroups());
  const { id } = made.body;
  await calls.remove(1, id);
  assertRefused(await calls.setState(id, 'active', tagOf(made)), 409, 'policy_conflict_error');
  const path = `/v1/policies/${id}`;
  assertRefused(await world.call('PATCH', path, { token: account.owner, body: { state: 'active' } }), 400, 'invalid_body');
  for (const state of [null, 5, '', 'Active', 'frozen', ['active'], {}, undefined]) {
    assertRefused(await calls.setState(id, state), 400, 'invalid_body');
  }
});

test('to set the state that a policy has changes nothing, and to set it deleted deletes', async () => {
  const made = await calls.create(1, viewsGroups());
  const { id } = made.body;
  assert.equal(tagOf(await calls.setState(id, 'active')), tagOf(made));
  const gone = await calls.setState(id, 'deleted');
  assert.deepEqual([gone.status, gone.body.state], [200, 'deleted']);
  assert.equal(tagOf(await calls.setState(id, 'deleted')), tagOf(gone));
  assertRefused(await calls.remove(1, id), 404, 'policy_not_found');
});

test('a policy that was made again in the meantime is not restored', async () => {
  const first = await calls.made(1, viewsGroups());
  await calls.remove(1, first.id);
  const second = await calls.made(1, viewsGroups());
  const error = assertRefused(await calls.setState(first.id, 'active'), 409, 'policy_conflict_error');
  assert.equal(error.details.conflicts_with.policy.id, second.id);
});

test('a policy whose subject or role is gone is not restored', async () => {
  const group = await world.group(account);
  const orphan = await calls.made(1, bodyV1(account.id, group.id));
  await world.expect(204, 'DELETE', `/v2/groups/${group.id}`, { token: account.owner });
  assert.equal((await calls.get(1, orphan.id)).body.state, 'deleted');
  assertRefused(await calls.setState(orphan.id, 'active'), 400, 'invalid_body');

  const role = { name: 'Lister', display_name: 'Lister', account_id: account.id, service_name: 'kms', actions: ['kms.secrets.list'] };
  const made = await world.expect(201, 'POST', '/v2/roles', { token: account.owner, body: role });
  const granting = await calls.made(1, bodyV1(account.id, user.iamId, { roles: [{ role_id: made.body.crn }] }));
  await calls.remove(1, granting.id);
  await world.expect(204, 'DELETE', `/v2/roles/${made.body.id}`, { token: account.owner });
  assertRefused(await calls.setState(granting.id, 'active'), 400, 'invalid_body');
});

test('whoever restores a policy needs the right to change it', async () => {
  const [administrator, viewer] = [
    await userWith(world, account, [ROLE('Administrator'), { serviceName: 'kms' }]),
    await userWith(world, account, [ROLE('Viewer'), { serviceName: 'kms' }]),
  ];
  const { id } = await calls.made(1, bodyV1(account.id, user.iamId));
  await calls.remove(1, id);
  const asViewer = createPolicyCalls(world, account, viewer.token);
  assertRefused(await asViewer.setState(id, 'active'), 403, 'insufficent_permissions');
  assert.equal((await asViewer.get(1, id)).body.state, 'deleted');
  const foreign = await world.account();
  assertRefused(await createPolicyCalls(world, foreign).setState(id, 'active'), 404, 'policy_not_found');
  assert.equal((await createPolicyCalls(world, account, administrator.token).setState(id, 'active')).status, 200);
  assertRefused(await asViewer.setState(id, 'deleted'), 403, 'insufficent_permissions');
});
