/** What the identity service does not take as an API key. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeApiKey, makeServiceId } from './making.ts';
import { assertRefused } from './refusal.ts';

let world: World;
let account: TestAccount;
let key: Wire;

before(async () => {
  world = await startWorld({ settings: { 'limits-set': 'ibm' } });
  account = await world.account();
  key = await makeApiKey(world, account.owner, account.ownerIamId);
});
after(() => world[Symbol.asyncDispose]());

type Members = Readonly<Record<string, unknown>>;
const send = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  world.call('POST', '/v1/apikeys', { token: account.owner, body, headers: { 'content-type': 'application/json', ...headers } });
const create = (members: Members) => send({ name: 'checked', iam_id: account.ownerIamId, ...members });
const put = (members: Members) =>
  world.call('PUT', `/v1/apikeys/${key.id}`, { token: account.owner, headers: { 'if-match': '*' }, body: members });
/** Makes room again: an identity may hold 20 keys. */
async function made(members: Members): Promise<Wire> {
  const reply = await create(members);
  assert.equal(reply.status, 201, reply.text);
  await world.expect(204, 'DELETE', `/v1/apikeys/${reply.body.id}`, { token: account.owner });
  return reply.body;
}

test('K8: a value of fewer than 32 or more than 512 characters is refused', async () => {
  for (const apikey of ['x'.repeat(31), 'x'.repeat(513), 'x']) {
    const reply = await create({ apikey });
    assertRefused(reply, 400, 'invalid_parameter', 'BXNIM0106E');
    assert.match(reply.body.errors[0].message, /'apikey'/);
    if (apikey.length > 1) assert.ok(!reply.text.includes(apikey));
  }
});

test('K8: a value of 32 and of 512 printable characters is taken', async () => {
  for (const apikey of [`!~"\\{}${crypto.randomUUID().slice(0, 26)}`, crypto.randomUUID().padEnd(512, 'x')]) {
    assert.equal((await made({ apikey })).apikey, apikey);
  }
});

for (const [what, character] of [
  ['a space', ' '],
  ['a newline', '\n'],
  ['a tabulator', '\t'],
  ['U+0000', '\u0000'],
  ['U+007F', '\u007f'],
  ['a letter outside ASCII', 'ä'],
  ['an emoji', '🔑'],
] as const) {
  test(`K8: a value with ${what} is refused, and not repeated`, async () => {
    const apikey = `${'x'.repeat(20)}${character}${'y'.repeat(20)}`;
    const reply = await create({ apikey });
    assertRefused(reply, 400, 'invalid_parameter', 'BXNIM0106E');
    assert.ok(!reply.text.includes('xxxxxxxxxx'));
  });
}

test('a value that exists anywhere in the installation is a conflict that does not tell whose it is', async () => {
  const other = await world.account();
  const [mine, foreign] = [await create({ apikey: account.ownerApiKey }), await create({ apikey: other.ownerApiKey })];
  assertRefused(mine, 409, 'conflict');
  assertRefused(foreign, 409, 'conflict');
  assert.deepEqual(mine.body.errors, foreign.body.errors);
  for (const told of [other.id, other.ownerIamId, other.ownerApiKey]) assert.ok(!foreign.text.includes(told));
});

test('K9: an identity and an account that are none are a bad request', async () => {
  assertRefused(await send({ name: 'k9', iam_id: 'IAM-InvalidId', account_id: 'Account-InvalidId' }), 400, 'invalid_parameter');
  assertRefused(await create({ account_id: 'Account-InvalidId' }), 400, 'invalid_parameter');
  assertRefused(await create({ account_id: '0'.repeat(32) }), 400, 'invalid_parameter');
});

test('K11: the value of a user is not stored', async () => {
  assertRefused(await create({ store_value: true }), 400, 'invalid_parameter', 'BXNIM0106E');
  assert.equal((await made({ store_value: false })).iam_id, account.ownerIamId);
});

test('a key without a name or an identity is refused, and the message names the member', async () => {
  for (const [member, members] of [
    ['name', { name: '' }],
    ['name', { name: undefined }],
    ['iam_id', { iam_id: undefined }],
  ] as const) {
    const reply = await create(members);
    assertRefused(reply, 400, 'missing_parameter');
    assert.match(reply.body.errors[0].message, new RegExp(`'${member}'`));
  }
  assertRefused(await put({ name: '' }), 400, 'missing_parameter');
});

