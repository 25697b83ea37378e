/** What an operator is told, and what is kept on record, of changes and reads that are easy to regret. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeServiceId, setAccountSettings } from './making.ts';
import { assertRefused } from './refusal.ts';

let world: World;
let account: TestAccount;
before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

test('every reading of a stored value of an API key is on record, without the value', async () => {
  const { apikey } = await makeServiceId(world, account, { apikey: { name: 'kept', store_value: true } });
  const { body, headers } = await world.expect(200, 'GET', `/v1/apikeys/${apikey.id}`, { token: account.owner });
  assert.equal(body.apikey, apikey.apikey);
  const events = await world.events(account, headers.get('x-request-id') ?? '');
  assert.deepEqual(
    events.map((event) => [event.type, event.data.initiator.id, event.data.target.id]),
    [['iam-identity.serviceid-apikey.read', account.ownerIamId, apikey.id]],
  );
  assert.ok(!JSON.stringify(events).includes(apikey.apikey));
});

test('reading a key without a stored value leaves no record', async () => {
  const { apikey } = await makeServiceId(world, account, { apikey: { name: 'not kept' } });
  const { body, headers } = await world.expect(200, 'GET', `/v1/apikeys/${apikey.id}`, { token: account.owner });
  assert.equal(body.apikey, '');
  assert.deepEqual(await world.events(account, headers.get('x-request-id') ?? ''), []);
});

test('who shuts out the address that the call comes from is warned, and others are not', async () => {
  const own = await world.account();
  const warning = async (list: string) =>
    (await setAccountSettings(world, own, { allowed_ip_addresses: list })).headers.get('podpass-warning');
  assert.equal(await warning('127.0.0.0/8,::1'), null);
  const reply = await setAccountSettings(world, own, { allowed_ip_addresses: '192.0.2.1' });
  assert.match(reply.headers.get('podpass-warning') ?? '', /^allowed_ip_addresses_exclude_caller; This call came from \S+, from which /);
  const [event] = await world.events(own, reply.headers.get('x-request-id') ?? '');
  assert.match(event.data.warnings[0], /can no longer sign in/);
  // A change of something else says nothing of it again.
  assert.equal((await setAccountSettings(world, own, { mfa: 'TOTP' })).headers.get('podpass-warning'), null);
  assert.equal(await warning(''), null);
});

test('who may not make service IDs or API keys reads which setting says so, and which role it takes', async () => {
  const own = await world.account();
  await setAccountSettings(world, own, { restrict_create_service_id: 'RESTRICTED', restrict_create_platform_apikey: 'RESTRICTED' });
  const details = async (path: string, body: Wire): Promise<string> => {
    const reply = await world.call('POST', path, { token: own.owner, body });
    assertRefused(reply, 403, 'insufficient_permissions');
    return reply.body.errors[0].details;
  };
  assert.match(await details('/v1/serviceids', { account_id: own.id, name: 'x' }), /restrict_create_service_id.*Service ID creator/);
  const key = { name: 'x', iam_id: own.ownerIamId };
  assert.match(await details('/v1/apikeys', key), /restrict_create_platform_apikey.*User API key creator/);
});

test('who puts an API key or the token of a pod where an access token belongs reads what to do with it', async () => {
  const cluster = await world.cluster(account);
  for (const token of [account.ownerApiKey, cluster.issuer.token()]) {
    const reply = await world.call('GET', `/v1/profiles?account_id=${account.id}`, { token });
    assertRefused(reply, 401, 'invalid_access_token');
    assert.match(reply.body.errors[0].details, /exchange it at POST \/identity\/token/);
    assert.ok(!reply.text.includes(token));
  }
});
