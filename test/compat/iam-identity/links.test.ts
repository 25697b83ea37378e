/** Links over IBM's Node SDK: the steps of its own suite, then what the suites of the other languages ask for beside them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NAMES } from './clean-up.ts';
import { assertDriven, assertEmpty, refusal, type Suite, startSuite, tagOf } from './suite.ts';

describe("links over IBM's Node SDK", () => {
  let suite: Suite;
  let profileId: string;
  let linkId: string;
  /** A resource that exists nowhere, in another cloud: neither is looked into. */
  let crn: string;

  before(async () => {
    suite = await startSuite();
    profileId = (await suite.identity.createProfile({ name: NAMES.profiles[1], accountId: suite.accountId })).result.id;
    crn = `crn:v1:staging:public:iam-identity::a/${suite.accountId}::computeresource:Fake-Compute-Resource`;
  });
  after(() => suite[Symbol.asyncDispose]());

  const serviceAccount = () => ({ crn, namespace: 'default', name: 'nice name' });

  it('creates one', async () => {
    const response = await suite.identity.createLink({ profileId, name: 'nice link', crType: 'ROKS_SA', link: serviceAccount() });
    assert.equal(response.status, 201);
    assert.ok(response.result.id);
    assert.deepEqual(response.result.link, serviceAccount());
    assert.equal(response.result.created_at, response.result.modified_at);
    tagOf(response);
    linkId = response.result.id;
  });

  it('gets it', async () => {
    const response = await suite.identity.getLink({ profileId, linkId });
    assert.equal(response.status, 200);
    assert.equal(response.result.id, linkId);
    assert.equal(response.result.name, 'nice link');
    assert.equal(response.result.cr_type, 'ROKS_SA');
    assert.deepEqual(response.result.link, serviceAccount());
    tagOf(response);
  });

  it('lists it once', async () => {
    const { status, result } = await suite.identity.listLinks({ profileId });
    assert.equal(status, 200);
    assert.deepEqual(
      result.links.map(({ id }) => id),
      [linkId],
    );
  });

  it('deletes it', async () => {
    const response = await suite.identity.deleteLink({ profileId, linkId });
    assert.equal(response.status, 204);
    assertEmpty(response);
    await assert.rejects(suite.identity.getLink({ profileId, linkId }), refusal(404));
  });

  it('deletes one by its parameters', async () => {
    const { identity } = suite;
    const link = { crn, component_name: 'test_component_name', component_type: 'test_component_type' };
    const created = await identity.createLink({ profileId, name: 'Great link', crType: 'CE', link });
    assert.equal(created.status, 201);
    const parameters = { type: 'CE', crn, componentName: 'test_component_name', componentType: 'test_component_type' };
    const deleted = await identity.deleteLinkByParameters({ profileId, ...parameters });
    assert.equal(deleted.status, 204);
    assertEmpty(deleted);
    await assert.rejects(identity.getLink({ profileId, linkId: created.result.id }), refusal(404));
    await assert.rejects(identity.deleteLinkByParameters({ profileId, ...parameters }), refusal(404));
  });

  it('creates one to a cluster of another account, which says so', async () => {
    const { identity, childAccountId } = suite;
    const link = { ...serviceAccount(), crn: crn.replace(suite.accountId, childAccountId) };
    await assert.rejects(identity.createLink({ profileId, crType: 'IKS_SA', link }), refusal(400));
    const { status, result } = await identity.createLink({ profileId, crType: 'IKS_SA', link, isCrossAccount: true });
    assert.equal(status, 201);
    assert.equal(result.is_cross_account, true);
    assert.ok(!('name' in result));
    await identity.deleteLink({ profileId, linkId: result.id });
  });

  it('is told that a profile is not there, after its body was found good', async () => {
    const { identity } = suite;
    const nowhere = { profileId: 'invalid', linkId: 'invalid' };
    const create = identity.createLink({ profileId: 'invalid', name: 'nice link', crType: 'ROKS_SA', link: serviceAccount() });
    await assert.rejects(create, refusal(404));
    await assert.rejects(identity.getLink(nowhere), refusal(404));
    await assert.rejects(identity.deleteLink(nowhere), refusal(404));
    await assert.rejects(identity.listLinks({ profileId: 'invalid' }), refusal(404));
  });

  it('is told what is wrong with a body, wherever it is sent to', async () => {
    const { identity } = suite;
    for (const target of [profileId, 'invalidId']) {
      await assert.rejects(identity.createLink({ profileId: target, crType: 'dummy', link: serviceAccount() }), refusal(400));
      const noCrn = { ...serviceAccount(), crn: 'invalid' };
      await assert.rejects(identity.createLink({ profileId: target, crType: 'invalid', link: noCrn }), refusal(400));
      await assert.rejects(identity.createLink({ profileId: target, crType: 'ROKS_SA', link: noCrn }), refusal(400));
    }
  });

  it('drove every operation', () => assertDriven(suite, 'links'));
});
