import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type TestUser, type World } from '../../support/world.ts';
import { assertRefused } from '../identity/refusal.ts';
import { ordersBody, permits, put } from './registering.ts';

const PATH = '/podpass/v1/resource_tags';

let world: World;
let account: TestAccount;
let user: TestUser;

before(async () => {
  world = await startWorld();
  account = await world.account();
  user = await world.user(account.id);
  await put(world, account.owner, 'orders', ordersBody(account));
});
after(() => world[Symbol.asyncDispose]());

const set = (instance: string, tags: unknown, members: Readonly<Record<string, unknown>> = {}, token = account.owner) =>
  world.call('PUT', PATH, {
    token,
    body: { account_id: account.id, service_name: 'orders', service_instance: instance, tags, ...members },
  });
const get = (instance: string, service = 'orders', token = account.owner) =>
  world.call('GET', `${PATH}?account_id=${account.id}&service_name=${service}&service_instance=${instance}`, { token });

/** A policy of version 2 on everything that has all of these tags. */
async function tagPolicy(subject: string, tags: readonly string[], role = ROLE('Viewer'), operator = 'stringEquals'): Promise<void> {
  const body = {
    type: 'access',
    control: { grant: { roles: [{ role_id: role }] } },
    subject: { attributes: [{ key: 'iam_id', operator: 'stringEquals', value: subject }] },
    resource: {
      attributes: [
        { key: 'accountId', operator: 'stringEquals', value: account.id },
        { key: 'serviceType', operator: 'stringEquals', value: 'service' },
      ],
      tags: tags.map((tag) => ({ key: tag.split(':')[0], operator, value: tag.split(':')[1] })),
    },
  };
  await world.expect(201, 'POST', '/v2/policies', { token: account.owner, body });
}

const sees = (subject: string, serviceInstance: string, more: Readonly<Record<string, string>> = {}) =>
  permits(world, account.owner, subject, 'orders.order.see', { accountId: account.id, serviceName: 'orders', serviceInstance, ...more });

