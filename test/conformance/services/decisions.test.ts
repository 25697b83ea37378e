import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from '../identity/refusal.ts';
import { AUDITOR, of, ordersBody, permits, put } from './registering.ts';

let world: World;
let account: TestAccount;
let user: TestUser;

before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

/** Each test has an account of its own, with the service registered in it. */
async function start(): Promise<void> {
  account = await world.account();
  user = await world.user(account.id);
  assert.equal((await put(world, account.owner, 'orders', ordersBody(account))).status, 201);
}

const may = (action: string, resource: Readonly<Record<string, string>> = {}, subject = user.iamId) =>
  permits(world, account.owner, subject, action, { accountId: account.id, serviceName: 'orders', ...resource });

const replace = async (overrides: Readonly<Record<string, unknown>>) => {
  const reply = await put(world, account.owner, 'orders', ordersBody(account, overrides), '*');
  assert.equal(reply.status, 200, reply.text);
  return reply;
};

const withoutRole = (name: string) => ({ roles: (ordersBody(account).roles as Wire[]).filter((role) => role.name !== name) });

describe('decisions about a registered service', () => {
  test('follow the roles that the service gives its actions to', async () => {
    await start();
    await world.policy(account, user.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'orders' });
    assert.deepEqual(
      [await may('orders.order.read'), await may('orders.order.delete'), await may('orders.order.see')],
      [true, false, false],
    );
    assert.equal(await may('iam.policy.read'), true);
    assert.equal(await may('orders.order.read', { serviceName: 'kms' }), false);
    assert.equal(await may('orders.order.read', { serviceName: 'orders.archive' }), true);
    const viewer = await world.user(account.id);
    await world.policy(account, viewer.iamId, [ROLE('Viewer')], { serviceName: 'orders', serviceInstance: 'o1' });
    assert.equal(await may('orders.order.see', { serviceInstance: 'o1' }, viewer.iamId), true);
    assert.equal(await may('orders.order.see', { serviceInstance: 'o2' }, viewer.iamId), false);
  });

  test('look at custom attributes of the service', async () => {
    await start();
    await world.policy(account, user.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'orders', shop: 'berlin' });
    assert.deepEqual([await may('orders.order.read', { shop: 'berlin' }), await may('orders.order.read', { shop: 'rome' })], [true, false]);
    assert.equal(await may('orders.order.read'), false);
  });

  test('count it among all IAM-enabled services, which an unregistered one is not', async () => {
    await start();
    await world.policy(account, user.iamId, [SERVICE_ROLE('Reader')], { serviceType: 'service' });
    assert.equal(await may('orders.order.read'), true);
    assert.equal(await may('iam.policy.read', { serviceName: 'unheard-of' }), false);
    await world.expect(204, 'DELETE', of('orders', account), { token: account.owner });
    assert.deepEqual([await may('orders.order.read'), await may('iam.policy.read')], [false, false]);
  });

  test('let the owner of the account do what Administrator and Manager may, once it is registered', async () => {
    await start();
    assert.equal(await may('orders.order.delete', {}, account.ownerIamId), true);
    assert.equal(await may('orders.audit.read', {}, account.ownerIamId), false);
    assert.equal(await may('iam.policy.create', { serviceName: 'unheard-of' }, account.ownerIamId), false);
  });

  test('know roles of its own, in both spellings, on that service alone', async () => {
    await start();
    await world.policy(account, user.iamId, [AUDITOR], { serviceName: 'orders' });
    assert.deepEqual([await may('orders.audit.read'), await may('orders.order.read')], [true, false]);
    const other = await world.user(account.id);
    await world.policy(account, other.iamId, [AUDITOR.replace('serviceRole', 'role')], { serviceName: 'orders' });
    assert.equal(await may('orders.audit.read', {}, other.iamId), true);
    const body = {
      type: 'access',
      subjects: [{ attributes: [{ name: 'iam_id', value: user.iamId }] }],
      roles: [{ role_id: AUDITOR }],
      resources: [{ attributes: Object.entries({ accountId: account.id, serviceName: 'kms' }).map(([name, value]) => ({ name, value })) }],
    };
    await world.expect(400, 'POST', '/v1/policies', { token: account.owner, body });
    const stranger = await world.account();
    const elsewhere = {
      ...body,
      resources: [
        {
          attributes: [
            { name: 'accountId', value: stranger.id },
            { name: 'serviceName', value: 'orders' },
          ],
        },
      ],
    };
    await world.expect(400, 'POST', '/v1/policies', { token: stranger.owner, body: elsewhere });
  });

  test('rest on roles that are listed to its own account, and to no other', async () => {
    await start();
    const list = async (token: string): Promise<Wire> =>
      (await world.expect(200, 'GET', `/v2/roles?account_id=${account.id}&service_name=orders`, { token })).body;
    const names = (roles: readonly Wire[]) => roles.map((role) => role.display_name);
    const { service_roles, system_roles } = await list(account.owner);
    assert.deepEqual(names(service_roles), ['Reader', 'Manager', 'Order auditor']);
    assert.deepEqual([service_roles[2].crn, service_roles[2].description], [AUDITOR, 'Reads audits.']);
    assert.deepEqual(service_roles[2].actions, ['orders.audit.read']);
    assert.ok(system_roles.find((role: Wire) => role.display_name === 'Viewer').actions.includes('orders.order.see'));
    const stranger = await world.account();
    const there = await list(stranger.owner);
    assert.deepEqual([names(there.service_roles), names(there.system_roles).length], [[], 4]);
    assert.equal(JSON.stringify(there).includes('orders.'), false);
  });

  test('end with the action that is taken from a role, at once', async () => {
    await start();
    await world.policy(account, user.iamId, [SERVICE_ROLE('Manager'), AUDITOR], { serviceName: 'orders' });
    assert.deepEqual(
      [await may('orders.order.delete'), await may('orders.order.read'), await may('orders.audit.read')],
      [true, true, true],
    );
    await replace({ roles: [{ name: 'Manager', actions: ['orders.order.read'] }] });
    assert.deepEqual(
      [await may('orders.order.delete'), await may('orders.order.read'), await may('orders.audit.read')],
      [false, true, false],
    );
    await replace({});
    assert.deepEqual([await may('orders.order.delete'), await may('orders.audit.read')], [true, true]);
  });

  test('say so where a role is taken away that policies name', async () => {
    await start();
    await world.policy(account, user.iamId, [AUDITOR], { serviceName: 'orders' });
    const reply = await replace(withoutRole('Auditor'));
    const sentence = 'The service no longer has the role Auditor, which is named by 1 active policy: it gives nothing there.';
    assert.equal(reply.headers.get('podpass-warning'), `role_in_use; ${sentence}`);
    const [event] = await world.events(account, reply.headers.get('x-request-id') ?? '');
    assert.deepEqual(event.data.warnings, [sentence]);
    assert.equal((await replace(withoutRole('Reader'))).headers.get('podpass-warning'), null);
  });

  test('give a custom role what the service still defines', async () => {
    await start();
    const actions = ['orders.order.read', 'orders.order.delete'];
    const body = { name: 'Clerk', display_name: 'Clerk', account_id: account.id, service_name: 'orders', actions };
    const { body: role } = await world.expect(201, 'POST', '/v2/roles', { token: account.owner, body });
    await world.policy(account, user.iamId, [role.crn], { serviceName: 'orders' });
    assert.deepEqual(
      [await may('orders.order.read'), await may('orders.order.delete'), await may('orders.audit.read')],
      [true, true, false],
    );
    await replace({ actions: ['orders.order.read'], roles: [] });
    assert.deepEqual([await may('orders.order.read'), await may('orders.order.delete')], [true, false]);
  });

  test('in two accounts that registered the same name stay apart', async () => {
    await start();
    const other = await world.account();
    const theirs = {
      ...ordersBody(other),
      actions: ['orders.theirs.read'],
      roles: [{ name: 'Reader', actions: ['orders.theirs.read'] }],
    };
    assert.equal((await put(world, other.owner, 'orders', theirs)).status, 201);
    const neighbour = await world.user(other.id);
    await world.policy(account, user.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'orders' });
    await world.policy(other, neighbour.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'orders' });
    const there = (action: string) => permits(world, other.owner, neighbour.iamId, action, { accountId: other.id, serviceName: 'orders' });
    assert.deepEqual([await may('orders.order.read'), await may('orders.theirs.read')], [true, false]);
    assert.deepEqual([await there('orders.order.read'), await there('orders.theirs.read')], [false, true]);
    await world.expect(204, 'DELETE', of('orders', account, '&force=true'), { token: account.owner });
    assert.deepEqual([await may('orders.order.read'), await there('orders.theirs.read')], [false, true]);
  });
});

