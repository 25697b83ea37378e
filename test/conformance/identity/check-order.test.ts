import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

const UNKNOWN = 'Profile-00000000-0000-4000-8000-000000000000';
let world: World;
let account: TestAccount;
let profile: Wire;
let viewer: TestUser;
let stranger: TestUser;

before(async () => {
  world = await startWorld();
  account = await world.account();
  profile = await world.profile(account);
  viewer = await world.user(account.id);
  stranger = await world.user(account.id);
  await world.policy(account, viewer.iamId, [ROLE('Viewer')], { serviceName: 'iam-identity' });
});
after(() => world[Symbol.asyncDispose]());

const post = (path: string, token: string | undefined, body: unknown) =>
  world.call('POST', path, { token, body, headers: { 'content-type': 'application/json' } });
const put = (id: string, token: string | undefined, body: unknown, ifMatch?: string) =>
  world.call('PUT', `/v1/profiles/${id}`, { token, body, headers: ifMatch === undefined ? {} : { 'if-match': ifMatch } });

test('a missing token is told before a bad body and before an unknown object', async () => {
  assertRefused(await post('/v1/profiles', undefined, '{not json'), 401, 'invalid_access_token', 'BXNIM0308E');
  assertRefused(await post(`/v1/profiles/${UNKNOWN}/links`, undefined, { cr_type: 'dummy' }), 401, 'invalid_access_token', 'BXNIM0308E');
  assertRefused(await put(UNKNOWN, undefined, { name: '' }), 401, 'invalid_access_token', 'BXNIM0308E');
  assertRefused(await world.call('GET', '/v1/profiles?pagesize=0'), 401, 'invalid_access_token', 'BXNIM0308E');
});

test('an invalid token is told before a bad body', async () => {
  assertRefused(await post('/v1/profiles', 'garbage', '{not json'), 401, 'invalid_access_token');
});

test('a bad body is told before an unknown object', async () => {
  assertRefused(await put(UNKNOWN, account.owner, { name: '' }, 'x'), 400, 'missing_parameter');
  assertRefused(await put(UNKNOWN, account.owner, { description: 7 }, 'x'), 400, 'invalid_parameter');
  assertRefused(await post(`/v1/profiles/${UNKNOWN}/links`, account.owner, { cr_type: 'dummy', link: {} }), 400, 'invalid_parameter');
  assertRefused(await world.call('DELETE', `/v1/profiles/${UNKNOWN}/links`, { token: account.owner }), 400, 'missing_parameter');
});

test('a missing If-Match is told before an unknown object', async () => {
  assertRefused(await put(UNKNOWN, account.owner, { description: 'x' }), 400, 'missing_parameter');
});

test('a bad body is told before a missing right', async () => {
  assertRefused(await post('/v1/profiles', stranger.token, { account_id: account.id }), 400, 'missing_parameter');
  assertRefused(await put(profile.id, viewer.token, { name: '' }, '*'), 400, 'missing_parameter');
  const list = `/v1/profiles?account_id=${account.id}&filter=name`;
  assertRefused(await world.call('GET', list, { token: stranger.token }), 400, 'invalid_parameter');
});

test('an unknown object is told before a missing right', async () => {
  for (const { token } of [viewer, stranger]) {
    assertRefused(await put(UNKNOWN, token, { description: 'x' }, '*'), 404, 'not_found');
    assertRefused(await world.call('DELETE', `/v1/profiles/${UNKNOWN}`, { token }), 404, 'not_found');
    const link = { crn: profile.crn, namespace: 'default', name: 'default' };
    assertRefused(await post(`/v1/profiles/${UNKNOWN}/links`, token, { cr_type: 'ROKS_SA', link }), 404, 'not_found');
  }
});

test('an unknown link of a profile is told before a missing right', async () => {
  for (const { token } of [viewer, stranger]) {
    assertRefused(await world.call('DELETE', `/v1/profiles/${profile.id}/links/link-unknown`, { token }), 404, 'not_found');
    assertRefused(await world.call('GET', `/v1/profiles/${profile.id}/links/link-unknown`, { token }), 404, 'not_found');
  }
});

test('an unknown link of a foreign profile does not tell that the profile exists', async () => {
  const other = await world.account();
  const path = (id: string) => `/v1/profiles/${id}/links/link-unknown`;
  const foreign = await world.call('GET', path(profile.id), { token: other.owner });
  assertRefused(foreign, 404, 'not_found');
  const unknown = await world.call('GET', path(UNKNOWN), { token: other.owner });
  assertRefused(unknown, 404, 'not_found');
  assert.equal(foreign.body.errors[0].message.replace(profile.id, UNKNOWN), unknown.body.errors[0].message);
});

test('a missing right is told before a stale tag, a taken name and an existing link', async () => {
  assertRefused(await put(profile.id, viewer.token, { description: 'x' }, 'stale'), 403, 'insufficient_permissions');
  const taken = { name: profile.name, account_id: account.id };
  assertRefused(await post('/v1/profiles', viewer.token, taken), 403, 'insufficient_permissions');
  const link = await world.link(account, profile.id, profile.crn);
  const again = { cr_type: link.body.cr_type, link: link.body.link };
  assertRefused(await post(`/v1/profiles/${profile.id}/links`, viewer.token, again), 403, 'insufficient_permissions');
});

test('a stale tag is told before a taken name', async () => {
  const other = await world.profile(account);
  const reply = await put(other.id, account.owner, { name: profile.name }, profile.entity_tag);
  assertRefused(reply, 409, 'conflict');
  assert.match(reply.body.errors[0].message, /changed since it was read/);
});
