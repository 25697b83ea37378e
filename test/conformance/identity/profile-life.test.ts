/** What hangs on a profile by its id: it outlives a rename, ends with a deletion, and what was issued before runs out by itself. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { claimsOf, ROLE, startWorld, type TestAccount, type TestCluster, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

const RULE = { type: 'Profile-CR', conditions: [{ claim: 'namespace', operator: 'EQUALS', value: 'reports' }] };
let world: World;
let account: TestAccount;
let cluster: TestCluster;

before(async () => {
  world = await startWorld();
  account = await world.account();
  cluster = await world.cluster(account);
});
after(() => world[Symbol.asyncDispose]());

const call = (method: string, path: string, body?: unknown) =>
  world.call(method, path, { token: account.owner, headers: { 'if-match': '*' }, ...(body !== undefined && { body }) });
const read = async (path: string): Promise<Wire> => (await world.expect(200, 'GET', path, { token: account.owner })).body;
const pathOf = ({ id }: Wire) => `/v1/profiles/${id}`;
const exchange = (id: string, namespace = 'default') => world.crToken(cluster.issuer.token({ namespace }), { profile_id: id });

/** A profile with a link, a rule, an identity, a group and a policy. */
async function make(): Promise<{ profile: Wire; group: Wire; policy: Wire }> {
  const profile = await world.profile(account);
  const path = pathOf(profile);
  await world.link(account, profile.id, cluster.crn);
  assert.equal((await call('POST', `${path}/rules`, RULE)).status, 201);
  assert.equal((await call('POST', `${path}/identities/user`, { type: 'user', identifier: 'IBMid-1' })).status, 200);
  const group = await world.group(account);
  const members = { members: [{ iam_id: profile.iam_id, type: 'profile' }] };
  assert.equal((await call('PUT', `/v2/groups/${group.id}/members`, members)).status, 207);
  const policy = await world.policy(account, profile.iam_id, [ROLE('Viewer')], { serviceName: 'iam-identity' });
  return { profile, group, policy };
}

test('a rename disturbs no link, rule, identity, policy or membership, and no pod', async () => {
  const { profile, group, policy } = await make();
  const path = pathOf(profile);
  const parts = async () => [
    await read(`${path}/links`),
    await read(`${path}/rules`),
    (await read(`${path}/identities`)).identities,
    await read(`/v1/policies/${policy.id}`),
    (await read(`/v2/groups/${group.id}/members`)).members.map(({ iam_id }: Wire) => iam_id),
  ];
  const before = await parts();
  assert.equal((await call('PUT', path, { name: `renamed ${profile.name}` })).status, 200);
  assert.deepEqual(await parts(), before);
  for (const namespace of ['default', 'reports']) assert.equal((await exchange(profile.id, namespace)).status, 200, namespace);
  const { access_token: token } = (await exchange(profile.id)).body;
  await world.expect(200, 'GET', `/v1/profiles?account_id=${account.id}`, { token });
});

test('a deletion ends the profile at once; a token that a pod has stays one, without rights, until it expires', async () => {
  const { profile } = await make();
  const { access_token: token } = (await exchange(profile.id)).body;
  await world.expect(200, 'GET', pathOf(profile), { token });
  assert.equal((await call('DELETE', pathOf(profile))).status, 204);
  for (const namespace of ['default', 'reports']) assert.equal((await exchange(profile.id, namespace)).status, 400, namespace);
  const { exp } = claimsOf(token);
  assert.ok(exp * 1000 > Date.now());
  assertRefused(await world.call('GET', `/v1/profiles?account_id=${account.id}`, { token }), 403, 'insufficient_permissions');
  assertRefused(await world.call('GET', pathOf(profile), { token }), 404, 'not_found');
});

test('a deleted profile leaves no link and no rule that would count against a limit', async () => {
  const used = async () => {
    const { cr_links, cr_rules, profiles } = await read(
      `/v1/accounts/${account.id}/limits/identity?cr_links=true&cr_rules=true&profiles=true`,
    );
    return [cr_links.count, cr_rules.count, profiles.count];
  };
  const before = await used();
  const { profile } = await make();
  assert.deepEqual(
    await used(),
    before.map((count) => count + 1),
  );
  assert.equal((await call('DELETE', pathOf(profile))).status, 204);
  assert.deepEqual(await used(), before);
});

test('a deleted profile is found under none of its addresses, whatever is done there', async () => {
  const { profile } = await make();
  const [link] = (await read(`${pathOf(profile)}/links`)).links;
  const [rule] = (await read(`${pathOf(profile)}/rules`)).rules;
  assert.equal((await call('DELETE', pathOf(profile))).status, 204);
  const target = { crn: profile.crn, namespace: 'default', name: 'default' };
  const user = { type: 'user', identifier: 'IBMid-1' };
  for (const id of [profile.id, profile.iam_id, profile.id.slice('Profile-'.length)]) {
    for (const [method, part, body] of [
      ['GET', ''],
      ['PUT', '', { description: 'x' }],
      ['DELETE', ''],
      ['GET', '/links'],
      ['POST', '/links', { cr_type: 'ROKS_SA', link: target }],
      ['DELETE', '/links?type=ROKS_SA'],
      ['GET', `/links/${link.id}`],
      ['DELETE', `/links/${link.id}`],
      ['GET', '/rules'],
      ['POST', '/rules', RULE],
      ['GET', `/rules/${rule.id}`],
      ['PUT', `/rules/${rule.id}`, RULE],
      ['DELETE', `/rules/${rule.id}`],
      ['GET', '/identities'],
      ['PUT', '/identities', { identities: [] }],
      ['POST', '/identities/user', user],
      ['GET', '/identities/user/IBMid-1'],
      ['DELETE', '/identities/user/IBMid-1'],
    ] as const) {
      assertRefused(await call(method, `/v1/profiles/${id}${part}`, body), 404, 'not_found');
    }
  }
});

test('the activity of a profile counts its exchanges', async () => {
  const { profile } = await make();
  const activity = async () => (await read(`${pathOf(profile)}?include_activity=true`)).activity;
  assert.deepEqual(await activity(), { authn_count: 0 });
  for (const namespace of ['default', 'reports']) assert.equal((await exchange(profile.id, namespace)).status, 200);
  const deadline = Date.now() + 5000;
  let shown = await activity();
  while (shown.authn_count < 2 && Date.now() < deadline) shown = await activity();
  assert.equal(shown.authn_count, 2);
  assert.match(shown.last_authn, /^\d{4}-\d\d-\d\dT\d\d:\d\d\+0000$/);
});
