import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type TestUser, type World } from '../../support/world.ts';
import { assertRefused } from '../identity/refusal.ts';
import { of, ordersBody, put } from './registering.ts';

let world: World;
let account: TestAccount;
/** Operates services of the account, and lives in another. */
let operator: TestUser;
let home: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
  home = await world.account();
  operator = await world.user(home.id);
  await put(world, account.owner, 'orders', ordersBody(account));
});
after(() => world[Symbol.asyncDispose]());

const path = (name: string) => `/podpass/v1/services/${name}/operators`;
const set = (name: string, operators: readonly string[], options: { token?: string; of?: TestAccount; ifMatch?: string } = {}) =>
  world.call('PUT', path(name), {
    token: options.token ?? account.owner,
    body: { account_id: (options.of ?? account).id, operators },
    ...(options.ifMatch !== undefined && { headers: { 'if-match': options.ifMatch } }),
  });
const get = (name: string, of_ = account, token = of_.owner) => world.call('GET', `${path(name)}?account_id=${of_.id}`, { token });

const ask = async (serviceName: string, of_: TestAccount, token = operator.token): Promise<number> => {
  const item = {
    subject: { attributes: { id: 'IBMid-whoever' } },
    action: `${serviceName}.x.y`,
    resource: { attributes: { accountId: of_.id, serviceName } },
  };
  return (await world.call('POST', '/v2/authz', { token, body: [item] })).status;
};

describe('the operators of a service', () => {
  test('are replaced as a whole, and may ask for decisions from then on', async () => {
    assert.equal(await ask('orders', account), 403);
    const { status, body, headers } = await set('orders', [operator.iamId, 'IBMid-another']);
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body).sort(), ['account_id', 'entity_tag', 'name', 'operators']);
    assert.deepEqual([body.name, body.account_id, body.operators], ['orders', account.id, ['IBMid-another', operator.iamId].sort()]);
    assert.equal(headers.get('etag'), body.entity_tag);
    assert.deepEqual((await get('orders')).body, body);
    assert.equal(await ask('orders', account), 200);
    assert.equal((await set('orders', [])).status, 200);
    assert.equal(await ask('orders', account), 403);
  });

  test('of a registered service are a change of it', async () => {
    const before = (await world.expect(200, 'GET', of('orders', account), { token: account.owner })).body;
    const { body } = await set('orders', ['IBMid-x']);
    const after_ = (await world.expect(200, 'GET', of('orders', account), { token: account.owner })).body;
    assert.notEqual(after_.entity_tag, before.entity_tag);
    assert.equal(after_.entity_tag, body.entity_tag);
    assert.deepEqual([after_.operators, after_.actions, after_.roles], [['IBMid-x'], before.actions, before.roles]);
    assertRefused(await set('orders', [], { ifMatch: before.entity_tag }), 409, 'conflict');
    assert.equal((await set('orders', [], { ifMatch: after_.entity_tag })).status, 200);
  });

  test('of a built-in service are the account’s own, under an entity tag of theirs', async () => {
    const none = await get('kms');
    assert.deepEqual([none.status, none.body.operators], [200, []]);
    assert.equal(await ask('kms', account), 403);
    const { body } = await set('kms', [operator.iamId], { ifMatch: none.body.entity_tag });
    assert.deepEqual(body.operators, [operator.iamId]);
    assertRefused(await set('kms', [], { ifMatch: none.body.entity_tag }), 409, 'conflict');
    assert.equal(await ask('kms', account), 200);
    assert.deepEqual([await ask('messagehub', account), await ask('orders', account)], [403, 403]);
    const { body: service } = await world.expect(200, 'GET', of('kms', account), { token: account.owner });
    assert.deepEqual([service.kind, service.operators, service.entity_tag], ['built_in', [operator.iamId], body.entity_tag]);
    assert.equal((await set('kms', [])).status, 200);
    assert.equal(await ask('kms', account), 403);
  });

  test('ask about accounts that named them, and no other', async () => {
    const other = await world.account();
    await put(world, other.owner, 'orders', ordersBody(other));
    await set('orders', [operator.iamId]);
    assert.deepEqual([await ask('orders', account), await ask('orders', other)], [200, 403]);
    await set('orders', [operator.iamId], { token: other.owner, of: other });
    assert.deepEqual([await ask('orders', account), await ask('orders', other)], [200, 200]);
    await set('orders', []);
    assert.deepEqual([await ask('orders', account), await ask('orders', other)], [403, 200]);
    assert.equal(await ask('orders', home), 403, 'not about their own account either, which registered no such service');
  });

  test('are on record', async () => {
    await set('messagehub', ['IBMid-a']);
    const reply = await set('messagehub', ['IBMid-b', 'IBMid-a']);
    const [{ data }] = await world.events(account, reply.headers.get('x-request-id') ?? '');
    assert.equal(data.action, 'iam-am.service-operators.update');
    assert.deepEqual([data.before, data.after], [{ operators: ['IBMid-a'] }, { operators: ['IBMid-a', 'IBMid-b'] }]);
    const again = await set('messagehub', ['IBMid-a', 'IBMid-b']);
    assert.deepEqual(await world.events(account, again.headers.get('x-request-id') ?? ''), []);
  });

  test('are refused for a service that there is not, and where they are no list of ids', async () => {
    for (const name of ['unheard-of', 'kms.vault', '__proto__', 'iam']) {
      assertRefused(await set(name, []), 404, 'not_found');
      assertRefused(await get(name), 404, 'not_found');
    }
    assertRefused(await set('kms', ['IBMid-a', 'IBMid-a']), 400, 'invalid_parameter');
    assertRefused(await set('kms', ['a b c']), 400, 'invalid_parameter');
    const missing = await world.call('PUT', path('kms'), { token: account.owner, body: { account_id: account.id } });
    assertRefused(missing, 400, 'missing_parameter');
  });
});

