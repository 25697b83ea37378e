/** `ibm_iam_account_settings` and `ibm_iam_identity_preference`, with the data sources beside them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type World } from '../../support/world.ts';
import { ANY_TAG, assertForgotten, configureProvider, type Provider } from './provider.ts';

let world: World;
let account: TestAccount;
let provider: Provider;

before(async () => {
  world = await startWorld();
  account = await world.account();
  provider = await configureProvider(world, account);
});
after(() => world[Symbol.asyncDispose]());

test('(replay): ibm_iam_account_settings is read, changed whatever its tag, and read again', async () => {
  const path = `/v1/accounts/${provider.accountId}/settings/identity`;
  const { body: before } = await provider.expect(200, 'GET', path);
  assert.equal(before.account_id, provider.accountId);
  const configured = {
    allowed_ip_addresses: '10.0.0.0/8,192.168.1.1',
    mfa: 'LEVEL1',
    restrict_create_service_id: 'NOT_RESTRICTED',
    user_mfa: [{ iam_id: account.ownerIamId, mfa: 'NONE' }],
    restrict_user_domains: [{ realm_id: 'IBMid', invitation_email_allow_patterns: ['*.*@example.com'], restrict_invitation: true }],
    session_expiration_in_seconds: '40000',
    system_refresh_token_expiration_in_seconds: '3600',
  };
  await provider.expect(200, 'PUT', path, configured, ANY_TAG);
  const { body: read } = await provider.expect(200, 'GET', `${path}?include_history=false`);
  const { entity_tag, ...rest } = { ...before, ...configured, entity_tag: read.entity_tag };
  assert.notEqual(entity_tag, before.entity_tag);
  assert.deepEqual(read, { ...rest, entity_tag }, 'what was not sent is as it was');

  await provider.expect(200, 'PUT', path, { session_expiration_in_seconds: 'NOT_SET' }, ANY_TAG);
  const { body: last } = await provider.expect(200, 'GET', `${path}?include_history=false`);
  assert.equal(last.session_expiration_in_seconds, 'NOT_SET');
  assert.equal(last.mfa, 'LEVEL1');
});

test('(replay): the data sources of account settings and of enrolments read what is there', async () => {
  const { body: effective } = await provider.expect(200, 'GET', `/v1/accounts/${provider.accountId}/effective_settings/identity`);
  assert.equal(effective.account_id, provider.accountId);
  assert.ok(effective.effective && effective.account);
  const { body: status } = await provider.expect(200, 'GET', `/v1/mfa/accounts/${provider.accountId}/status?iam_id=${account.ownerIamId}`);
  assert.equal(status.iam_id, account.ownerIamId);
  assert.ok(status.id_based_mfa && status.account_based_mfa);
});

test('(replay): ibm_iam_identity_preference lives, changes and dies', async () => {
  const profile = await world.profile(account);
  const ofIdentity = `/v1/preferences/accounts/${provider.accountId}/identities/${profile.iam_id}`;
  const path = `${ofIdentity}/console/landing_page`;
  for (const value_string of ['/billing', '/iam']) {
    await provider.expect(200, 'PUT', path, { value_string });
    const { body } = await provider.expect(200, 'GET', path);
    assert.deepEqual(body, { service: 'console', id: 'landing_page', account_id: provider.accountId, scope: 'account', value_string });
  }
  assert.equal((await provider.expect(200, 'GET', ofIdentity)).body.preferences.length, 1);
  await provider.expect(204, 'DELETE', path);
  await assertForgotten(provider, path);
});