describe('access tags', () => {
  test('of an instance are replaced as a whole, and read back', async () => {
    const none = await get('i1');
    const named = { account_id: account.id, service_name: 'orders', service_instance: 'i1' };
    assert.deepEqual([none.status, none.body], [200, { ...named, tags: [] }]);
    const tags = ['project:prototype', 'Env_1:a b.c-d', `${'k'.repeat(128)}:${'v'.repeat(128)}`];
    const { status, body } = await set('i1', tags);
    assert.deepEqual([status, body], [200, { ...named, tags }]);
    assert.deepEqual((await get('i1')).body.tags, tags);
    assert.deepEqual((await get('i2')).body.tags, []);
    assert.deepEqual((await get('i1', 'kms')).body.tags, []);
    assert.deepEqual((await set('i1', [])).body.tags, []);
    assert.deepEqual((await get('i1')).body.tags, []);
  });

  test('may be set and read by CRN', async () => {
    const crn = `crn:v1:bluemix:public:orders:eu-de:a/${account.id}:by-crn::`;
    const { status, body } = await world.call('PUT', PATH, { token: account.owner, body: { crn, tags: ['a:b'] } });
    assert.deepEqual([status, body.service_name, body.service_instance, body.tags], [200, 'orders', 'by-crn', ['a:b']]);
    assert.deepEqual((await get('by-crn')).body.tags, ['a:b']);
    const read = await world.call('GET', `${PATH}?crn=${encodeURIComponent(crn)}`, { token: account.owner });
    assert.deepEqual(read.body, body);
    const short = crn.replace(/::$/, '');
    assert.equal((await world.call('PUT', PATH, { token: account.owner, body: { crn: short, tags: [] } })).status, 200);
    assert.deepEqual((await get('by-crn')).body.tags, []);
  });

  test('are on record, what was and what is', async () => {
    await set('recorded', ['a:b']);
    const reply = await set('recorded', ['a:c']);
    const [{ data }] = await world.events(account, reply.headers.get('x-request-id') ?? '');
    assert.equal(data.action, 'global-search-tagging.access-tags.update');
    assert.deepEqual([data.before, data.after], [['a:b'], ['a:c']]);
    assert.equal(data.target.id, `crn:v1:bluemix:public:orders::a/${account.id}:recorded::`);
    const again = await set('recorded', ['a:c']);
    assert.deepEqual(await world.events(account, again.headers.get('x-request-id') ?? ''), []);
  });

  const bad = [
    '',
    'a',
    ':',
    'a:',
    ':b',
    'a:b:c',
    ' a:b',
    'a :b',
    'a: b',
    'a:b ',
    'ä:b',
    'a:b\n',
    'a*:b',
    `${'k'.repeat(129)}:v`,
    `k:${'v'.repeat(129)}`,
  ];
  for (const tag of bad) {
    test(`are not ${JSON.stringify(tag).slice(0, 20)}`, async () => {
      const reply = await set('refused', ['good:tag', tag]);
      assert.equal(reply.status, 400);
      assert.match(reply.body.errors[0].message, /tags\[1\]/);
      assert.deepEqual((await get('refused')).body.tags, []);
    });
  }

  test('are refused twice in a list, in no list, and in one that is too long', async () => {
    for (const tags of [['a:b', 'a:b'], 'a:b', { a: 'b' }, [1], Array.from({ length: 1001 }, (_, index) => `a:${index}`)]) {
      assertRefused(await set('refused', tags), 400, 'invalid_parameter');
    }
    assertRefused(await set('refused', undefined), 400, 'missing_parameter');
  });

  test('belong to an instance, which is named once and wholly', async () => {
    const token = account.owner;
    const crn = (service: string, scope: string, rest: string) => `crn:v1:bluemix:public:${service}:eu-de:${scope}:${rest}`;
    const own = `a/${account.id}`;
    const bodies: readonly (readonly [body: object, field: string])[] = [
      [{ account_id: account.id, service_name: 'orders' }, 'service_instance'],
      [{ account_id: account.id, service_instance: 'x' }, 'service_name'],
      [{ service_name: 'orders', service_instance: 'x' }, 'account_id'],
      [{ account_id: account.id, service_name: 'Orders', service_instance: 'x' }, 'service_name'],
      [{ account_id: account.id, service_name: 'orders', service_instance: 'a/b' }, 'service_instance'],
      [{ account_id: account.id, service_name: 'orders', service_instance: 'a:b' }, 'service_instance'],
      [{ account_id: account.id, service_name: 'orders', service_instance: 'a b' }, 'service_instance'],
      [{ account_id: account.id, service_name: 'orders', service_instance: 'x'.repeat(201) }, 'service_instance'],
      [{ crn: 'nonsense' }, 'crn'],
      [{ crn: crn('orders', own, ':bucket:b') }, 'crn'],
      [{ crn: crn('orders', own, 'i:bucket:b') }, 'crn'],
      [{ crn: crn('orders', '', 'i::') }, 'crn'],
      [{ crn: crn('orders', own, 'i::'), service_instance: 'other' }, 'crn'],
      [{ crn: crn('orders', own, 'i::'), account_id: '0'.repeat(32) }, 'crn'],
    ];
    for (const [body, field] of bodies) {
      const reply = await world.call('PUT', PATH, { token, body: { ...body, tags: ['a:b'] } });
      assert.equal(reply.status, 400, JSON.stringify(body));
      assert.ok(reply.body.errors[0].message.includes(`'${field}'`), reply.text);
    }
    assertRefused(await world.call('GET', `${PATH}?account_id=${account.id}`, { token }), 400, 'missing_parameter');
  });

  test('may be on instances of built-in services, and of ones called like a member of every object', async () => {
    await put(world, account.owner, 'constructor', { account_id: account.id, operators: [], actions: [], roles: [] });
    const members = { service_name: 'constructor', service_instance: '__proto__' };
    assert.deepEqual((await set('', ['a:b'], members)).body.tags, ['a:b']);
    assert.deepEqual((await get('__proto__', 'constructor')).body.tags, ['a:b']);
    assert.deepEqual((await set('k1', ['a:b'], { service_name: 'kms' })).body.tags, ['a:b']);
  });
});

