/** The settings of an account's access groups, and the Public Access group that they switch on and off. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type CallOptions, SERVICE_ROLE, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { createCalls, refused as refusedIn, when } from './calls.ts';

const PUBLIC = 'AccessGroupId-PublicAccess';

let world: World;
let account: TestAccount;
let calls: ReturnType<typeof createCalls>;
let settings: string;

before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  account = await world.account();
  calls = createCalls(world, account);
  settings = `/v2/groups/settings?account_id=${account.id}`;
});

const refused = (status: number, code: string, method: string, path: string, options: CallOptions) =>
  refusedIn(world, status, code, method, path, options);
const enable = (isEnabled: boolean) => world.expect(200, 'PATCH', settings, calls.asOwner({ public_access_enabled: isEnabled }));
const bucketPolicy = () =>
  world.policy(account, PUBLIC, [SERVICE_ROLE('Reader')], { serviceName: 'cloud-object-storage', serviceInstance: 'i1' });

/** Whether a user without any policy of their own may read the bucket. */
async function everybodyReads(): Promise<boolean> {
  const { iamId } = await world.user(account.id);
  const resource = { serviceName: 'cloud-object-storage', accountId: account.id, serviceInstance: 'i1' };
  const question = {
    subject: { attributes: { id: iamId } },
    action: 'cloud-object-storage.object.get',
    resource: { attributes: resource },
  };
  const { body } = await world.expect(200, 'POST', '/v2/authz', calls.asOwner([question]));
  return body.responses[0].authorizationDecision.permitted;
}

