/** Sign-in with the API keys of users and service IDs. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { claimsOf, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { makeApiKey, makeServiceId, setAccountSettings } from '../identity/making.ts';
import { APIKEY_GRANT, assertIssued, assertRefused, basic, send } from './setting.ts';

const NOT_FOUND = 'Provided API key could not be found.';

describe('sign-in with an API key', () => {
  let world: World;
  let account: TestAccount;
  let user: TestUser;
  before(async () => {
    world = await startWorld();
    account = await world.account();
    user = await world.user(account.id);
  });
  after(() => world[Symbol.asyncDispose]());

  const signIn = (apikey: string, headers: Readonly<Record<string, string>> = {}) =>
    world.exchange({ grant_type: APIKEY_GRANT, apikey }, headers);
  const set = (method: string, id: string, state: string) =>
    world.expect(204, method, `/v1/apikeys/${id}/${state}`, { token: account.owner });
  const serviceIdWithKey = (members: Readonly<Record<string, unknown>> = {}): Promise<Wire> =>
    makeServiceId(world, account, { name: 'signs in', apikey: { name: 'its key' }, ...members });

  test("C70: the claims of a service ID's token name it and its account", async () => {
    const serviceId = await serviceIdWithKey();
    const reply = await signIn(serviceId.apikey.apikey);
    const claims = assertIssued(reply);
    assert.match(claims.iam_id, /^iam-ServiceId-/);
    assert.deepEqual([claims.iam_id, claims.id], [serviceId.iam_id, serviceId.iam_id]);
    assert.deepEqual([claims.realmid, claims.sub_type], ['iam', 'ServiceId']);
    assert.deepEqual([claims.identifier, claims.sub, claims.name], [serviceId.id, serviceId.id, 'signs in']);
    assert.deepEqual(claims.authn, { sub: serviceId.id, iam_id: serviceId.iam_id, sub_type: 'ServiceId', name: 'signs in' });
    assert.deepEqual([claims.account.valid, claims.account.bss], [true, account.id]);
    assert.deepEqual([claims.grant_type, claims.scope, claims.client_id], [APIKEY_GRANT, 'ibm openid', 'default']);
    assert.deepEqual([claims.acr, claims.amr], [1, ['pwd']]);
    assert.equal(claims.apikey_uuid, serviceId.apikey.id);
    assert.deepEqual([claims.exp - claims.iat, reply.body.expires_in, reply.body.expiration], [3600, 3600, claims.exp]);
    for (const absent of ['aud', 'email', 'given_name', 'family_name', 'groups', 'roles']) assert.ok(!(absent in claims), absent);
  });

  test("C71: the claims of a user's token have no sub_type, and name the key", async () => {
    const key = await makeApiKey(world, user.token, user.iamId);
    const claims = assertIssued(await signIn(key.apikey));
    assert.ok(!('sub_type' in claims));
    assert.match(claims.iam_id, /^IBMid-/);
    assert.deepEqual([claims.iam_id, claims.id, claims.realmid], [user.iamId, user.iamId, 'IBMid']);
    assert.equal(claims.authn.sub, claims.sub);
    assert.deepEqual([claims.sub, claims.email], [`${user.iamId}@example.com`, `${user.iamId}@example.com`]);
    assert.ok(!('sub_type' in claims.authn));
    assert.equal(claims.apikey_uuid, key.id);
    assert.deepEqual([claims.acr, claims.amr], [1, ['pwd']]);
  });

  test('C63, C95: a form of grant and key alone is enough, and brings no refresh token', async () => {
    const { apikey } = (await serviceIdWithKey()).apikey;
    for (const value of [apikey, user.apikey]) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: '*/*', 'user-agent': 'Ruby' };
      const body = `grant_type=${APIKEY_GRANT}&apikey=${value}`;
      const reply = await send(world.url, '/identity/token', { headers, body });
      assertIssued(reply);
      assert.equal(reply.body.refresh_token, 'not_supported');
      if ('ims_user_id' in reply.body) assert.ok(Number.isInteger(reply.body.ims_user_id));
    }
  });

  test('C62: a key that is deleted, cut short or longer is unknown, each in the same words', async () => {
    const { apikey } = await serviceIdWithKey();
    await world.expect(204, 'DELETE', `/v1/apikeys/${apikey.id}`, { token: account.owner });
    const live: string = (await serviceIdWithKey()).apikey.apikey;
    const values = [apikey.apikey, live.slice(0, -1), live.slice(1), `${live}x`, live.toUpperCase(), live.slice(0, 22), 'x'];
    for (const value of values) {
      const body = assertRefused(await signIn(value), 400, 'BXNIM0415E');
      assert.equal(body.errorMessage, NOT_FOUND);
      assert.ok(value.length < 20 || !JSON.stringify(body).includes(value));
    }
    assertIssued(await signIn(live));
  });

  test('C62: an id, an entity tag and a hash are no keys', async () => {
    const { apikey } = await serviceIdWithKey();
    for (const value of [apikey.id, apikey.entity_tag, apikey.crn]) assertRefused(await signIn(value), 400, 'BXNIM0415E');
  });

  test('C93: no refusal repeats the key', async () => {
    const { apikey } = await serviceIdWithKey();
    await set('POST', apikey.id, 'disable');
    const expired = await makeApiKey(world, user.token, user.iamId, { expires_at: '2020-01-31T18:30+0000' });
    for (const [value, code] of [
      [apikey.apikey, 'BXNIM0462E'],
      [expired.apikey, 'BXNIM0462E'],
      [`${apikey.apikey}x`, 'BXNIM0415E'],
    ] as const) {
      for (const headers of [{}, { authorization: basic('bx:bx') }]) {
        const reply = await signIn(value, headers);
        assertRefused(reply, 400, code);
        assert.ok(!reply.text.includes(apikey.apikey) && !reply.text.includes(expired.apikey));
      }
    }
  });

  test('K7: a disabled key signs nobody in until it is enabled', async () => {
    const { apikey } = await serviceIdWithKey();
    assertIssued(await signIn(apikey.apikey));
    await set('POST', apikey.id, 'disable');
    assertRefused(await signIn(apikey.apikey), 400, 'BXNIM0462E');
    await set('DELETE', apikey.id, 'disable');
    assertIssued(await signIn(apikey.apikey));
  });

  test('K7: a key that was born disabled signs nobody in', async () => {
    const body = { name: 'born disabled', iam_id: user.iamId };
    const made = await world.expect(201, 'POST', '/v1/apikeys', { token: user.token, headers: { 'entity-disable': 'true' }, body });
    assertRefused(await signIn(made.body.apikey), 400, 'BXNIM0462E');
  });

  test('K7: an expired key signs nobody in', async () => {
    const past = { expires_at: '2020-01-31T18:30+0000' };
    const serviceId = await serviceIdWithKey({ apikey: { name: 'past', ...past } });
    assertRefused(await signIn(serviceId.apikey.apikey), 400, 'BXNIM0462E');
    const key = await makeApiKey(world, user.token, user.iamId, past);
    assertRefused(await signIn(key.apikey), 400, 'BXNIM0462E');
  });

  test('a locked key and the key of a locked service ID sign in', async () => {
    const serviceId = await serviceIdWithKey();
    await set('POST', serviceId.apikey.id, 'lock');
    await world.expect(204, 'POST', `/v1/serviceids/${serviceId.id}/lock`, { token: account.owner });
    assertIssued(await signIn(serviceId.apikey.apikey));
  });

  test('with a service ID its keys end, at once', async () => {
    const serviceId = await serviceIdWithKey();
    const second = await makeApiKey(world, account.owner, serviceId.iam_id);
    assertIssued(await signIn(second.apikey));
    await world.expect(204, 'DELETE', `/v1/serviceids/${serviceId.id}`, { token: account.owner });
    for (const value of [serviceId.apikey.apikey, second.apikey]) assertRefused(await signIn(value), 400, 'BXNIM0415E');
  });

  test('a token of a service ID is of its account alone, under its new name after a rename', async () => {
    const serviceId = await serviceIdWithKey();
    const options = { token: account.owner, headers: { 'if-match': '*' }, body: { name: 'renamed' } };
    await world.expect(200, 'PUT', `/v1/serviceids/${serviceId.id}`, options);
    const { access_token: token } = (await signIn(serviceId.apikey.apikey)).body;
    assert.equal(claimsOf(token).name, 'renamed');
    const other = await world.account();
    const profile = await world.profile(other);
    await world.expect(404, 'GET', `/v1/profiles/${profile.id}`, { token });
    await world.expect(403, 'GET', `/v1/profiles?account_id=${account.id}`, { token });
    await world.policy(account, serviceId.iam_id, ['crn:v1:bluemix:public:iam::::role:Viewer'], { serviceName: 'iam-identity' });
    await world.expect(200, 'GET', `/v1/profiles?account_id=${account.id}`, { token });
    await world.expect(404, 'GET', `/v1/profiles/${profile.id}`, { token });
  });

  test('a service ID of the same name in another account has its own token', async () => {
    const [one, other] = [
      await serviceIdWithKey(),
      await makeServiceId(world, await world.account(), { name: 'signs in', apikey: { name: 'k' } }),
    ];
    const [claims, others] = [assertIssued(await signIn(one.apikey.apikey)), assertIssued(await signIn(other.apikey.apikey))];
    assert.deepEqual([claims.account.bss, others.account.bss], [account.id, other.account_id]);
    assert.notEqual(claims.iam_id, others.iam_id);
  });

  test("a key of a user of two accounts signs in to the key's account", async () => {
    const elsewhere = await world.account();
    const there = await world.user(elsewhere.id, user.iamId);
    assert.equal(assertIssued(await signIn(there.apikey)).account.bss, elsewhere.id);
    assert.equal(assertIssued(await signIn(user.apikey)).account.bss, account.id);
  });

  test('the lifetime of a token is what the account says', async () => {
    const other = await world.account();
    const serviceId = await makeServiceId(world, other, { apikey: { name: 'k' } });
    for (const [setting, seconds] of [
      ['900', 900],
      ['1800', 1800],
      ['NOT_SET', 3600],
    ] as const) {
      await setAccountSettings(world, other, { system_access_token_expiration_in_seconds: setting });
      for (const value of [serviceId.apikey.apikey, other.ownerApiKey]) {
        const reply = await signIn(value);
        const claims = assertIssued(reply);
        assert.deepEqual([claims.exp - claims.iat, reply.body.expires_in, reply.body.expiration], [seconds, seconds, claims.exp]);
      }
    }
  });

  test('of 100 sign-ins at once while a key is being disabled none succeeds afterwards', async () => {
    const { apikey } = await serviceIdWithKey();
    const before = Promise.all(Array.from({ length: 50 }, () => signIn(apikey.apikey)));
    await set('POST', apikey.id, 'disable');
    for (const reply of await Promise.all(Array.from({ length: 50 }, () => signIn(apikey.apikey)))) {
      assertRefused(reply, 400, 'BXNIM0462E');
    }
    for (const { status, text } of await before) assert.ok([200, 400].includes(status), text);
  });
});
