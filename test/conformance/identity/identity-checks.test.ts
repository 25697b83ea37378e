/** Identities of profiles that are not set: bad bodies and paths, and the order in which refusals are told. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

const UNKNOWN = 'Profile-00000000-0000-4000-8000-000000000000';
const USER = { type: 'user', identifier: 'IBMid-270001' };
const SERVICE_ID = { type: 'serviceid', identifier: `ServiceId-${randomUUID()}` };
let world: World;
let account: TestAccount;
let profile: Wire;
let initial: Wire;

before(async () => {
  world = await startWorld();
  account = await world.account();
  profile = await world.profile(account);
  await post('user', USER);
  initial = await list();
});
after(() => world[Symbol.asyncDispose]());

const headers = { 'content-type': 'application/json' };
const list = async (): Promise<Wire> =>
  (await world.expect(200, 'GET', `/v1/profiles/${profile.id}/identities`, { token: account.owner })).body;
const post = (type: string, body: unknown, id: string = profile.id) =>
  world.call('POST', `/v1/profiles/${id}/identities/${type}`, { token: account.owner, body, headers });
const put = (body: unknown, ifMatch = '*', id: string = profile.id) =>
  world.call('PUT', `/v1/profiles/${id}/identities`, { token: account.owner, body, headers: { ...headers, 'if-match': ifMatch } });
const single = (method: string, path: string) => world.call(method, `/v1/profiles/${path}`, { token: account.owner });

type BadRequest = 'missing_parameter' | 'invalid_parameter';

/** Refused by POST, and by PUT beside a good one; the list stays as it was. */
async function assertBad(type: string, members: object, code: BadRequest, messageCode?: string): Promise<void> {
  const identity = { type, ...members };
  assertRefused(await post(type, identity), 400, code, messageCode);
  assertRefused(await put({ identities: [SERVICE_ID, identity] }), 400, code, messageCode);
  assert.deepEqual(await list(), initial);
}

test('I8: a type in the body that is not the one of the path is refused', async () => {
  const crn = `crn:v1:bluemix:public:cos:global:a/${account.id}:${randomUUID()}::`;
  assertRefused(await post('user', { type: 'crn', identifier: crn }), 400, 'invalid_parameter');
  assertRefused(await post('crn', USER), 400, 'invalid_parameter');
  assertRefused(await post('user', SERVICE_ID), 400, 'invalid_parameter');
  assert.deepEqual(await list(), initial);
});

test('I9: an unknown type in the path is refused', async () => {
  for (const type of ['group', 'User', 'users', '__proto__', 'constructor']) {
    assertRefused(await post(type, { ...USER, type }), 400, 'invalid_parameter');
    assertRefused(await post(type, USER), 400, 'invalid_parameter');
    assertRefused(await single('GET', `${profile.id}/identities/${type}/${USER.identifier}`), 400, 'invalid_parameter');
    assertRefused(await single('DELETE', `${profile.id}/identities/${type}/${USER.identifier}`), 400, 'invalid_parameter');
  }
  assert.deepEqual(await list(), initial);
});

test('an unknown type in a list is refused', async () => {
  for (const type of ['group', 'USER', '', 7, null]) {
    const reply = await put({ identities: [USER, { type, identifier: USER.identifier }] });
    assert.equal(reply.status, 400, reply.text);
  }
  assert.deepEqual(await list(), initial);
});

test('an identity without its type or its identifier is refused', async () => {
  assertRefused(await post('user', { identifier: USER.identifier }), 400, 'missing_parameter');
  assertRefused(await put({ identities: [{ identifier: USER.identifier }] }), 400, 'missing_parameter');
  for (const type of ['user', 'serviceid', 'crn']) {
    await assertBad(type, {}, 'missing_parameter');
    await assertBad(type, { identifier: '' }, 'missing_parameter');
  }
  assertRefused(await post('user', {}), 400, 'missing_parameter');
});

test('an identifier that is no text is refused', async () => {
  for (const type of ['user', 'serviceid', 'crn']) {
    for (const identifier of [7, null, true, ['IBMid-1'], { a: 1 }]) await assertBad(type, { identifier }, 'invalid_parameter');
  }
});

for (const identifier of [
  'iam-Profile-00000000-0000-4000-8000-000000000000',
  'iam-ServiceId-00000000-0000-4000-8000-000000000000',
  'crn-crn:v1:bluemix:public:cos:global:a/1:2::',
  'crn:v1:bluemix:public:cos:global:a/1:2::',
  'AccessGroupId-00000000-0000-4000-8000-000000000000',
  'IBMid 1',
  'IBMid-1\n',
  'IBMid-*/..',
  `IBMid-${'1'.repeat(1000)}`,
]) {
  test(`${JSON.stringify(identifier.slice(0, 60))} is no user`, async () => {
    await assertBad('user', { identifier }, 'invalid_parameter');
  });
}

test('the id of a service ID, of a profile or of an API key is no user', async () => {
  const own = await world.profile(account);
  for (const kind of ['ServiceId', 'Profile', 'ApiKey']) {
    const identifier = `${kind}-00000000-0000-4000-8000-000000000000`;
    assertRefused(await post('user', { type: 'user', identifier }, own.id), 400, 'invalid_parameter');
    assertRefused(await put({ identities: [{ type: 'user', identifier }] }, '*', own.id), 400, 'invalid_parameter');
  }
});

test('a user of a realm of its own is one', async () => {
  const own = await world.profile(account);
  for (const identifier of ['IBMid-3400B7UH7Q', 'HMAC-1a2b', 'corp.example-jane.doe@example.com']) {
    const reply = await post('user', { type: 'user', identifier }, own.id);
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.body.iam_id, identifier);
  }
});

