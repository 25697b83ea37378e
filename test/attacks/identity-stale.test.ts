/** Tokens asked for, without pause, while what they rest on ends: whoever begins after the end was acknowledged gets none. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeApiKey, makeEnterprise, makeServiceId, setAccountSettings } from '../conformance/identity/making.ts';
import { ACCOUNT_SETTINGS_TEMPLATES, createTemplateCalls, PROFILE_TEMPLATES } from '../conformance/identity/template-calls.ts';
import { claimsOf, type Reply, startWorld, type TestAccount, type Wire, type World } from '../support/world.ts';

const AT_ONCE = 6;
const AFTERWARDS = 5;
const ELSEWHERE = '203.0.113.0/24';
let world: World;

before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

const as = (account: TestAccount, method: string, path: string, body?: unknown) =>
  world.expect(method === 'POST' ? 201 : method === 'PUT' ? 200 : 204, method, path, {
    token: account.owner,
    headers: { 'if-match': '*' },
    ...(body !== undefined && { body }),
  });

/** Runs attempts side by side, ends what they rest on, and answers what those got that began after that was acknowledged. */
async function attemptsAfter(attempt: () => Promise<Reply<Wire>>, end: () => Promise<unknown>): Promise<readonly Reply<Wire>[]> {
  const late: Reply<Wire>[] = [];
  let early = 0;
  let hasEnded = false;
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (let left = AFTERWARDS; left > 0; ) {
      const beganLate = hasEnded;
      const reply = await attempt();
      if (beganLate) {
        late.push(reply);
        left -= 1;
      } else if (reply.status === 200) early += 1;
    }
  });
  while (early < AT_ONCE) await new Promise((resolve) => setImmediate(resolve));
  await end();
  hasEnded = true;
  await Promise.all(workers);
  return late;
}

/** Insists that nobody gets in afterwards, and says with which code. */
async function insist(code: string, attempt: () => Promise<Reply<Wire>>, end: () => Promise<unknown>): Promise<void> {
  for (const reply of await attemptsAfter(attempt, end)) assert.equal(reply.body.errorCode, code, reply.text);
}

const signIn = (apikey: string) => () => world.exchange({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey });

test('65: an API key signs nobody in once it is deleted, disabled or expired, or its service ID is deleted', async () => {
  const account = await world.account();
  for (const [code, end] of [
    ['BXNIM0415E', (id: string) => as(account, 'DELETE', `/v1/apikeys/${id}`)],
    ['BXNIM0462E', (id: string) => world.expect(204, 'POST', `/v1/apikeys/${id}/disable`, { token: account.owner })],
    ['BXNIM0462E', (id: string) => as(account, 'PUT', `/v1/apikeys/${id}`, { expires_at: '2020-01-01T00:00+0000' })],
    ['BXNIM0415E', (_: string, service: string) => as(account, 'DELETE', `/v1/serviceids/${service}`)],
  ] as const) {
    const { id: service, iam_id: iamId } = await makeServiceId(world, account);
    const { id, apikey } = await makeApiKey(world, account.owner, iamId);
    await insist(code, signIn(apikey), () => end(id, service));
  }
});

test('65: a list of allowed addresses holds at once, the account sets it or its enterprise, and is gone with its assignment', async () => {
  const { root, child } = await makeEnterprise(world);
  const user = await world.user(child.id);
  await insist('BXNIM0430E', signIn(user.apikey), () => setAccountSettings(world, child, { allowed_ip_addresses: ELSEWHERE }));
  await setAccountSettings(world, child, { allowed_ip_addresses: '' });
  const calls = createTemplateCalls(world, root, ACCOUNT_SETTINGS_TEMPLATES);
  const { id } = await calls.committed({ account_settings: { allowed_ip_addresses: ELSEWHERE } });
  const open = await calls.committedVersion(id, { account_settings: { mfa: 'NONE' } });
  let assignment = '';
  await insist('BXNIM0430E', signIn(user.apikey), async () => {
    assignment = (await calls.assign(id, 1, child.id)).body.id;
  });
  assert.equal((await calls.move(assignment, open, '*')).status, 202);
  await insist('BXNIM0430E', signIn(user.apikey), () => calls.move(assignment, 1, '*'));
  assert.equal((await calls.unassign(assignment)).status, 202);
  assert.equal((await signIn(user.apikey)()).status, 200);
});

test('65: a shorter life of tokens holds at once, the account sets it or its enterprise', async () => {
  const { root, child } = await makeEnterprise(world);
  const user = await world.user(child.id);
  const lives = async (end: () => Promise<unknown>) =>
    new Set((await attemptsAfter(signIn(user.apikey), end)).map(({ body }) => body.expires_in));
  const own = { system_access_token_expiration_in_seconds: '1800' };
  assert.deepEqual(await lives(() => setAccountSettings(world, child, own)), new Set([1800]));
  const calls = createTemplateCalls(world, root, ACCOUNT_SETTINGS_TEMPLATES);
  const { id } = await calls.committed({ account_settings: { system_access_token_expiration_in_seconds: '900' } });
  assert.deepEqual(await lives(() => calls.assign(id, 1, child.id)), new Set([900]));
});

/** An account with a pod, and a profile of it that somehow lets the pod in. */
async function makePod() {
  const account = await world.account();
  const cluster = await world.cluster(account);
  const profile = await world.profile(account);
  const path = `/v1/profiles/${profile.id}`;
  const token = cluster.issuer.token();
  return { account, cluster, profile, path, exchange: () => world.crToken(token, { profile_id: profile.id }) };
}

