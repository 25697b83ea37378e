/** Somebody with some right reaches for more of it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeApiKey, makeEnterprise, makeServiceId, makeSignedInServiceId, makeUserWith } from '../conformance/identity/making.ts';
import { createTemplateCalls, PROFILE_TEMPLATES } from '../conformance/identity/template-calls.ts';
import { claimsOf, ROLE, SERVICE_ROLE, startWorld, type TestAccount, type Wire, type World } from '../support/world.ts';

const APIKEY = 'urn:ibm:params:oauth:grant-type:apikey';
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const post = (token: string, path: string, body: unknown) => world.call('POST', path, { token, body });
const statusOf = async (method: string, path: string, token: string, body?: unknown) =>
  (await world.call(method, path, { token, headers: { 'if-match': '*' }, ...(body !== undefined && { body }) })).status;

/** The token of a pod that a profile of the account lets in. */
async function podToken(roles: readonly string[] = []): Promise<{ iamId: string; token: string }> {
  const [cluster, profile] = [await world.cluster(account), await world.profile(account)];
  await world.link(account, profile.id, cluster.crn);
  if (roles.length > 0) await world.policy(account, profile.iam_id, roles, { serviceName: 'iam-identity' });
  const reply = await world.crToken(cluster.issuer.token(), { profile_id: profile.id });
  return { iamId: profile.iam_id, token: reply.body.access_token };
}

test('66: a token for one service does not make an API key that is good for all, nor anything else of the identity service', async () => {
  const user = await world.user(account.id);
  const own = await makeApiKey(world, user.token, user.iamId);
  const signIn = async (scope: string): Promise<string> =>
    (await world.exchange({ grant_type: APIKEY, apikey: user.apikey, scope })).body.access_token;
  const narrow = await signIn('kms');
  assert.equal(claimsOf(narrow).scope, 'ibm openid kms');
  for (const [method, path, body] of [
    ['POST', '/v1/apikeys', { name: 'x', iam_id: user.iamId }],
    ['POST', '/v1/serviceids', { name: 'x', account_id: account.id, apikey: { name: 'x' } }],
    ['GET', '/v1/apikeys'],
    ['GET', `/v1/apikeys/${own.id}`],
    ['PUT', `/v1/apikeys/${own.id}`, { name: 'x' }],
    ['POST', `/v1/apikeys/${own.id}/disable`],
    ['DELETE', `/v1/apikeys/${own.id}`],
    ['PUT', `/v1/preferences/accounts/${account.id}/identities/${user.iamId}/console/page`, { value_string: 'x' }],
  ] as const) {
    assert.equal(await statusOf(method, path, narrow, body), 403, `${method} ${path}`);
  }
  const wide = await signIn('kms iam-identity');
  assert.equal(await statusOf('GET', '/v1/apikeys', wide), 200);
  assert.equal((await post(wide, '/v1/apikeys', { name: 'x', iam_id: user.iamId })).status, 201);
});

test('66: a pod and a program make neither service IDs nor keys, for themselves or for others, without a role', async () => {
  const [pod, program] = [await podToken(), await makeSignedInServiceId(world, account)];
  const other = await makeServiceId(world, account);
  for (const { iamId, token } of [pod, program]) {
    assert.equal((await post(token, '/v1/serviceids', { name: 'x', account_id: account.id })).status, 403);
    assert.equal((await post(token, '/v1/apikeys', { name: 'x', iam_id: other.iam_id })).status, 403);
    assert.equal((await post(token, '/v1/apikeys', { name: 'x', iam_id: account.ownerIamId })).status, 403);
    const forItself = await post(token, '/v1/apikeys', { name: 'x', iam_id: iamId });
    assert.equal(forItself.status, iamId.startsWith('iam-Profile-') ? 400 : 403, forItself.text);
  }
});

test('66: whoever may update profiles or read keys does not make keys, and an Administrator makes none of a user', async () => {
  const service = await makeServiceId(world, account);
  for (const role of ['Viewer', 'Editor']) {
    const user = await makeUserWith(world, account, ROLE(role));
    assert.equal((await post(user.token, '/v1/apikeys', { name: 'x', iam_id: service.iam_id })).status, 403, role);
  }
  const administrator = await podToken([ROLE('Administrator')]);
  assert.equal((await post(administrator.token, '/v1/apikeys', { name: 'x', iam_id: account.ownerIamId })).status, 403);
  const path = `/podpass/v1/accounts/${account.id}/users/${account.ownerIamId}/apikeys`;
  assert.equal((await post(administrator.token, path, { name: 'x' })).status, 403);
});

