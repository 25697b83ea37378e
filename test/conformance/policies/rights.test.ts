/** Who may manage a policy: nobody grants what they may not manage. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';

type Resource = Readonly<Record<string, string | { readonly stringMatch: string }>>;

let world: World;
let account: TestAccount;
let other: TestUser;

before(async () => {
  world = await startWorld();
  account = await world.account();
  other = await world.user(account.id);
});
after(() => world[Symbol.asyncDispose]());

const CK = 'containers-kubernetes';

const bodyFor = (subject: string, role: string, resource: Resource, accountId = account.id) => ({
  type: 'access',
  subjects: [{ attributes: [{ name: subject.startsWith('AccessGroupId-') ? 'access_group_id' : 'iam_id', value: subject }] }],
  roles: [{ role_id: role }],
  resources: [
    {
      attributes: [
        { name: 'accountId', value: accountId },
        ...Object.entries(resource).map(([name, value]) =>
          typeof value === 'string' ? { name, value } : { name, value: value.stringMatch, operator: 'stringMatch' },
        ),
      ],
    },
  ],
});

/** A user with these policies. */
async function userWith(...policies: readonly (readonly [role: string, resource: Resource])[]): Promise<TestUser> {
  const user = await world.user(account.id);
  for (const [role, resource] of policies) {
    await world.expect(201, 'POST', '/v1/policies', { token: account.owner, body: bodyFor(user.iamId, role, resource) });
  }
  return user;
}

/** Asserts that the user may, or may not, grant a role on a resource; what was granted is taken back. */
async function grants(user: TestUser, expected: boolean, resource: Resource, role = ROLE('Viewer')): Promise<void> {
  const reply = await world.call('POST', '/v1/policies', { token: user.token, body: bodyFor(other.iamId, role, resource) });
  assert.equal(reply.status, expected ? 201 : 403, `${JSON.stringify(resource)}: ${reply.text}`);
  if (expected) await world.expect(204, 'DELETE', `/v1/policies/${reply.body.id}`, { token: user.token });
  else assert.equal(reply.body.errors[0].code, 'insufficent_permissions');
}

describe('who may grant', () => {
  it('W-20: nobody in an account where they have no rights', async () => {
    const foreign = await world.account();
    const body = bodyFor(other.iamId, ROLE('Viewer'), { serviceName: 'kms' }, foreign.id);
    const reply = await world.expect(403, 'POST', '/v1/policies', { token: account.owner, body });
    assert.equal(reply.body.errors[0].code, 'insufficent_permissions');
  });

  it('W-61: an Administrator of a service on that service and no other', async () => {
    const user = await userWith([ROLE('Administrator'), { serviceName: 'kms' }]);
    await grants(user, true, { serviceName: 'kms' });
    await grants(user, true, { serviceName: 'kms', serviceInstance: 'i1' }, SERVICE_ROLE('Manager'));
    await grants(user, false, { serviceName: CK });
    await grants(user, false, { serviceType: 'service' });
    await grants(user, false, { resourceGroupId: 'rg1' });
  });

  it('W-62: no Editor, no Manager and no Operator', async () => {
    for (const role of [ROLE('Editor'), ROLE('Operator'), ROLE('Viewer'), SERVICE_ROLE('Manager')]) {
      await grants(await userWith([role, { serviceName: 'kms' }]), false, { serviceName: 'kms' });
    }
  });

  it('D-66: an Administrator of an instance on that instance only', async () => {
    const user = await userWith([ROLE('Administrator'), { serviceName: CK, serviceInstance: 'c1' }]);
    await grants(user, true, { serviceName: CK, serviceInstance: 'c1' });
    await grants(user, false, { serviceName: CK, serviceInstance: 'c2' });
    await grants(user, false, { serviceName: CK });
    await grants(user, false, { serviceName: CK, serviceInstance: '*' });
    await grants(user, false, { serviceName: CK, serviceInstance: { stringMatch: 'c1' } });
  });

  it('an Administrator under a pattern on what the pattern covers, and on the same pattern', async () => {
    const within = { serviceName: 'messagehub', resourceType: 'topic' };
    const user = await userWith([ROLE('Administrator'), { ...within, resource: { stringMatch: 'dev*' } }]);
    await grants(user, true, { ...within, resource: 'dev1' });
    await grants(user, true, { ...within, resource: { stringMatch: 'dev*' } });
    await grants(user, false, { ...within, resource: 'prod' });
    await grants(user, false, { ...within, resource: { stringMatch: '*' } });
    await grants(user, false, { ...within, resource: '*' });
    await grants(user, false, within);
  });

  it('an Administrator of all IAM-enabled services not on account management, nor the reverse', async () => {
    const services = await userWith([ROLE('Administrator'), { serviceType: 'service' }]);
    await grants(services, true, { serviceName: CK });
    await grants(services, true, { serviceType: 'service' });
    await grants(services, false, { serviceName: 'iam-identity' });
    await grants(services, false, { serviceType: 'platform_service' });
    const platform = await userWith([ROLE('Administrator'), { serviceType: 'platform_service' }]);
    await grants(platform, true, { serviceName: 'iam-identity' });
    await grants(platform, false, { serviceName: CK });
    await grants(platform, false, { serviceType: 'service' });
  });

  it('nobody by two policies together', async () => {
    const user = await userWith([ROLE('Administrator'), { serviceName: CK, serviceInstance: 'c1' }], [ROLE('Viewer'), { serviceName: CK }]);
    await grants(user, false, { serviceName: CK });
  });

  it('no Administrator of identities to a profile, and no Administrator of groups to a group', async () => {
    const user = await userWith(
      [ROLE('Administrator'), { serviceName: 'iam-identity' }],
      [ROLE('Administrator'), { serviceName: 'iam-groups' }],
    );
    const subjects = [(await world.profile(account)).iam_id, (await world.group(account)).id];
    for (const subject of subjects) {
      const body = bodyFor(subject, ROLE('Viewer'), { serviceName: 'kms' });
      await world.expect(403, 'POST', '/v1/policies', { token: user.token, body });
    }
  });

  it('an Administrator of a service to a group that they may not read', async () => {
    const user = await userWith([ROLE('Administrator'), { serviceName: 'kms' }]);
    const group = await world.group(account);
    await world.expect(201, 'POST', '/v1/policies', { token: user.token, body: bodyFor(group.id, ROLE('Viewer'), { serviceName: 'kms' }) });
  });

  it('a member of a group by what the group has', async () => {
    const user = await world.user(account.id);
    const group = await world.group(account);
    await world.policy(account, group.id, [ROLE('Administrator')], { serviceName: 'kms' });
    await grants(user, false, { serviceName: 'kms' });
    const body = { members: [{ iam_id: user.iamId, type: 'user' }] };
    await world.expect(207, 'PUT', `/v2/groups/${group.id}/members`, { token: account.owner, body });
    await grants(user, true, { serviceName: 'kms' });
  });
});

