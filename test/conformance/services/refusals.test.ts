import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startWorld, type TestAccount, type World } from '../../support/world.ts';
import { assertRefused } from '../identity/refusal.ts';
import { of, ordersBody, put } from './registering.ts';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const bare = (overrides: Readonly<Record<string, unknown>> = {}) => ({
  account_id: account.id,
  operators: [],
  actions: [],
  roles: [],
  ...overrides,
});

describe('the name of a service', () => {
  const free = ['a', 'k', 'kms2', 'kms-vault', 'x.kms', 'a1.b2.3c', 'iamx', 'constructor', `a${'b'.repeat(63)}`, 'a.b.c.d.e.f.g.h'];
  for (const name of free) {
    test(`may be ${name.slice(0, 20)}`, async () => {
      assert.equal((await put(world, account.owner, name, bare())).status, 201);
    });
  }

  const malformed = [
    'A',
    '1a',
    '-a',
    'a_b',
    'a.',
    '.a',
    'a..b',
    'a.B',
    'a b',
    'ä',
    '__proto__',
    `a${'b'.repeat(64)}`,
    'a.b.c.d.e.f.g.h.i',
    'a:b',
    'a*',
  ];
  for (const name of malformed) {
    test(`may not be ${name.slice(0, 20)}`, async () => {
      const reply = await put(world, account.owner, encodeURIComponent(name), bare());
      assertRefused(reply, 400, 'invalid_parameter');
      assert.match(reply.body.errors[0].message, /name .* consists of/);
      assertRefused(await world.call('GET', of(encodeURIComponent(name), account), { token: account.owner }), 404, 'not_found');
    });
  }

  const reserved = {
    kms: "'kms' is a built-in service",
    'kms.vault': "a child of 'kms', which is a built-in service",
    'kms.a.b.c.d.e.f.g': "a child of 'kms'",
    'iam-access-management.service': "a child of 'iam-access-management'",
    podpass: "'podpass' is a built-in service",
    iam: "'iam' is a word of the platform",
    'iam.policy': "begins with 'iam'",
    'resource-controller': 'a word of the platform',
    'global-search-tagging': 'a word of the platform',
    cbr: 'a word of the platform',
    alliamserviceroles: 'a word of the platform',
  };
  for (const [name, reason] of Object.entries(reserved)) {
    test(`may not be ${name}: it is reserved`, async () => {
      const reply = await put(world, account.owner, name, bare(), '*');
      assertRefused(reply, 400, 'invalid_parameter');
      assert.ok(reply.body.errors[0].message.includes('is reserved') && reply.body.errors[0].message.includes(reason), reply.text);
    });
  }
});

