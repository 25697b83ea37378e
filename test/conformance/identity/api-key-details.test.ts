/** A key found by its value. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import { startWorld, type TestAccount, type TestUser, type World } from '../../support/world.ts';
import { makeApiKey, makeServiceId } from './making.ts';
import { assertRefused } from './refusal.ts';

let world: World;
let account: TestAccount;
let user: TestUser;

before(async () => {
  world = await startWorld();
  account = await world.account();
  user = await world.user(account.id);
});
after(() => world[Symbol.asyncDispose]());

const own = () => makeApiKey(world, user.token, user.iamId);
const details = (value: string | undefined, token: string | undefined = user.token, query = '') =>
  world.call('GET', `/v1/apikeys/details${query}`, { token, ...(value !== undefined && { headers: { 'iam-apikey': value } }) });

test('K5: who holds a value reads its key, without the value', async () => {
  const made = await own();
  const { status, body, headers } = await details(made.apikey, user.token, '?include_history=true');
  assert.equal(status, 200);
  const { history, ...rest } = body;
  assert.deepEqual(rest, { ...made, apikey: '' });
  assert.equal(history[0].action, 'CREATE');
  assert.equal(headers.get('etag'), made.entity_tag);
  assert.ok(!('history' in (await details(made.apikey)).body));
  const other = await world.user(account.id);
  assert.equal((await details(made.apikey, other.token)).body.id, made.id);
});

test('K5: the key that an administrator made is found by its value too, with a history', async () => {
  const { status, body } = await details(account.ownerApiKey, account.owner, '?include_history=true');
  assert.equal(status, 200);
  assert.deepEqual([body.iam_id, body.account_id, body.locked, body.apikey], [account.ownerIamId, account.id, false, '']);
  assert.ok(body.history.length > 0);
});

test('K5: a value that is missing, unknown or cut short finds nothing, and is not repeated', async () => {
  const { apikey } = await own();
  assertRefused(await details(undefined), 400, 'missing_parameter');
  for (const value of [apikey.slice(0, -1), apikey.slice(1), `${apikey}x`, apikey.slice(0, 32), 'x'.repeat(44), 'x'.repeat(5000), '%00']) {
    const reply = await details(value);
    assertRefused(reply, 404, 'not_found');
    assert.ok(!reply.text.includes(value));
  }
  assertRefused(await world.call('GET', '/v1/apikeys/details', { headers: { 'iam-apikey': apikey } }), 401, 'invalid_access_token');
});

test('K5: a disabled, a locked and an expired key are found, a deleted one is not', async () => {
  const made = await own();
  const path = `/v1/apikeys/${made.id}`;
  await world.expect(204, 'POST', `${path}/disable`, { token: user.token });
  assert.equal((await details(made.apikey)).body.disabled, true);
  await world.expect(204, 'POST', `${path}/lock`, { token: user.token });
  assert.equal((await details(made.apikey)).body.locked, true);
  await world.expect(204, 'DELETE', `${path}/lock`, { token: user.token });
  await world.expect(204, 'DELETE', path, { token: user.token });
  assertRefused(await details(made.apikey), 404, 'not_found');
});

test('K5: a stored value is not shown by its value either', async () => {
  const { apikey } = await makeServiceId(world, account, { apikey: { name: 'stored', store_value: true } });
  const { status, text } = await details(apikey.apikey, account.owner);
  assert.equal(status, 200);
  assert.ok(!text.includes(apikey.apikey));
});

test('no value comes into the log or the audit log, whether its key is made, refused, used or looked for', async () => {
  const lines: string[] = [];
  const write = (fields: unknown, message?: unknown) => void lines.push(`${inspect(fields, { depth: 10 })} ${String(message)}`);
  await using watched = await startWorld({ log: { debug: write, info: write, warn: write, error: write } });
  const home = await watched.account();
  const member = await watched.user(home.id);
  const values = ['made', 'refused', 'unknown', 'tooshort'].map((word) =>
    `${word}-${crypto.randomUUID()}`.slice(0, word === 'tooshort' ? 31 : 44),
  );
  const [made = '', refused = '', unknown = '', tooShort = ''] = values;
  const create = (token: string, iam_id: string, apikey: string) =>
    watched.call('POST', '/v1/apikeys', { token, body: { name: 'x', iam_id, apikey } });
  const replies = [
    await create(home.owner, home.ownerIamId, made),
    await create(member.token, home.ownerIamId, refused),
    await create(home.owner, home.ownerIamId, tooShort),
    await watched.call('GET', '/v1/apikeys/details', { token: home.owner, headers: { 'iam-apikey': made } }),
    await watched.call('GET', '/v1/apikeys/details', { token: home.owner, headers: { 'iam-apikey': unknown } }),
  ];
  assert.deepEqual(
    replies.map(({ status }) => status),
    [201, 403, 400, 200, 404],
  );
  await watched.login(made);
  await assert.rejects(watched.login(unknown));
  const path = `/podpass/v1/audit/events?account_id=${home.id}&limit=100`;
  const events = (await watched.expect(200, 'GET', path, { token: home.owner })).text;
  assert.ok(events.includes('iam-identity.user-apikey.create'));
  for (const value of values) {
    assert.ok(!events.includes(value), `the audit log shows ${value}`);
    assert.ok(!lines.some((line) => line.includes(value)), `the log shows ${value}`);
  }
});
