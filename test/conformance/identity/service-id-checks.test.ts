/** What the identity service does not take as a service ID. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeServiceId } from './making.ts';
import { assertRefused } from './refusal.ts';

let world: World;
let account: TestAccount;
let serviceId: Wire;

before(async () => {
  world = await startWorld();
  account = await world.account();
  serviceId = await makeServiceId(world, account);
});
after(() => world[Symbol.asyncDispose]());

const send = (body: unknown) =>
  world.call('POST', '/v1/serviceids', { token: account.owner, body, headers: { 'content-type': 'application/json' } });
const create = (members: Readonly<Record<string, unknown>>) => send({ account_id: account.id, name: 'checked', ...members });
const put = (members: Readonly<Record<string, unknown>>) =>
  world.call('PUT', `/v1/serviceids/${serviceId.id}`, { token: account.owner, headers: { 'if-match': '*' }, body: members });
const unchanged = async () =>
  assert.deepEqual((await world.expect(200, 'GET', `/v1/serviceids/${serviceId.id}`, { token: account.owner })).body, serviceId);

test('a service ID without a name or an account is refused, and the message names the member', async () => {
  for (const [member, body] of [
    ['name', { account_id: account.id }],
    ['name', { account_id: account.id, name: '' }],
    ['account_id', { name: 'x' }],
    ['account_id', { name: 'x', account_id: '' }],
  ] as const) {
    const reply = await send(body);
    assertRefused(reply, 400, 'missing_parameter');
    assert.match(reply.body.errors[0].message, new RegExp(`'${member}'`));
  }
  assertRefused(await put({ name: '' }), 400, 'missing_parameter');
  await unchanged();
});

for (const [what, members] of [
  ['a name that is a number', { name: 7 }],
  ['a name that is null', { name: null }],
  ['a name of 301 characters', { name: 'x'.repeat(301) }],
  ['a description of 1,001 characters', { description: 'x'.repeat(1001) }],
  ['a description that is a list', { description: ['x'] }],
  ['unique instances that are a text', { unique_instance_crns: 'crn' }],
  ['unique instances that are numbers', { unique_instance_crns: [7] }],
  ['unique instances that are null', { unique_instance_crns: null }],
  ['a name with U+0000', { name: 'a\u0000b' }],
] as const) {
  test(`${what}: refused at creation and at a change`, async () => {
    assertRefused(await create(members), 400, 'invalid_parameter');
    assertRefused(await put(members), 400, 'invalid_parameter');
    await unchanged();
  });
}

for (const [what, members] of [
  ['an account id that is a number', { account_id: 7 }],
  ['an account id that is an object', { account_id: {} }],
  ['a group that is a number', { group_id: 7 }],
  ['an API key that is a text', { apikey: 'x'.repeat(40) }],
  ['an API key whose name is a number', { apikey: { name: 7 } }],
  ['an API key that is to be stored perhaps', { apikey: { name: 'x', store_value: 'perhaps' } }],
  ['an API key that expires some day', { apikey: { name: 'x', expires_at: 'some day' } }],
] as const) {
  test(`${what}: refused at creation`, async () => {
    assertRefused(await create(members), 400, 'invalid_parameter');
  });
}

test('a name of 300 and a description of 1,000 characters are taken', async () => {
  const longest = { name: 'n'.repeat(300), description: 'd'.repeat(1000) };
  const { status, body } = await create(longest);
  assert.equal(status, 201);
  assert.deepEqual([body.name, body.description], [longest.name, longest.description]);
});

test('unknown members are ignored', async () => {
  const { status, body } = await create({ foo: 1, id: 'ServiceId-x', locked: true, iam_id: 'x', entity_tag: 'x' });
  assert.equal(status, 201);
  assert.match(body.id, /^ServiceId-[0-9a-f-]{36}$/);
  assert.equal(body.locked, false);
  assert.ok(!('foo' in body));
});

test('__proto__ is a member like others: ignored, and without effect', async () => {
  const inherited = `{"__proto__":{"name":"inherited","account_id":"${account.id}"}}`;
  assertRefused(await send(inherited), 400, 'missing_parameter');
  const reply = await send(`{"name":"x","account_id":"${account.id}","__proto__":{"description":"inherited"},"constructor":{}}`);
  assert.equal(reply.status, 201, reply.text);
  assert.ok(!('description' in reply.body));
  const nested = `{"name":"x","account_id":"${account.id}","apikey":{"__proto__":{"name":"inherited"}}}`;
  assertRefused(await send(nested), 400, 'missing_parameter');
  assert.equal(({} as Wire).name, undefined);
});

test('what is no JSON object is refused', async () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  for (const text of ['[]', '"x"', 'null', '{', '', `{"name":"x","account_id":"${account.id}","unique_instance_crns":${deep}}`]) {
    assert.equal((await send(text)).status, 400, text.slice(0, 40));
  }
});

test('the entity lock is true or false', async () => {
  for (const [value, locked] of [
    ['true', true],
    ['false', false],
  ] as const) {
    const headers = { 'entity-lock': value };
    const reply = await world.call('POST', '/v1/serviceids', {
      token: account.owner,
      headers,
      body: { account_id: account.id, name: 'x' },
    });
    assert.deepEqual([reply.status, reply.body.locked], [201, locked]);
  }
  const headers = { 'entity-lock': 'perhaps' };
  const reply = await world.call('POST', '/v1/serviceids', { token: account.owner, headers, body: { account_id: account.id, name: 'x' } });
  assertRefused(reply, 400, 'invalid_parameter');
});

test('a call without a token is told so before a bad body', async () => {
  assertRefused(await world.call('POST', '/v1/serviceids', { body: {} }), 401, 'invalid_access_token', 'BXNIM0308E');
  assertRefused(await world.call('GET', '/v1/serviceids'), 401, 'invalid_access_token', 'BXNIM0308E');
  assertRefused(await world.call('DELETE', `/v1/serviceids/${serviceId.id}/lock`), 401, 'invalid_access_token', 'BXNIM0308E');
});
