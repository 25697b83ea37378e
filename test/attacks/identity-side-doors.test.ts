/** What is locked, or managed by an enterprise, is reached for through a side door. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Enterprise, makeApiKey, makeEnterprise, makeServiceId, makeUserWith } from '../conformance/identity/making.ts';
import { createTemplateCalls, PROFILE_TEMPLATES, samlRule } from '../conformance/identity/template-calls.ts';
import { ROLE, startWorld, type TestAccount, type Wire, type World } from '../support/world.ts';

interface Verbs {
  readonly add: boolean;
  readonly remove: boolean;
}

const SOMEBODY = { type: 'user', identifier: 'IBMid-somebody' };
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const call = (by: TestAccount, method: string, path: string, body?: unknown) =>
  world.call(method, path, { token: by.owner, headers: { 'if-match': '*' }, ...(body !== undefined && { body }) });
const asOwner = (method: string, path: string, body?: unknown) => call(account, method, path, body);
const read = async (path: string) => (await world.expect(200, 'GET', path, { token: account.owner })).body;

const policyFor = (by: TestAccount, iamId: string, serviceName = 'kms') => ({
  type: 'access',
  subjects: [{ attributes: [{ name: 'iam_id', value: iamId }] }],
  roles: [{ role_id: ROLE('Viewer') }],
  resources: [{ attributes: Object.entries({ accountId: by.id, serviceName }).map(([name, value]) => ({ name, value })) }],
});

/** Adds a member to a new group; answers what became of it. */
async function join(by: TestAccount, iamId: string, type: 'service' | 'profile'): Promise<{ status: number; group: string }> {
  const { id } = await world.group(by);
  const reply = await call(by, 'PUT', `/v2/groups/${id}/members`, { members: [{ iam_id: iamId, type }] });
  assert.equal(reply.status, 207, reply.text);
  return { status: reply.body.members[0].status_code, group: id };
}

test('66: a locked service ID is given no access by way of a group, and none is taken from it but by leaving one', async () => {
  const service = await makeServiceId(world, account);
  const joined = await join(account, service.iam_id, 'service');
  assert.equal(joined.status, 200);
  await world.expect(204, 'POST', `/v1/serviceids/${service.id}/lock`, { token: account.owner });
  const refused = await join(account, service.iam_id, 'service');
  assert.equal(refused.status, 422);
  assert.equal((await asOwner('GET', `/v2/groups/${refused.group}/members`)).body.members.length, 0);
  assert.equal((await asOwner('POST', '/v1/policies', policyFor(account, service.iam_id))).status, 422);
  // Who is in a group already stays in it, and may leave it.
  const again = await asOwner('PUT', `/v2/groups/${joined.group}/members`, { members: [{ iam_id: service.iam_id, type: 'service' }] });
  assert.equal(again.body.members[0].status_code, 200);
  assert.equal((await asOwner('DELETE', `/v2/groups/${joined.group}/members/${service.iam_id}`)).status, 204);
  await world.expect(204, 'DELETE', `/v1/serviceids/${service.id}/lock`, { token: account.owner });
  assert.equal((await join(account, service.iam_id, 'service')).status, 200);
});

test('a locked API key is not deleted by deleting the service ID that it signs in', async () => {
  const service = await makeServiceId(world, account);
  const [loose, locked] = [
    await makeApiKey(world, account.owner, service.iam_id),
    await makeApiKey(world, account.owner, service.iam_id, { description: 'kept' }),
  ];
  await world.expect(204, 'POST', `/v1/apikeys/${locked.id}/lock`, { token: account.owner });
  const refused = await asOwner('DELETE', `/v1/serviceids/${service.id}`);
  assert.deepEqual([refused.status, refused.body.errors[0].code], [422, 'invalid_state'], refused.text);
  assert.match(refused.body.errors[0].details, new RegExp(locked.id));
  for (const { id, apikey } of [loose, locked]) {
    await read(`/v1/apikeys/${id}`);
    await world.login(apikey);
  }
  await world.expect(204, 'DELETE', `/v1/apikeys/${locked.id}/lock`, { token: account.owner });
  assert.equal((await asOwner('DELETE', `/v1/serviceids/${service.id}`)).status, 204);
});

