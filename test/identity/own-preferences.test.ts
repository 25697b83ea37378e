import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type World } from '../support/world.ts';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld({ settings: { 'limits-set': 'ibm' } });
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const ofIdentity = (iamId: string) => `/v1/preferences/accounts/${account.id}/identities/${iamId}`;
const put = (iamId: string, id: string, token: string, body: unknown = { value_string: 'x' }, service = 'console') =>
  world.call('PUT', `${ofIdentity(iamId)}/${service}/${id}`, { token, body });

test('a user without any right manages the own preferences, and nobody else', async () => {
  const { iamId, token } = await world.user(account.id);
  const path = `${ofIdentity(iamId)}/console/landing_page`;
  assert.equal((await put(iamId, 'landing_page', token)).status, 200);
  assert.equal((await world.call('GET', path, { token })).status, 200);
  assert.equal((await world.call('GET', ofIdentity(iamId), { token })).body.preferences.length, 1);
  assert.equal((await world.call('DELETE', path, { token })).status, 204);
  assert.equal((await put(account.ownerIamId, 'landing_page', token)).status, 403);
});

test('a user of two accounts does not reach the preferences of one with a token of the other', async () => {
  const here = await world.user(account.id);
  const elsewhere = await world.user((await world.account()).id, here.iamId);
  assert.equal((await put(here.iamId, 'landing_page', elsewhere.token)).status, 404);
  assert.equal((await put(here.iamId, 'landing_page', here.token)).status, 200);
});

test('what is set is in the audit log without its value', async () => {
  const { headers } = await put(account.ownerIamId, 'recorded', account.owner, { value_string: 'a private value' });
  const events = await world.events(account, headers.get('x-request-id') ?? '');
  assert.deepEqual(
    events.map(({ type, data }) => [type, data.requestData]),
    [['iam-identity.preferences.update', { service: 'console', preference_id: 'recorded' }]],
  );
  assert.ok(!JSON.stringify(events).includes('private'));
});

test('names and values have their bounds', async () => {
  const { iamId, token } = await world.user(account.id);
  for (const name of ['-x', '__proto__', 'a b', 'ä', 'x'.repeat(129)]) {
    assert.equal((await put(iamId, encodeURIComponent(name), token)).status, 400, name);
    assert.equal((await put(iamId, 'x', token, { value_string: 'x' }, encodeURIComponent(name))).status, 400, name);
  }
  const texts = (count: number, length: number) => ({ value_list_of_strings: Array.from({ length: count }, () => 'x'.repeat(length)) });
  for (const body of [{ value_string: 'x'.repeat(4001) }, texts(101, 1), texts(1, 4001), texts(41, 100)]) {
    assert.equal((await put(iamId, 'x', token, body)).status, 400);
  }
  for (const body of [{ value_string: 'x'.repeat(4000) }, texts(100, 40), texts(0, 0), { value_string: '' }]) {
    const { status, body: reply } = await put(iamId, 'x'.repeat(128), token, body);
    assert.equal(status, 200);
    assert.deepEqual({ ...reply, ...body }, reply);
  }
});

test('an identity has a hundred preferences; the next is refused, and those that are there change all the same', async () => {
  const { iamId, token } = await world.user(account.id);
  for (let count = 1; count <= 100; count += 1) {
    const { status, headers } = await put(iamId, `p${count}`, token);
    assert.equal(status, 200);
    if (count !== 89 && count !== 90) continue;
    const [event] = await world.events(account, headers.get('x-request-id') ?? '');
    assert.equal('warnings' in event.data, count === 90);
  }
  const refused = await put(iamId, 'p101', token);
  assert.deepEqual([refused.status, refused.body.errors[0].code], [422, 'limit_exceeded']);
  assert.equal((await put(iamId, 'p100', token, { value_string: 'changed' })).status, 200);
  assert.equal((await world.call('DELETE', `${ofIdentity(iamId)}/console/p1`, { token })).status, 204);
  assert.equal((await put(iamId, 'p101', token)).status, 200);
});
