/** Who may change the identities of a profile, what the audit log keeps of it, and how many there may be. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

const LIMIT = 100;
const user = (number: number) => ({ type: 'user', identifier: `IBMid-27${number}` });
const USER = user(0);
let world: World;
let account: TestAccount;
let profile: Wire;
let initial: Wire;

before(async () => {
  world = await startWorld({ settings: { 'limits-set': 'ibm' } });
  account = await world.account();
  profile = await world.profile(account);
  await call('POST', `${profile.id}/identities/user`, USER);
  initial = await list(profile.id);
});
after(() => world[Symbol.asyncDispose]());

const call = (method: string, path: string, body?: unknown, token: string | undefined = account.owner) =>
  world.call(method, `/v1/profiles/${path}`, { token, ...(body !== undefined && { body }), headers: { 'if-match': '*' } });
const list = async (id: string): Promise<Wire> =>
  (await world.expect(200, 'GET', `/v1/profiles/${id}/identities`, { token: account.owner })).body;
const withRole = async (role: string): Promise<TestUser> => {
  const member = await world.user(account.id);
  await world.policy(account, member.iamId, [ROLE(role)], { serviceName: 'iam-identity' });
  return member;
};

/** Every call on the profile's identities, the reading ones first. */
const CALLS: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['GET', 'identities'],
  ['GET', `identities/user/${USER.identifier}`],
  ['PUT', 'identities', { identities: [user(1)] }],
  ['POST', 'identities/user', user(2)],
  ['DELETE', `identities/user/${USER.identifier}`],
];

test('a Viewer reads identities and changes none', async () => {
  const { token } = await withRole('Viewer');
  for (const [method, path, body] of CALLS) {
    const reply = await call(method, `${profile.id}/${path}`, body, token);
    if (method === 'GET') assert.equal(reply.status, 200);
    else assertRefused(reply, 403, 'insufficient_permissions');
  }
  assert.deepEqual(await list(profile.id), initial);
});

for (const role of ['Editor', 'Operator', 'Administrator']) {
  test(`an ${role} sets, adds and removes identities`, async () => {
    const { token } = await withRole(role);
    const { id } = await world.profile(account);
    assert.equal((await call('PUT', `${id}/identities`, { identities: [USER] }, token)).status, 200);
    assert.equal((await call('POST', `${id}/identities/user`, user(1), token)).status, 200);
    assert.equal((await call('DELETE', `${id}/identities/user/${USER.identifier}`, undefined, token)).status, 204);
  });
}

test('a member of the account without a policy may not even read, a caller of another account finds nothing', async () => {
  const { token } = await world.user(account.id);
  const { owner } = await world.account();
  for (const [method, path, body] of CALLS) {
    assertRefused(await call(method, `${profile.id}/${path}`, body, token), 403, 'insufficient_permissions');
    assertRefused(await call(method, `${profile.id}/${path}`, body, owner), 404, 'not_found');
  }
  assertRefused(await call('GET', `${profile.id}/identities/user/IBMid-absent`, undefined, token), 404, 'not_found');
  assertRefused(await call('DELETE', `${profile.id}/identities/user/IBMid-absent`, undefined, token), 404, 'not_found');
  assert.deepEqual(await list(profile.id), initial);
});

test('without a token nothing is told of the body', async () => {
  for (const [method, path] of CALLS.slice(2)) {
    const reply = await world.call(method, `/v1/profiles/${profile.id}/${path}`, {
      ...(method !== 'DELETE' && { body: { identities: 7 } }),
    });
    assertRefused(reply, 401, 'invalid_access_token', 'BXNIM0308E');
  }
});

test('a missing right is told before a stale tag', async () => {
  const { token } = await withRole('Viewer');
  const options = { token, headers: { 'if-match': 'stale' }, body: { identities: [] } };
  assertRefused(await world.call('PUT', `/v1/profiles/${profile.id}/identities`, options), 403, 'insufficient_permissions');
});

