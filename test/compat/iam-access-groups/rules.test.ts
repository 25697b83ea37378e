/** Dynamic rules over IBM's Node SDK, with the values of its own suite. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertDriven, assertEmpty, refusal, type Suite, startSuite, tagOf } from './suite.ts';

describe("dynamic rules over IBM's Node SDK", () => {
  let suite: Suite;
  let accessGroupId: string;
  let ruleId: string;
  let tag: string;

  before(async () => {
    suite = await startSuite();
    accessGroupId = (await suite.world.group(suite.account)).id;
  });
  after(() => suite[Symbol.asyncDispose]());

  const rule = (name: string) => ({
    accessGroupId,
    name,
    expiration: 24,
    realmName: 'test realm name',
    conditions: [{ claim: 'test claim', operator: 'EQUALS', value: '1' }],
  });

  it('adds one', async () => {
    const response = await suite.groups.addAccessGroupRule(rule('test rule name'));
    assert.equal(response.status, 201);
    const { name, expiration, realm_name, conditions, access_group_id, account_id } = response.result;
    assert.deepEqual([name, expiration, realm_name], ['test rule name', 24, 'test realm name']);
    assert.deepEqual(conditions, rule('').conditions);
    assert.deepEqual([access_group_id, account_id], [accessGroupId, suite.accountId]);
    ruleId = response.result.id ?? '';
  });

  it('gets it', async () => {
    const response = await suite.groups.getAccessGroupRule({ accessGroupId, ruleId });
    assert.equal(response.status, 200);
    assert.equal(response.result.id, ruleId);
    tag = tagOf(response);
  });

  it('lists it', async () => {
    const { result } = await suite.groups.listAccessGroupRules({ accessGroupId });
    assert.deepEqual(
      result.rules?.map(({ id }) => id),
      [ruleId],
    );
    assert.equal((await suite.groups.getAccessGroup({ accessGroupId, showFederated: true })).result.is_federated, true);
  });

  it('replaces it under the tag that it read', async () => {
    const response = await suite.groups.replaceAccessGroupRule({ ...rule('updated rule name'), ruleId, ifMatch: tag });
    assert.equal(response.status, 200);
    assert.equal(response.result.name, 'updated rule name');
    await assert.rejects(suite.groups.replaceAccessGroupRule({ ...rule('stale'), ruleId, ifMatch: tag }), refusal(409, 'etag_mismatch'));
  });

  it('refuses an expiration of more than a day', () =>
    assert.rejects(suite.groups.addAccessGroupRule({ ...rule('long'), expiration: 25 }), refusal(400, 'invalid_field', 'expiration')));

  it('removes it', async () => {
    assertEmpty(await suite.groups.removeAccessGroupRule({ accessGroupId, ruleId }));
    await assert.rejects(suite.groups.getAccessGroupRule({ accessGroupId, ruleId }), refusal(404, 'not_found', ruleId));
  });

  it('were driven through every operation', () => assertDriven(suite, 'rules'));
});
