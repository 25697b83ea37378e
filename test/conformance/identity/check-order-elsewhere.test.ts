/**
 * The order in which refusals are told, beyond profiles: a bad request before an unknown object, that before a missing right, that before a
 * stale tag, and that before a state or a limit that stands in the way.
 */
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { makeApiKey, makeEnterprise, makeServiceId } from './making.ts';
import { assertRefused } from './refusal.ts';
import { ACCOUNT_SETTINGS_TEMPLATES, createTemplateCalls, PROFILE_TEMPLATES } from './template-calls.ts';

const NOBODY = '00000000-0000-4000-8000-000000000000';
let world: World;
let account: TestAccount;
let member: TestUser;

before(async () => {
  world = await startWorld();
  account = await world.account();
  member = await world.user(account.id);
});
after(() => world[Symbol.asyncDispose]());

type Status = 400 | 403 | 404 | 409 | 422;
const CODES = { 403: 'insufficient_permissions', 404: 'not_found', 409: 'conflict', 422: 'invalid_state' } as const;

interface Attempt {
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly token?: string;
}

async function expectRefusal(status: Status, method: string, path: string, { body, ifMatch, token = member.token }: Attempt = {}) {
  const reply = await world.call(method, path, { token, body, headers: ifMatch === undefined ? {} : { 'if-match': ifMatch } });
  assertRefused(reply, status, status === 400 ? reply.body.errors[0].code : CODES[status]);
}

/** For an object that is changed with PUT: a good body, a bad one, and an object in a state that forbids the change. */
async function insist(path: string, unknown: string, good: unknown, bad: unknown, forbidding: string): Promise<void> {
  const owner = account.owner;
  await expectRefusal(400, 'PUT', unknown, { body: bad, ifMatch: 'stale' });
  await expectRefusal(400, 'PUT', unknown, { body: good });
  await expectRefusal(404, 'PUT', unknown, { body: good, ifMatch: 'stale' });
  await expectRefusal(404, 'GET', unknown);
  await expectRefusal(404, 'DELETE', unknown);
  await expectRefusal(400, 'PUT', path, { body: bad, ifMatch: 'stale' });
  await expectRefusal(400, 'PUT', path, { body: good });
  await expectRefusal(403, 'PUT', path, { body: good, ifMatch: 'stale' });
  await expectRefusal(403, 'DELETE', path);
  await expectRefusal(409, 'PUT', path, { body: good, ifMatch: 'stale', token: owner });
  await expectRefusal(403, 'PUT', forbidding, { body: good, ifMatch: 'stale' });
  await expectRefusal(409, 'PUT', forbidding, { body: good, ifMatch: 'stale', token: owner });
  await expectRefusal(422, 'PUT', forbidding, { body: good, ifMatch: '*', token: owner });
}

const locked = async (path: string) => {
  await world.expect(204, 'POST', `${path}/lock`, { token: account.owner });
  return path;
};

test('service IDs', async () => {
  const path = async () => `/v1/serviceids/${(await makeServiceId(world, account)).id}`;
  await insist(await path(), `/v1/serviceids/ServiceId-${NOBODY}`, { description: 'x' }, { name: 7 }, await locked(await path()));
  await expectRefusal(404, 'POST', `/v1/serviceids/ServiceId-${NOBODY}/lock`);
  await expectRefusal(403, 'POST', `${await locked(await path())}/lock`);
});

test('API keys', async () => {
  const path = async () => `/v1/apikeys/${(await makeApiKey(world, account.owner, account.ownerIamId)).id}`;
  await insist(await path(), `/v1/apikeys/ApiKey-${NOBODY}`, { description: 'x' }, { name: '' }, await locked(await path()));
  await expectRefusal(404, 'POST', `/v1/apikeys/ApiKey-${NOBODY}/disable`);
  const lockedKey = await locked(await path());
  await expectRefusal(403, 'POST', `${lockedKey}/lock`);
  await expectRefusal(409, 'POST', `${lockedKey}/lock`, { token: account.owner });
});

test('groups of service IDs', async () => {
  const groups = '/v1/serviceid_groups';
  const { body } = await world.expect(201, 'POST', groups, { token: account.owner, body: { account_id: account.id, name: 'ordered' } });
  const { serviceid_groups: all } = (await world.expect(200, 'GET', `${groups}?account_id=${account.id}`, { token: account.owner })).body;
  const standard = all.find(({ name }: Wire) => name === 'default');
  await insist(`${groups}/${body.id}`, `${groups}/ServiceIdGroup-${NOBODY}`, { name: 'x' }, {}, `${groups}/${standard.id}`);
  await makeServiceId(world, account, { group_id: body.id });
  await expectRefusal(403, 'DELETE', `${groups}/${body.id}`);
});

