import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

let world: World;
let account: TestAccount;
let profile: Wire;
let crn: string;

before(async () => {
  world = await startWorld();
  account = await world.account();
  profile = await world.profile(account);
  crn = `crn:v1:staging:public:iam-identity::a/${account.id}::computeresource:Fake-Compute-Resource`;
});
after(() => world[Symbol.asyncDispose]());

const create = (body: unknown, id: string = profile.id) => world.call('POST', `/v1/profiles/${id}/links`, { token: account.owner, body });

test('L12: an unknown cr_type is a bad request even under an unknown profile', async () => {
  assertRefused(
    await create({ cr_type: 'dummy', link: { crn, namespace: 'default', name: 'x' } }, 'invalidId'),
    400,
    'invalid_parameter',
    'BXNIM0106E',
  );
});

test('L13: an unknown cr_type with a malformed CRN is a bad request even under an unknown profile', async () => {
  assertRefused(await create({ cr_type: 'invalid', link: { crn: 'invalid' } }, 'invalidId'), 400, 'invalid_parameter');
});

test('L17: a service account without its namespace or its name is refused', async () => {
  for (const crType of ['ROKS_SA', 'IKS_SA']) {
    const complete = { crn, namespace: 'default', name: 'default' };
    for (const member of ['namespace', 'name'] as const) {
      const { [member]: _, ...link } = complete;
      const reply = await create({ cr_type: crType, link });
      assertRefused(reply, 400, 'missing_parameter');
      assert.match(reply.body.errors[0].message, new RegExp(`'link\\.${member}'`));
      assertRefused(await create({ cr_type: crType, link: { ...complete, [member]: '' } }), 400, 'missing_parameter');
    }
  }
});

test('L25: who may update a profile and not link it is refused, and links it once the role says so', async () => {
  const actions = ['iam-identity.profile.update'];
  const role = { name: 'ProfileEditor', display_name: 'Profile editor', account_id: account.id, service_name: 'iam-identity', actions };
  const made = await world.expect(201, 'POST', '/v2/roles', { token: account.owner, body: role });
  const editor = await world.user(account.id);
  await world.policy(account, editor.iamId, [made.body.crn], { serviceName: 'iam-identity' });
  const change = { token: editor.token, headers: { 'if-match': '*' } };
  await world.expect(200, 'PUT', `/v1/profiles/${profile.id}`, { ...change, body: { name: profile.name, description: 'changed' } });
  const link = () => {
    const body = { cr_type: 'ROKS_SA', link: { crn, namespace: 'custom-role', name: 'x' } };
    return world.call('POST', `/v1/profiles/${profile.id}/links`, { token: editor.token, body });
  };
  assertRefused(await link(), 403, 'insufficient_permissions');
  const wider = { display_name: 'Profile editor', actions: [...actions, 'iam-identity.profile.linkToResource'] };
  await world.expect(200, 'PUT', `/v2/roles/${made.body.id}`, { token: account.owner, headers: { 'if-match': '*' }, body: wider });
  assert.equal((await link()).status, 201);
});

test('L18: a Code Engine component without its type or its name is refused', async () => {
  assertRefused(await create({ cr_type: 'CE', link: { crn, component_name: 'x' } }), 400, 'missing_parameter');
  assertRefused(await create({ cr_type: 'CE', link: { crn, component_type: 'x' } }), 400, 'missing_parameter');
});

test('a link without cr_type, without link or without a CRN is refused', async () => {
  const link = { crn, namespace: 'default', name: 'default' };
  assertRefused(await create({ link }), 400, 'missing_parameter');
  assertRefused(await create({ cr_type: 'ROKS_SA' }), 400, 'missing_parameter');
  assertRefused(await create({ cr_type: 'ROKS_SA', link: { namespace: 'default', name: 'default' } }), 400, 'missing_parameter');
});

