/** Subjects whose policies are not left to whoever manages policies: groups that go, locked service IDs, managed profiles, everybody. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeEnterprise, makeServiceId } from '../identity/making.ts';
import { createTemplateCalls, PROFILE_TEMPLATES } from '../identity/template-calls.ts';
import { assertRefused, attribute, bodyV1, bodyV2, createPolicyCalls, ids, type PolicyCalls } from './making.ts';

let world: World;
let account: TestAccount;
let calls: PolicyCalls;

before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  account = await world.account();
  calls = createPolicyCalls(world, account);
});

const EVERYBODY = 'AccessGroupId-PublicAccess';

test('W-64: with a group its policies are deleted', async () => {
  const [group, user] = [await world.group(account), await world.user(account.id)];
  await world.policy(account, group.id, [ROLE('Viewer')], { serviceName: 'iam-groups' });
  const { id } = await calls.made(1, bodyV1(account.id, group.id));
  const kept = await calls.made(1, bodyV1(account.id, user.iamId));
  const member = { members: [{ iam_id: user.iamId, type: 'user' }] };
  await world.expect(207, 'PUT', `/v2/groups/${group.id}/members`, { token: account.owner, body: member });
  assert.equal((await world.call('GET', `/v2/groups/${group.id}`, { token: user.token })).status, 200);
  await world.expect(204, 'DELETE', `/v2/groups/${group.id}?force=true`, { token: account.owner });
  assert.deepEqual(ids(await calls.list(1)), [kept.id]);
  assert.equal((await calls.get(1, id)).body.state, 'deleted');
  const other = await world.group(account);
  assert.equal((await world.call('GET', `/v2/groups/${other.id}`, { token: user.token })).status, 403);
});

test('W-65: a locked service ID is given no policy, and keeps those that it has', async () => {
  const serviceId = await makeServiceId(world, account);
  const had = await calls.made(1, bodyV1(account.id, serviceId.iam_id));
  const deleted = await calls.made(1, bodyV1(account.id, serviceId.iam_id));
  await calls.remove(1, deleted.id);
  const lock = (method: string) => world.expect(204, method, `/v1/serviceids/${serviceId.id}/lock`, { token: account.owner });
  await lock('POST');
  const user = await world.user(account.id);
  const others = await calls.made(1, bodyV1(account.id, user.iamId));
  for (const reply of [
    await calls.create(1, bodyV1(account.id, serviceId.iam_id)),
    await calls.create(2, bodyV2(account.id, serviceId.iam_id)),
    await calls.put(1, had.id, '*', bodyV1(account.id, serviceId.iam_id)),
    await calls.put(1, had.id, '*', bodyV1(account.id, user.iamId)),
    await calls.put(1, others.id, '*', bodyV1(account.id, serviceId.iam_id)),
    await calls.remove(1, had.id),
    await calls.setState(had.id, 'deleted'),
    await calls.setState(deleted.id, 'active'),
  ]) {
    assert.match(assertRefused(reply, 422, 'unable_to_process').message, /locked service ID/);
  }
  assert.deepEqual((await calls.get(1, had.id)).body, had);
  await lock('DELETE');
  await calls.made(1, bodyV1(account.id, serviceId.iam_id));
  assert.equal((await calls.setState(deleted.id, 'active')).status, 200);
  assert.equal((await calls.remove(1, had.id)).status, 204);
});

test('a profile that an enterprise template manages has its policies as the template leaves them to the account', async () => {
  const { root, child } = await makeEnterprise(world);
  const templates = createTemplateCalls(world, root, PROFILE_TEMPLATES);
  const inChild = createPolicyCalls(world, child);
  const managed = async (name: string, controls: { readonly add: boolean; readonly remove: boolean }) => {
    const template = await templates.committed({ profile: { name }, action_controls: { policies: controls } });
    const assigned = await templates.assign(template.id, 1, child.id);
    assert.equal(assigned.status, 202, assigned.text);
    const { profiles } = (await world.expect(200, 'GET', `/v1/profiles?account_id=${child.id}&name=${name}`, { token: child.owner })).body;
    return profiles[0] as Wire;
  };
  const open = await managed('open', { add: true, remove: false });
  const had = await inChild.made(1, bodyV1(child.id, open.iam_id));
  assertRefused(await inChild.remove(1, had.id), 422, 'unable_to_process');
  assertRefused(await inChild.put(1, had.id, '*', bodyV1(child.id, open.iam_id)), 422, 'unable_to_process');
  const closed = await managed('closed', { add: false, remove: false });
  const error = assertRefused(await inChild.create(1, bodyV1(child.id, closed.iam_id)), 422, 'unable_to_process');
  assert.match(error.message, /template/);
});

test('everybody is given one resource of one service at a time, to read or to write', async () => {
  const one = [attribute('serviceName', 'cloud-object-storage'), attribute('resource', 'bucket')];
  const body = (roleId: string, attributes = one) =>
    bodyV1(account.id, EVERYBODY, {
      roles: [{ role_id: roleId }],
      resources: [{ attributes: [attribute('accountId', account.id), ...attributes] }],
    });
  const reader = 'crn:v1:bluemix:public:cloud-object-storage::::serviceRole:ObjectReader';
  const { id } = await calls.made(1, body(reader));
  for (const attributes of [
    [attribute('serviceName', 'cloud-object-storage')],
    [attribute('serviceType', 'service')],
    [attribute('resourceGroupId', 'rg1'), attribute('resource', 'bucket')],
    [attribute('serviceName', 'cloud-object-storage'), attribute('resource', '*')],
    [attribute('serviceName', 'cloud-object-storage'), attribute('resource', 'b*', 'stringMatch')],
  ]) {
    assert.match(assertRefused(await calls.create(1, body(SERVICE_ROLE('Reader'), attributes)), 400, 'invalid_body').message, /public/);
  }
  for (const role of [ROLE('Administrator'), SERVICE_ROLE('Manager')]) {
    assertRefused(await calls.create(1, body(role)), 400, 'invalid_body');
    assertRefused(await calls.put(1, id, '*', body(role)), 400, 'invalid_body');
  }
});

test('everybody is given nothing while public access is disabled', async () => {
  const body = (resource: string) =>
    bodyV1(account.id, EVERYBODY, {
      roles: [{ role_id: SERVICE_ROLE('Reader') }],
      resources: [
        {
          attributes: [
            attribute('accountId', account.id),
            attribute('serviceName', 'cloud-object-storage'),
            attribute('resource', resource),
          ],
        },
      ],
    });
  const { id } = await calls.made(1, body('first'));
  const path = `/v2/groups/settings?account_id=${account.id}`;
  await world.expect(200, 'PATCH', path, { token: account.owner, body: { public_access_enabled: false } });
  assert.equal((await calls.get(1, id)).body.state, 'deleted');
  for (const reply of [await calls.create(1, body('second')), await calls.setState(id, 'active')]) {
    assert.match(assertRefused(reply, 422, 'unable_to_process').message, /Public access is disabled/);
  }
  await world.expect(200, 'PATCH', path, { token: account.owner, body: { public_access_enabled: true } });
  assert.equal((await calls.setState(id, 'active')).status, 200);
});
