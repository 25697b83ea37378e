import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const create = (body: unknown) => world.call('POST', '/v1/profiles', { token: account.owner, body });

test('P1: a created profile carries its ids, its CRN and its first entity tag, which the ETag header repeats', async () => {
  const { status, body, headers } = await create({ name: 'p1', description: 'first', account_id: account.id });
  assert.equal(status, 201);
  assert.match(body.id, new RegExp(`^Profile-${UUID}$`));
  assert.equal(body.uuid, body.id);
  assert.equal(body.iam_id, `iam-${body.id}`);
  assert.equal(body.crn, `crn:v1:bluemix:public:iam-identity::a/${account.id}::profile:${body.id}`);
  assert.match(body.entity_tag, /^1-[0-9a-f]{32}$/);
  assert.equal(headers.get('etag'), body.entity_tag);
  assert.equal(body.account_id, account.id);
  assert.equal(body.name, 'p1');
  assert.equal(body.description, 'first');
});

test('P2: dates are printed to the minute with +0000, and are equal at creation', async () => {
  const { body } = await create({ name: 'p2', account_id: account.id });
  assert.match(body.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d\+0000$/);
  assert.equal(body.modified_at, body.created_at);
});

test('P3: without description and email the reply has neither', async () => {
  const { body } = await create({ name: 'p3', account_id: account.id });
  const names = ['account_id', 'created_at', 'crn', 'entity_tag', 'iam_id', 'id', 'modified_at', 'name', 'uuid'];
  assert.deepEqual(Object.keys(body).sort(), names);
});

test('P3: an empty description is as none', async () => {
  const { status, body } = await create({ name: 'p3 empty', description: '', account_id: account.id });
  assert.equal(status, 201);
  assert.ok(!('description' in body));
});

test('P4: an empty name is refused', async () => {
  assertRefused(await create({ name: '', account_id: account.id }), 400, 'missing_parameter');
});

test('P5: a missing name and a missing account_id are refused, and the message names the member', async () => {
  const nameless = await create({ account_id: account.id });
  assertRefused(nameless, 400, 'missing_parameter');
  assert.match(nameless.body.errors[0].message, /'name'/);
  const homeless = await create({ name: 'p5' });
  assertRefused(homeless, 400, 'missing_parameter');
  assert.match(homeless.body.errors[0].message, /'account_id'/);
});

for (const id of ['invalid', 'InvalidID', 'Account-InvalidId']) {
  test(`P6: the malformed account id ${id} is a bad request, not forbidden and not unknown`, async () => {
    assertRefused(await create({ name: 'p6', account_id: id }), 400, 'invalid_parameter', 'BXNIM0106E');
  });
}

test('P6: a well-formed id of no account is a bad request', async () => {
  assertRefused(await create({ name: 'p6', account_id: '0'.repeat(32) }), 400, 'invalid_parameter', 'BXNIM0106E');
});

test('P6: an account of somebody else is forbidden', async () => {
  const other = await world.account();
  assertRefused(await create({ name: 'p6', account_id: other.id }), 403, 'insufficient_permissions');
});

test('P7: a name that the account uses already is a conflict', async () => {
  assert.equal((await create({ name: 'p7', account_id: account.id })).status, 201);
  assertRefused(await create({ name: 'p7', account_id: account.id }), 409, 'conflict');
});

test('P7: names are compared exactly, so another case is another name', async () => {
  assert.equal((await create({ name: 'P7 Case', account_id: account.id })).status, 201);
  assert.equal((await create({ name: 'p7 case', account_id: account.id })).status, 201);
});

test('P7: of 50 creations of one name at once exactly one succeeds', async () => {
  const replies = await Promise.all(Array.from({ length: 50 }, () => create({ name: 'p7 race', account_id: account.id })));
  assert.equal(replies.filter(({ status }) => status === 201).length, 1);
  for (const reply of replies) if (reply.status !== 201) assertRefused(reply, 409, 'conflict');
});

test('P8: the same name in another account is free', async () => {
  const other = await world.account();
  assert.equal((await create({ name: 'p8', account_id: account.id })).status, 201);
  const reply = await world.call('POST', '/v1/profiles', { token: other.owner, body: { name: 'p8', account_id: other.id } });
  assert.equal(reply.status, 201);
});

test('P9: an email is stored as it is, whatever its form', async () => {
  const { status, body } = await create({ name: 'p9', email: 'tf_email_47', account_id: account.id });
  assert.equal(status, 201);
  assert.equal(body.email, 'tf_email_47');
});

test('P10: an unknown member is ignored', async () => {
  const { status, body } = await create({ name: 'p10', foo: 'bar', account_id: account.id });
  assert.equal(status, 201);
  assert.ok(!('foo' in body));
});

test('a name of any letters comes back as it was sent, up to 300 characters', async () => {
  for (const name of ['Zürich 東京 🚀', 'quotes " \\ and / slashes', "'; DROP TABLE profiles; --", 'x'.repeat(300)]) {
    const { status, body } = await create({ name, account_id: account.id });
    assert.equal(status, 201);
    const found = await world.expect(200, 'GET', `/v1/profiles/${body.id}`, { token: account.owner });
    assert.equal(found.body.name, name);
  }
});

test('a creation leaves an audit event under its transaction', async () => {
  const { body, headers } = await create({ name: 'audited', account_id: account.id });
  const events = await world.events(account, headers.get('x-request-id') ?? '');
  assert.deepEqual(
    events.map((event) => event.data.action),
    ['iam-identity.account-profile.create'],
  );
  assert.equal(events[0].data.target.id, body.crn);
  assert.equal(events[0].data.initiator.id, account.ownerIamId);
});
