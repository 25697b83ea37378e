import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Reply, ROLE, SERVICE_ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { makeServiceId, makeSignedInServiceId, makeUserWith, setAccountSettings } from './making.ts';
import { assertRefused } from './refusal.ts';

const LEVELS = ['NONE', 'NONE_NO_ROPC', 'TOTP', 'TOTP4ALL', 'LEVEL1', 'LEVEL2', 'LEVEL3'];
let world: World;
let account: TestAccount;
let user: TestUser;

before(async () => {
  world = await startWorld();
  account = await world.account();
  user = await world.user(account.id);
});
after(() => world[Symbol.asyncDispose]());

const activity = (of = account) => `/v1/activity/accounts/${of.id}/report`;
const mfa = (of = account) => `/v1/mfa/accounts/${of.id}/report`;
const status = (of = account, query = '') => `/v1/mfa/accounts/${of.id}/status${query}`;
const post = (path: string, token = account.owner) => world.call('POST', path, { token });
const get = (path: string, token = account.owner) => world.call('GET', path, { token });

/** Reads a report until it is there, for at most five seconds. */
async function ready(path: string, token = account.owner): Promise<Reply<Wire>> {
  const deadline = Date.now() + 5000;
  let reply = await get(path, token);
  while (reply.status === 204 && Date.now() < deadline) {
    await pause(200);
    reply = await get(path, token);
  }
  return reply;
}

test('A7, A8, A9: a report is accepted, runs for a moment and then lists who has not signed in', async () => {
  const quiet = await makeServiceId(world, account, { name: 'quiet' });
  const busy = await makeSignedInServiceId(world, account);
  const profile = await world.profile(account, 'never assumed');
  const made = await post(`${activity()}?type=inactive&duration=120`);
  assert.equal(made.status, 202);
  assert.deepEqual(Object.keys(made.body), ['reference']);
  const path = `${activity()}/${made.body.reference}`;
  const early = await get(path);
  assert.deepEqual([early.status, early.text], [204, '']);
  const { status: code, body } = await ready(path);
  assert.equal(code, 200);
  assert.deepEqual([body.created_by, body.reference, String(body.report_duration)], [account.ownerIamId, made.body.reference, '120']);
  for (const name of ['report_start_time', 'report_end_time']) assert.match(body[name], /^\d{4}-\d\d-\d\dT\d\d:\d\d/);
  assert.deepEqual(
    body.serviceids.find(({ id }: Wire) => id === quiet.id),
    { id: quiet.id, name: 'quiet' },
  );
  assert.ok(!body.serviceids.some(({ id }: Wire) => `iam-${id}` === busy.iamId));
  assert.deepEqual(
    body.profiles.find(({ id }: Wire) => id === profile.id),
    { id: profile.id, name: 'never assumed' },
  );
  for (const signedIn of [user.iamId, account.ownerIamId]) assert.ok(!body.users.some(({ iam_id }: Wire) => iam_id === signedIn));
});

test('A9: the four lists are there when they are empty', async () => {
  const empty = await world.account();
  const made = await post(activity(empty), empty.owner);
  const { body } = await ready(`${activity(empty)}/${made.body.reference}`, empty.owner);
  assert.deepEqual([body.users, body.apikeys, body.serviceids, body.profiles], [[], [], [], []]);
  assert.equal(String(body.report_duration), '720');
});

test('a sign-in to another account is no activity in this one', async () => {
  const [here, elsewhere] = [await world.account(), await world.account()];
  const both = await world.user(elsewhere.id);
  await world.expect(201, 'POST', `/podpass/v1/accounts/${here.id}/users`, {
    token: world.admin,
    body: { iam_id: both.iamId, name: 'Both' },
  });
  for (const [of, isActive] of [
    [here, false],
    [elsewhere, true],
  ] as const) {
    const { body: made } = await post(activity(of), of.owner);
    const { body } = await ready(`${activity(of)}/${made.reference}`, of.owner);
    assert.equal(body.users.find(({ iam_id }: Wire) => iam_id === both.iamId) === undefined, isActive);
    assert.ok(isActive || !('last_authn' in body.users.find(({ iam_id }: Wire) => iam_id === both.iamId)));
  }
});

