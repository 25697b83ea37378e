import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const call = (method: string, path: string) => world.call(method, path, { token: account.owner });

test('P24: DELETE answers 204 without a body, and the profile is gone', async () => {
  const { id } = await world.profile(account);
  const reply = await call('DELETE', `/v1/profiles/${id}`);
  assert.equal(reply.status, 204);
  assert.equal(reply.text, '');
  assertRefused(await call('GET', `/v1/profiles/${id}`), 404, 'not_found');
});

test('P24: DELETE ignores an If-Match and a Content-Type', async () => {
  const { id } = await world.profile(account);
  const headers = { 'if-match': 'stale', 'content-type': 'application/json' };
  await world.expect(204, 'DELETE', `/v1/profiles/${id}`, { token: account.owner, headers });
});

test('P25: DELETE of an unknown profile, and of one already deleted, is not found', async () => {
  assertRefused(await call('DELETE', '/v1/profiles/invalid'), 404, 'not_found');
  const { id } = await world.profile(account);
  assert.equal((await call('DELETE', `/v1/profiles/${id}`)).status, 204);
  assertRefused(await call('DELETE', `/v1/profiles/${id}`), 404, 'not_found');
});

test('P26: the links of a deleted profile are not found', async () => {
  const profile = await world.profile(account);
  const link = await world.link(account, profile.id, profile.crn);
  await world.expect(204, 'DELETE', `/v1/profiles/${profile.id}`, { token: account.owner });
  assertRefused(await call('GET', `/v1/profiles/${profile.id}/links`), 404, 'not_found');
  assertRefused(await call('GET', `/v1/profiles/${profile.id}/links/${link.body.id}`), 404, 'not_found');
});

test('P27: the name of a deleted profile is free, and the new profile has another id', async () => {
  const { id } = await world.profile(account, 'p27');
  await world.expect(204, 'DELETE', `/v1/profiles/${id}`, { token: account.owner });
  const again = await world.profile(account, 'p27');
  assert.notEqual(again.id, id);
  assert.match(again.entity_tag, /^1-/);
});

test('P28: a pod no longer becomes a deleted profile, nor the one that took its name', async () => {
  const cluster = await world.cluster(account);
  const { id } = await world.profile(account, 'p28');
  await world.link(account, id, cluster.crn);
  assert.equal((await world.crToken(cluster.issuer.token(), { profile_id: id })).status, 200);
  await world.expect(204, 'DELETE', `/v1/profiles/${id}`, { token: account.owner });
  const byId = await world.crToken(cluster.issuer.token(), { profile_id: id });
  assert.equal(byId.status, 400, byId.text);
  assert.equal(byId.body.errorCode, 'BXNIM0398E');
  await world.profile(account, 'p28');
  const byName = await world.crToken(cluster.issuer.token(), { profile_name: 'p28', account_id: account.id });
  assert.equal(byName.body.errorCode, 'BXNIM0398E', byName.text);
});

test('the policies and group memberships of a profile go with it', async () => {
  const profile = await world.profile(account);
  const group = await world.group(account);
  const members = `/v2/groups/${group.id}/members`;
  const body = { members: [{ iam_id: profile.iam_id, type: 'profile' }] };
  await world.expect(207, 'PUT', members, { token: account.owner, body });
  const policy = await world.policy(account, profile.iam_id, [ROLE('Viewer')], { serviceName: 'iam-identity' });
  await world.expect(204, 'DELETE', `/v1/profiles/${profile.id}`, { token: account.owner });
  assert.equal((await call('GET', `/v1/policies/${policy.id}`)).status, 404);
  assert.deepEqual((await world.expect(200, 'GET', members, { token: account.owner })).body.members, []);
});

test('of 20 deletions at once exactly one succeeds', async () => {
  const { id } = await world.profile(account);
  const replies = await Promise.all(Array.from({ length: 20 }, () => call('DELETE', `/v1/profiles/${id}`)));
  assert.equal(replies.filter(({ status }) => status === 204).length, 1);
  for (const reply of replies) if (reply.status !== 204) assertRefused(reply, 404, 'not_found');
});