describe('policies on tags', () => {
  test('D-38: permit on tagged instances of every service, what is below them included, and on no others', async () => {
    await tagPolicy(user.iamId, ['project:prototype']);
    assert.equal(await sees(user.iamId, 'tagged'), false);
    await set('tagged', ['env:dev', 'project:prototype']);
    await set('other', ['project:other']);
    assert.deepEqual(
      [await sees(user.iamId, 'tagged'), await sees(user.iamId, 'other'), await sees(user.iamId, 'bare')],
      [true, false, false],
    );
    assert.equal(await sees(user.iamId, 'tagged', { resourceType: 'bucket', resource: 'b' }), true);
    const asked = { accountId: account.id, serviceName: 'kms', serviceInstance: 'tagged' };
    assert.equal(await permits(world, account.owner, user.iamId, 'iam.policy.read', asked), false, 'of another service');
    const crn = `crn:v1:bluemix:public:orders::a/${account.id}:tagged:bucket:b`;
    const item = { subject: { attributes: { id: user.iamId } }, action: 'orders.order.see', resource: { crn } };
    const { body } = await world.expect(200, 'POST', '/v2/authz', { token: account.owner, body: [item] });
    assert.equal(body.responses[0].authorizationDecision.permitted, true);
    assert.equal('resource' in body.responses[0].authorizationDecision.obligation, false);
    await set('tagged', ['env:dev']);
    assert.equal(await sees(user.iamId, 'tagged'), false);
  });

  test('D-39: need all of their tags', async () => {
    const strict = await world.user(account.id);
    await tagPolicy(strict.iamId, ['team:shop', 'stage:test']);
    await set('one', ['team:shop']);
    await set('both', ['stage:test', 'team:shop']);
    assert.deepEqual([await sees(strict.iamId, 'one'), await sees(strict.iamId, 'both')], [false, true]);
  });

  test('compare bytes, and match patterns where they say so', async () => {
    const exact = await world.user(account.id);
    const pattern = await world.user(account.id);
    await tagPolicy(exact.iamId, ['case:Up']);
    await tagPolicy(pattern.iamId, ['case:U*'], ROLE('Viewer'), 'stringMatch');
    await set('upper', ['case:Up']);
    await set('lower', ['case:up']);
    assert.deepEqual([await sees(exact.iamId, 'upper'), await sees(exact.iamId, 'lower')], [true, false]);
    assert.deepEqual([await sees(pattern.iamId, 'upper'), await sees(pattern.iamId, 'lower')], [true, false]);
  });

  test('do not see what the asker says of tags', async () => {
    const tagged = await world.user(account.id);
    await tagPolicy(tagged.iamId, ['claimed:yes']);
    assert.equal(await sees(tagged.iamId, 'untagged', { tags: 'claimed:yes', claimed: 'yes' }), false);
  });
});