test('66: the maker of a service ID is its administrator and of nothing else, until it is gone', async () => {
  const [maker, other] = [await world.user(account.id), await makeServiceId(world, account)];
  const own = (await post(maker.token, '/v1/serviceids', { name: 'own', account_id: account.id })).body;
  const policyOn = (serviceId: string | undefined, roles = [ROLE('Administrator')]) => ({
    type: 'access',
    subjects: [{ attributes: [{ name: 'iam_id', value: maker.iamId }] }],
    roles: roles.map((role_id) => ({ role_id })),
    resources: [
      {
        attributes: Object.entries({
          accountId: account.id,
          serviceName: 'iam-identity',
          resourceType: 'serviceid',
          ...(serviceId !== undefined && { resource: serviceId }),
        }).map(([name, value]) => ({ name, value })),
      },
    ],
  });
  for (const target of [other.id, undefined, '*']) {
    assert.equal((await post(maker.token, '/v1/policies', policyOn(target))).status, 403, String(target));
  }
  for (const [method, path, body] of [
    ['PUT', `/v1/serviceids/${other.id}`, { name: 'x' }],
    ['DELETE', `/v1/serviceids/${other.id}`],
    ['POST', '/v1/apikeys', { name: 'x', iam_id: other.iam_id }],
    ['POST', `/v1/profiles`, { name: 'x', account_id: account.id }],
    ['GET', `/v1/serviceids?account_id=${account.id}`],
  ] as const) {
    assert.equal(await statusOf(method, path, maker.token, body), 403, `${method} ${path}`);
  }
  const second = await post(maker.token, '/v1/policies', policyOn(own.id, [ROLE('Viewer')]));
  assert.equal(second.status, 201, second.text);
  assert.equal(await statusOf('DELETE', `/v1/serviceids/${own.id}`, maker.token), 204);
  assert.equal(await statusOf('GET', `/v1/serviceids/${own.id}`, maker.token), 404);
  const left = await world.call('GET', `/v1/policies?account_id=${account.id}&iam_id=${maker.iamId}`, { token: account.owner });
  assert.deepEqual(
    left.body.policies.map((policy: Wire) => policy.id),
    [second.body.id],
  );
});

test('66: an owner gives nobody rights in the installation, or in another account, with a policy of their own account', async () => {
  const stranger = await world.account();
  const user = await world.user(account.id);
  await world.policy(account, user.iamId, [ROLE('Administrator')], { serviceName: 'podpass' });
  for (const token of [user.token, account.owner]) {
    assert.equal((await post(token, '/podpass/v1/accounts', { name: 'x', owner_iam_id: 'IBMid-x' })).status, 403);
    assert.equal((await post(token, '/podpass/v1/administrators', { iam_id: 'IBMid-x', name: 'x' })).status, 403);
  }
  const attributes = [
    { name: 'accountId', value: stranger.id },
    { name: 'serviceName', value: 'iam-identity' },
  ];
  const policy = {
    type: 'access',
    subjects: [{ attributes: [{ name: 'iam_id', value: account.ownerIamId }] }],
    roles: [{ role_id: ROLE('Administrator') }],
    resources: [{ attributes }],
  };
  assert.equal((await post(account.owner, '/v1/policies', policy)).status, 403);
});

test('66: a template reaches the accounts below its own and no other, whoever assigns it', async () => {
  const [family, foreign] = [await makeEnterprise(world), await makeEnterprise(world)];
  const owner = createTemplateCalls(world, family.root, PROFILE_TEMPLATES);
  const { id } = await owner.committed({ profile: { name: 'reaching' } });
  const assigner = await world.user(family.root.id);
  await world.policy(family.root, assigner.iamId, [SERVICE_ROLE('AssignmentAdministrator')], { serviceName: 'iam-identity' });
  const calls = [owner, createTemplateCalls(world, family.root, PROFILE_TEMPLATES, assigner.token)];
  for (const { assign } of calls) {
    for (const target of [foreign.root.id, foreign.child.id, claimsOf(world.admin).account.bss]) {
      const reply = await assign(id, 1, target);
      assert.deepEqual([reply.status, reply.body.errors?.[0].code], [400, 'invalid_parameter'], reply.text);
    }
  }
  // A child gives its parent nothing, and cannot move itself below another account.
  const below = createTemplateCalls(world, family.child, PROFILE_TEMPLATES);
  const upward = await below.committed({ profile: { name: 'upward' } });
  assert.equal((await below.assign(upward.id, 1, family.root.id)).status, 400);
  const body = { name: 'x', owner_iam_id: family.child.ownerIamId, parent_account_id: foreign.root.id };
  assert.equal((await post(family.child.owner, '/podpass/v1/accounts', body)).status, 403);
});

test('66: a name that looks like an id makes nobody somebody else in a token', async () => {
  const victim = await world.profile(account);
  const made = await makeServiceId(world, account, { name: victim.iam_id, description: victim.id, apikey: { name: victim.id } });
  const claims = claimsOf(await world.login(made.apikey.apikey));
  assert.deepEqual([claims.iam_id, claims.id, claims.sub, claims.sub_type], [made.iam_id, made.iam_id, made.id, 'ServiceId']);
  for (const iam_id of [
    victim.iam_id,
    victim.id,
    made.iam_id,
    made.id,
    'crn-crn:v1:x',
    'AccessGroupId-x',
    'podpass',
    'podpass-bootstrap',
  ]) {
    const users = `/podpass/v1/accounts/${account.id}/users`;
    assert.equal((await post(world.admin, users, { iam_id, name: 'x' })).status, 400, iam_id);
    assert.equal((await post(world.admin, '/podpass/v1/accounts', { name: 'x', owner_iam_id: iam_id })).status, 400, iam_id);
  }
});