describe('who may register and read', () => {
  let viewer: TestUser;
  let editor: TestUser;
  let administrator: TestUser;
  let stranger: TestAccount;

  before(async () => {
    [viewer, editor, administrator] = [await world.user(account.id), await world.user(account.id), await world.user(account.id)];
    stranger = await world.account();
    await world.policy(account, viewer.iamId, [ROLE('Viewer')], { serviceName: 'iam-access-management' });
    await world.policy(account, editor.iamId, [ROLE('Editor')], { serviceName: 'iam-access-management' });
    await world.policy(account, administrator.iamId, [ROLE('Administrator')], {
      serviceName: 'iam-access-management',
      resourceType: 'service',
      resource: 'orders',
    });
  });

  const everyWrite = (token: string) => [
    () => put(world, token, 'orders', ordersBody(account), '*'),
    () => put(world, token, 'brand-new', { account_id: account.id, operators: [], actions: [], roles: [] }),
    () => set('kms', ['IBMid-evil'], { token }),
    () => world.call('DELETE', of('orders', account), { token }),
  ];

  test('Administrator alone registers, every platform role reads', async () => {
    const nobody = await world.user(account.id);
    for (const { token } of [nobody, viewer, editor]) {
      for (const write of everyWrite(token)) assertRefused(await write(), 403, 'insufficient_permissions');
    }
    for (const { token } of [viewer, editor]) {
      await world.expect(200, 'GET', of('orders', account), { token });
      await world.expect(200, 'GET', `${path('kms')}?account_id=${account.id}`, { token });
      await world.expect(200, 'GET', `/podpass/v1/services?account_id=${account.id}`, { token });
    }
    for (const read of [
      of('orders', account),
      `${path('kms')}?account_id=${account.id}`,
      `/podpass/v1/services?account_id=${account.id}`,
    ]) {
      assertRefused(await world.call('GET', read, { token: nobody.token }), 403, 'insufficient_permissions');
      assertRefused(await world.call('GET', read), 401, 'invalid_access_token');
    }
  });

  test('a right on one service is on that service, and its list shows no other', async () => {
    const { token } = administrator;
    const current = (await world.expect(200, 'GET', of('orders', account), { token })).body;
    assert.equal((await put(world, token, 'orders', ordersBody(account, { description: 'mine' }), current.entity_tag)).status, 200);
    assertRefused(await put(world, token, 'brand-new', ordersBody(account, { actions: [], roles: [] })), 403, 'insufficient_permissions');
    assertRefused(await world.call('GET', of('kms', account), { token }), 403, 'insufficient_permissions');
    const { body } = await world.expect(200, 'GET', `/podpass/v1/services?account_id=${account.id}`, { token });
    assert.deepEqual(
      body.services.map((service: { name: string }) => service.name),
      ['orders'],
    );
  });

  test('an account sees nothing of another, and changes nothing there', async () => {
    const { owner: token } = stranger;
    for (const name of ['orders', 'kms', 'unheard-of']) {
      assertRefused(await world.call('GET', of(name, account), { token }), 404, 'not_found');
      assertRefused(await world.call('DELETE', of(name, account), { token }), 404, 'not_found');
      assertRefused(await set(name, ['IBMid-evil'], { token }), 404, 'not_found');
      assertRefused(await get(name, account, token), 404, 'not_found');
    }
    for (const ifMatch of [undefined, '*', '1-00']) {
      const taken = await put(world, token, 'orders', ordersBody(account), ifMatch);
      const free = await put(world, token, 'free-name', { account_id: account.id, operators: [], actions: [], roles: [] }, ifMatch);
      assertRefused(taken, 403, 'insufficient_permissions');
      assert.deepEqual([free.status, free.body.errors[0].message], [taken.status, taken.body.errors[0].message]);
    }
    assertRefused(await world.call('GET', `/podpass/v1/services?account_id=${account.id}`, { token }), 403, 'insufficient_permissions');
    const nowhere = { id: '0'.repeat(32) };
    assertRefused(await world.call('GET', of('kms', nowhere), { token }), 404, 'not_found');
    assertRefused(await put(world, token, 'orders', { ...ordersBody(account), account_id: nowhere.id }), 403, 'insufficient_permissions');
  });
});