test('a report names the API keys that nobody signed in with, and whose they are', async () => {
  const serviceId = await makeServiceId(world, account, { name: 'holder', apikey: { name: 'unused by a service' } });
  const own = { name: 'unused by a user', iam_id: user.iamId };
  const key = await world.expect(201, 'POST', '/v1/apikeys', { token: user.token, body: own });
  const made = await post(activity());
  const { body } = await ready(`${activity()}/${made.body.reference}`);
  const find = (id: string) => body.apikeys.find((item: Wire) => item.id === id);
  const ofService = find(serviceId.apikey.id);
  assert.deepEqual([ofService.name, ofService.type, ofService.serviceid.id], ['unused by a service', 'serviceid', serviceId.id]);
  const ofUser = find(key.body.id);
  assert.deepEqual([ofUser.name, ofUser.type, ofUser.user.iam_id], ['unused by a user', 'user', user.iamId]);
  for (const secret of [serviceId.apikey.apikey, key.body.apikey]) assert.ok(!JSON.stringify(body).includes(secret));
});

test('A10: an unknown reference is not found, nor is the latest report where there is none', async () => {
  for (const reference of ['test123', '__proto__', crypto.randomUUID()]) {
    assertRefused(await get(`${activity()}/${reference}`), 404, 'not_found');
    assertRefused(await get(`${mfa()}/${reference}`), 404, 'not_found');
  }
  const fresh = await world.account();
  assertRefused(await get(`${activity(fresh)}/latest`, fresh.owner), 404, 'not_found');
});

test('A11: latest is the newest report, each kind by itself', async () => {
  const fresh = await world.account();
  const references: string[] = [];
  for (let count = 0; count < 2; count++) references.push((await post(activity(fresh), fresh.owner)).body.reference);
  assert.notEqual(references[0], references[1]);
  await ready(`${activity(fresh)}/${references[1]}`, fresh.owner);
  assert.equal((await ready(`${activity(fresh)}/latest`, fresh.owner)).body.reference, references[1]);
  assert.equal((await ready(`${activity(fresh)}/${references[0]}`, fresh.owner)).body.reference, references[0]);
  assertRefused(await get(`${mfa(fresh)}/${references[0]}`, fresh.owner), 404, 'not_found');
});

test('a type or a duration that is none is refused', async () => {
  for (const query of ['type=active', 'type=__proto__', 'duration=abc', 'duration=-1', 'duration=1.5']) {
    assertRefused(await post(`${activity()}?${query}`), 400, 'invalid_parameter', 'BXNIM0106E');
  }
  assertRefused(await post(`${mfa()}?type=inactive`), 400, 'invalid_parameter', 'BXNIM0106E');
});

test('A12: an MFA report is accepted, runs for a moment and then shows every user', async () => {
  const made = await post(`${mfa()}?type=mfa_status`);
  assert.equal(made.status, 202);
  const path = `${mfa()}/${made.body.reference}`;
  assert.equal((await get(path)).status, 204);
  const { status: code, body } = await ready(path);
  assert.equal(code, 200);
  assert.deepEqual([body.created_by, body.reference, body.account_id], [account.ownerIamId, made.body.reference, account.id]);
  assert.match(body.report_time, /^\d{4}-\d\d-\d\dT\d\d:\d\d/);
  const shown = body.users.find(({ iam_id }: Wire) => iam_id === user.iamId);
  assert.equal(shown.email, `${user.iamId}@example.com`);
  assert.equal(typeof shown.username, 'string');
  for (const name of ['effective_mfa_type', 'id_based_mfa', 'account_based_mfa']) assert.ok(name in shown, name);
  assert.equal((await ready(`${mfa()}/latest`)).body.reference, made.body.reference);
});

