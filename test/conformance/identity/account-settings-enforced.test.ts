/** What account settings change for those who sign in and create. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { claimsOf, type Reply, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeApiKey, makeServiceId, makeSignedInServiceId, setAccountSettings } from './making.ts';
import { assertRefused } from './refusal.ts';

const APIKEY_GRANT = 'urn:ibm:params:oauth:grant-type:apikey';
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

const signIn = (apikey: string) => world.exchange({ grant_type: APIKEY_GRANT, apikey });
function assertLifetime(reply: Reply<Wire>, seconds: number): void {
  assert.equal(reply.status, 200, reply.text);
  const { iat, exp } = claimsOf(reply.body.access_token);
  assert.deepEqual([exp - iat, reply.body.expires_in, reply.body.expiration], [seconds, seconds, exp]);
}
const createServiceId = (token: string) =>
  world.call('POST', '/v1/serviceids', { token, body: { account_id: account.id, name: crypto.randomUUID() } });

test('the tokens of users, service IDs and pods live as long as the account says, from the next one on', async () => {
  account = await world.account();
  const service = await makeSignedInServiceId(world, account);
  const cluster = await world.cluster(account);
  const profile = await world.profile(account);
  await world.link(account, profile.id, cluster.crn);
  const exchanges = [
    () => signIn(account.ownerApiKey),
    () => signIn(service.apikey),
    () => world.crToken(cluster.issuer.token(), { profile_id: profile.id }),
    () => world.crToken(cluster.issuer.token({ expiresIn: 600 }), { profile_id: profile.id }),
  ];
  for (const exchange of exchanges) assertLifetime(await exchange(), 3600);
  for (const seconds of ['900', '1234', '3600', '900']) {
    await setAccountSettings(world, account, { system_access_token_expiration_in_seconds: seconds });
    for (const exchange of exchanges) assertLifetime(await exchange(), Number(seconds));
  }
  await setAccountSettings(world, account, { system_access_token_expiration_in_seconds: 'NOT_SET' });
  for (const exchange of exchanges) assertLifetime(await exchange(), 3600);
});

test('a token that was issued before keeps its life', async () => {
  account = await world.account();
  await setAccountSettings(world, account, { system_access_token_expiration_in_seconds: '900' });
  const { exp, iat } = claimsOf(account.owner);
  assert.equal(exp - iat, 3600);
  await world.expect(200, 'GET', `/v1/accounts/${account.id}/settings/identity`, { token: account.owner });
});

test('the settings of one account change nothing in another', async () => {
  const [one, other] = [await world.account(), await world.account()];
  await setAccountSettings(world, one, {
    system_access_token_expiration_in_seconds: '900',
    restrict_create_service_id: 'RESTRICTED',
    restrict_create_platform_apikey: 'RESTRICTED',
  });
  assertLifetime(await signIn(other.ownerApiKey), 3600);
  await makeServiceId(world, other);
  await makeApiKey(world, other.owner, other.ownerIamId);
});

test('a user of two accounts has the lifetime of the account of the key', async () => {
  const [one, other] = [await world.account(), await world.account()];
  const here = await world.user(one.id);
  const there = await world.user(other.id, here.iamId);
  await setAccountSettings(world, one, { system_access_token_expiration_in_seconds: '900' });
  assertLifetime(await signIn(here.apikey), 900);
  assertLifetime(await signIn(there.apikey), 3600);
});

test('creation of service IDs is restricted and free again at the next request', async () => {
  account = await world.account();
  const member = await world.user(account.id);
  for (const [value, permitted] of [
    ['RESTRICTED', false],
    ['NOT_RESTRICTED', true],
    ['RESTRICTED', false],
    ['NOT_SET', true],
  ] as const) {
    await setAccountSettings(world, account, { restrict_create_service_id: value });
    for (const token of [account.owner, member.token]) {
      const reply = await createServiceId(token);
      if (permitted) assert.equal(reply.status, 201, reply.text);
      else assertRefused(reply, 403, 'insufficient_permissions');
    }
  }
});

test('creation of API keys is restricted for users and free again at the next request', async () => {
  account = await world.account();
  const serviceId = await makeServiceId(world, account);
  const create = (iamId: string) => world.call('POST', '/v1/apikeys', { token: account.owner, body: { name: 'x', iam_id: iamId } });
  for (const [value, permitted] of [
    ['RESTRICTED', false],
    ['NOT_RESTRICTED', true],
    ['RESTRICTED', false],
    ['NOT_SET', true],
  ] as const) {
    await setAccountSettings(world, account, { restrict_create_platform_apikey: value });
    const reply = await create(account.ownerIamId);
    if (permitted) assert.equal(reply.status, 201, reply.text);
    else assertRefused(reply, 403, 'insufficient_permissions');
    assert.equal((await create(serviceId.iam_id)).status, 201);
  }
});

test('a restriction is told after a bad body and before a limit', async () => {
  account = await world.account();
  await setAccountSettings(world, account, { restrict_create_service_id: 'RESTRICTED' });
  const send = (body: unknown) => world.call('POST', '/v1/serviceids', { token: account.owner, body });
  assertRefused(await send({ account_id: account.id, name: 7 }), 400, 'invalid_parameter');
  assertRefused(await send({ account_id: account.id, name: 'x', apikey: { name: 'x', apikey: 'short' } }), 400, 'invalid_parameter');
  assertRefused(await send({ account_id: account.id, name: 'x' }), 403, 'insufficient_permissions');
});

test('where the account names addresses, nobody signs in from another one, whatever a header says', async () => {
  account = await world.account();
  const form = { grant_type: APIKEY_GRANT, apikey: account.ownerApiKey };
  for (const [list, permitted] of [
    ['192.0.2.1', false],
    ['192.0.2.1,127.0.0.1', true],
    ['192.0.2.0/24', false],
    ['127.0.0.0/8', true],
    ['2001:db8::/32', false],
    ['*.*.*.*', true],
    ['', true],
  ] as const) {
    await setAccountSettings(world, account, { allowed_ip_addresses: list });
    for (const headers of [{}, { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=192.0.2.1', 'x-real-ip': '192.0.2.1' }]) {
      const reply = await world.exchange(form, headers);
      assert.deepEqual([reply.status, reply.body.errorCode], permitted ? [200, undefined] : [401, 'BXNIM0430E'], `${list}: ${reply.text}`);
    }
  }
});
