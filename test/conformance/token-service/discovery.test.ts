/** The discovery document, with the server's own address and with an issuer that is served elsewhere. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { call } from '../../support/world.ts';
import { APIKEY_GRANT, assertIssued, CR_TOKEN_GRANT, type Setting, startSetting } from './setting.ts';

const DISCOVERY = '/identity/.well-known/openid-configuration';
const MEMBERS = [
  'authorization_endpoint',
  'claims_supported',
  'grant_types_supported',
  'id_token_signing_alg_values_supported',
  'issuer',
  'jwks_uri',
  'passcode_endpoint',
  'response_types_supported',
  'scopes_supported',
  'subject_types_supported',
  'token_endpoint',
  'token_endpoint_auth_methods_supported',
  'userinfo_endpoint',
];

describe('discovery', () => {
  let setting: Setting;
  before(async () => {
    setting = await startSetting();
  });
  after(() => setting[Symbol.asyncDispose]());

  test('C78: the document has every member, and its addresses are served', async () => {
    const { body, headers } = await setting.world.expect(200, 'GET', DISCOVERY);
    assert.deepEqual(Object.keys(body).sort(), MEMBERS);
    assert.equal(headers.get('cache-control'), 'public, max-age=600');
    assert.equal(body.issuer, `${setting.world.url}/identity`);
    assert.equal(body.token_endpoint, `${setting.world.url}/identity/token`);
    assert.equal((await call(body.jwks_uri, 'GET', '')).status, 200);
    assert.equal((await call(body.token_endpoint, 'POST', '')).body.errorCode, 'BXNIM0109E');
    assert.ok(body.passcode_endpoint.startsWith(`${setting.world.url}/identity/`));
    assert.ok(body.grant_types_supported.includes(CR_TOKEN_GRANT));
    assert.ok(body.grant_types_supported.includes(APIKEY_GRANT));
    assert.deepEqual(body.id_token_signing_alg_values_supported, ['RS256']);
    assert.deepEqual(body.token_endpoint_auth_methods_supported, ['client_secret_basic']);
    for (const scope of ['openid', 'ibm']) assert.ok(body.scopes_supported.includes(scope));
  });
});

describe('a stand-in with the issuer of IBM Cloud', () => {
  const issuer = 'https://iam.cloud.ibm.com/identity';
  let setting: Setting;
  before(async () => {
    setting = await startSetting({ settings: { issuer } });
  });
  after(() => setting[Symbol.asyncDispose]());

  test('C94: tokens carry the configured issuer, and the keys stay at the served host', async () => {
    const { world, cluster, profile, account } = setting;
    const reply = await world.crToken(cluster.issuer.token(), { profile_id: profile.id });
    assert.equal(assertIssued(reply).iss, issuer);
    const { body } = await world.expect(200, 'GET', DISCOVERY);
    assert.equal(body.issuer, issuer);
    assert.equal(body.jwks_uri, `${world.url}/identity/keys`);
    assert.equal((await call(body.jwks_uri, 'GET', '')).status, 200);
    await world.expect(200, 'GET', `/v1/profiles?account_id=${account.id}`, { token: account.owner });
  });
});
