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

const get = (name: string, token = account.owner, of_ = account) => world.call('GET', of(name, of_), { token });
const remove = (name: string, more = '', headers = {}) => world.call('DELETE', of(name, account, more), { token: account.owner, headers });

describe('registering a service', () => {
  test('answers with what was sent, and reads the same afterwards', async () => {
    const sent = ordersBody(account, { operators: ['IBMid-b', 'IBMid-a'], display_name: 'Orders', description: 'Of the shop.' });
    const { status, body, headers } = await put(world, account.owner, 'orders', sent);
    assert.equal(status, 201);
    assert.match(body.entity_tag, /^1-[0-9a-f]{32}$/);
    assert.equal(headers.get('etag'), body.entity_tag);
    for (const member of ['actions', 'roles', 'attributes', 'display_name', 'description', 'account_id']) {
      assert.deepEqual(body[member], sent[member], member);
    }
    assert.deepEqual([body.name, body.kind, body.operators], ['orders', 'registered', ['IBMid-a', 'IBMid-b']]);
    assert.match(body.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual([body.created_by_id, body.modified_by_id], [account.ownerIamId, account.ownerIamId]);
    const read = await get('orders');
    assert.equal(read.headers.get('etag'), body.entity_tag);
    assert.deepEqual(read.body, body);
  });

  test('takes the least: no actions, no roles, no attributes, no operators', async () => {
    const { status, body } = await put(world, account.owner, 'a', { account_id: account.id, operators: [], actions: [], roles: [] });
    assert.equal(status, 201);
    assert.deepEqual([body.actions, body.roles, body.attributes, body.operators], [[], [], [], []]);
    assert.equal('display_name' in body || 'description' in body, false);
  });

  test('is replaced as a whole, under its entity tag', async () => {
    const name = 'replaced';
    const made = await put(world, account.owner, name, {
      account_id: account.id,
      operators: ['IBMid-a'],
      actions: [`${name}.a`],
      roles: [],
    });
    const bare = { account_id: account.id, operators: [], actions: [`${name}.b`], roles: [] };
    const without = await put(world, account.owner, name, bare);
    assertRefused(without, 400, 'missing_parameter');
    assert.match(without.body.errors[0].message, /If-Match/);
    assertRefused(await put(world, account.owner, name, bare, '1-00'), 409, 'conflict');
    const replaced = await put(world, account.owner, name, bare, made.body.entity_tag);
    assert.equal(replaced.status, 200);
    assert.match(replaced.body.entity_tag, /^2-/);
    assert.deepEqual([replaced.body.actions, replaced.body.operators, replaced.body.created_at], [[`${name}.b`], [], made.body.created_at]);
    assertRefused(await put(world, account.owner, name, { ...bare, actions: [] }, made.body.entity_tag), 409, 'conflict');
    assert.equal((await put(world, account.owner, name, { ...bare, actions: [] }, '*')).status, 200);
    assert.deepEqual((await get(name)).body.actions, []);
  });

  test('that changes nothing keeps the entity tag and leaves no record', async () => {
    const name = 'unchanged';
    const sent = {
      account_id: account.id,
      operators: ['IBMid-b', 'IBMid-a'],
      actions: [{ id: `${name}.a`, display_name: 'A' }],
      roles: [],
    };
    const made = await put(world, account.owner, name, sent);
    const again = await put(world, account.owner, name, sent, made.body.entity_tag);
    assert.equal(again.status, 200);
    assert.deepEqual(again.body, made.body);
    assert.deepEqual(await world.events(account, again.headers.get('x-request-id') ?? ''), []);
  });

  test('may say If-Match: * for a new one; another tag means one that is gone', async () => {
    const sent = { account_id: account.id, operators: [], actions: [], roles: [] };
    assertRefused(await put(world, account.owner, 'gone', sent, `1-${'0'.repeat(32)}`), 404, 'not_found');
    assertRefused(await get('gone'), 404, 'not_found');
    assert.equal((await put(world, account.owner, 'gone', sent, '*')).status, 201);
  });

  test('makes one of two that are registered at once, and neither is half there', async () => {
    const body = (action: string) => ({ account_id: account.id, operators: [`IBMid-${action}`], actions: [`raced.${action}`], roles: [] });
    const replies = await Promise.all(['a', 'b', 'c', 'd'].map((action) => put(world, account.owner, 'raced', body(action))));
    assert.deepEqual(replies.map((reply) => reply.status).sort(), [201, 400, 400, 400]);
    const winner = replies.find((reply) => reply.status === 201);
    assert.deepEqual((await get('raced')).body, winner?.body);
    const tag = winner?.body.entity_tag;
    const replaced = await Promise.all(['e', 'f', 'g'].map((action) => put(world, account.owner, 'raced', body(action), tag)));
    assert.deepEqual(replaced.map((reply) => reply.status).sort(), [200, 409, 409]);
  });

  test('is on record with what was before and after', async () => {
    const name = 'recorded';
    const sent = {
      account_id: account.id,
      operators: ['IBMid-a'],
      actions: [`${name}.a`],
      roles: [{ name: 'Reader', actions: [`${name}.a`] }],
    };
    const made = await put(world, account.owner, name, sent);
    const changed = await put(world, account.owner, name, { ...sent, operators: [], roles: [] }, '*');
    const gone = await remove(name);
    const [first, second, third] = await Promise.all(
      [made, changed, gone].map(async (reply) => (await world.events(account, reply.headers.get('x-request-id') ?? ''))[0]?.data),
    );
    assert.deepEqual(
      [first.action, second.action, third.action],
      ['iam-am.service.create', 'iam-am.service.update', 'iam-am.service.delete'],
    );
    assert.deepEqual(second.before, first.after);
    assert.deepEqual(third.before, second.after);
    assert.deepEqual([second.before.roles, second.after.roles], [[{ name: 'Reader', actions: [`${name}.a`] }], []]);
    assert.deepEqual([second.before.operators, second.after.operators], [['IBMid-a'], []]);
    assert.deepEqual(first.target, { id: name, name, typeURI: 'iam-access-management/service' });
  });
});

describe('deleting a service', () => {
  test('takes it away, with its operators', async () => {
    const sent = { account_id: account.id, operators: ['IBMid-a'], actions: [], roles: [] };
    await put(world, account.owner, 'short-lived', sent);
    assert.equal((await remove('short-lived')).status, 204);
    assertRefused(await get('short-lived'), 404, 'not_found');
    assertRefused(await remove('short-lived'), 404, 'not_found');
    const again = await put(world, account.owner, 'short-lived', { ...sent, operators: [] });
    assert.deepEqual([again.status, again.body.operators], [201, []]);
    assert.match(again.body.entity_tag, /^1-/);
  });

  test('honours an entity tag that is sent', async () => {
    const { body } = await put(world, account.owner, 'tagged', { account_id: account.id, operators: [], actions: [], roles: [] });
    assertRefused(await remove('tagged', '', { 'if-match': '1-00' }), 409, 'conflict');
    assert.equal((await remove('tagged', '', { 'if-match': body.entity_tag })).status, 204);
  });

  test('is not for built-in services', async () => {
    const reply = await remove('kms');
    assert.equal(reply.status, 400);
    assert.match(reply.body.errors[0].message, /built in/);
    assertRefused(await remove('unheard-of'), 404, 'not_found');
    assertRefused(await remove('__proto__'), 404, 'not_found');
    assertRefused(await remove('orders', '&force=maybe'), 400, 'invalid_parameter');
  });
});

describe('the list of services', () => {
  test('holds what the account registered, and built-in services that it named operators of', async () => {
    const own = await world.account();
    await put(world, own.owner, 'zeta', { account_id: own.id, operators: [], actions: [], roles: [] });
    const made = await put(world, own.owner, 'alpha', { account_id: own.id, operators: ['IBMid-a'], actions: ['alpha.x'], roles: [] });
    const operators = { account_id: own.id, operators: ['IBMid-k'] };
    await world.expect(200, 'PUT', '/podpass/v1/services/kms/operators', { token: own.owner, body: operators });
    const { body } = await world.expect(200, 'GET', `/podpass/v1/services?account_id=${own.id}`, { token: own.owner });
    assert.deepEqual(
      body.services.map((service: { name: string; kind: string }) => [service.name, service.kind]),
      [
        ['alpha', 'registered'],
        ['kms', 'built_in'],
        ['zeta', 'registered'],
      ],
    );
    assert.deepEqual(body.services[0], made.body);
    assert.deepEqual(body.services[1].operators, ['IBMid-k']);
    assert.deepEqual([body.offset, body.limit, 'next' in body], [0, 20, false]);
  });

  test('comes in pages, each service once', async () => {
    const own = await world.account();
    for (const name of ['c', 'a', 'b']) await put(world, own.owner, name, { account_id: own.id, operators: [], actions: [], roles: [] });
    const seen: string[] = [];
    let path: string | undefined = `/podpass/v1/services?account_id=${own.id}&pagesize=1`;
    while (path !== undefined) {
      const { body } = await world.expect(200, 'GET', path, { token: own.owner });
      assert.equal(body.services.length, 1);
      seen.push(body.services[0].name);
      path = body.next?.slice(world.url.length);
    }
    assert.deepEqual(seen, ['a', 'b', 'c']);
    for (const bad of ['pagesize=0', 'pagesize=101', 'pagesize=x', 'pagetoken=x']) {
      assertRefused(
        await world.call('GET', `/podpass/v1/services?account_id=${own.id}&${bad}`, { token: own.owner }),
        400,
        'invalid_parameter',
      );
    }
    assertRefused(await world.call('GET', '/podpass/v1/services', { token: own.owner }), 400, 'missing_parameter');
  });

  test('is empty in an account without any', async () => {
    const own = await world.account();
    const { body } = await world.expect(200, 'GET', `/podpass/v1/services?account_id=${own.id}`, { token: own.owner });
    assert.deepEqual(body.services, []);
  });
});

describe('the limit on registered services', () => {
  test('is the account’s, and replacing one that exists is free of it', async () => {
    await using small = await startWorld({ settings: { 'limits-set': 'ibm' } });
    const own = await small.account();
    const body = { account_id: own.id, operators: [], actions: [], roles: [] };
    for (let start = 0; start < 1000; start += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, index) => put(small, own.owner, `s${start + index}`, body)));
    }
    const refused = await put(small, own.owner, 'one-more', body);
    assertRefused(refused, 422, 'limit_exceeded');
    assert.match(refused.body.errors[0].message, /1001 registered services.*1000/);
    assert.equal((await put(small, own.owner, 's1', { ...body, actions: ['s1.x'] }, '*')).status, 200);
    assert.equal((await small.call('DELETE', of('s2', own), { token: own.owner })).status, 204);
    assert.equal((await put(small, own.owner, 'one-more', body)).status, 201);
  });
});
