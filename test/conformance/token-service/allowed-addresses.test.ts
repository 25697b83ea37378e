/** The addresses from which an account lets its users and service IDs sign in. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type World } from '../../support/world.ts';
import { makeServiceId, setAccountSettings } from '../identity/making.ts';
import { APIKEY_GRANT, assertIssued, assertRefused } from './setting.ts';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const signIn = (apikey: string) => world.exchange({ grant_type: APIKEY_GRANT, apikey });
const allow = (addresses: string) => setAccountSettings(world, account, { allowed_ip_addresses: addresses });

test('a login from an address that is not in the list is refused, from the next one on, and again let in', async () => {
  for (const [addresses, allowed] of [
    ['203.0.113.7', false],
    ['127.0.0.1', true],
    ['203.0.113.0/24,198.51.100.1', false],
    ['203.0.113.0/24,127.0.0.0/8', true],
    ['127.1.*.*', false],
    ['127.0.*.*', true],
    ['2001:db8::/32', false],
    ['*.*.*.*', true],
    ['203.0.113.7', false],
    ['', true],
  ] as const) {
    await allow(addresses);
    const reply = await signIn(account.ownerApiKey);
    if (allowed) assertIssued(reply);
    else assert.equal(assertRefused(reply, 401, 'BXNIM0430E').errorMessage, 'User login from given IP address is not permitted.');
  }
});

test('a service ID is refused as a user is, and the record tells the address', async () => {
  const serviceId = await makeServiceId(world, account, { apikey: { name: 'its key' } });
  await allow('203.0.113.7');
  const reply = await signIn(serviceId.apikey.apikey);
  assertRefused(reply, 401, 'BXNIM0430E');
  const [event, ...more] = await world.events(account, reply.headers.get('x-request-id') ?? '');
  assert.equal(more.length, 0);
  assert.deepEqual(
    [event.data.action, event.data.outcome, event.data.initiator.id],
    ['iam-identity.serviceid-apikey.login', 'failure', serviceId.iam_id],
  );
  assert.equal(event.data.reason.reasonCode, 401);
  assert.match(event.data.reason.reasonForFailure, /127\.0\.0\.1/);
  assert.ok(!JSON.stringify(event).includes(serviceId.apikey.apikey));
  await allow('');
});

test('where a proxy says that the caller comes from changes nothing', async () => {
  await allow('203.0.113.7');
  const headers = { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7', 'x-real-ip': '203.0.113.7' };
  const reply = await world.exchange({ grant_type: APIKEY_GRANT, apikey: account.ownerApiKey }, headers);
  assertRefused(reply, 401, 'BXNIM0430E');
  await allow('');
});

test('a key that is disabled is told so wherever it is used, and an unknown one is unknown', async () => {
  const serviceId = await makeServiceId(world, account, { apikey: { name: 'disabled' } });
  await world.expect(204, 'POST', `/v1/apikeys/${serviceId.apikey.id}/disable`, { token: account.owner });
  await allow('203.0.113.7');
  assertRefused(await signIn(serviceId.apikey.apikey), 400, 'BXNIM0462E');
  assertRefused(await signIn('x'.repeat(44)), 400, 'BXNIM0415E');
  await allow('');
});

test('the list of one account is not that of another', async () => {
  const other = await world.account();
  await allow('203.0.113.7');
  assertIssued(await signIn(other.ownerApiKey));
  await allow('');
});
