/** Claim rules over IBM's Node SDK: the steps of its own suite, then what the suites of the other languages ask for beside them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NAMES } from './clean-up.ts';
import { assertDriven, assertEmpty, refusal, type Suite, startSuite, tagOf } from './suite.ts';

const REALM = 'https://sdk.test.realm/1234';
/** JSON text that holds no JSON: kept byte for byte. */
const DOCS_DEV = JSON.stringify("{'cloud-docs-dev'}");
const EUROPE = JSON.stringify("{'Europe_Group'}");
const blueGroups = (value: string) => [{ claim: 'blueGroups', operator: 'EQUALS', value }];

describe("claim rules over IBM's Node SDK", () => {
  let suite: Suite;
  let profileId: string;
  let ruleId1: string;
  let ruleId2: string;
  let tag: string;

  before(async () => {
    suite = await startSuite();
    profileId = (await suite.identity.createProfile({ name: NAMES.profiles[1], accountId: suite.accountId })).result.id;
  });
  after(() => suite[Symbol.asyncDispose]());

  const saml = (value: string, expiration: number) => ({
    type: 'Profile-SAML',
    realmName: REALM,
    expiration,
    conditions: blueGroups(value),
  });

  it('creates two', async () => {
    const one = await suite.identity.createClaimRule({ profileId, ...saml(DOCS_DEV, 43200) });
    assert.equal(one.status, 201);
    assert.match(one.result.id, /^ClaimRule-/);
    assert.ok(one.result.created_at && one.result.modified_at);
    assert.ok(!('name' in one.result) && !('cr_type' in one.result));
    tagOf(one);
    const two = await suite.identity.createClaimRule({ profileId, ...saml(EUROPE, 43200) });
    assert.equal(two.status, 201);
    ruleId1 = one.result.id;
    ruleId2 = two.result.id;
  });

  it('gets one', async () => {
    const response = await suite.identity.getClaimRule({ profileId, ruleId: ruleId1 });
    assert.equal(response.status, 200);
    assert.equal(response.result.id, ruleId1);
    assert.equal(response.result.type, 'Profile-SAML');
    assert.equal(response.result.realm_name, REALM);
    assert.equal(response.result.expiration, 43200);
    assert.deepEqual(response.result.conditions, blueGroups(DOCS_DEV));
    tag = tagOf(response);
  });

  it('lists both', async () => {
    const { status, result } = await suite.identity.listClaimRules({ profileId });
    assert.equal(status, 200);
    assert.deepEqual(result.rules.map(({ id }) => id).sort(), [ruleId1, ruleId2].sort());
  });

  it('replaces one', async () => {
    const response = await suite.identity.updateClaimRule({ profileId, ruleId: ruleId1, ifMatch: tag, ...saml(EUROPE, 33200) });
    assert.equal(response.status, 200);
    assert.equal(response.result.id, ruleId1);
    assert.equal(response.result.expiration, 33200);
    assert.deepEqual(response.result.conditions, blueGroups(EUROPE));
    assert.notEqual(tagOf(response), tag);
    await assert.rejects(
      suite.identity.updateClaimRule({ profileId, ruleId: ruleId1, ifMatch: tag, ...saml(EUROPE, 1) }),
      refusal(409, 'conflict'),
    );
  });

  it('makes a rule for compute resources, without a realm and with expiration 0', async () => {
    const conditions = [
      { claim: 'namespace', operator: 'EQUALS', value: '"default"' },
      { claim: 'name', operator: 'IN', value: '["a","b"]' },
    ];
    const { status, result } = await suite.identity.createClaimRule({
      profileId,
      type: 'Profile-CR',
      crType: 'IKS_SA',
      name: 'pods',
      conditions,
    });
    assert.equal(status, 201);
    assert.equal(result.name, 'pods');
    assert.equal(result.cr_type, 'IKS_SA');
    assert.equal(result.expiration, 0);
    assert.ok(!('realm_name' in result));
    assert.deepEqual(result.conditions, conditions);
    assert.equal((await suite.identity.deleteClaimRule({ profileId, ruleId: result.id })).status, 204);
  });

  it('deletes both', async () => {
    for (const ruleId of [ruleId1, ruleId2]) {
      const response = await suite.identity.deleteClaimRule({ profileId, ruleId });
      assert.equal(response.status, 204);
      assertEmpty(response);
      await assert.rejects(suite.identity.getClaimRule({ profileId, ruleId }), refusal(404));
    }
    assert.deepEqual((await suite.identity.listClaimRules({ profileId })).result.rules, []);
  });

  it('is told that a profile is not there, after its body was found good', async () => {
    const { identity } = suite;
    const nowhere = { profileId: 'invalid', ruleId: 'invalid' };
    await assert.rejects(identity.createClaimRule({ profileId: 'invalid', ...saml(DOCS_DEV, 43200) }), refusal(404));
    await assert.rejects(identity.getClaimRule(nowhere), refusal(404));
    await assert.rejects(identity.updateClaimRule({ ...nowhere, ifMatch: 'invalid', ...saml(EUROPE, 33200) }), refusal(404));
    await assert.rejects(identity.deleteClaimRule(nowhere), refusal(404));
    await assert.rejects(identity.listClaimRules({ profileId: 'invalid' }), refusal(404));
  });

  it('is told what is wrong with a body, wherever it is sent to', async () => {
    const { identity } = suite;
    const wrong = { ...saml(DOCS_DEV, 43200), type: 'Profile-XYZ' };
    await assert.rejects(identity.createClaimRule({ profileId, ...wrong }), refusal(400));
    await assert.rejects(identity.createClaimRule({ profileId: 'InvalidID', ...wrong }), refusal(400));
    await assert.rejects(identity.updateClaimRule({ profileId: 'InvalidID', ruleId: 'InvalidID', ifMatch: 'x', ...wrong }), refusal(400));
    const { realmName: _, ...noRealm } = saml(DOCS_DEV, 43200);
    await assert.rejects(identity.createClaimRule({ profileId, ...noRealm }), refusal(400));
    const conditions = [{ claim: 'blueGroups', operator: 'LIKE', value: DOCS_DEV }];
    await assert.rejects(identity.createClaimRule({ profileId, ...saml(DOCS_DEV, 43200), conditions }), refusal(400));
    await assert.rejects(identity.createClaimRule({ profileId, ...saml(DOCS_DEV, 43200), conditions: [] }), refusal(400));
  });

  it('drove every operation', () => assertDriven(suite, 'claim-rules'));
});
