/** Identities of a profile over IBM's Node SDK: the steps of its own suite, then what the suites of the other languages ask for beside them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NAMES } from './clean-up.ts';
import { assertDriven, assertEmpty, refusal, type Suite, startSuite, tagOf } from './suite.ts';

describe("identities of a profile over IBM's Node SDK", () => {
  let suite: Suite;
  let profileId: string;
  let tag: string;

  before(async () => {
    suite = await startSuite();
    profileId = (await suite.identity.createProfile({ name: NAMES.profiles[1], accountId: suite.accountId })).result.id;
  });
  after(() => suite[Symbol.asyncDispose]());

  const user = () => ({ identifier: suite.iamId, type: 'user', accounts: [suite.accountId], description: 'identity description' });
  const ofUser = () => ({ profileId, identityType: 'user', identifierId: suite.iamId });

  it('gets none of a fresh profile, with a tag for the first change', async () => {
    const response = await suite.identity.getProfileIdentities({ profileId });
    assert.equal(response.status, 200);
    assert.deepEqual(response.result.identities, []);
    tag = tagOf(response);
  });

  it('sets the list', async () => {
    const response = await suite.identity.setProfileIdentities({ profileId, identities: [user()], ifMatch: tag });
    assert.equal(response.status, 200);
    assert.deepEqual(response.result.identities, [{ iam_id: suite.iamId, ...user() }]);
    assert.notEqual(tagOf(response), tag);
    await assert.rejects(suite.identity.setProfileIdentities({ profileId, identities: [], ifMatch: tag }), refusal(409, 'conflict'));
  });

  it('gets one, and deletes it', async () => {
    const { status, result } = await suite.identity.getProfileIdentity(ofUser());
    assert.equal(status, 200);
    assert.equal(result.identifier, suite.iamId);
    const deleted = await suite.identity.deleteProfileIdentity(ofUser());
    assert.equal(deleted.status, 204);
    assertEmpty(deleted);
    await assert.rejects(suite.identity.getProfileIdentity(ofUser()), refusal(404));
  });

  it('sets one, which answers 200 and not 201', async () => {
    const { status, result } = await suite.identity.setProfileIdentity({ profileId, identityType: 'user', ...user() });
    assert.equal(status, 200);
    assert.equal(result.identifier, suite.iamId);
    assert.equal(result.iam_id, suite.iamId);
    assert.deepEqual(result.accounts, [suite.accountId]);
  });

  it('deletes it again', async () => {
    assert.equal((await suite.identity.deleteProfileIdentity(ofUser())).status, 204);
    await assert.rejects(suite.identity.deleteProfileIdentity(ofUser()), refusal(404));
  });

  it('sets the list whatever its tag, keeps its order, and empties it', async () => {
    const { identity, accountId } = suite;
    const service = (await identity.createServiceId({ accountId, name: NAMES.serviceId, description: 'not to be shown' })).result;
    const identities = [{ identifier: service.id, type: 'serviceid' }, user()];
    const response = await identity.setProfileIdentities({ profileId, identities, ifMatch: '*' });
    const expected = [
      { iam_id: service.iam_id, identifier: service.id, type: 'serviceid' },
      { iam_id: suite.iamId, ...user() },
    ];
    assert.deepEqual(response.result.identities, expected);
    assert.deepEqual((await identity.getProfileIdentities({ profileId })).result.identities, expected);
    const { result } = await identity.setProfileIdentities({ profileId, identities: [], ifMatch: tagOf(response) });
    assert.deepEqual(result.identities, []);
  });

  it('sets, gets and deletes a CRN, whose slash and colons travel encoded', async () => {
    const { identity, accountId } = suite;
    const identifier = `crn:v1:bluemix:public:project:eu-de:a/${accountId}:00000000-0000-4000-8000-000000000000::`;
    const set = await identity.setProfileIdentity({ profileId, identityType: 'crn', type: 'crn', identifier });
    assert.equal(set.status, 200);
    assert.equal(set.result.iam_id, `crn-${identifier}`);
    const which = { profileId, identityType: 'crn', identifierId: identifier };
    assert.deepEqual((await identity.getProfileIdentity(which)).result, set.result);
    assert.equal((await identity.deleteProfileIdentity(which)).status, 204);
  });

  it('is told what is wrong', async () => {
    const { identity } = suite;
    await assert.rejects(identity.setProfileIdentity({ profileId, identityType: 'user', ...user(), type: 'crn' }), refusal(400));
    await assert.rejects(identity.setProfileIdentity({ profileId, identityType: 'group', ...user(), type: 'group' }), refusal(400));
    await assert.rejects(identity.getProfileIdentities({ profileId: 'invalid' }), refusal(404));
    await assert.rejects(identity.setProfileIdentities({ profileId: 'invalid', identities: [user()], ifMatch: '*' }), refusal(404));
    await assert.rejects(identity.getProfileIdentity({ ...ofUser(), profileId: 'invalid' }), refusal(404));
  });

  it('drove every operation', () => assertDriven(suite, 'identities'));
});
