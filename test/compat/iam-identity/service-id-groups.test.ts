/** Groups of service IDs over IBM's Node SDK: the steps of its own suite, and what a group does to the service IDs in it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NAMES } from './clean-up.ts';
import { assertDriven, assertEmpty, refusal, type Suite, startSuite, tagOf } from './suite.ts';

describe("service ID groups over IBM's Node SDK", () => {
  let suite: Suite;
  let groupId: string;
  let tag: string;

  before(async () => {
    suite = await startSuite();
  });
  after(() => suite[Symbol.asyncDispose]());

  it('creates one', async () => {
    const response = await suite.identity.createServiceIdGroup({
      accountId: suite.accountId,
      name: 'Node group',
      description: 'of a suite',
    });
    assert.equal(response.status, 201);
    assert.match(response.result.id, /^ServiceIdGroup-/);
    assert.equal(response.result.account_id, suite.accountId);
    assert.equal(response.result.created_by, suite.iamId);
    assert.ok(response.result.crn && response.result.created_at && response.result.modified_at);
    tagOf(response);
    groupId = response.result.id;
  });

  it('gets it', async () => {
    const response = await suite.identity.getServiceIdGroup({ id: groupId });
    assert.equal(response.status, 200);
    assert.equal(response.result.id, groupId);
    assert.equal(response.result.name, 'Node group');
    tag = tagOf(response);
  });

  it('lists it beside the default group', async () => {
    const { status, result } = await suite.identity.listServiceIdGroup({ accountId: suite.accountId });
    assert.equal(status, 200);
    assert.deepEqual(result.serviceid_groups.map(({ name }) => name).sort(), ['Node group', 'default']);
  });

  it('updates it', async () => {
    const response = await suite.identity.updateServiceIdGroup({ id: groupId, ifMatch: tag, name: 'Node group', description: 'updated' });
    assert.equal(response.status, 200);
    assert.equal(response.result.description, 'updated');
    assert.notEqual(tagOf(response), tag);
  });

  it('keeps a group with a service ID in it', async () => {
    const { identity, accountId } = suite;
    const { result } = await identity.createServiceId({ accountId, name: NAMES.serviceId, groupId, showGroupId: 'true' });
    assert.equal(result.group_id, groupId);
    assert.equal((await identity.getServiceId({ id: result.id, showGroupId: 'true' })).result.group_id, groupId);
    assert.ok(!('group_id' in (await identity.getServiceId({ id: result.id })).result));
    const ids = async (group: { groupId?: string }) =>
      (await identity.listServiceIds({ accountId, ...group })).result.serviceids.map(({ id }) => id);
    assert.deepEqual(await ids({ groupId }), [result.id]);
    assert.deepEqual(await ids({}), []);
    await assert.rejects(identity.deleteServiceIdGroup({ id: groupId }), refusal(422, 'invalid_state'));
    await identity.deleteServiceId({ id: result.id });
  });

  it('deletes it', async () => {
    const response = await suite.identity.deleteServiceIdGroup({ id: groupId });
    assert.equal(response.status, 204);
    assertEmpty(response);
    await assert.rejects(suite.identity.getServiceIdGroup({ id: groupId }), refusal(404));
    await assert.rejects(suite.identity.getServiceId({ id: groupId }), refusal(404));
  });

  it('is told what is wrong', async () => {
    const { identity, accountId } = suite;
    await assert.rejects(identity.createServiceIdGroup({ accountId: 'InvalidAccountId', name: 'x' }), refusal(400));
    await assert.rejects(identity.createServiceIdGroup({ accountId, name: 'default' }), refusal(409));
    await assert.rejects(identity.getServiceIdGroup({ id: 'invalid' }), refusal(404));
    await assert.rejects(identity.updateServiceIdGroup({ id: 'invalid', ifMatch: 'x', name: 'x' }), refusal(404));
    await assert.rejects(identity.deleteServiceIdGroup({ id: 'invalid' }), refusal(404));
  });

  it('drove every operation', () => assertDriven(suite, 'service-id-groups'));
});
