/** Changes of policies and roles that arrive at once: one of them comes first, and the others meet what it left. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { bodyV1, bodyV2, clause, createPolicyCalls, ids, type PolicyCalls, taggedV1, tagOf, userWith } from './making.ts';

const ROUNDS = 8;
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

const statuses = (replies: readonly { readonly status: number }[]) => replies.map(({ status }) => status).sort();

test('of two identical policies one is made, in whichever versions they come', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const attributes = [clause('accountId', account.id), clause('serviceType', 'service')];
    const two = bodyV2(account.id, user.iamId, { resource: { attributes, tags: [clause('project', 'prototype')] } });
    const replies = await Promise.all([
      calls.create(1, taggedV1(account.id, user.iamId)),
      calls.create(round % 2 === 0 ? 2 : 1, round % 2 === 0 ? two : taggedV1(account.id, user.iamId)),
    ]);
    assert.deepEqual(statuses(replies), [201, 409]);
    const [only, ...more] = ids(await calls.list(1));
    assert.deepEqual(more, []);
    await calls.remove(1, only ?? '');
  }
});

test('of two replacements under one tag one is made', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const made = await calls.create(1, bodyV1(account.id, user.iamId));
    const { id } = made.body;
    const replies = await Promise.all([0, 1].map(() => calls.put(1, id, tagOf(made), bodyV1(account.id, user.iamId))));
    assert.deepEqual(statuses(replies), [200, 409]);
    assert.match(tagOf(await calls.get(1, id)), /^2-/);
  }
});

test('of two deletions one is made', async () => {
  const { id } = await calls.made(1, bodyV1(account.id, user.iamId));
  assert.deepEqual(statuses(await Promise.all([calls.remove(1, id), calls.remove(2, id)])), [204, 404]);
});

test('a restoration and a deletion leave what the later of them says', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id } = await calls.made(1, bodyV1(account.id, user.iamId));
    await calls.remove(1, id);
    const deleted = tagOf(await calls.get(1, id));
    const [back, gone] = await Promise.all([calls.setState(id, 'active', deleted), calls.remove(1, id)]);
    assert.equal(back.status, 200);
    assert.equal((await calls.get(1, id)).body.state, gone.status === 204 ? 'deleted' : 'active');
    assert.ok([204, 404].includes(gone.status));
  }
});

test('of two restorations of what is the same one is made', async () => {
  const body = bodyV1(account.id, user.iamId);
  const first = await calls.made(1, body);
  await calls.remove(1, first.id);
  const second = await calls.made(1, body);
  await calls.remove(1, second.id);
  const replies = await Promise.all([calls.setState(first.id, 'active'), calls.setState(second.id, 'active')]);
  assert.deepEqual(statuses(replies), [200, 409]);
});

test('a role is not deleted while a policy that grants it is made', async () => {
  for (let round = 0; round < 2 * ROUNDS; round += 1) {
    const body = { name: 'Racer', display_name: 'Racer', account_id: account.id, service_name: 'kms', actions: ['kms.secrets.list'] };
    const { id, crn } = (await world.expect(201, 'POST', '/v2/roles', { token: account.owner, body })).body;
    const grant = () => calls.create(1, bodyV1(account.id, user.iamId, { roles: [{ role_id: crn }] }));
    const remove = () => world.call('DELETE', `/v2/roles/${id}`, { token: account.owner });
    const [made, gone] = round % 2 === 0 ? await Promise.all([grant(), remove()]) : (await Promise.all([remove(), grant()])).toReversed();
    assert.deepEqual(
      [
        [201, 409],
        [400, 204],
      ].find(([status]) => status === made?.status),
      [made?.status, gone?.status],
    );
    if (made?.status === 201) {
      await calls.remove(1, made.body.id);
      assert.equal((await remove()).status, 204);
    }
  }
});

test('of two roles with one name, or the same actions, one is made', async () => {
  const role = (name: string, action: string): Wire => ({
    name,
    display_name: name,
    account_id: account.id,
    service_name: 'kms',
    actions: [`kms.secrets.${action}`],
  });
  const make = (body: Wire) => world.call('POST', '/v2/roles', { token: account.owner, body });
  assert.deepEqual(
    statuses(await Promise.all([make(role('One', 'list')), make({ ...role('One', 'wrap'), display_name: 'Two' })])),
    [201, 409],
  );
  assert.deepEqual(statuses(await Promise.all([make(role('Three', 'read')), make(role('Four', 'read'))])), [201, 409]);
});

test('nobody grants with a right that was taken away in an answered change', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const administrator = await userWith(world, account, [ROLE('Administrator'), { serviceName: 'kms' }]);
    const [right] = ids(await calls.list(1, `&iam_id=${administrator.iamId}`));
    const theirs = createPolicyCalls(world, account, administrator.token);
    assert.equal((await calls.remove(1, right ?? '')).status, 204);
    assert.equal((await theirs.create(1, bodyV1(account.id, user.iamId))).status, 403);
  }
});