describe('who may read and delete', () => {
  it('W-44: a caller without rights gets an empty list, and 403 by id', async () => {
    const user = await world.user(account.id);
    const { id } = await world.policy(account, other.iamId, [ROLE('Viewer')], { serviceName: 'kms', serviceInstance: 'w44' });
    const { body } = await world.expect(200, 'GET', `/v1/policies?account_id=${account.id}`, { token: user.token });
    assert.deepEqual(body.policies, []);
    await world.expect(403, 'GET', `/v1/policies/${id}`, { token: user.token });
    await world.expect(403, 'DELETE', `/v1/policies/${id}`, { token: user.token });
  });

  it('a caller with rights on a service gets the policies on it', async () => {
    const user = await userWith([ROLE('Viewer'), { serviceName: 'messagehub' }]);
    await world.policy(account, other.iamId, [ROLE('Viewer')], { serviceName: CK, serviceInstance: 'w44' });
    const { body } = await world.expect(200, 'GET', `/v1/policies?account_id=${account.id}`, { token: user.token });
    assert.ok(body.policies.length > 0);
    for (const { resources } of body.policies) {
      assert.ok(resources[0].attributes.some(({ name, value }: Wire) => name === 'serviceName' && value === 'messagehub'));
    }
    const mine = body.policies.find(({ subjects }: Wire) => subjects[0].attributes[0].value === user.iamId);
    await world.expect(403, 'DELETE', `/v1/policies/${mine.id}`, { token: user.token });
  });

  it('a policy of another account is not there', async () => {
    const foreign = await world.account();
    const { id } = await world.policy(account, other.iamId, [ROLE('Viewer')], { serviceName: 'kms', serviceInstance: 'foreign' });
    for (const method of ['GET', 'DELETE']) {
      const reply = await world.expect(404, method, `/v1/policies/${id}`, { token: foreign.owner });
      assert.equal(reply.body.errors[0].code, 'policy_not_found');
    }
    const { body } = await world.expect(200, 'GET', `/v1/policies?account_id=${account.id}`, { token: foreign.owner });
    assert.deepEqual(body.policies, []);
  });
});