const rule = (namespace: string) => ({ type: 'Profile-CR', conditions: [{ claim: 'namespace', operator: 'EQUALS', value: namespace }] });

test('65: a pod gets nothing once its link or its rule is gone or another, or the profile is deleted', async () => {
  const ends: readonly ((pod: Awaited<ReturnType<typeof makePod>>, link: string, rule: string) => Promise<unknown>)[] = [
    ({ account, path }, link) => as(account, 'DELETE', `${path}/links/${link}`),
    ({ account, path }) => as(account, 'DELETE', `${path}/links?type=ROKS_SA`),
    ({ account, path }, _, ruleId) => as(account, 'DELETE', `${path}/rules/${ruleId}`),
    ({ account, path }, _, ruleId) => as(account, 'PUT', `${path}/rules/${ruleId}`, rule('elsewhere')),
    ({ account, path }, _, ruleId) => as(account, 'PUT', `${path}/rules/${ruleId}`, { ...rule('default'), cr_type: 'VSI' }),
    ({ account, path }) => as(account, 'DELETE', path),
  ];
  for (const [index, end] of ends.entries()) {
    const pod = await makePod();
    const byLink = index < 2;
    const link = byLink ? (await world.link(pod.account, pod.profile.id, pod.cluster.crn)).body.id : '';
    const ruleId = byLink ? '' : (await as(pod.account, 'POST', `${pod.path}/rules`, rule('default'))).body.id;
    await insist('BXNIM0398E', pod.exchange, () => end(pod, link, ruleId));
  }
});

test('65: a pod that got in by a name gets nothing by it once the profile has another', async () => {
  const { account, cluster, profile, path } = await makePod();
  await world.link(account, profile.id, cluster.crn);
  const exchange = () => world.crToken(cluster.issuer.token(), { profile_name: profile.name });
  await insist('BXNIM0398E', exchange, () => as(account, 'PUT', path, { name: 'another name' }));
});

test('65: a pod of one account gets nothing of another once the link across accounts, or its profile, is gone', async () => {
  for (const end of ['link', 'profile'] as const) {
    const [home, elsewhere] = [await world.account(), await world.account()];
    const cluster = await world.cluster(home);
    const profile = await world.profile(elsewhere);
    const operator = await world.user(home.id, elsewhere.ownerIamId);
    for (const role of ['crn:v1:bluemix:public:iam::::role:Viewer', 'crn:v1:bluemix:public:iam::::serviceRole:Writer']) {
      await world.policy(home, operator.iamId, [role], { serviceName: 'containers-kubernetes' });
    }
    const link = { cr_type: 'ROKS_SA', link: { crn: cluster.crn, namespace: 'default', name: 'default' }, is_cross_account: true };
    const made = await as(elsewhere, 'POST', `/v1/profiles/${profile.id}/links`, link);
    const token = cluster.issuer.token();
    const path = `/v1/profiles/${profile.id}${end === 'link' ? `/links/${made.body.id}` : ''}`;
    await insist(
      'BXNIM0398E',
      () => world.crToken(token, { profile_id: profile.id }),
      () => as(elsewhere, 'DELETE', path),
    );
  }
});

test('65: a pod gets nothing of a profile that a template made once it is unassigned', async () => {
  const { root, child } = await makeEnterprise(world);
  const cluster = await world.cluster(child);
  const calls = createTemplateCalls(world, root, PROFILE_TEMPLATES);
  const controls = { add: true, remove: true };
  const { id } = await calls.committed({ profile: { name: 'given' }, action_controls: { rules: controls } });
  const assignment = (await calls.assign(id, 1, child.id)).body;
  const profile = assignment.resources[0].profile.resource_created.id;
  await world.link(child, profile, cluster.crn);
  const token = cluster.issuer.token();
  await insist(
    'BXNIM0398E',
    () => world.crToken(token, { profile_id: profile }),
    () => calls.unassign(assignment.id),
  );
});

test('59: a token of a service ID or a profile that is deleted is good for nothing any more', async () => {
  const { account, cluster, profile, path, exchange } = await makePod();
  await world.link(account, profile.id, cluster.crn);
  const service = await makeServiceId(world, account, { apikey: { name: 'x' } });
  const editor = 'crn:v1:bluemix:public:iam::::role:Administrator';
  for (const { iam_id } of [profile, service]) await world.policy(account, iam_id, [editor], { serviceName: 'iam-identity' });
  const tokens = [(await exchange()).body.access_token, await world.login(service.apikey.apikey)];
  const list = (token: string) => world.call('GET', `/v1/profiles?account_id=${account.id}`, { token });
  for (const token of tokens) assert.equal((await list(token)).status, 200);
  for (const gone of [path, `/v1/serviceids/${service.id}`]) await as(account, 'DELETE', gone);
  for (const token of tokens) {
    assert.equal((await list(token)).status, 403);
    const { iam_id: iamId } = claimsOf(token);
    assert.equal((await world.call('POST', '/v1/serviceids', { token, body: { name: 'x', account_id: account.id } })).status, 403);
    const preference = `/v1/preferences/accounts/${account.id}/identities/${iamId}/console/x`;
    assert.equal((await world.call('PUT', preference, { token, body: { value_string: 'x' } })).status, 404);
  }
});
