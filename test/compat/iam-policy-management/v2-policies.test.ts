/** Policies of version 2 over IBM's Node SDK: the steps of its own suite, then what beside them a client may ask. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import IamPolicyManagementV1 from '@ibm-cloud/platform-services/iam-policy-management/v1.js';
import { ROLE } from '../../support/world.ts';
import { assertDriven, refusal, type Suite, startSuite, tagOf } from './suite.ts';

const DAY = '{{environment.attributes.day_of_week}}';
const TIME = '{{environment.attributes.current_time}}';

describe("policies of version 2 over IBM's Node SDK", () => {
  let suite: Suite;
  let id: string;
  let tag: string;

  before(async () => {
    suite = await startSuite();
  });
  after(() => suite[Symbol.asyncDispose]());

  const control = (role: string) => ({ grant: { roles: [{ role_id: ROLE(role) }] } });
  const subject = () => ({ attributes: [{ key: 'iam_id', operator: 'stringEquals', value: suite.user.iamId }] });
  const resource = () => ({
    attributes: [
      { key: 'accountId', operator: 'stringEquals', value: suite.accountId },
      { key: 'serviceType', operator: 'stringEquals', value: 'service' },
    ],
  });
  const conditions = [
    { key: DAY, operator: 'dayOfWeekAnyOf', value: ['1+00:00', '2+00:00', '3+00:00', '4+00:00', '5+00:00'] },
    { key: TIME, operator: 'timeGreaterThanOrEquals', value: '09:00:00+00:00' },
    { key: TIME, operator: 'timeLessThanOrEquals', value: '17:00:00+00:00' },
  ];
  const rule = { operator: 'and', conditions };
  const pattern = 'time-based-conditions:weekly:custom-hours';
  const body = (role: string) => ({ type: 'access', control: control(role), subject: subject(), resource: resource(), rule, pattern });

  it('creates one', async () => {
    const response = await suite.policies.createV2Policy(body('Viewer'));
    const { status, result } = response;
    assert.equal(status, 201);
    const { type, control: granted, subject: who, resource: what, rule: ruled, pattern: named, state } = result;
    assert.deepEqual(
      [type, granted, who, what, ruled, named, state],
      ['access', control('Viewer'), subject(), resource(), rule, pattern, 'active'],
    );
    id = result.id ?? '';
    tag = tagOf(response);
  });

  it('gets it, as it is and as it is shown to people', async () => {
    const response = await suite.policies.getV2Policy({ id });
    assert.deepEqual([response.status, response.result.control, tagOf(response)], [200, control('Viewer'), tag]);
    const shown = await suite.policies.getV2Policy({ id, format: 'display' });
    const { grant } = shown.result.control as { readonly grant: { readonly roles: readonly { readonly actions?: readonly object[] }[] } };
    assert.ok((grant.roles[0]?.actions?.length ?? 0) > 3);
  });

  it('replaces it', async () => {
    const response = await suite.policies.replaceV2Policy({ id, ifMatch: tag, ...body('Editor'), description: 'replaced' });
    assert.deepEqual([response.status, response.result.control, response.result.description], [200, control('Editor'), 'replaced']);
    assert.notEqual(tagOf(response), tag);
    await assert.rejects(suite.policies.replaceV2Policy({ id, ifMatch: tag, ...body('Viewer') }), refusal(409, 'policy_conflict_error'));
    tag = tagOf(response);
  });

  it('lists it', async () => {
    const { status, result } = await suite.policies.listV2Policies({
      accountId: suite.accountId,
      iamId: suite.user.iamId,
      type: 'access',
      serviceType: 'service',
      sort: 'last_permit_at',
      format: 'include_last_permit',
      state: 'active',
    });
    assert.equal(status, 200);
    assert.deepEqual(
      result.policies?.map((policy) => [policy.id, policy.last_permit_frequency]),
      [[id, 0]],
    );
  });

  it('lists by service, by group of services and by access group', async () => {
    const group = await suite.world.group(suite.account);
    const kms = await suite.world.policy(suite.account, group.id, [ROLE('Viewer')], { serviceName: 'kms' });
    const iam = await suite.world.policy(suite.account, group.id, [ROLE('Viewer')], { service_group_id: 'IAM' });
    const { accountId } = suite;
    const found = async (query: { readonly serviceName?: string; readonly serviceGroupId?: string; readonly accessGroupId?: string }) =>
      (await suite.policies.listV2Policies({ accountId, ...query })).result.policies?.map((policy) => policy.id);
    assert.deepEqual(await found({ serviceName: 'kms' }), [kms.id]);
    assert.deepEqual(await found({ serviceGroupId: 'IAM' }), [iam.id]);
    assert.deepEqual(await found({ accessGroupId: group.id }), [kms.id, iam.id]);
  });

  it('finds every policy of an account with its pager', async () => {
    const parameters = { accountId: suite.accountId, limit: 1 };
    const pager = new IamPolicyManagementV1.V2PoliciesPager(suite.policies, parameters);
    const byPages: unknown[] = [];
    while (pager.hasNext()) byPages.push(...(await pager.getNext()));
    const atOnce = await new IamPolicyManagementV1.V2PoliciesPager(suite.policies, { accountId: suite.accountId }).getAll();
    assert.equal(byPages.length, 3);
    assert.deepEqual(byPages, atOnce);
  });

  it('is told that a rule is not well-formed', async () => {
    const { pattern: _, ...unnamed } = body('Viewer');
    await assert.rejects(suite.policies.createV2Policy(unnamed), refusal(400, 'invalid_body'));
    const { subject: __, ...nobody } = body('Viewer');
    await assert.rejects(suite.policies.createV2Policy(nobody), refusal(400, 'invalid_body'));
  });

  it('deletes it', async () => {
    assert.equal((await suite.policies.deleteV2Policy({ id })).status, 204);
    assert.equal((await suite.policies.getV2Policy({ id })).result.state, 'deleted');
    await assert.rejects(suite.policies.deleteV2Policy({ id }), refusal(404, 'policy_not_found'));
  });

  it('drove every operation', () => assertDriven(suite, 'v2-policies'));
});
