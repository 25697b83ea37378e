/** Access settings over IBM's Node SDK. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertDriven, refusal, type Suite, startSuite, tagOf } from './suite.ts';

describe("access settings over IBM's Node SDK", () => {
  let suite: Suite;

  before(async () => {
    suite = await startSuite();
  });
  after(() => suite[Symbol.asyncDispose]());

  it('are read, and changed one type at a time', async () => {
    const { accountId } = suite;
    const before = await suite.policies.getSettings({ accountId, acceptLanguage: 'en' });
    const open = { state: 'enabled', external_allowed_accounts: [] };
    assert.deepEqual(before.result.external_account_identity_interaction.identity_types, { user: open, service_id: open, service: open });
    const user = { state: 'limited', external_allowed_accounts: [accountId] };
    const after = await suite.policies.updateSettings({
      accountId,
      ifMatch: tagOf(before),
      externalAccountIdentityInteraction: { identity_types: { user } },
    });
    assert.equal(after.status, 200);
    assert.deepEqual(after.result.external_account_identity_interaction.identity_types, { user, service_id: open, service: open });
    const stale = { accountId, ifMatch: tagOf(before), externalAccountIdentityInteraction: {} };
    await assert.rejects(suite.policies.updateSettings(stale), refusal(409, 'policy_conflict_error'));
    assert.equal((await suite.policies.updateSettings({ ...stale, ifMatch: tagOf(after) })).status, 200);
  });

  it('of another account are not there', async () => {
    const { id: accountId } = await suite.world.account();
    await assert.rejects(suite.policies.getSettings({ accountId }), refusal(404, 'not_found'));
  });

  it('drove every operation', () => assertDriven(suite, 'settings'));
});
