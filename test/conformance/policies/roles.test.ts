/** Custom roles: how they live, and what they must say. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type Reply, ROLE, SERVICE_ROLE, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertRefused, bodyV1, bodyV2, createPolicyCalls, type Members, tagOf, userWith } from './making.ts';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  account = await world.account();
});

const body = (members: Members = {}) => ({
  name: 'TestRole',
  display_name: 'Test role',
  description: 'Reads groups.',
  account_id: account.id,
  service_name: 'iam-groups',
  actions: ['iam-groups.groups.read'],
  ...members,
});
const create = (members?: Members, token = account.owner) => world.call('POST', '/v2/roles', { token, body: body(members) });
async function made(members?: Members): Promise<Reply<Wire>> {
  const reply = await create(members);
  assert.equal(reply.status, 201, reply.text);
  return reply;
}
const on = (method: string, id: string, options: { tag?: string; body?: unknown; token?: string } = {}) =>
  world.call(method, `/v2/roles/${id}`, {
    token: options.token ?? account.owner,
    ...(options.body !== undefined && { body: options.body }),
    ...(options.tag !== undefined && { headers: { 'if-match': options.tag } }),
  });

describe('the life of a custom role', () => {
  test('W-46: a custom role is made', async () => {
    const reply = await made();
    const { id, crn, href, ...rest } = reply.body;
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.equal(crn, `crn:v1:ibmcloud:public:iam-access-management::a/${account.id}::customRole:TestRole`);
    assert.equal(href, `${world.url}/v2/roles/${id}`);
    const { created_at, last_modified_at, ...said } = rest;
    assert.deepEqual(said, { ...body(), created_by_id: account.ownerIamId, last_modified_by_id: account.ownerIamId });
    assert.deepEqual(created_at, last_modified_at);
    tagOf(reply);
    const read = await on('GET', id);
    assert.deepEqual([read.status, read.body, tagOf(read)], [200, reply.body, tagOf(reply)]);
  });

  test('the actions come back in the order in which they were sent, each once', async () => {
    const actions = ['kms.secrets.wrap', 'kms.secrets.list', 'kms.secrets.wrap', 'resource-controller.instance.retrieve'];
    const { id } = (await made({ service_name: 'kms', actions })).body;
    const expected = ['kms.secrets.wrap', 'kms.secrets.list', 'resource-controller.instance.retrieve'];
    assert.deepEqual((await on('GET', id)).body.actions, expected);
    const put = await on('PUT', id, { tag: '*', body: { display_name: 'x', actions: expected.toReversed() } });
    assert.deepEqual(put.body.actions, expected.toReversed());
  });

  test('a description may be left out, and is there all the same', async () => {
    const { description: _, ...without } = body();
    const reply = await world.expect(201, 'POST', '/v2/roles', { token: account.owner, body: without });
    assert.equal(reply.body.description, '');
    assert.equal(
      (await made({ name: 'Other', display_name: 'Other', description: '', service_name: 'kms', actions: ['kms.secrets.list'] })).body
        .description,
      '',
    );
  });

  test('W-50: a custom role is replaced, and its name, account and service stay', async () => {
    const first = await made();
    const { id } = first.body;
    const change = { display_name: 'Renamed', description: 'New words.', actions: ['iam-groups.groups.list', 'iam-groups.groups.read'] };
    const put = await on('PUT', id, { tag: tagOf(first), body: { ...change, name: 'Other', account_id: 'x', service_name: 'kms' } });
    assert.equal(put.status, 200, put.text);
    const { last_modified_at } = put.body;
    assert.ok(last_modified_at >= first.body.created_at);
    assert.deepEqual(put.body, { ...first.body, ...change, last_modified_at });
    assert.notEqual(tagOf(put), tagOf(first));
    const error = assertRefused(await on('PUT', id, { tag: tagOf(first), body: change }), 409, 'role_conflict_error');
    assert.deepEqual(error.details.conflicts_with, { etag: tagOf(put) });
    assertRefused(await on('PUT', id, { body: change }), 400, 'invalid_body');
  });

  test('W-51: a deleted custom role is not there any more', async () => {
    const { id } = (await made()).body;
    const gone = await on('DELETE', id);
    assert.deepEqual([gone.status, gone.text], [204, '']);
    for (const method of ['GET', 'DELETE']) assertRefused(await on(method, id), 404, 'role_not_found');
    assertRefused(await on('PUT', id, { tag: '*', body: { display_name: 'x', actions: body().actions } }), 404, 'role_not_found');
    await made();
  });

  test('a custom role that an active policy grants is not deleted', async () => {
    const user = await world.user(account.id);
    const calls = createPolicyCalls(world, account);
    const { id, crn } = (await made({ service_name: 'kms', actions: ['kms.secrets.list'] })).body;
    const roles = [{ role_id: ROLE('Viewer') }, { role_id: crn }];
    const policies = [
      await calls.made(1, bodyV1(account.id, user.iamId, { roles })),
      await calls.made(2, bodyV2(account.id, user.iamId, { control: { grant: { roles } } })),
    ];
    assert.equal((await calls.get(1, policies[0]?.id)).body.roles[1].display_name, 'Test role');
    assert.match(assertRefused(await on('DELETE', id), 409, 'role_conflict_error').message, /2 active policies/);
    await calls.remove(1, policies[0]?.id);
    assert.match(assertRefused(await on('DELETE', id), 409, 'role_conflict_error').message, /1 active policy:/);
    await calls.remove(1, policies[1]?.id);
    assert.equal((await on('DELETE', id)).status, 204);
  });

  test('every change is in the audit log of the account', async () => {
    const first = await made();
    const { id } = first.body;
    const put = await on('PUT', id, { tag: '*', body: { display_name: 'x', actions: body().actions } });
    const gone = await on('DELETE', id);
    for (const [reply, action] of [
      [first, 'iam-am.customRole.create'],
      [put, 'iam-am.customRole.update'],
      [gone, 'iam-am.customRole.delete'],
    ] as const) {
      const events = await world.events(account, reply.headers.get('x-request-id') ?? '');
      assert.deepEqual(
        events.map((event) => [event.data.action, event.data.target.id]),
        [[action, id]],
      );
    }
  });
});

describe('what a custom role must say', () => {
  test('W-47: its name begins with a capital letter and has letters and digits, thirty at most', async () => {
    for (const name of ['testRole', 'Test_Role', `T${'x'.repeat(30)}`, 'Test Role', '', '1Role', 'Ünicode', 'Test\n', null, 5]) {
      const reply = await create({ name });
      assert.match(assertRefused(reply, 400, 'invalid_body').message, /'name'/);
    }
    await made({ name: `T${'x'.repeat(29)}` });
  });

  test('W-48: an action of another service is refused, by its name', async () => {
    for (const action of ['kms.secrets.list', 'iam-groups.groups.fly', 'nonsense', '__proto__', '*', 'iam-groups.*']) {
      const { message } = assertRefused(await create({ actions: ['iam-groups.groups.read', action] }), 400, 'invalid_body');
      assert.ok(message.includes(`'${action}'`), message);
    }
  });

  test('it has an action that the service itself defines', async () => {
    assertRefused(await create({ actions: [] }), 400, 'invalid_body');
    assertRefused(await create({ actions: ['iam.policy.read'] }), 400, 'invalid_body');
    await made({ actions: ['iam.policy.read', 'iam-groups.groups.read'] });
  });

  test('its members are texts of the lengths that they may have', async () => {
    for (const [name, values] of [
      ['display_name', ['', 'x'.repeat(51), null, 5, {}]],
      ['description', ['x'.repeat(251), null, 5, []]],
      ['account_id', ['', null, 5]],
      ['service_name', ['', null, 'nonsense', 'x'.repeat(101)]],
      ['actions', [null, 'iam-groups.groups.read', [5], [null], {}, ['']]],
    ] as const) {
      for (const value of values) {
        const reply = await create({ [name]: value });
        assert.ok(assertRefused(reply, 400, 'invalid_body').message.includes(`'${name}`), `${name} ${JSON.stringify(value)}`);
      }
    }
  });

  test('W-49: a second role with the same actions is refused, in whichever order', async () => {
    const actions = ['iam-groups.groups.read', 'iam-groups.groups.list'];
    const first = (await made({ actions })).body;
    const twin = { name: 'Twin', display_name: 'Twin', actions: actions.toReversed() };
    const error = assertRefused(await create(twin), 409, 'role_conflict_error');
    assert.equal(error.details.conflicts_with.role, first.id);
    const other = (await made({ ...twin, actions: ['iam-groups.groups.list'] })).body;
    const change = { display_name: 'Twin', actions };
    assertRefused(await on('PUT', other.id, { tag: '*', body: change }), 409, 'role_conflict_error');
    await made({ name: 'Elsewhere', display_name: 'Elsewhere', service_name: 'kms', actions: ['kms.secrets.list'] });
  });

  test('names are taken once in an account, and display names once in a service, built-in ones included', async () => {
    await made();
    assertRefused(await create({ service_name: 'kms', actions: ['kms.secrets.list'] }), 409, 'role_conflict_error');
    const second = { name: 'Second', actions: ['iam-groups.groups.list'] };
    for (const display_name of ['Test role', 'TEST ROLE', 'Viewer', 'administrator']) {
      assertRefused(await create({ ...second, display_name }), 409, 'role_conflict_error');
    }
    const kms = { name: 'Third', service_name: 'kms', actions: ['kms.secrets.list'] };
    assertRefused(await create({ ...kms, display_name: 'ReaderPlus' }), 409, 'role_conflict_error');
    await made({ ...kms, display_name: 'Test role' });
    const other = await world.account();
    const elsewhere = await world.call('POST', '/v2/roles', { token: other.owner, body: body({ account_id: other.id }) });
    assert.equal(elsewhere.status, 201);
  });
});

describe('what a custom role gives', () => {
  test('its actions on its service, from the next decision on, and nothing else', async () => {
    const user = await world.user(account.id);
    const group = await world.group(account);
    const { id, crn } = (await made({ actions: ['iam-groups.groups.read'] })).body;
    await world.policy(account, user.iamId, [crn], { serviceName: 'iam-groups' });
    const status = async (method: string) => (await world.call(method, `/v2/groups/${group.id}`, { token: user.token })).status;
    assert.deepEqual([await status('GET'), await status('DELETE')], [200, 403]);
    const list = { display_name: 'Test role', actions: ['iam-groups.groups.list'] };
    assert.equal((await on('PUT', id, { tag: '*', body: list })).status, 200);
    assert.equal(await status('GET'), 403);
    const both = { display_name: 'Test role', actions: ['iam-groups.groups.delete', 'iam-groups.groups.read'] };
    assert.equal((await on('PUT', id, { tag: '*', body: both })).status, 200);
    assert.deepEqual([await status('GET'), await status('DELETE')], [200, 204]);
  });

  test('it goes with its own service only, and is unknown to other accounts', async () => {
    const user = await world.user(account.id);
    const { crn } = (await made()).body;
    const calls = createPolicyCalls(world, account);
    const roles = [{ role_id: crn }];
    assertRefused(await calls.create(1, bodyV1(account.id, user.iamId, { roles })), 400, 'invalid_body');
    const other = await world.account();
    const stranger = await world.user(other.id);
    const foreign = bodyV1(other.id, stranger.iamId, { roles });
    assertRefused(await createPolicyCalls(world, other).create(1, foreign), 400, 'invalid_body');
  });
});

describe('who manages custom roles', () => {
  const MANAGEMENT = { serviceName: 'iam-access-management' };

  test('all four platform roles read them, Editor changes them, Administrator makes and deletes them', async () => {
    const change = { display_name: 'Changed', actions: ['iam-groups.groups.read'] };
    for (const [role, create201, read, put, remove] of [
      ['Viewer', false, true, false, false],
      ['Operator', false, true, false, false],
      ['Editor', false, true, true, false],
      ['Administrator', true, true, true, true],
    ] as const) {
      const { id } = (await made()).body;
      const { token } = await userWith(world, account, [ROLE(role), MANAGEMENT]);
      const spare = { name: 'Spare', display_name: 'Spare', actions: ['iam-groups.groups.list'] };
      const spared = await create(spare, token);
      assert.equal(spared.status, create201 ? 201 : 403, role);
      assert.equal((await on('GET', id, { token })).status, read ? 200 : 403, role);
      assert.equal((await on('PUT', id, { token, tag: '*', body: change })).status, put ? 200 : 403, role);
      assert.equal((await on('DELETE', id, { token })).status, remove ? 204 : 403, role);
      for (const left of [remove ? [] : [id], create201 ? [spared.body.id] : []].flat()) await on('DELETE', left);
    }
  });

  test('an Administrator of another service does not, and one of a role itself manages that one', async () => {
    const { id } = (await made()).body;
    const other = (await made({ name: 'Other', display_name: 'Other', actions: ['iam-groups.groups.list'] })).body;
    const elsewhere = await userWith(
      world,
      account,
      [ROLE('Administrator'), { serviceName: 'iam-groups' }],
      [SERVICE_ROLE('Manager'), { serviceName: 'kms' }],
    );
    assertRefused(await on('GET', id, { token: elsewhere.token }), 403, 'insufficent_permissions');
    const narrow = await userWith(world, account, [
      ROLE('Administrator'),
      { ...MANAGEMENT, resourceType: 'customRole', resource: 'TestRole' },
    ]);
    assertRefused(await on('DELETE', other.id, { token: narrow.token }), 403, 'insufficent_permissions');
    assert.equal((await on('DELETE', id, { token: narrow.token })).status, 204);
  });

  test('to other accounts a custom role is not there, and nobody makes one in another account', async () => {
    const { id } = (await made()).body;
    const { owner: token } = await world.account();
    for (const method of ['GET', 'DELETE']) assertRefused(await on(method, id, { token }), 404, 'role_not_found');
    assertRefused(await on('PUT', id, { token, tag: '*', body: { display_name: 'x', actions: body().actions } }), 404, 'role_not_found');
    assertRefused(await create({ name: 'Foreign' }, token), 403, 'insufficent_permissions');
    for (const bad of ['nonsense', '__proto__', id.toUpperCase(), `${id}0`]) assertRefused(await on('GET', bad), 404, 'role_not_found');
  });

  test('nobody grants through a custom role what they may not grant otherwise', async () => {
    const { crn } = (await made({ service_name: 'kms', actions: ['kms.secrets.list'] })).body;
    const other = await world.user(account.id);
    const administrator = await userWith(world, account, [ROLE('Administrator'), { serviceName: 'kms', serviceInstance: 'c1' }]);
    const calls = createPolicyCalls(world, account, administrator.token);
    const grant = (resource: Readonly<Record<string, string>>) => {
      const attributes = Object.entries({ accountId: account.id, ...resource }).map(([name, value]) => ({ name, value }));
      return calls.create(1, bodyV1(account.id, other.iamId, { roles: [{ role_id: crn }], resources: [{ attributes }] }));
    };
    assert.equal((await grant({ serviceName: 'kms', serviceInstance: 'c1' })).status, 201);
    assertRefused(await grant({ serviceName: 'kms' }), 403, 'insufficent_permissions');
    assertRefused(await grant({ serviceName: 'kms', serviceInstance: 'c2' }), 403, 'insufficent_permissions');
  });
});
