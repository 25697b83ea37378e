/** The settings of access groups over IBM's Node SDK. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertDriven, refusal, type Suite, startSuite } from './suite.ts';

describe("the settings of access groups over IBM's Node SDK", () => {
  let suite: Suite;

  before(async () => {
    suite = await startSuite();
  });
  after(() => suite[Symbol.asyncDispose]());

  it('are read', async () => {
    const { status, result } = await suite.groups.getAccountSettings({ accountId: suite.accountId });
    assert.equal(status, 200);
    assert.deepEqual([result.account_id, result.public_access_enabled], [suite.accountId, true]);
    assert.ok(result.last_modified_at && result.last_modified_by_id);
  });

  it('are changed', async () => {
    for (const publicAccessEnabled of [false, true, false]) {
      const { status, result } = await suite.groups.updateAccountSettings({ accountId: suite.accountId, publicAccessEnabled });
      assert.equal(status, 200);
      assert.equal(result.public_access_enabled, publicAccessEnabled);
      assert.equal(result.last_modified_by_id, suite.account.ownerIamId);
    }
  });

  it('are not those of another account', () =>
    assert.rejects(suite.groups.getAccountSettings({ accountId: 'f'.repeat(32) }), refusal(403, 'insufficient_permissions')));

  it('were driven through every operation', () => assertDriven(suite, 'settings'));
});
