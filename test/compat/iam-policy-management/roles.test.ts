/** Roles over IBM's Node SDK: the steps of its own suite, then what beside them a client may ask. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertDriven, refusal, type Suite, startSuite, tagOf } from './suite.ts';

const actions = ['iam-groups.groups.read'];

describe("roles over IBM's Node SDK", () => {
  let suite: Suite;
  let roleId: string;
  let tag: string;

  before(async () => {
    suite = await startSuite();
  });
  after(() => suite[Symbol.asyncDispose]());

  const parameters = () => ({
    displayName: 'IAM Groups read access',
    actions,
    name: 'TestRole',
    accountId: suite.accountId,
    serviceName: 'iam-groups',
  });

  it('creates one', async () => {
    const response = await suite.policies.createRole({ ...parameters(), acceptLanguage: 'default' });
    const { status, result } = response;
    assert.equal(status, 201);
    assert.deepEqual(
      [result.name, result.display_name, result.account_id, result.service_name, result.actions],
      ['TestRole', 'IAM Groups read access', suite.accountId, 'iam-groups', actions],
    );
    roleId = result.id ?? '';
    tag = tagOf(response);
  });

  it('gets it', async () => {
    const response = await suite.policies.getRole({ roleId });
    assert.deepEqual([response.status, response.result.id, tagOf(response)], [200, roleId, tag]);
  });

  it('replaces it', async () => {
    const description = 'Users with this role have read access to groups';
    const response = await suite.policies.replaceRole({
      roleId,
      ifMatch: tag,
      displayName: 'IAM Groups read access',
      actions,
      description,
    });
    assert.deepEqual([response.status, response.result.description, response.result.name], [200, description, 'TestRole']);
    const stale = { roleId, ifMatch: tag, displayName: 'x', actions };
    await assert.rejects(suite.policies.replaceRole(stale), refusal(409, 'role_conflict_error'));
  });

  it('lists it, the roles of a service, and those of a group of services', async () => {
    const { accountId } = suite;
    const own = (await suite.policies.listRoles({ accountId })).result;
    assert.deepEqual(
      own.custom_roles?.map(({ id, description }) => [id, typeof description]),
      [[roleId, 'string']],
    );
    assert.equal(own.system_roles?.length, 4);
    const kms = (
      await suite.policies.listRoles({ serviceName: 'kms', sourceServiceName: 'cloud-object-storage', policyType: 'authorization' })
    ).result;
    assert.ok(kms.service_roles?.some((role) => role.display_name === 'Reader' && (role.actions?.length ?? 0) > 3));
    const group = (await suite.policies.listRoles({ accountId, serviceGroupId: 'IAM' })).result;
    assert.ok(group.service_roles?.some(({ crn }) => crn === 'crn:v1:bluemix:public:iam-identity::::serviceRole:ServiceIdCreator'));
    assert.equal(group.custom_roles?.length, 1);
    assert.equal((await suite.policies.listRoles()).status, 200);
  });

  it('is told of a name that is none, a duplicate, and a role that there is not', async () => {
    await assert.rejects(suite.policies.createRole({ ...parameters(), name: 'testRole' }), refusal(400, 'invalid_body'));
    await assert.rejects(suite.policies.createRole(parameters()), refusal(409, 'role_conflict_error'));
    await assert.rejects(suite.policies.getRole({ roleId: '0'.repeat(32) }), refusal(404, 'role_not_found'));
    const both = { accountId: suite.accountId, serviceName: 'kms', serviceGroupId: 'IAM' };
    await assert.rejects(suite.policies.listRoles(both), refusal(400, 'invalid_body'));
  });

  it('deletes it', async () => {
    assert.equal((await suite.policies.deleteRole({ roleId })).status, 204);
    await assert.rejects(suite.policies.deleteRole({ roleId }), refusal(404, 'role_not_found'));
  });

  it('drove every operation', () => assertDriven(suite, 'roles'));
});
