/** Limits and what is used of them over IBM's Node SDK, which sends lists as commas in one call and as arrays in the other. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NAMES } from './clean-up.ts';
import { assertDriven, type Suite, startSuite } from './suite.ts';

describe("limits over IBM's Node SDK", () => {
  let suite: Suite;
  let accountId: string;
  let profileId: string;

  before(async () => {
    suite = await startSuite();
    const { identity } = suite;
    accountId = suite.accountId;
    profileId = (await identity.createProfile({ name: NAMES.profiles[0], accountId })).result.id;
    const crn = `crn:v1:staging:public:iam-identity::a/${accountId}::computeresource:Fake-Compute-Resource`;
    await identity.createLink({ profileId, crType: 'VSI', link: { crn } });
    const conditions = [{ claim: 'name', operator: 'EQUALS', value: '"x"' }];
    await identity.createClaimRule({ profileId, type: 'Profile-CR', crType: 'VSI', conditions });
    await identity.createApiKey({ name: NAMES.apiKey, iamId: suite.iamId });
  });
  after(() => suite[Symbol.asyncDispose]());

  it('gets all of them', async () => {
    const { status, result } = await suite.identity.getAccountLimits({ accountId });
    assert.equal(status, 200);
    for (const limit of [result.profiles, result.apikeys_per_identity, result.serviceids_per_group, result.profile_templates]) {
      assert.ok(limit && limit.limit > 0);
    }
    assert.ok(!('count' in (result.profiles ?? {})), 'nobody asked for a count');
  });

  it('gets what is used of some', async () => {
    const { status, result } = await suite.identity.getAccountLimits({
      accountId,
      profiles: 'true',
      apikeysPerIdentity: `${suite.iamId},IBMid-nobody`,
      crLinksPerProfile: profileId,
      crRulesPerProfile: `${profileId},Profile-00000000-0000-4000-8000-000000000000`,
    });
    assert.equal(status, 200);
    assert.equal(result.profiles?.count, 1);
    assert.deepEqual(result.apikeys_per_identity?.identities, [
      { iam_id: suite.iamId, count: 2 },
      { iam_id: 'IBMid-nobody', count: 0 },
    ]);
    assert.deepEqual(result.cr_links_per_profile?.profiles, [{ profile_id: profileId, count: 1 }]);
    assert.deepEqual(
      result.cr_rules_per_profile?.profiles?.map(({ count }) => count),
      [1, 0],
    );
  });

  it('gets what is used of a long list', async () => {
    const { status, result } = await suite.identity.bulkListAccountEntityConsumption({
      accountId,
      serviceidGroups: true,
      profiles: true,
      templates: true,
      idps: true,
      claimRulesPerProfile: [profileId],
      crLinksPerProfile: [profileId, 'Profile-00000000-0000-4000-8000-000000000000'],
    });
    assert.equal(status, 200);
    assert.equal(result.profiles?.count, 1);
    assert.equal(result.profile_templates?.count, 0);
    assert.equal(result.account_settings_templates?.count, 0);
    assert.equal(typeof result.serviceid_groups?.count, 'number');
    assert.equal(result.idps?.count, 0);
    assert.deepEqual(
      result.cr_links_per_profile?.profiles?.map(({ count }) => count),
      [1, 0],
    );
    assert.equal(result.claim_rules_per_profile?.profiles?.[0]?.profile_id, profileId);
  });

  it('drove every operation', () => assertDriven(suite, 'limits'));
});