test('a lock holds against every call that changes, whatever its body and whoever makes it', async () => {
  const service = await makeServiceId(world, account);
  const key = await makeApiKey(world, account.owner, service.iam_id);
  const paths = [`/v1/serviceids/${service.id}`, `/v1/apikeys/${key.id}`];
  for (const path of paths) await world.expect(204, 'POST', `${path}/lock`, { token: account.owner });
  const locked = await Promise.all(paths.map(read));
  const administrator = await makeUserWith(world, account, ROLE('Administrator'));
  for (const token of [account.owner, administrator.token]) {
    for (const [index, path] of paths.entries()) {
      const current: Wire = locked[index];
      for (const body of [{ description: 'x' }, { name: 'x', locked: false }, { locked: false, name: `${current.name}x` }]) {
        const reply = await world.call('PUT', path, { token, headers: { 'if-match': current.entity_tag }, body });
        assert.equal(reply.status, 422, reply.text);
      }
      assert.equal((await world.call('DELETE', path, { token })).status, 422);
    }
    assert.equal((await world.call('POST', `/v1/apikeys/${key.id}/disable`, { token })).status, 422);
  }
  assert.deepEqual(await Promise.all(paths.map(read)), locked);
});

/** A profile that a template made in the child, with one rule and one identity. */
async function managed(controls: Verbs | undefined): Promise<{ child: TestAccount; profile: Wire; enterprise: Enterprise }> {
  const enterprise = await makeEnterprise(world);
  const calls = createTemplateCalls(world, enterprise.root, PROFILE_TEMPLATES);
  const template = await calls.committed({
    profile: { name: 'managed', rules: [samlRule()], identities: [SOMEBODY] },
    ...(controls && { action_controls: { identities: controls, rules: controls, policies: controls } }),
  });
  await calls.assign(template.id, 1, enterprise.child.id);
  const { child } = enterprise;
  const { body } = await world.expect(200, 'GET', `/v1/profiles?account_id=${child.id}`, { token: child.owner });
  return { child, profile: body.profiles[0], enterprise };
}

for (const controls of [undefined, { add: false, remove: false }, { add: true, remove: false }, { add: true, remove: true }]) {
  test(`35: the policies of a managed profile are left to its account as its template says: ${JSON.stringify(controls)}`, async () => {
    const { child, profile } = await managed(controls);
    const made = await call(child, 'POST', '/v1/policies', policyFor(child, profile.iam_id));
    assert.equal(made.status, controls?.add ? 201 : 422, made.text);
    assert.equal((await join(child, profile.iam_id, 'profile')).status, controls?.add ? 200 : 422);
    if (!controls?.add) return;
    assert.equal((await call(child, 'DELETE', `/v1/policies/${made.body.id}`)).status, controls.remove ? 204 : 422);
  });
}

test('35: an identity that a template put into a profile is not replaced by whoever may only add some', async () => {
  const { child, profile } = await managed({ add: true, remove: false });
  const path = `/v1/profiles/${profile.id}/identities`;
  const accounts = { accounts: ['0'.repeat(32)] };
  const replaced = await call(child, 'POST', `${path}/user`, { ...SOMEBODY, ...accounts });
  assert.deepEqual([replaced.status, replaced.body.errors[0].code], [422, 'invalid_state'], replaced.text);
  assert.equal((await call(child, 'PUT', path, { identities: [SOMEBODY] })).status, 422);
  assert.equal((await call(child, 'POST', `${path}/user`, { type: 'user', identifier: 'IBMid-more' })).status, 200);
  const { identities } = (await call(child, 'GET', path)).body;
  assert.deepEqual(
    identities.map(({ identifier, accounts: of }: Wire) => [identifier, of]),
    [
      [SOMEBODY.identifier, undefined],
      ['IBMid-more', undefined],
    ],
  );
});

test('66: a managed profile is linked to no pod by its account, with or without a right on the cluster', async () => {
  const { child, profile } = await managed(undefined);
  const cluster = await world.cluster(child);
  const other = cluster.crn.replace(cluster.id, 'abcdefghij0123456789');
  for (const crn of [cluster.crn, other]) {
    const link = { cr_type: 'ROKS_SA', link: { crn, namespace: 'default', name: 'default' } };
    assert.equal((await call(child, 'POST', `/v1/profiles/${profile.id}/links`, link)).status, 422);
  }
  assert.equal((await world.crToken(cluster.issuer.token(), { profile_id: profile.id })).body.errorCode, 'BXNIM0398E');
});