test('L19: a CRN of another account needs is_cross_account, which is then echoed', async () => {
  const other = await world.account();
  const foreign = `crn:v1:bluemix:public:containers-kubernetes:eu-de:a/${other.id}:c1::`;
  const body = { cr_type: 'ROKS_SA', link: { crn: foreign, namespace: 'default', name: 'default' } };
  assertRefused(await create(body), 400, 'invalid_parameter', 'BXNIM0106E');
  assertRefused(await create({ ...body, is_cross_account: false }), 400, 'invalid_parameter', 'BXNIM0106E');
  const made = await create({ ...body, is_cross_account: true });
  assert.equal(made.status, 201);
  assert.equal(made.body.is_cross_account, true);
  assert.deepEqual(made.body.link, body.link);
});

test('L19: a registered cluster of another account takes rights there', async () => {
  const other = await world.account();
  const cluster = await world.cluster(other);
  const link = { crn: cluster.crn, namespace: 'default', name: 'default' };
  assertRefused(await create({ cr_type: 'ROKS_SA', link, is_cross_account: true }), 403, 'insufficient_permissions');
});

for (const bad of [
  'abc',
  'crn',
  'crn:v1:bluemix',
  'crn:v2:bluemix:public:x::a/1::t:r',
  'crn:v1::::::::',
  `crn:v1:a:b:c::::::${'x'.repeat(1100)}`,
]) {
  test(`L20: the CRN ${bad.slice(0, 40)} is not well-formed`, async () => {
    const link = { crn: bad, namespace: 'default', name: 'default' };
    assertRefused(await create({ cr_type: 'ROKS_SA', link }), 400, 'invalid_parameter', 'BXNIM0113E');
  });
}

test('L21: the same link twice is a conflict, whatever its name', async () => {
  const body = { cr_type: 'ROKS_SA', link: { crn, namespace: 'l21', name: 'default' } };
  assert.equal((await create(body)).status, 201);
  assertRefused(await create(body), 409, 'conflict');
  assertRefused(await create({ ...body, name: 'under another name' }), 409, 'conflict');
  assertRefused(await create({ ...body, link: { ...body.link, crn: crn.replace('crn:', 'CRN:') } }), 409, 'conflict');
});

test('L21: of 20 creations of the same link at once exactly one succeeds', async () => {
  const body = { cr_type: 'ROKS_SA', link: { crn, namespace: 'l21-race', name: 'default' } };
  const replies = await Promise.all(Array.from({ length: 20 }, () => create(body)));
  assert.equal(replies.filter(({ status }) => status === 201).length, 1);
  for (const reply of replies) if (reply.status !== 201) assertRefused(reply, 409, 'conflict');
});

test('L22: the same CRN with another namespace, type or profile is another link', async () => {
  const link = { crn, namespace: 'l22', name: 'default' };
  assert.equal((await create({ cr_type: 'ROKS_SA', link })).status, 201);
  assert.equal((await create({ cr_type: 'ROKS_SA', link: { ...link, namespace: 'l22-other' } })).status, 201);
  assert.equal((await create({ cr_type: 'IKS_SA', link })).status, 201);
  assert.equal((await create({ cr_type: 'ROKS_SA', link }, (await world.profile(account)).id)).status, 201);
});

test('L23: a namespace that exists nowhere is accepted', async () => {
  const link = { crn, namespace: 'no-such-namespace', name: 'no-such-account' };
  assert.equal((await create({ cr_type: 'ROKS_SA', link })).status, 201);
});

test("L26: a link with the cluster's name in place of the service account is made, with a warning in header and audit", async () => {
  const cluster = await world.cluster(account);
  const link = { crn: cluster.crn, namespace: 'default', name: cluster.name };
  const reply = await create({ name: 'seed', cr_type: 'ROKS_SA', link });
  assert.equal(reply.status, 201);
  assert.deepEqual(reply.body.link, link);
  assert.match(reply.headers.get('podpass-warning') ?? '', /^link_name_is_cluster_name; link\.name .*\.$/);
  const [event] = await world.events(account, reply.headers.get('x-request-id') ?? '');
  assert.match(JSON.stringify(event), /is the name of the cluster, not of a service account/);
});

test("L26: the service account's name brings no warning", async () => {
  const cluster = await world.cluster(account);
  const reply = await world.link(account, profile.id, cluster.crn, 'default', 'worker');
  assert.equal(reply.headers.get('podpass-warning'), null);
});
