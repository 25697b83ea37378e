/** Which profile is asked for, and which parameters an exchange needs. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { claimsOf } from '../../support/world.ts';
import { APIKEY_GRANT, assertIssued, assertNotEligible, assertRefused, CR_TOKEN_GRANT, type Setting, startSetting } from './setting.ts';

describe('selecting a profile', () => {
  let setting: Setting;
  before(async () => {
    setting = await startSetting();
  });
  after(() => setting[Symbol.asyncDispose]());

  const exchange = (selector: Readonly<Record<string, string>>) => setting.world.crToken(setting.cluster.issuer.token(), selector);

  test('C01: a linked pod gets the reply that clients read', async () => {
    const { status, body, text } = await exchange({ profile_id: setting.profile.id });
    assert.equal(status, 200, text);
    assert.deepEqual(Object.keys(body).sort(), ['access_token', 'expiration', 'expires_in', 'refresh_token', 'scope', 'token_type']);
    assert.equal(body.token_type, 'Bearer');
    assert.equal(body.refresh_token, 'not_supported');
    assert.equal(body.expires_in, 3600);
    assert.ok(Number.isInteger(body.expiration));
    assert.equal(body.scope, 'ibm openid');
    assert.equal(body.access_token.split('.').length, 3);
  });

  test('C02: profile_name selects the same profile', async () => {
    assert.equal(assertIssued(await exchange({ profile_name: setting.profile.name })).sub, setting.profile.id);
  });

  test('C03: profile_crn selects the same profile', async () => {
    assert.equal(assertIssued(await exchange({ profile_crn: setting.profile.crn })).sub, setting.profile.id);
  });

  test('C04: id and name of one profile are accepted together', async () => {
    const { id, name, crn } = setting.profile;
    assert.equal(assertIssued(await exchange({ profile_id: id, profile_name: name })).sub, id);
    assert.equal(assertIssued(await exchange({ profile_id: id, profile_name: name, profile_crn: crn })).sub, id);
  });

  test('C05: id and name of different linked profiles are refused', async () => {
    const { world, account, cluster, profile } = setting;
    const other = await world.profile(account);
    await world.link(account, other.id, cluster.crn);
    assertNotEligible(await exchange({ profile_id: profile.id, profile_name: other.name }));
    assertNotEligible(await exchange({ profile_id: profile.id, profile_crn: other.crn }));
    assertNotEligible(await exchange({ profile_name: profile.name, profile_crn: other.crn }));
  });

  test('C06: a request without a selector names profile_id', async () => {
    for (const selector of [{}, { profile_id: '' }, { profile_name: ' ', profile_crn: '' }, { profile_id: '=' }]) {
      assert.match(assertRefused(await exchange(selector), 400, 'BXNIM0109E').errorDetails, /profile_id/);
    }
  });

  test('C07: a request without a token names cr_token', async () => {
    const { world, profile } = setting;
    for (const form of [{}, { cr_token: '' }, { cr_token: ' \r\n' }]) {
      const reply = await world.exchange({ grant_type: CR_TOKEN_GRANT, profile_id: profile.id, ...form });
      const body = assertRefused(reply, 400, 'BXNIM0109E');
      assert.equal(body.errorMessage, 'Property missing or empty.');
      assert.equal(body.errorDetails, "Property 'cr_token' either missing or empty.");
    }
  });

  test('C08: an empty body names grant_type', async () => {
    const body = assertRefused(await setting.world.exchange(''), 400, 'BXNIM0109E');
    assert.equal(body.errorDetails, "Property 'grant_type' either missing or empty.");
    const bare = assertRefused(await setting.world.call('POST', '/identity/token'), 400, 'BXNIM0109E');
    assert.equal(bare.errorDetails, body.errorDetails);
  });

  test('C09: grant types that IBM does not have are refused with the list of those that work', async () => {
    const { world, cluster, profile } = setting;
    const types = [
      'client_credentials',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      'urn:ietf:params:oauth:grant-type:token-exchange',
      CR_TOKEN_GRANT.toUpperCase(),
      '__proto__',
      'constructor',
    ];
    for (const grant_type of types) {
      const reply = await world.exchange({ grant_type, cr_token: cluster.issuer.token(), profile_id: profile.id });
      const body = assertRefused(reply, 400, 'PODP0101E');
      assert.equal(body.errorMessage, 'Grant type is not supported.');
      assert.ok(body.errorDetails.includes(CR_TOKEN_GRANT) && body.errorDetails.includes(APIKEY_GRANT));
    }
  });

  test('an id with the prefix of an IAM id is accepted, a bare uuid or a stranger is not told apart from an unlinked profile', async () => {
    const { id } = setting.profile;
    assert.equal(assertIssued(await exchange({ profile_id: `iam-${id}` })).sub, id);
    const unknown = assertNotEligible(await exchange({ profile_id: 'Profile-00000000-0000-4000-8000-000000000000' }));
    const unlinked = await setting.world.profile(setting.account);
    const refused = assertNotEligible(await exchange({ profile_id: unlinked.id }));
    assert.equal(unknown.errorMessage, refused.errorMessage);
    assert.equal(unknown.errorDetails.replace('Profile-00000000-0000-4000-8000-000000000000', unlinked.id), refused.errorDetails);
  });

  test('a profile_crn that is no CRN of a profile is refused as malformed', async () => {
    for (const crn of ['x', setting.cluster.crn, 'crn:v1:bluemix:public:iam-identity::::profile:x', setting.profile.id]) {
      assertRefused(await exchange({ profile_crn: crn }), 400, 'BXNIM0113E');
    }
  });

  test('a profile_crn with another account is refused', async () => {
    const { account, profile } = setting;
    const other = await setting.world.account();
    assertNotEligible(await exchange({ profile_crn: profile.crn.replace(account.id, other.id) }));
  });

  test('C26 holds for every selector: the same subject, never the same token', async () => {
    const { id, name, crn, iam_id } = setting.profile;
    const replies = await Promise.all([{ profile_id: id }, { profile_name: name }, { profile_crn: crn }].map(exchange));
    const tokens = replies.map((reply) => claimsOf(reply.body.access_token));
    assert.deepEqual(new Set(tokens.map((claims) => claims.iam_id)), new Set([iam_id]));
    assert.equal(new Set(tokens.map((claims) => claims.jti)).size, 3);
  });
});