describe('deleting a service that is in use', () => {
  test('is refused with the number of policies and custom roles, unless it is forced', async () => {
    await start();
    await world.policy(account, user.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'orders' });
    await world.policy(account, user.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'orders.archive' });
    await world.policy(account, user.iamId, [AUDITOR], { serviceType: 'service' });
    await world.policy(account, user.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'kms', resource: 'orders' });
    const body = { name: 'Clerk', display_name: 'Clerk', account_id: account.id, service_name: 'orders', actions: ['orders.order.read'] };
    await world.expect(201, 'POST', '/v2/roles', { token: account.owner, body });
    const refused = await world.call('DELETE', of('orders', account), { token: account.owner });
    assertRefused(refused, 409, 'conflict');
    assert.match(refused.body.errors[0].message, /named by 3 active policies and 1 custom role of/);
    assert.equal(await may('orders.order.read'), true);
    const forced = await world.call('DELETE', of('orders', account, '&force=true'), { token: account.owner });
    assert.equal(forced.status, 204);
    assert.deepEqual([await may('orders.order.read'), await may('orders.audit.read'), await may('iam.policy.read')], [false, false, true]);
    const [event] = await world.events(account, forced.headers.get('x-request-id') ?? '');
    assert.match(event.data.warnings[0], /3 active policies and 1 custom role/);
  });

  test('is free once the policies are gone, and policies on a registered child do not count', async () => {
    await start();
    const child = { account_id: account.id, operators: [], actions: ['orders.archive.read'], roles: [] };
    await put(world, account.owner, 'orders.archive', child);
    const policy = await world.policy(account, user.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'orders' });
    await world.policy(account, user.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'orders.archive' });
    assertRefused(await world.call('DELETE', of('orders', account, '&force=false'), { token: account.owner }), 409, 'conflict');
    await world.expect(204, 'DELETE', `/v1/policies/${policy.id}`, { token: account.owner });
    await world.expect(204, 'DELETE', of('orders', account), { token: account.owner });
  });

  test('counts policies of version 2, lists and authorizations', async () => {
    await start();
    const clause = (key: string, value: unknown, operator = 'stringEquals') => ({ key, operator, value });
    const create = async (body: unknown) => (await world.expect(201, 'POST', '/v2/policies', { token: account.owner, body })).body.id;
    const control = { grant: { roles: [{ role_id: SERVICE_ROLE('Reader') }] } };
    await create({
      type: 'access',
      control,
      subject: { attributes: [clause('iam_id', user.iamId)] },
      resource: { attributes: [clause('accountId', account.id), clause('serviceName', ['kms', 'orders'], 'stringEqualsAnyOf')] },
    });
    await create({
      type: 'authorization',
      control,
      subject: { attributes: [clause('accountId', account.id), clause('serviceName', 'orders')] },
      resource: { attributes: [clause('accountId', account.id), clause('serviceName', 'kms')] },
    });
    const refused = await world.call('DELETE', of('orders', account), { token: account.owner });
    assertRefused(refused, 409, 'conflict');
    assert.match(refused.body.errors[0].message, /named by 2 active policies of/);
  });
});
