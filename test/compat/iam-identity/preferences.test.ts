/** Preferences over IBM's Node SDK, of a trusted profile as in its own suite. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NAMES } from './clean-up.ts';
import { assertDriven, assertEmpty, refusal, type Suite, startSuite } from './suite.ts';

describe("preferences over IBM's Node SDK", () => {
  let suite: Suite;
  let whose: { readonly accountId: string; readonly iamId: string };
  let which: typeof whose & { readonly service: string; readonly preferenceId: string };
  let preference: Readonly<Record<string, string>>;

  before(async () => {
    suite = await startSuite();
    const { accountId } = suite;
    const { result: profile } = await suite.identity.createProfile({ name: NAMES.profiles[1], accountId });
    whose = { accountId, iamId: profile.iam_id };
    which = { ...whose, service: 'console', preferenceId: 'landing_page' };
    preference = { service: 'console', id: 'landing_page', account_id: accountId, scope: 'account', value_string: '/billing' };
  });
  after(() => suite[Symbol.asyncDispose]());

  it('sets one', async () => {
    const { status, result } = await suite.identity.updatePreferenceOnScopeAccount({ ...which, valueString: '/billing' });
    assert.equal(status, 200);
    assert.deepEqual(result, preference);
  });

  it('gets it', async () => {
    const { status, result } = await suite.identity.getPreferencesOnScopeAccount(which);
    assert.equal(status, 200);
    assert.deepEqual(result, preference);
  });

  it('gets them all', async () => {
    const { status, result } = await suite.identity.getAllPreferencesOnScopeAccount(whose);
    assert.equal(status, 200);
    assert.deepEqual(result.preferences, [preference]);
  });

  it('deletes it', async () => {
    const response = await suite.identity.deletePreferencesOnScopeAccount(which);
    assert.equal(response.status, 204);
    assertEmpty(response);
    await assert.rejects(suite.identity.getPreferencesOnScopeAccount(which), refusal(404));
    assert.deepEqual((await suite.identity.getAllPreferencesOnScopeAccount(whose)).result.preferences, []);
  });

  it('drove every operation', () => assertDriven(suite, 'preferences'));
});
