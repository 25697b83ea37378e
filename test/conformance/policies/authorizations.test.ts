/** Authorizations: policies that let one service use another. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertRefused, attribute, clause, createPolicyCalls, ids, type Members, type PolicyCalls, userWith } from './making.ts';

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

const COS = 'cloud-object-storage';
const READER = SERVICE_ROLE('Reader');
const own = () => clause('accountId', account.id);
const bodyV2 = (members: Members = {}, roleId = READER) => ({
  type: 'authorization',
  control: { grant: { roles: [{ role_id: roleId }] } },
  subject: { attributes: [clause('serviceName', COS), own()] },
  resource: { attributes: [clause('serviceName', 'kms'), own()] },
  ...members,
});
const from = (...attributes: readonly Wire[]) => bodyV2({ subject: { attributes } });
const onto = (...attributes: readonly Wire[]) => bodyV2({ resource: { attributes } });
async function refused(version: 1 | 2, body: unknown, ...words: readonly string[]): Promise<void> {
  const { message } = assertRefused(await calls.create(version, body), 400, 'invalid_body');
  for (const word of words) assert.ok(message.includes(word), `'${word}' is not in: ${message}`);
}

test('W-57: a service is authorized on another', async () => {
  const { type, subject, resource, control } = await calls.made(2, bodyV2());
  assert.deepEqual({ type, subject, resource, control }, bodyV2());
});

test('W-58: the services of any resource group, or of one, are authorized', async () => {
  const any = [clause('resourceGroupId', true, 'stringExists'), own()];
  assert.deepEqual((await calls.made(2, from(...any))).subject.attributes, any);
  await calls.made(2, from(clause('resourceGroupId', 'rg1'), own()));
});

test('the resource group of the source may be any in version 1 too', async () => {
  const attributes = [attribute('accountId', account.id), attribute('resourceGroupId', '*')];
  const { id } = await calls.made(1, {
    type: 'authorization',
    subjects: [{ attributes }],
    roles: [{ role_id: READER }],
    resources: [{ attributes: [attribute('accountId', account.id), attribute('serviceName', 'kms')] }],
  });
  const shown = (await calls.get(2, id)).body.subject.attributes;
  assert.deepEqual(shown, [own(), clause('resourceGroupId', true, 'stringExists')]);
  assertRefused(await calls.create(2, from(...shown)), 409, 'policy_conflict_error');
});

test('W-59: the source is a service or a resource group, and its account is named', async () => {
  await refused(2, from(own()), 'subject.attributes', 'serviceName', 'resourceGroupId');
  await refused(2, from(own(), clause('serviceInstance', 'i1')), 'serviceName');
  await refused(2, from(clause('serviceName', COS)), 'subject.attributes', 'accountId');
  await refused(2, from(clause('serviceName', COS), clause('accountId', '*', 'stringMatch')), 'accountId');
  await refused(2, from(clause('serviceName', COS), own(), clause('iam_id', 'IBMid-x')), 'iam_id');
  await refused(2, from(clause('serviceName', COS), clause('serviceName', 'kms'), own()), 'serviceName');
});

test('the source is compared with stringEquals and stringExists only', async () => {
  for (const [value, operator] of [
    ['cloud-*', 'stringMatch'],
    [[COS], 'stringEqualsAnyOf'],
    [[COS], 'stringMatchAnyOf'],
  ] as const) {
    await refused(2, from(clause('serviceName', value, operator), own()), 'subject.attributes', operator);
  }
});

test('the target is a service, a type of resources or a resource group of the account', async () => {
  await refused(2, onto(own()), 'resource.attributes', 'serviceName');
  await refused(2, onto(clause('serviceName', 'kms')), 'accountId');
  await calls.made(2, onto(own(), clause('resourceType', 'resource-group')));
  await calls.made(2, onto(own(), clause('serviceName', 'kms'), clause('serviceInstance', 'i1'), clause('resourceType', 'key')));
});

test('the source may be in another account; the policy is of the account of its target', async () => {
  const other = await world.account();
  const { id } = await calls.made(2, from(clause('serviceName', COS), clause('accountId', other.id)));
  assert.deepEqual(ids(await calls.list(2, '&type=authorization')), [id]);
  assert.deepEqual(ids(await createPolicyCalls(world, other).list(2)), []);
  assertRefused(await createPolicyCalls(world, other).get(2, id), 404, 'policy_not_found');
});

test('W-60: nobody authorizes a service to do what they may not do themselves', async () => {
  const viewer = await userWith(world, account, [ROLE('Viewer'), { serviceName: 'kms' }]);
  const asViewer = createPolicyCalls(world, account, viewer.token);
  assertRefused(await asViewer.create(2, bodyV2({}, SERVICE_ROLE('Writer'))), 403, 'insufficent_permissions');
  assert.equal((await asViewer.create(2, bodyV2({}, ROLE('Viewer')))).status, 201);
});

test('whoever holds the roles on the target authorizes, replaces and deletes; who manages policies alone does not', async () => {
  const writer = await userWith(world, account, [SERVICE_ROLE('Writer'), { serviceName: 'kms' }]);
  const asWriter = createPolicyCalls(world, account, writer.token);
  const { id } = await asWriter.made(2, bodyV2({}, SERVICE_ROLE('Writer')));
  assert.equal((await asWriter.put(2, id, '*', bodyV2())).status, 200, 'Reader is part of Writer');
  assertRefused(await asWriter.put(2, id, '*', bodyV2({}, SERVICE_ROLE('Manager'))), 403, 'insufficent_permissions');
  assert.equal((await asWriter.remove(2, id)).status, 204);
  const administrator = await userWith(world, account, [ROLE('Administrator'), { serviceName: 'kms' }]);
  const asAdministrator = createPolicyCalls(world, account, administrator.token);
  assertRefused(await asAdministrator.create(2, bodyV2()), 403, 'insufficent_permissions');
  const other = await calls.made(2, bodyV2());
  assertRefused(await asAdministrator.put(2, other.id, '*', bodyV2({}, ROLE('Viewer'))), 403, 'insufficent_permissions');
  assert.equal((await asAdministrator.remove(2, other.id)).status, 204, 'an Administrator takes away');
});

test('a role on one instance authorizes on that instance only', async () => {
  const reader = await userWith(world, account, [READER, { serviceName: 'kms', serviceInstance: 'i1' }]);
  const asReader = createPolicyCalls(world, account, reader.token);
  await asReader.made(2, onto(own(), clause('serviceName', 'kms'), clause('serviceInstance', 'i1')));
  for (const wider of [
    [own(), clause('serviceName', 'kms')],
    [own(), clause('serviceName', 'kms'), clause('serviceInstance', 'i2')],
    [own(), clause('serviceName', 'kms'), clause('serviceInstance', 'i*', 'stringMatch')],
  ]) {
    assertRefused(await asReader.create(2, onto(...wider)), 403, 'insufficent_permissions');
  }
});