for (const [what, members] of [
  ['a name that is a number', { name: 7 }],
  ['a name of 301 characters', { name: 'x'.repeat(301) }],
  ['a description of 1,001 characters', { description: 'x'.repeat(1001) }],
  ['a description that is an object', { description: {} }],
  ['sessions that are a text', { support_sessions: 'true' }],
  ['an action that is unknown', { action_when_leaked: 'burn' }],
  ['an action that every object has', { action_when_leaked: 'constructor' }],
  ['an expiry that is no date', { expires_at: 'tomorrow' }],
  ['an expiry without an offset', { expires_at: '2040-01-28T15:00' }],
  ['an expiry in a thirteenth month', { expires_at: '2040-13-28T15:00+0000' }],
  ['an expiry that is a number', { expires_at: 2_000_000_000 }],
] as const) {
  test(`${what}: refused at creation and at a change`, async () => {
    assertRefused(await create(members), 400, 'invalid_parameter');
    assertRefused(await put(members), 400, 'invalid_parameter');
    assert.deepEqual((await world.call('GET', `/v1/apikeys/${key.id}`, { token: account.owner })).body, { ...key, apikey: '' });
  });
}

for (const [what, members] of [
  ['an identity that is a number', { iam_id: 7 }],
  ['an identity with a space', { iam_id: 'IBMid 1' }],
  ['a value that is a number', { apikey: 7 }],
  ['a value to be stored perhaps', { store_value: 'perhaps' }],
  ['an account that is a list', { account_id: [] }],
] as const) {
  test(`${what}: refused at creation`, async () => {
    assertRefused(await create(members), 400, 'invalid_parameter');
  });
}

test('each action for a leaked key is taken', async () => {
  for (const action_when_leaked of ['none', 'disable', 'delete']) {
    assert.equal((await made({ action_when_leaked })).action_when_leaked, action_when_leaked);
  }
});

test('an identity that is unknown, of another account or a profile gets no key', async () => {
  const other = await world.account();
  const foreign = await makeServiceId(world, other);
  const profile = await world.profile(account);
  const ids = [`iam-ServiceId-${crypto.randomUUID()}`, foreign.iam_id, foreign.id, profile.iam_id, 'IBMid-nobody', other.ownerIamId];
  for (const iam_id of ids) {
    const reply = await create({ iam_id });
    assert.ok([400, 403, 404].includes(reply.status), `${iam_id}: ${reply.status} ${reply.text}`);
  }
});

test('__proto__ is a member like others: ignored, and without effect', async () => {
  const inherited = `{"__proto__":{"name":"inherited","iam_id":"${account.ownerIamId}"}}`;
  assertRefused(await send(inherited), 400, 'missing_parameter');
  const reply = await send(`{"name":"x","iam_id":"${account.ownerIamId}","__proto__":{"apikey":"${'x'.repeat(40)}"}}`);
  assert.equal(reply.status, 201, reply.text);
  assert.match(reply.body.apikey, /^[A-Za-z0-9_-]{44}$/);
});

test('the headers for lock and disable are true or false', async () => {
  for (const header of ['entity-lock', 'entity-disable']) {
    assertRefused(await send({ name: 'x', iam_id: account.ownerIamId }, { [header]: 'perhaps' }), 400, 'invalid_parameter');
  }
});

test('the 21st key of an identity is refused, until one is deleted', async () => {
  for (const identity of [await makeServiceId(world, account), await makeServiceId(world, account, { apikey: { name: 'first' } })]) {
    const another = () => create({ iam_id: identity.iam_id });
    const count = 'apikey' in identity ? 19 : 20;
    const ids: string[] = [];
    for (const { status, body, text } of await Promise.all(Array.from({ length: count }, another))) {
      assert.equal(status, 201, text);
      ids.push(body.id);
    }
    assertRefused(await another(), 422, 'limit_exceeded');
    await world.expect(204, 'DELETE', `/v1/apikeys/${ids[0]}`, { token: account.owner });
    assert.equal((await another()).status, 201);
    assertRefused(await another(), 422, 'limit_exceeded');
  }
});
