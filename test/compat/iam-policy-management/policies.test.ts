/** Policies of version 1 over IBM's Node SDK: the steps of its own suite, then what beside them a client may ask. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import IamPolicyManagementV1 from '@ibm-cloud/platform-services/iam-policy-management/v1.js';
import { ROLE, type Wire } from '../../support/world.ts';
import { assertDriven, clientOf, refusal, type Suite, startSuite, tagOf } from './suite.ts';

describe("policies of version 1 over IBM's Node SDK", () => {
  let suite: Suite;
  let policyId: string;
  let tag: string;

  before(async () => {
    suite = await startSuite();
  });
  after(() => suite[Symbol.asyncDispose]());

  const subjects = () => [{ attributes: [{ name: 'iam_id', value: suite.user.iamId }] }];
  const resources = () => [
    {
      attributes: [
        { name: 'accountId', value: suite.accountId, operator: 'stringEquals' },
        { name: 'serviceType', value: 'service', operator: 'stringEquals' },
      ],
      tags: [{ name: 'project', value: 'prototype', operator: 'stringEquals' }],
    },
  ];
  const viewer = [{ role_id: ROLE('Viewer') }];
  const editor = [{ role_id: ROLE('Editor') }];

  it('creates one', async () => {
    const response = await suite.policies.createPolicy({
      type: 'access',
      subjects: subjects(),
      roles: viewer,
      resources: resources(),
      acceptLanguage: 'en',
    });
    const { status, result } = response;
    assert.equal(status, 201);
    assert.deepEqual([result.type, result.subjects, result.resources], ['access', subjects(), resources()]);
    assert.equal(result.roles[0]?.role_id, ROLE('Viewer'));
    policyId = result.id ?? '';
    tag = tagOf(response);
  });

  it('gets it', async () => {
    const response = await suite.policies.getPolicy({ policyId });
    assert.equal(response.status, 200);
    assert.equal(tagOf(response), tag);
    assert.equal(response.result.state, 'active');
  });

  it('replaces it', async () => {
    const response = await suite.policies.replacePolicy({
      policyId,
      ifMatch: tag,
      type: 'access',
      subjects: subjects(),
      roles: editor,
      resources: resources(),
    });
    assert.equal(response.status, 200);
    assert.deepEqual([response.result.id, response.result.roles[0]?.role_id], [policyId, ROLE('Editor')]);
    assert.notEqual(tagOf(response), tag);
    tag = tagOf(response);
  });

  it('sets its state', async () => {
    const response = await suite.policies.updatePolicyState({ policyId, ifMatch: tag, state: 'active' });
    assert.deepEqual([response.status, response.result.state], [200, 'active']);
    tag = tagOf(response);
  });

  it('lists it', async () => {
    const { status, result } = await suite.policies.listPolicies({
      accountId: suite.accountId,
      iamId: suite.user.iamId,
      type: 'access',
      serviceType: 'service',
      tagName: 'project',
      tagValue: 'prototype',
      sort: '-id',
      format: 'include_last_permit',
      state: 'active',
    });
    assert.equal(status, 200);
    assert.deepEqual(
      result.policies?.map(({ id }) => id),
      [policyId],
    );
  });

  it('finds every policy of an account with its pager, by pages and at once', async () => {
    for (const resource of ['a', 'b', 'c', 'd']) {
      await suite.world.policy(suite.account, suite.user.iamId, [ROLE('Viewer')], { serviceName: 'kms', resource });
    }
    const parameters = { accountId: suite.accountId, limit: 2, sort: 'created_at' };
    const pager = new IamPolicyManagementV1.PoliciesPager(suite.policies, parameters);
    const byPages: unknown[] = [];
    while (pager.hasNext()) {
      const page = await pager.getNext();
      assert.ok(page.length > 0 && page.length <= 2);
      byPages.push(...page);
    }
    const atOnce = await new IamPolicyManagementV1.PoliciesPager(suite.policies, parameters).getAll();
    assert.equal(byPages.length, 5);
    assert.deepEqual(byPages, atOnce);
    await assert.rejects(pager.getNext());
  });

  it('is told of a duplicate, a stale tag, a policy that there is not and one that it may not see', async () => {
    const body = { type: 'access', subjects: subjects(), roles: editor, resources: resources() };
    await assert.rejects(suite.policies.createPolicy(body), (error: Wire) => {
      refusal(409, 'policy_conflict_error')(error);
      assert.equal(error.result.errors[0].details.conflicts_with.policy.id, policyId);
      return true;
    });
    const stale = { policyId, ifMatch: '1-stale', ...body };
    await assert.rejects(suite.policies.replacePolicy(stale), refusal(409, 'policy_conflict_error'));
    const missing = { policyId: '11111111-2222-4333-8444-555555555555' };
    await assert.rejects(suite.policies.getPolicy(missing), refusal(404, 'policy_not_found'));
    const { apikey } = await suite.world.user(suite.accountId);
    await assert.rejects(clientOf(suite.world, apikey).getPolicy({ policyId }), refusal(403, 'insufficent_permissions'));
    await assert.rejects(suite.policies.createPolicy({ ...body, roles: [] }), refusal(400, 'invalid_body'));
  });

  it('deletes it, reads it as deleted, and restores it', async () => {
    const gone = await suite.policies.deletePolicy({ policyId });
    assert.equal(gone.status, 204);
    const deleted = await suite.policies.getPolicy({ policyId });
    assert.equal(deleted.result.state, 'deleted');
    const back = await suite.policies.updatePolicyState({ policyId, ifMatch: tagOf(deleted), state: 'active' });
    assert.equal(back.result.state, 'active');
    assert.equal((await suite.policies.deletePolicy({ policyId })).status, 204);
  });

  it('drove every operation', () => assertDriven(suite, 'policies'));
});