for (const identifier of [
  'ServiceId-',
  'ServiceId-x',
  'ServiceId-00000000-0000-4000-8000-00000000000',
  'serviceid-00000000-0000-4000-8000-000000000000',
  'iam-iam-ServiceId-00000000-0000-4000-8000-000000000000',
  'ServiceId-00000000-0000-4000-8000-000000000000 ',
  'Profile-00000000-0000-4000-8000-000000000000',
  '00000000-0000-4000-8000-000000000000',
  'IBMid-1',
]) {
  test(`${JSON.stringify(identifier)} is no service ID`, async () => {
    await assertBad('serviceid', { identifier }, 'invalid_parameter');
  });
}

for (const identifier of [
  'abc',
  'crn',
  'crn:v1:bluemix',
  'crn:v2:bluemix:public:x::a/1::t:r',
  'IBMid-1',
  'crn-crn:v1:bluemix:public:cos:global:a/1:2::',
]) {
  test(`${identifier} is no CRN`, async () => {
    await assertBad('crn', { identifier }, 'invalid_parameter', 'BXNIM0113E');
  });
}

test('accounts of a user are account ids', async () => {
  for (const accounts of [
    'x',
    7,
    null,
    {},
    account.id,
    [7],
    [null],
    ['x'],
    [account.id, account.id.toUpperCase().replace(/^./, 'G')],
    [''],
  ]) {
    const reply = await post('user', { ...USER, accounts });
    assert.equal(reply.status, 400, `${JSON.stringify(accounts)}: ${reply.text}`);
    assert.equal((await put({ identities: [{ ...USER, accounts }] })).status, 400);
  }
  assert.deepEqual(await list(), initial);
});

test('a description that is no text is refused', async () => {
  for (const description of [7, null, {}, ['x']]) await assertBad('user', { ...USER, description }, 'invalid_parameter');
});

test('the same identity twice in one list is refused', async () => {
  const iamForm = { ...SERVICE_ID, identifier: `iam-${SERVICE_ID.identifier}` };
  for (const identities of [
    [USER, USER],
    [USER, SERVICE_ID, { ...USER, description: 'again' }],
    [SERVICE_ID, iamForm],
  ]) {
    assertRefused(await put({ identities }), 400, 'invalid_parameter');
  }
  assert.deepEqual(await list(), initial);
});

test('a list that is no list of objects is refused', async () => {
  for (const identities of [USER, 'x', 7, null, [null], ['x'], [[USER]], [USER, 7]]) {
    assertRefused(await put({ identities }), 400, 'invalid_parameter');
  }
  assert.deepEqual(await list(), initial);
});

test('unknown members of an identity are ignored and not kept, whatever they are called', async () => {
  const own = await world.profile(account);
  const sent = { ...USER, iam_id: 'IBMid-other', foo: 1 };
  assert.deepEqual((await post('user', sent, own.id)).body, { ...USER, iam_id: USER.identifier });
  const replaced = await put({ identities: [sent], entity_tag: '9-x', context: {} }, '*', own.id);
  assert.deepEqual(replaced.body.identities, [{ ...USER, iam_id: USER.identifier }]);
  const inherited = await post('user', '{"type":"user","__proto__":{"identifier":"IBMid-1"}}', own.id);
  assertRefused(inherited, 400, 'missing_parameter');
});

test('PUT without If-Match, or with an empty one, is refused', async () => {
  const path = `/v1/profiles/${profile.id}/identities`;
  const body = { identities: [] };
  assertRefused(await world.call('PUT', path, { token: account.owner, body }), 400, 'missing_parameter');
  assertRefused(await put(body, ''), 400, 'missing_parameter');
  assert.deepEqual(await list(), initial);
});

test('identities of an unknown profile are not found, a bad body is told before', async () => {
  for (const id of ['invalid', UNKNOWN]) {
    assertRefused(await single('GET', `${id}/identities`), 404, 'not_found');
    assertRefused(await single('GET', `${id}/identities/user/${USER.identifier}`), 404, 'not_found');
    assertRefused(await single('DELETE', `${id}/identities/user/${USER.identifier}`), 404, 'not_found');
    assertRefused(await post('user', USER, id), 404, 'not_found');
    assertRefused(await put({ identities: [USER] }, 'invalid', id), 404, 'not_found');
    assertRefused(await post('user', { type: 'user' }, id), 400, 'missing_parameter');
    assertRefused(await post('group', USER, id), 400, 'invalid_parameter');
    assertRefused(await put({ identities: 7 }, 'invalid', id), 400, 'invalid_parameter');
  }
});

test('a bad body is told before a stale tag', async () => {
  assertRefused(await put({ identities: [{ type: 'user' }] }, 'stale'), 400, 'missing_parameter');
  assertRefused(await put({ identities: [USER, USER] }, 'stale'), 400, 'invalid_parameter');
});

test('an identity is found under its exact identifier and type only', async () => {
  for (const identifier of ['ibmid-270001', 'IBMid-27000', 'IBMid-2700011', 'IBMid-270001%20', '%49BMid-270002']) {
    assertRefused(await single('GET', `${profile.id}/identities/user/${identifier}`), 404, 'not_found');
    assertRefused(await single('DELETE', `${profile.id}/identities/user/${identifier}`), 404, 'not_found');
  }
  assertRefused(await single('GET', `${profile.id}/identities/serviceid/${USER.identifier}`), 404, 'not_found');
  assertRefused(await single('GET', `${profile.id}/identities/crn/${USER.identifier}`), 404, 'not_found');
  assert.deepEqual(await list(), initial);
});