test('A12: the MFA status of a user follows the account and its exemptions', async () => {
  const { status: code, body } = await get(status(account, `?iam_id=${user.iamId}`));
  assert.equal(code, 200);
  assert.equal(body.iam_id, user.iamId);
  assert.ok(['NO', 'ACCOUNT', 'CROSS_ACCOUNT'].includes(body.id_based_mfa.comply_state), body.id_based_mfa.comply_state);
  assert.equal(typeof body.id_based_mfa.complies, 'boolean');
  assert.ok(LEVELS.includes(body.id_based_mfa.trait_effective));
  for (const name of ['security_questions', 'totp', 'verisign']) {
    assert.deepEqual(
      Object.values(body.account_based_mfa[name]).map((value) => typeof value),
      ['boolean', 'boolean'],
      name,
    );
  }
  assert.equal(typeof body.account_based_mfa.complies, 'boolean');
  await setAccountSettings(world, account, { mfa: 'LEVEL1', user_mfa: [{ iam_id: user.iamId, mfa: 'LEVEL3' }] });
  const { id_based_mfa } = (await get(status(account, `?iam_id=${user.iamId}`))).body;
  assert.deepEqual(
    [id_based_mfa.trait_account_default, id_based_mfa.trait_user_specific, id_based_mfa.trait_effective],
    ['LEVEL1', 'LEVEL3', 'LEVEL3'],
  );
  const other = (await get(status(account, `?iam_id=${account.ownerIamId}`))).body.id_based_mfa;
  assert.deepEqual([other.trait_account_default, 'trait_user_specific' in other, other.trait_effective], ['LEVEL1', false, 'LEVEL1']);
  await setAccountSettings(world, account, { mfa: 'NONE', user_mfa: [] });
});

test('the MFA status needs a user of the account', async () => {
  assertRefused(await get(status()), 400, 'missing_parameter');
  const { ownerIamId } = await world.account();
  for (const iamId of ['IBMid-nobody', ownerIamId, '__proto__']) {
    assertRefused(await get(status(account, `?iam_id=${iamId}`)), 404, 'not_found');
  }
});

test('an Administrator reports, a Service Configuration Reader too, others do not', async () => {
  const { reference } = (await post(activity())).body;
  for (const [role, reports, statuses] of [
    [ROLE('Administrator'), true, true],
    [SERVICE_ROLE('ServiceConfigurationReader'), true, false],
    [ROLE('Operator'), false, false],
    [ROLE('Editor'), false, false],
    [ROLE('Viewer'), false, false],
    [undefined, false, false],
  ] as const) {
    const { token } = role === undefined ? await world.user(account.id) : await makeUserWith(world, account, role);
    for (const [reply, permitted] of [
      [await post(activity(), token), reports],
      [await get(`${activity()}/${reference}`, token), reports],
      [await post(mfa(), token), reports],
      [await get(status(account, `?iam_id=${user.iamId}`), token), statuses],
    ] as const) {
      if (permitted) assert.ok([200, 202, 204].includes(reply.status), `${role}: ${reply.text}`);
      else assertRefused(reply, 403, 'insufficient_permissions');
    }
  }
});

test('the reports of an account that is unknown or of others are not found, with a reference of its own neither', async () => {
  const { reference } = (await post(activity())).body;
  const other = await world.account();
  for (const id of [account.id, '0'.repeat(32), 'invalid']) {
    for (const kind of ['activity', 'mfa']) {
      assertRefused(await post(`/v1/${kind}/accounts/${id}/report`, other.owner), 404, 'not_found');
      assertRefused(await get(`/v1/${kind}/accounts/${id}/report/${reference}`, other.owner), 404, 'not_found');
    }
    assertRefused(await get(`/v1/mfa/accounts/${id}/status?iam_id=${user.iamId}`, other.owner), 404, 'not_found');
  }
  assertRefused(await get(`${activity(other)}/${reference}`, other.owner), 404, 'not_found');
});