describe('who may tag', () => {
  test('the owner of the account, what is a service there; of others, whoever a policy says', async () => {
    const unheard = { service_name: 'unheard-of' };
    assertRefused(await set('u1', ['a:b'], unheard), 403, 'insufficient_permissions');
    const administrator = await world.user(account.id);
    await world.policy(account, administrator.iamId, [ROLE('Administrator')], { serviceName: 'unheard-of' });
    assert.equal((await set('u1', ['a:b'], unheard, administrator.token)).status, 200);
  });

  test('Administrator of the instance attaches and detaches; whoever has a role on it reads', async () => {
    const [administrator, editor, reader, nobody] = await Promise.all([1, 2, 3, 4].map(() => world.user(account.id)));
    assert.ok(administrator && editor && reader && nobody);
    const instance = { serviceName: 'orders', serviceInstance: 'guarded' };
    await world.policy(account, administrator.iamId, [ROLE('Administrator')], instance);
    await world.policy(account, editor.iamId, [ROLE('Editor')], instance);
    await world.policy(account, reader.iamId, [SERVICE_ROLE('Reader')], instance);
    assert.equal((await set('guarded', ['a:b'], {}, administrator.token)).status, 200);
    assertRefused(await set('elsewhere', ['a:b'], {}, administrator.token), 403, 'insufficient_permissions');
    for (const { token } of [editor, reader, nobody]) assertRefused(await set('guarded', [], {}, token), 403, 'insufficient_permissions');
    for (const { token } of [administrator, editor, reader]) assert.deepEqual((await get('guarded', 'orders', token)).body.tags, ['a:b']);
    assertRefused(await get('guarded', 'orders', nobody.token), 403, 'insufficient_permissions');
    assertRefused(await world.call('GET', PATH), 401, 'invalid_access_token');
  });

  test('attaching alone takes nothing away', async () => {
    const clerk = await world.user(account.id);
    const actions = ['global-search-tagging.tag.attach-access-tag', 'orders.order.see'];
    const body = { name: 'Tagger', display_name: 'Tagger', account_id: account.id, service_name: 'orders', actions };
    const { body: role } = await world.expect(201, 'POST', '/v2/roles', { token: account.owner, body });
    await world.policy(account, clerk.iamId, [role.crn], { serviceName: 'orders' });
    assert.equal((await set('kept', ['a:b'], {}, clerk.token)).status, 200);
    assert.equal((await set('kept', ['a:b', 'c:d'], {}, clerk.token)).status, 200);
    assertRefused(await set('kept', ['c:d'], {}, clerk.token), 403, 'insufficient_permissions');
    assert.deepEqual((await get('kept')).body.tags, ['a:b', 'c:d']);
  });

  test('nobody of another account reads or changes any', async () => {
    const stranger = await world.account();
    await set('i9', ['a:b']);
    assertRefused(await set('i9', ['c:d'], {}, stranger.owner), 403, 'insufficient_permissions');
    assertRefused(await get('i9', 'orders', stranger.owner), 403, 'insufficient_permissions');
    const crn = `crn:v1:bluemix:public:orders::a/${account.id}:i9::`;
    const reply = await world.call('PUT', PATH, { token: stranger.owner, body: { crn, tags: [] } });
    assertRefused(reply, 403, 'insufficient_permissions');
    assert.deepEqual((await get('i9')).body.tags, ['a:b']);
  });
});

describe('the limit on access tags', () => {
  test('counts different tags of the account, and is never passed by many at once', async () => {
    await using small = await startWorld({ settings: { 'limits-set': 'ibm' } });
    const own = await small.account();
    const of = (instance: string, tags: readonly string[]) =>
      small.call('PUT', PATH, {
        token: own.owner,
        body: { account_id: own.id, service_name: 'kms', service_instance: instance, tags },
      });
    const many = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `n:${from + index}`);
    assert.equal((await of('a', many(0, 200))).status, 200);
    assert.equal((await of('b', many(100, 249))).status, 200);
    const raced = await Promise.all(['c', 'd', 'e'].map((instance) => of(instance, [`raced:${instance}`])));
    assert.deepEqual(raced.map((reply) => reply.status).sort(), [200, 422, 422]);
    const refused = await of('f', ['one:more']);
    assertRefused(refused, 422, 'limit_exceeded');
    assert.match(refused.body.errors[0].message, /251 access tags in the account; the limit is 250/);
    assert.equal((await of('f', ['n:1'])).status, 200);
    assert.equal((await of('b', [...many(100, 248), 'one:more'])).status, 200, 'in place of one that is gone with it');
  });
});
