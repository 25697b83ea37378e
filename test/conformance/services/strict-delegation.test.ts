/** With strict delegation on, whoever gives a role more actions must be able to change every policy that grants them by it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from '../identity/refusal.ts';
import { AUDITOR, ordersBody, put } from './registering.ts';

let world: World;
let account: TestAccount;
let registrar: TestUser;

before(async () => {
  world = await startWorld();
  account = await world.account();
  registrar = await world.user(account.id);
  await world.policy(account, registrar.iamId, [ROLE('Administrator')], { serviceName: 'iam-access-management' });
  await put(world, account.owner, 'orders', ordersBody(account));
  const body = { strict_delegation: true };
  const headers = { 'if-match': '*' };
  await world.expect(200, 'PATCH', `/v1/accounts/${account.id}/settings/access_management`, { token: account.owner, body, headers });
});
after(() => world[Symbol.asyncDispose]());

/** The roles of the service with one action more for one of them. */
const widened = (name: string, action: string) =>
  ordersBody(account, {
    roles: (ordersBody(account).roles as Wire[]).map((role) =>
      role.name === name ? { ...role, actions: [...role.actions, action] } : role,
    ),
  });

test('widening a role that no policy grants there is free', async () => {
  await world.policy(account, registrar.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'kms' });
  assert.equal((await put(world, registrar.token, 'orders', widened('Reader', 'orders.order.delete'), '*')).status, 200);
  assert.equal((await put(world, registrar.token, 'orders', ordersBody(account), '*')).status, 200);
});

test('widening a role that a policy grants needs the right to change that policy', async () => {
  const policies = [
    await world.policy(account, registrar.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'orders' }),
    await world.policy(account, registrar.iamId, [AUDITOR.replace('serviceRole', 'role')], { serviceName: 'orders' }),
  ];
  for (const role of ['Reader', 'Auditor']) {
    assertRefused(await put(world, registrar.token, 'orders', widened(role, 'orders.order.delete'), '*'), 403, 'insufficient_permissions');
  }
  const narrowed = ordersBody(account, { roles: (ordersBody(account).roles as Wire[]).filter((role) => role.name !== 'Reader') });
  assert.equal((await put(world, registrar.token, 'orders', narrowed, '*')).status, 200);
  assertRefused(await put(world, registrar.token, 'orders', ordersBody(account), '*'), 403, 'insufficient_permissions');
  const administrator = await world.policy(account, registrar.iamId, [ROLE('Administrator')], { serviceName: 'orders' });
  assert.equal((await put(world, registrar.token, 'orders', ordersBody(account), '*')).status, 200);
  for (const { id } of [...policies, administrator]) await world.expect(204, 'DELETE', `/v1/policies/${id}`, { token: account.owner });
});

test('a policy on all services is widened too', async () => {
  const { id } = await world.policy(account, registrar.iamId, [SERVICE_ROLE('Manager')], { serviceType: 'service' });
  assertRefused(await put(world, registrar.token, 'orders', widened('Manager', 'orders.order.see'), '*'), 403, 'insufficient_permissions');
  const fresh = { account_id: account.id, operators: [], actions: ['fresh.a'], roles: [{ name: 'Manager', actions: ['fresh.a'] }] };
  assertRefused(await put(world, registrar.token, 'fresh', fresh), 403, 'insufficient_permissions');
  assert.equal((await put(world, account.owner, 'fresh', fresh)).status, 201);
  await world.expect(204, 'DELETE', `/v1/policies/${id}`, { token: account.owner });
});