describe('the settings of access groups', () => {
  it('AG-56: say of a fresh account that public access is enabled, since the account was made', async () => {
    const { body } = await world.expect(200, 'GET', settings, calls.asOwner());
    assert.deepEqual(Object.keys(body).sort(), ['account_id', 'last_modified_at', 'last_modified_by_id', 'public_access_enabled']);
    assert.deepEqual([body.account_id, body.public_access_enabled, body.last_modified_by_id], [account.id, true, account.ownerIamId]);
    assert.match(body.last_modified_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(await everybodyReads(), false);
  });

  it('AG-57: switched off, they delete the policies of the Public Access group, and what everybody had', async () => {
    const policy = await bucketPolicy();
    const own = await world.policy(account, account.ownerIamId, [SERVICE_ROLE('Reader')], { serviceName: 'cloud-object-storage' });
    assert.equal(await everybodyReads(), true);
    const { body } = await enable(false);
    assert.deepEqual([body.public_access_enabled, body.last_modified_by_id], [false, account.ownerIamId]);
    assert.deepEqual((await world.expect(200, 'GET', settings, calls.asOwner())).body, body);
    assert.equal(await everybodyReads(), false);
    const { policies } = (await world.expect(200, 'GET', `/v1/policies?account_id=${account.id}`, calls.asOwner())).body;
    assert.deepEqual(
      policies.map(({ id }: Wire) => id),
      [own.id],
    );
    assert.equal((await world.expect(200, 'GET', `/v1/policies/${policy.id}`, calls.asOwner())).body.state, 'deleted');
  });

  it('AG-58: switched off, they let nobody make a policy for it; switched on again, they bring none back', async () => {
    await bucketPolicy();
    await enable(false);
    const attributes = Object.entries({ accountId: account.id, serviceName: 'cloud-object-storage', serviceInstance: 'i1' });
    const body = {
      type: 'access',
      subjects: [{ attributes: [{ name: 'access_group_id', value: PUBLIC }] }],
      roles: [{ role_id: SERVICE_ROLE('Reader') }],
      resources: [{ attributes: attributes.map(([name, value]) => ({ name, value })) }],
    };
    await world.expect(422, 'POST', '/v1/policies', calls.asOwner(body));
    await enable(true);
    assert.equal(await everybodyReads(), false);
    await world.expect(201, 'POST', '/v1/policies', calls.asOwner(body));
    assert.equal(await everybodyReads(), true);
  });

  it('are those of one account', async () => {
    const other = await world.account();
    await enable(false);
    const theirs = await world.expect(200, 'GET', `/v2/groups/settings?account_id=${other.id}`, { token: other.owner });
    assert.equal(theirs.body.public_access_enabled, true);
  });

  it('stay as they were where nothing is said, or nothing new', async () => {
    await enable(false);
    const before = (await world.expect(200, 'GET', settings, calls.asOwner())).body;
    for (const body of [{}, { public_access_enabled: false }, { colour: 'blue' }])
      assert.deepEqual((await world.expect(200, 'PATCH', settings, calls.asOwner(body))).body, before);
  });

  it('refuse what is no true or false, and a request without an account', async () => {
    for (const value of ['false', 0, null, []])
      await refused(400, 'invalid_field', 'PATCH', settings, calls.asOwner({ public_access_enabled: value }));
    for (const body of [[], 'false', null])
      assert.equal((await world.call('PATCH', settings, calls.asOwner(body, { 'content-type': 'application/json' }))).status, 400);
    await refused(400, 'missing_field', 'GET', '/v2/groups/settings', calls.asOwner());
    await refused(400, 'missing_field', 'PATCH', '/v2/groups/settings', calls.asOwner({ public_access_enabled: true }));
    await refused(400, 'invalid_field', 'GET', '/v2/groups/settings?account_id=x', calls.asOwner());
  });
});

describe('the Public Access group', () => {
  it('is read like a group, as old as its account', async () => {
    const { body, headers } = await world.expect(200, 'GET', `/v2/groups/${PUBLIC}?show_federated=true&show_crn=true`, calls.asOwner());
    assert.deepEqual([body.id, body.name, body.account_id, body.is_federated], [PUBLIC, 'Public Access', account.id, false]);
    assert.equal(body.crn, `crn:v1:bluemix:public:iam-groups::a/${account.id}::access-group:${PUBLIC}`);
    assert.match(headers.get('etag') ?? '', /^1-[0-9a-f]{32}$/);
    const { groups } = (await world.expect(200, 'GET', `${calls.list}&show_federated=true&show_crn=true`, calls.asOwner())).body;
    assert.deepEqual(groups, [body]);
  });

  it("is that of the caller's own account", async () => {
    const { owner, id } = await world.account();
    assert.equal((await world.expect(200, 'GET', `/v2/groups/${PUBLIC}`, { token: owner })).body.account_id, id);
    const { token } = await world.user(account.id);
    await refused(403, 'insufficient_permissions', 'GET', `/v2/groups/${PUBLIC}`, { token });
  });

  it('takes its place among the groups in every order and on every page', async () => {
    for (const name of ['Alpha', 'Zulu', 'beta']) await world.group(account, name);
    const names = async (query: string) =>
      (await world.expect(200, 'GET', `${calls.list}${query}`, calls.asOwner())).body.groups.map((group: Wire) => group.name);
    assert.deepEqual(await names(''), ['Alpha', 'Public Access', 'Zulu', 'beta']);
    assert.deepEqual(await names('&sort=-name'), ['beta', 'Zulu', 'Public Access', 'Alpha']);
    assert.deepEqual(await names('&limit=1&offset=1'), ['Public Access']);
    assert.deepEqual(await names('&limit=1&offset=2'), ['Zulu']);
    assert.deepEqual(await names('&search=name:public'), ['Public Access']);
    assert.deepEqual(await names(`&search=id:${PUBLIC}`), ['Public Access']);
    assert.deepEqual(await names('&search=name:a'), ['Alpha', 'Public Access', 'beta']);
    const { iam_id } = await world.profile(account);
    assert.deepEqual(await names(`&iam_id=${iam_id}&membership_type=all`), []);
  });

  it('is gone while public access is off', async () => {
    await enable(false);
    const { groups, total_count } = (await world.expect(200, 'GET', calls.list, calls.asOwner())).body;
    assert.deepEqual([groups, total_count], [[], 0]);
    await refused(404, 'not_found', 'GET', `/v2/groups/${PUBLIC}`, calls.asOwner());
    await enable(true);
    await world.expect(200, 'GET', `/v2/groups/${PUBLIC}`, calls.asOwner());
  });

  it('is not changed, filled or given rules', async () => {
    const members = [{ iam_id: account.ownerIamId, type: 'user' }];
    const rule = { expiration: 1, realm_name: 'r', conditions: [when('a', 'EQUALS', 'b')] };
    const path = `/v2/groups/${PUBLIC}`;
    await refused(400, 'reserved_value', 'PATCH', path, calls.asOwner({ name: 'x' }, { 'if-match': '*' }));
    await refused(400, 'reserved_value', 'DELETE', path, calls.asOwner());
    await refused(400, 'reserved_value', 'GET', `${path}/members`, calls.asOwner());
    await refused(400, 'reserved_value', 'PUT', `${path}/members`, calls.asOwner({ members }));
    await refused(400, 'reserved_value', 'DELETE', `${path}/members/${account.ownerIamId}`, calls.asOwner());
    await refused(400, 'reserved_value', 'POST', `${path}/members/delete`, calls.asOwner({ members: [account.ownerIamId] }));
    await refused(400, 'reserved_value', 'POST', `${path}/rules`, calls.asOwner(rule));
  });
});