describe('a registration', () => {
  const role = (members: Readonly<Record<string, unknown>>) => ({ roles: [{ actions: ['orders.order.see'], ...members }] });
  const refusals: readonly (readonly [why: string, overrides: Readonly<Record<string, unknown>>, field: string])[] = [
    ['without an account', { account_id: undefined }, 'account_id'],
    ['of what is no account', { account_id: 'x' }, 'account_id'],
    ['without operators', { operators: undefined }, 'operators'],
    ['without actions', { actions: undefined }, 'actions'],
    ['without roles', { roles: undefined }, 'roles'],
    ['with a name for people that is empty', { display_name: '' }, 'display_name'],
    ['with a description that is too long', { description: 'x'.repeat(251) }, 'description'],
    ['with an action of another service', { actions: ['kms.secrets.list'] }, 'actions[0]'],
    ['with an action of a service with the same beginning', { actions: ['orders2.x'] }, 'actions[0]'],
    ['with an action without words', { actions: ['orders'] }, 'actions[0]'],
    ['with an action that ends in a dot', { actions: ['orders.'] }, 'actions[0]'],
    ['with an action with two dots', { actions: ['orders..x'] }, 'actions[0]'],
    ['with a pattern for an action', { actions: ['orders.*'] }, 'actions[0]'],
    ['with an action of two words apart', { actions: ['orders.a b'] }, 'actions[0]'],
    ['with an action that is too long', { actions: [`orders.${'x'.repeat(94)}`] }, 'actions[0]'],
    ['with an action that is a number', { actions: [1] }, 'actions[0]'],
    ['with an action without an id', { actions: [{ display_name: 'x' }] }, 'actions[0]'],
    ['with an action with an unknown member', { actions: [{ id: 'orders.x', displayname: 'X' }] }, 'actions[0]'],
    ['with an action twice', { actions: ['orders.x', { id: 'orders.x', display_name: 'X' }], roles: [] }, 'actions[1]'],
    ['with too many actions', { actions: Array.from({ length: 501 }, (_, index) => `orders.a${index}`), roles: [] }, 'actions'],
    ['with a role without actions', role({ name: 'Reader', actions: [] }), 'roles[0].actions'],
    ['with a role that has an action which is not listed', role({ name: 'Reader', actions: ['orders.order.eat'] }), 'roles[0].actions[0]'],
    [
      'with a role that has an action twice',
      role({ name: 'Reader', actions: ['orders.order.see', 'orders.order.see'] }),
      'roles[0].actions[1]',
    ],
    ['with a role with an unknown member', role({ name: 'Reader', action: [] }), 'roles[0]'],
    ['with a role of a strange name', role({ name: 'order-clerk', display_name: 'Clerk' }), 'roles[0].name'],
    ['with a role named __proto__', role({ name: '__proto__', display_name: 'Clerk' }), 'roles[0].name'],
    ['with a role of its own without a name for people', role({ name: 'Clerk' }), 'roles[0].display_name'],
    [
      'with a role of its own that is shown as a platform role',
      role({ name: 'Clerk', display_name: 'Administrator' }),
      'roles[0].display_name',
    ],
    [
      'with a role of its own that is shown almost as a generic role',
      role({ name: 'Clerk', display_name: 'reader' }),
      'roles[0].display_name',
    ],
    ['with a generic role that is shown otherwise', role({ name: 'Reader', display_name: 'Guest' }), 'roles[0].display_name'],
    ['with a common attribute', { attributes: [{ key: 'serviceInstance' }] }, 'attributes[0].key'],
    ['with a computed attribute', { attributes: [{ key: 'service_group_id' }] }, 'attributes[0].key'],
    ['with an attribute of no name', { attributes: [{ key: '' }] }, 'attributes[0].key'],
    ['with an attribute named __proto__', { attributes: [{ key: '__proto__' }] }, 'attributes[0].key'],
    ['with an attribute twice', { attributes: [{ key: 'shop' }, { key: 'shop' }] }, 'attributes[1]'],
    ['with an operator twice', { operators: ['IBMid-a', 'IBMid-a'] }, 'operators[1]'],
    ['with an operator that is no id', { operators: ['no id'] }, 'operators[0]'],
    ['with too many operators', { operators: Array.from({ length: 101 }, (_, index) => `IBMid-${index}`) }, 'operators'],
  ];
  for (const [why, overrides, field] of refusals) {
    test(`is refused ${why}`, async () => {
      const reply = await put(world, account.owner, 'orders', ordersBody(account, overrides));
      assert.equal(reply.status, 400, reply.text);
      assert.ok(['invalid_parameter', 'missing_parameter'].includes(reply.body.errors[0].code));
      assert.ok(reply.body.errors[0].message.includes(`'${field}'`), reply.body.errors[0].message);
    });
  }

  test('is refused with two roles of one name, or two that are shown alike', async () => {
    const auditor = (name: string, display_name: string) => ({ name, display_name, actions: ['orders.order.see'] });
    for (const roles of [
      [auditor('Auditor', 'One'), auditor('Auditor', 'Two')],
      [auditor('Auditor', 'Audits'), auditor('Clerk', 'audits')],
    ]) {
      const reply = await put(world, account.owner, 'orders', ordersBody(account, { roles }));
      assertRefused(reply, 400, 'invalid_parameter');
      assert.match(reply.body.errors[0].message, /'roles\[1\]' repeats/);
    }
  });

  test('left nothing behind where it was refused', async () => {
    assertRefused(await world.call('GET', of('orders', account), { token: account.owner }), 404, 'not_found');
  });

  test('ignores members of the body that it does not know', async () => {
    const { status, body } = await put(world, account.owner, 'lenient', bare({ color: 'red' }));
    assert.deepEqual([status, 'color' in body], [201, false]);
  });

  test('is refused with a body that is too large, or none', async () => {
    const actions = Array.from({ length: 500 }, (_, index) => ({ id: `orders.a${index}`, description: 'x'.repeat(250) }));
    assert.equal((await put(world, account.owner, 'orders', bare({ actions }))).status, 413);
    for (const body of ['', '[]', '{', 'null']) {
      const reply = await world.call('PUT', '/podpass/v1/services/orders', {
        token: account.owner,
        body,
        headers: { 'content-type': 'application/json' },
      });
      assert.equal(reply.status, 400, body);
    }
  });

  test('is refused where a custom role of the account is shown as one of its roles', async () => {
    const made = await put(world, account.owner, 'shown', bare({ actions: ['shown.a'] }));
    await world.expect(201, 'POST', '/v2/roles', {
      token: account.owner,
      body: { name: 'Custom', display_name: 'Taken', account_id: account.id, service_name: 'shown', actions: ['shown.a'] },
    });
    const roles = [{ name: 'Own', display_name: 'Taken', actions: ['shown.a'] }];
    const reply = await put(world, account.owner, 'shown', bare({ actions: ['shown.a'], roles }), made.body.entity_tag);
    assertRefused(reply, 409, 'conflict');
    assert.match(reply.body.errors[0].message, /'Own' cannot be shown as 'Taken'/);
  });
});
