/** What is in the access token. */
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { claimsOf, type TestUser } from '../../support/world.ts';
import { APIKEY_GRANT, assertIssued, assertRefused, basic, CR_TOKEN_GRANT, type Setting, startSetting } from './setting.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('access tokens', () => {
  let setting: Setting;
  let user: TestUser;
  before(async () => {
    setting = await startSetting();
    user = await setting.world.user(setting.account.id);
  });
  after(() => setting[Symbol.asyncDispose]());

  const exchange = () => setting.world.crToken(setting.cluster.issuer.token(), { profile_id: setting.profile.id });
  const headerOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
  const publishedKeys = async () => (await setting.world.expect(200, 'GET', '/identity/keys')).body.keys;

  test('C25: the header is exactly alg and kid, and the kid is published', async () => {
    const header = headerOf((await exchange()).body.access_token);
    assert.deepEqual(Object.keys(header).sort(), ['alg', 'kid']);
    assert.equal(header.alg, 'RS256');
    assert.match(header.kid, /^\d{12}$/);
    assert.ok((await publishedKeys()).some((key: { kid: string }) => key.kid === header.kid));
  });

  test('C26: the claims name the profile and its account', async () => {
    const reply = await exchange();
    const claims = assertIssued(reply);
    const { id } = setting.profile;
    assert.equal(claims.iam_id, `iam-${id}`);
    assert.equal(claims.id, claims.iam_id);
    assert.equal(claims.realmid, 'iam');
    assert.equal(claims.identifier, id);
    assert.equal(claims.sub, id);
    assert.match(id, /^Profile-/);
    assert.equal(claims.name, setting.profile.name);
    assert.equal(claims.sub_type, 'Profile');
    assert.equal(claims.grant_type, CR_TOKEN_GRANT);
    assert.deepEqual(claims.account, { boundary: 'global', valid: true, bss: setting.account.id });
    assert.equal(claims.scope, 'ibm openid');
    assert.equal(claims.exp - claims.iat, 3600);
    assert.equal(claims.exp, reply.body.expiration);
    assert.equal(reply.body.expires_in, claims.exp - claims.iat);
    assert.match(claims.jti, UUID);
    for (const absent of ['aud', 'acr', 'amr', 'email', 'groups', 'roles']) assert.ok(!(absent in claims), absent);
  });

  test('C27: authn names the cluster and the pod', async () => {
    const { crn, name } = setting.cluster;
    assert.deepEqual(assertIssued(await exchange()).authn, {
      sub: crn,
      iam_id: `crn-${crn}`,
      sub_type: 'ComputeResource',
      name: `${name}:default:default:web-0`,
    });
  });

  test('C27: the name of a token that is bound to no pod ends in an empty part', async () => {
    const token = setting.cluster.issuer.token({ pod: null });
    const claims = assertIssued(await setting.world.crToken(token, { profile_id: setting.profile.id }));
    assert.equal(claims.authn.name, `${setting.cluster.name}:default:default:`);
  });

  test('C28: two exchanges of one token have different ids', async () => {
    const token = setting.cluster.issuer.token();
    const replies = await Promise.all([1, 2].map(() => setting.world.crToken(token, { profile_id: setting.profile.id })));
    const [first, second] = replies.map((reply) => assertIssued(reply).jti);
    assert.notEqual(first, second);
  });

  test('C29: the issuer is the one in the discovery document', async () => {
    const discovery = (await setting.world.expect(200, 'GET', '/identity/.well-known/openid-configuration')).body;
    assert.equal(assertIssued(await exchange()).iss, discovery.issuer);
  });

  test("C62: an unknown API key is refused in IBM's words", async () => {
    for (const apikey of ['unknown', 'x'.repeat(5000), user.apikey.slice(1), `${user.apikey}x`]) {
      const body = assertRefused(await setting.world.exchange({ grant_type: APIKEY_GRANT, apikey }), 400, 'BXNIM0415E');
      assert.equal(body.errorMessage, 'Provided API key could not be found.');
    }
  });

  test('a request with the API-key grant and no key names apikey', async () => {
    const body = assertRefused(await setting.world.exchange({ grant_type: APIKEY_GRANT }), 400, 'BXNIM0109E');
    assert.equal(body.errorDetails, "Property 'apikey' either missing or empty.");
  });

  test('C63: an API key without Basic gets no refresh token', async () => {
    const reply = await setting.world.exchange({ grant_type: APIKEY_GRANT, apikey: user.apikey });
    assertIssued(reply);
    assert.equal(reply.body.refresh_token, 'not_supported');
    assert.equal(reply.body.expires_in, 3600);
    assert.equal(reply.body.expiration, claimsOf(reply.body.access_token).exp);
  });

  test('an API key that a file ends with a newline is accepted, with response_type and bx:bx too', async () => {
    assertIssued(await setting.world.exchange({ grant_type: APIKEY_GRANT, apikey: ` ${user.apikey}\r\n` }));
    const form = { grant_type: APIKEY_GRANT, apikey: user.apikey, response_type: 'cloud_iam' };
    assert.equal(assertIssued(await setting.world.exchange(form, { authorization: basic('bx:bx') })).client_id, 'bx');
  });

  test("C71: a user's token has no sub_type, and authn repeats the subject", async () => {
    const claims = assertIssued(await setting.world.exchange({ grant_type: APIKEY_GRANT, apikey: user.apikey }));
    assert.ok(!('sub_type' in claims));
    assert.match(claims.iam_id, /^IBMid-/);
    assert.equal(claims.iam_id, user.iamId);
    assert.equal(claims.id, user.iamId);
    assert.equal(claims.realmid, 'IBMid');
    assert.equal(claims.identifier, user.iamId.slice('IBMid-'.length));
    assert.equal(claims.sub, `${user.iamId}@example.com`);
    assert.equal(claims.authn.sub, claims.sub);
    assert.equal(claims.authn.iam_id, user.iamId);
    assert.equal(claims.account.bss, setting.account.id);
    assert.equal(claims.grant_type, APIKEY_GRANT);
    assert.equal(claims.given_name, 'Test');
    assert.equal(claims.family_name, 'User');
  });

  test('C76: the keys are public halves only, and verify a token', async () => {
    const reply = await setting.world.expect(200, 'GET', '/identity/keys');
    assert.equal(reply.headers.get('cache-control'), 'public, max-age=600');
    assert.ok(reply.body.keys.length >= 2);
    for (const key of reply.body.keys) {
      assert.deepEqual(Object.keys(key).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
      assert.deepEqual([key.kty, key.alg, key.use, key.e], ['RSA', 'RS256', 'sig', 'AQAB']);
      assert.match(key.n, /^[A-Za-z0-9_-]{342}$/);
    }
    const token: string = (await exchange()).body.access_token;
    const jwk = reply.body.keys.find((key: { kid: string }) => key.kid === headerOf(token).kid);
    const [header, payload, signature = ''] = token.split('.');
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    assert.ok(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')));
  });
});