for (const kind of [PROFILE_TEMPLATES, ACCOUNT_SETTINGS_TEMPLATES]) {
  test(`${kind.list} and their assignments`, async () => {
    const { root, child } = await makeEnterprise(world);
    account = root;
    member = await world.user(root.id);
    const calls = createTemplateCalls(world, root, kind);
    const committed = await calls.committed({ [kind.part]: kind === PROFILE_TEMPLATES ? { name: 'ordered' } : {} });
    const { id } = (await calls.create()).body;
    const version = (of: string, number = 1) => `${kind.templates}/${of}/versions/${number}`;
    await insist(version(id), version(id, 2), { description: 'x' }, { [kind.part]: 7 }, version(committed.id));
    await expectRefusal(404, 'POST', `${version(id, 2)}/commit`);
    await expectRefusal(403, 'POST', `${version(committed.id)}/commit`);
    await expectRefusal(409, 'POST', `${version(committed.id)}/commit`, { token: root.owner });

    const assign = { template_id: committed.id, template_version: 1, target_type: 'Account', target: child.id };
    const post = (status: Status, members: object, token?: string) =>
      expectRefusal(status, 'POST', kind.assignments, { body: { ...assign, ...members }, ...(token !== undefined && { token }) });
    await post(400, { template_id: `${kind.part}-unknown`, template_version: 'x' });
    await post(404, { template_id: `${kind.part}-unknown` });
    await post(404, { template_version: 2 });
    await post(403, {});
    await post(422, { template_id: id }, root.owner);
    const made = (await calls.assign(committed.id, 1, child.id)).body;
    const path = kind.assignments + made.id;
    const body = { template_version: 1 };
    await expectRefusal(400, 'PATCH', `${path}x`, { body: { template_version: 'x' }, ifMatch: 'stale' });
    await expectRefusal(400, 'PATCH', `${path}x`, { body });
    await expectRefusal(404, 'PATCH', `${path}x`, { body, ifMatch: 'stale' });
    await expectRefusal(404, 'PATCH', path, { body: { template_version: 2 }, ifMatch: 'stale' });
    await expectRefusal(403, 'PATCH', path, { body, ifMatch: 'stale' });
    await expectRefusal(409, 'PATCH', path, { body, ifMatch: 'stale', token: root.owner });
    await expectRefusal(403, 'DELETE', `${kind.templates}/${committed.id}`);
    await expectRefusal(422, 'DELETE', `${kind.templates}/${committed.id}`, { token: root.owner });
  });
}

test('settings, reports and preferences', async () => {
  const settings = `/v1/accounts/${account.id}/settings/identity`;
  await expectRefusal(400, 'PUT', settings, { body: { mfa: 'x' }, ifMatch: 'stale' });
  await expectRefusal(400, 'PUT', settings, { body: { mfa: 'TOTP' } });
  await expectRefusal(403, 'PUT', settings, { body: { mfa: 'TOTP' }, ifMatch: 'stale' });
  await expectRefusal(409, 'PUT', settings, { body: { mfa: 'TOTP' }, ifMatch: 'stale', token: account.owner });
  for (const kind of ['activity', 'mfa']) {
    const report = `/v1/${kind}/accounts/${account.id}/report`;
    await expectRefusal(400, 'POST', `${report}?type=x`);
    await expectRefusal(403, 'POST', report);
    await expectRefusal(404, 'GET', `${report}/test123`);
    const { body } = await world.expect(202, 'POST', report, { token: account.owner });
    await expectRefusal(403, 'GET', `${report}/${body.reference}`);
  }
  await expectRefusal(400, 'GET', `/v1/mfa/accounts/${account.id}/status`);
  await expectRefusal(404, 'GET', `/v1/mfa/accounts/${account.id}/status?iam_id=IBMid-nobody`);
  await expectRefusal(403, 'GET', `/v1/mfa/accounts/${account.id}/status?iam_id=${account.ownerIamId}`);
  const preference = `/v1/preferences/accounts/${account.id}/identities/${account.ownerIamId}/console/ordered`;
  await expectRefusal(400, 'PUT', preference, { body: {} });
  await expectRefusal(403, 'PUT', preference, { body: { value_string: 'x' } });
  await expectRefusal(404, 'GET', preference);
  await expectRefusal(404, 'DELETE', preference);
  await world.expect(200, 'PUT', preference, { token: account.owner, body: { value_string: 'x' } });
  await expectRefusal(403, 'GET', preference);
  await expectRefusal(403, 'DELETE', preference);
});
