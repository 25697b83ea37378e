/** Account settings over IBM's Node SDK: the steps of its own suite, then what the suites of the other languages ask for beside them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertDriven, refusal, type Suite, startSuite, tagOf } from './suite.ts';

const FIELDS = [
  'account_id',
  'allowed_ip_addresses',
  'entity_tag',
  'history',
  'max_sessions_per_identity',
  'mfa',
  'restrict_create_platform_apikey',
  'restrict_create_service_id',
  'restrict_user_domains',
  'restrict_user_list_visibility',
  'session_expiration_in_seconds',
  'session_invalidation_in_seconds',
  'system_access_token_expiration_in_seconds',
  'system_refresh_token_expiration_in_seconds',
  'user_mfa',
];

describe("account settings over IBM's Node SDK", () => {
  let suite: Suite;
  let accountId: string;
  let tag: string;

  before(async () => {
    suite = await startSuite();
    accountId = suite.accountId;
  });
  after(() => suite[Symbol.asyncDispose]());

  const domains = [{ realm_id: 'IBMid', invitation_email_allow_patterns: ['*.*@ibm.com'], restrict_invitation: false }];
  const values = () => ({
    restrictCreateServiceId: 'NOT_RESTRICTED',
    restrictCreatePlatformApikey: 'NOT_RESTRICTED',
    restrictUserListVisibility: 'NOT_RESTRICTED',
    restrictUserDomains: domains,
    mfa: 'NONE',
    userMfa: [{ iam_id: suite.iamId, mfa: 'NONE' }],
    sessionExpirationInSeconds: '86400',
    sessionInvalidationInSeconds: '7200',
    maxSessionsPerIdentity: '10',
    systemAccessTokenExpirationInSeconds: '3600',
    systemRefreshTokenExpirationInSeconds: '259200',
  });

  it('gets every field, the history too although nobody asked for it', async () => {
    const response = await suite.identity.getAccountSettings({ accountId, includeHistory: false });
    assert.equal(response.status, 200);
    assert.deepEqual(Object.keys(response.result).sort(), FIELDS);
    for (const [name, value] of Object.entries(response.result)) assert.ok(value !== null && value !== undefined, name);
    assert.equal(response.result.account_id, accountId);
    assert.deepEqual(response.result.history, []);
    tag = tagOf(response);
  });

  it('updates them all', async () => {
    const response = await suite.identity.updateAccountSettings({ accountId, ifMatch: tag, ...values() });
    assert.equal(response.status, 200);
    const { result } = response;
    assert.equal(result.account_id, accountId);
    assert.equal(result.restrict_create_service_id, 'NOT_RESTRICTED');
    assert.equal(result.restrict_create_platform_apikey, 'NOT_RESTRICTED');
    assert.equal(result.restrict_user_list_visibility, 'NOT_RESTRICTED');
    assert.deepEqual(result.restrict_user_domains, domains);
    assert.equal(result.mfa, 'NONE');
    assert.deepEqual(result.user_mfa, [{ iam_id: suite.iamId, mfa: 'NONE' }]);
    assert.equal(result.session_expiration_in_seconds, '86400');
    assert.equal(result.session_invalidation_in_seconds, '7200');
    assert.equal(result.max_sessions_per_identity, '10');
    assert.equal(result.system_access_token_expiration_in_seconds, '3600');
    assert.equal(result.system_refresh_token_expiration_in_seconds, '259200');
    assert.notEqual(tagOf(response), tag);
    await assert.rejects(suite.identity.updateAccountSettings({ accountId, ifMatch: tag, mfa: 'TOTP' }), refusal(409));
  });

  it('gives a new tag when the same values are written again', async () => {
    const old = tagOf(await suite.identity.getAccountSettings({ accountId }));
    const response = await suite.identity.updateAccountSettings({ accountId, ifMatch: old, ...values() });
    assert.notEqual(tagOf(response), old);
    assert.deepEqual(response.result.restrict_user_domains, domains);
  });

  it('gets the effective ones', async () => {
    const { status, result } = await suite.identity.getEffectiveAccountSettings({ accountId, includeHistory: false });
    assert.equal(status, 200);
    assert.equal(result.account_id, accountId);
    assert.equal(result.effective.mfa, 'NONE');
    assert.equal(result.effective.session_expiration_in_seconds, '86400');
    assert.equal(result.account.account_id, accountId);
    assert.deepEqual(result.account.restrict_user_domains, domains);
  });

  it('keeps a list of addresses as it was given', async () => {
    const { result } = await suite.identity.updateAccountSettings({ accountId, ifMatch: '*', allowedIpAddresses: '*.*.*.*' });
    assert.equal(result.allowed_ip_addresses, '*.*.*.*');
    assert.equal(result.mfa, 'NONE', 'what is not sent is not changed');
  });

  it('says who a user is only where that is asked for', async () => {
    const { result: plain } = await suite.identity.getAccountSettings({ accountId, resolveUserMfa: false });
    assert.deepEqual(plain.user_mfa, [{ iam_id: suite.iamId, mfa: 'NONE' }]);
    const { result: resolved } = await suite.identity.getAccountSettings({ accountId, resolveUserMfa: true });
    assert.equal(resolved.user_mfa[0]?.iam_id, suite.iamId);
    assert.ok('name' in (resolved.user_mfa[0] ?? {}));
  });

  it('gets the history where that is asked for', async () => {
    const { history } = (await suite.identity.getAccountSettings({ accountId, includeHistory: true })).result;
    assert.ok(history && history.length > 0);
    const [newest] = history.slice(-1);
    assert.equal(newest?.iam_id, suite.iamId);
    assert.deepEqual(Object.keys(newest ?? {}).sort(), ['action', 'iam_id', 'iam_id_account', 'message', 'params', 'timestamp']);
  });

  it('is told what is wrong', async () => {
    const { identity } = suite;
    const write = (change: Readonly<Record<string, string>>) => identity.updateAccountSettings({ accountId, ifMatch: '*', ...change });
    await assert.rejects(write({ sessionExpirationInSeconds: '899' }), refusal(400));
    await assert.rejects(write({ mfa: 'LEVEL4' }), refusal(400));
    await assert.rejects(write({ restrictCreateServiceId: 'MAYBE' }), refusal(400));
  });

  it('drove every operation', () => assertDriven(suite, 'account-settings'));
});