test('identities are found under every form of the profile id, with and without a trailing slash', async () => {
  for (const id of [profile.id, profile.id.slice('Profile-'.length), `iam-${profile.id}`]) {
    assert.deepEqual((await call('GET', `${id}/identities`)).body, initial);
    assert.deepEqual((await call('GET', `${id}/identities/`)).body, initial);
    assert.deepEqual((await call('GET', `${id}/identities/user/${USER.identifier}/`)).body, initial.identities[0]);
  }
});

test('P26, P27: the identities of a deleted profile are not found, and its name inherits none, nor its rules', async () => {
  const first = await world.profile(account, 'p26');
  await call('POST', `${first.id}/identities/user`, USER);
  const conditions = [{ claim: 'namespace', operator: 'EQUALS', value: 'default' }];
  await call('POST', `${first.id}/rules`, { type: 'Profile-CR', conditions });
  assert.equal((await call('DELETE', first.id)).status, 204);
  for (const [method, path, body] of CALLS) assertRefused(await call(method, `${first.id}/${path}`, body), 404, 'not_found');
  const second = await world.profile(account, 'p26');
  assert.deepEqual((await list(second.id)).identities, []);
  assert.deepEqual((await call('GET', `${second.id}/rules`)).body, { rules: [] });
});

test('every change of identities is audited as a change of the profile, with the kind', async () => {
  const own = await world.profile(account);
  const path = `${own.id}/identities`;
  for (const [kind, operation, reply] of [
    ['identity', 'create', await call('POST', `${path}/user`, USER)],
    ['identity', 'update', await call('POST', `${path}/user`, { ...USER, description: 'd' })],
    ['identity', 'delete', await call('DELETE', `${path}/user/${USER.identifier}`)],
    ['identities', 'replace', await call('PUT', path, { identities: [user(1), user(2)] })],
  ] as const) {
    const [event, ...others] = await world.events(account, reply.headers.get('x-request-id') ?? '');
    assert.equal(others.length, 0);
    assert.equal(event.data.action, 'iam-identity.account-profile.update');
    assert.equal(event.data.outcome, 'success');
    assert.equal(event.data.target.id, own.crn);
    assert.equal(event.data.requestData.kind, kind);
    assert.equal(event.data.requestData.operation, operation);
    assert.match(JSON.stringify(event), /IBMid-27\d/);
  }
});

test('the 101st identity of a profile is refused, by addition and by replacement', async () => {
  const { id } = await world.profile(account);
  const full = Array.from({ length: LIMIT }, (_, number) => user(number));
  const filled = await call('PUT', `${id}/identities`, { identities: full });
  assert.equal(filled.status, 200, filled.text);
  assertRefused(await call('POST', `${id}/identities/user`, user(LIMIT)), 422, 'limit_exceeded');
  assertRefused(await call('PUT', `${id}/identities`, { identities: [...full, user(LIMIT)] }), 422, 'limit_exceeded');
  assert.equal((await call('POST', `${id}/identities/user`, { ...USER, description: 'there already' })).status, 200);
  assert.equal((await call('DELETE', `${id}/identities/user/${USER.identifier}`)).status, 204);
  assert.equal((await call('POST', `${id}/identities/user`, user(LIMIT))).status, 200);
  assert.equal((await list(id)).identities.length, LIMIT);
});

test('the record of the addition at 90 and at 100 per cent of the limit carries a warning', async () => {
  const { id } = await world.profile(account);
  const warnings = async (number: number) => {
    const identities = Array.from({ length: number - 1 }, (_, index) => user(index));
    await call('PUT', `${id}/identities`, { identities });
    const reply = await call('POST', `${id}/identities/user`, user(number));
    assert.equal(reply.status, 200, reply.text);
    const [event] = await world.events(account, reply.headers.get('x-request-id') ?? '');
    return event.data.warnings;
  };
  assert.equal(await warnings(89), undefined);
  for (const near of [90, 100]) assert.match(String(await warnings(near)), /\b100\b/, `identity ${near}`);
});
