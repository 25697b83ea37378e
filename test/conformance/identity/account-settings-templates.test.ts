import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { claimsOf, startWorld, type Wire, type World } from '../../support/world.ts';
import { type Enterprise, makeEnterprise, setAccountSettings } from './making.ts';
import { assertRefused } from './refusal.ts';
import { ACCOUNT_SETTINGS_TEMPLATES, createTemplateCalls, PROFILE_TEMPLATES } from './template-calls.ts';

const SETTINGS = {
  restrict_create_service_id: 'RESTRICTED',
  restrict_create_platform_apikey: 'NOT_RESTRICTED',
  restrict_user_list_visibility: 'NOT_RESTRICTED',
  restrict_user_domains: {
    account_sufficient: true,
    restrictions: [{ realm_id: 'IBMid', invitation_email_allow_patterns: ['*.*@example.com'], restrict_invitation: true }],
  },
  mfa: 'LEVEL1',
  session_expiration_in_seconds: '3600',
  session_invalidation_in_seconds: '1800',
  max_sessions_per_identity: '5',
  system_access_token_expiration_in_seconds: '1800',
  system_refresh_token_expiration_in_seconds: '7200',
};
let world: World;
let enterprise: Enterprise;
let calls: ReturnType<typeof createTemplateCalls>;

before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  enterprise = await makeEnterprise(world);
  calls = createTemplateCalls(world, enterprise.root, ACCOUNT_SETTINGS_TEMPLATES);
});

const settings = (members: Readonly<Record<string, unknown>>) => ({ account_settings: members });
const effectiveOf = async (account = enterprise.child): Promise<Wire> =>
  (await world.expect(200, 'GET', `/v1/accounts/${account.id}/effective_settings/identity`, { token: account.owner })).body;
async function assign(members: Readonly<Record<string, unknown>>): Promise<Wire> {
  const template = await calls.committed(settings(members));
  const { status, body, text } = await calls.assign(template.id, 1, enterprise.child.id);
  assert.equal(status, 202, text);
  const read = (await calls.assignment(body.id)).body;
  assert.equal(read.status, 'succeeded', JSON.stringify(read));
  return read;
}
async function lifetime(account = enterprise.child): Promise<number> {
  const { iat, exp } = claimsOf(await world.login(account.ownerApiKey));
  return exp - iat;
}

test('T1: a template of account settings is made, read, changed, committed and deleted', async () => {
  const made = await calls.create({ description: 'first', ...settings(SETTINGS) });
  assert.equal(made.status, 201, made.text);
  const { body } = made;
  assert.match(body.id, /^AccountSettingsTemplate-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(body.crn, `crn:v1:bluemix:public:iam-identity::a/${enterprise.root.id}::template:${body.id}`);
  assert.deepEqual([body.version, body.committed, body.account_settings], [1, false, SETTINGS]);
  assert.equal(made.headers.get('etag'), body.entity_tag);
  assert.deepEqual((await calls.get(body.id, 1)).body, body);
  const changed = await calls.update(body.id, 1, { description: 'second' }, body.entity_tag);
  assert.equal(changed.status, 200);
  assert.deepEqual([changed.body.description, changed.body.account_settings], ['second', SETTINGS]);
  assert.equal(changed.headers.get('etag'), changed.body.entity_tag);
  assert.equal((await calls.commit(body.id, 1)).status, 204);
  assertRefused(await calls.update(body.id, 1, { description: 'x' }, '*'), 422, 'invalid_state', 'BXNIM0908E');
  const second = await calls.createVersion(body.id, settings({ mfa: 'LEVEL3' }));
  assert.deepEqual([second.status, second.body.version], [201, 2]);
  assert.equal((await calls.latest(body.id)).body.version, 2);
  assert.deepEqual((await calls.versions(body.id)).body.account_settings_templates.map(({ version }: Wire) => version).sort(), [1, 2]);
  assert.deepEqual(
    (await calls.list()).body.account_settings_templates.map(({ id }: Wire) => id),
    [body.id],
  );
  assert.equal((await calls.remove(body.id, 1)).status, 204);
  assert.equal((await calls.removeAll(body.id)).status, 204);
  assertRefused(await calls.latest(body.id), 404, 'not_found');
});

test('the two kinds of templates do not know each other', async () => {
  const template = await calls.committed(settings({ mfa: 'TOTP' }));
  const profiles = createTemplateCalls(world, enterprise.root, PROFILE_TEMPLATES);
  assertRefused(await profiles.latest(template.id), 404, 'not_found');
  assert.ok([400, 404].includes((await profiles.assign(template.id, 1, enterprise.child.id)).status));
  assert.deepEqual((await profiles.list()).body.profile_templates, []);
  const { body } = await calls.assign(template.id, 1, enterprise.child.id);
  assertRefused(await profiles.assignment(body.id), 404, 'not_found');
  assertRefused(await profiles.unassign(body.id), 404, 'not_found');
});

test('settings with a value that an account could not have are refused', async () => {
  for (const members of [
    { mfa: 'perhaps' },
    { mfa: 7 },
    { session_expiration_in_seconds: '899' },
    { session_expiration_in_seconds: 900 },
    { system_access_token_expiration_in_seconds: '3601' },
    { max_sessions_per_identity: '0' },
    { restrict_create_service_id: 'constructor' },
    { restrict_user_domains: [] },
    { restrict_user_domains: { account_sufficient: 'yes' } },
    { restrict_user_domains: { restrictions: {} } },
    { user_mfa: {} },
  ]) {
    assertRefused(await calls.create(settings(members)), 400, 'invalid_parameter');
  }
  assertRefused(await calls.create({ account_settings: 'x' }), 400, 'invalid_parameter');
  assertRefused(await calls.create({ name: '' }), 400, 'missing_parameter');
});

test('T3, T7: what is not committed is not assigned, what is assigned not deleted', async () => {
  const { id } = (await calls.create(settings({ mfa: 'TOTP' }))).body;
  assertRefused(await calls.assign(id, 1, enterprise.child.id), 422, 'invalid_state');
  const assignment = await assign({ mfa: 'TOTP' });
  assertRefused(await calls.removeAll(assignment.template_id), 422, 'invalid_state');
  assertRefused(await calls.remove(assignment.template_id, 1), 422, 'invalid_state');
});

test('T5: an assignment makes the effective settings the strictest of account and template', async () => {
  const { child } = enterprise;
  await setAccountSettings(world, child, {
    session_expiration_in_seconds: '1800',
    session_invalidation_in_seconds: '7200',
    max_sessions_per_identity: '3',
    system_access_token_expiration_in_seconds: '3600',
    restrict_create_platform_apikey: 'RESTRICTED',
    mfa: 'TOTP',
  });
  const own = (await effectiveOf()).account;
  const assignment = await assign(SETTINGS);
  const { effective, account, assigned_templates, account_id } = await effectiveOf();
  assert.equal(account_id, child.id);
  for (const [name, value] of Object.entries({
    session_expiration_in_seconds: '1800',
    session_invalidation_in_seconds: '1800',
    max_sessions_per_identity: '3',
    system_access_token_expiration_in_seconds: '1800',
    system_refresh_token_expiration_in_seconds: '7200',
    restrict_create_service_id: 'RESTRICTED',
    restrict_create_platform_apikey: 'RESTRICTED',
    mfa: 'LEVEL1',
  })) {
    assert.equal(effective[name], value, name);
  }
  assert.deepEqual(account, own);
  assert.equal(assigned_templates.length, 1);
  const [assigned] = assigned_templates;
  assert.deepEqual([assigned.template_id, assigned.template_version], [assignment.template_id, 1]);
  assert.equal(typeof assigned.template_name, 'string');
  assert.deepEqual([assigned.mfa, assigned.system_access_token_expiration_in_seconds], ['LEVEL1', '1800']);
  const stored = await world.expect(200, 'GET', `/v1/accounts/${child.id}/settings/identity`, { token: child.owner });
  assert.equal(stored.body.system_access_token_expiration_in_seconds, '3600');
});

test('T5: the settings of the target stand in the assignment, those of the root stay', async () => {
  const { root, child } = enterprise;
  const assignment = await assign({ system_access_token_expiration_in_seconds: '900' });
  assert.equal(assignment.resources.length, 1);
  assert.deepEqual([assignment.resources[0].target, assignment.resources[0].account_settings.status], [child.id, 'succeeded']);
  assert.deepEqual((await effectiveOf(root)).assigned_templates, []);
  assert.deepEqual([await lifetime(child), await lifetime(root)], [900, 3600]);
});

test('of several templates and the account the shortest life of access tokens holds', async () => {
  await assign({ system_access_token_expiration_in_seconds: '2000' });
  assert.equal(await lifetime(), 2000);
  const second = await assign({ system_access_token_expiration_in_seconds: '1000' });
  assert.equal(await lifetime(), 1000);
  await setAccountSettings(world, enterprise.child, { system_access_token_expiration_in_seconds: '3000' });
  assert.equal(await lifetime(), 1000);
  await setAccountSettings(world, enterprise.child, { system_access_token_expiration_in_seconds: '901' });
  assert.equal(await lifetime(), 901);
  await setAccountSettings(world, enterprise.child, { system_access_token_expiration_in_seconds: 'NOT_SET' });
  assert.equal((await calls.unassign(second.id)).status, 202);
  assert.equal(await lifetime(), 2000);
});

test('a restriction that a template sets binds the child, and ends with the assignment', async () => {
  const { child } = enterprise;
  const create = () => world.call('POST', '/v1/serviceids', { token: child.owner, body: { account_id: child.id, name: 'x' } });
  const key = () => world.call('POST', '/v1/apikeys', { token: child.owner, body: { iam_id: child.ownerIamId, name: 'x' } });
  assert.deepEqual([(await create()).status, (await key()).status], [201, 201]);
  const assignment = await assign({ restrict_create_service_id: 'RESTRICTED', restrict_create_platform_apikey: 'RESTRICTED' });
  assertRefused(await create(), 403, 'insufficient_permissions');
  assertRefused(await key(), 403, 'insufficient_permissions');
  await setAccountSettings(world, child, { restrict_create_service_id: 'NOT_RESTRICTED' });
  assertRefused(await create(), 403, 'insufficient_permissions');
  const { status, text } = await calls.unassign(assignment.id);
  assert.deepEqual([status, text], [202, '']);
  assertRefused(await calls.assignment(assignment.id), 404, 'not_found');
  assert.deepEqual([(await create()).status, (await key()).status], [201, 201]);
  assert.deepEqual((await effectiveOf()).assigned_templates, []);
});

test('T6: an assignment moves to a further version, whose settings hold at once', async () => {
  const first = await assign({ system_access_token_expiration_in_seconds: '900' });
  const version = await calls.committedVersion(first.template_id, settings({ system_access_token_expiration_in_seconds: '1200' }));
  assertRefused(await calls.move(first.id, version), 400, 'missing_parameter');
  assertRefused(await calls.move(first.id, version, 'stale'), 409, 'conflict');
  const moved = await calls.move(first.id, version, first.entity_tag);
  assert.equal(moved.status, 202, moved.text);
  assert.equal(moved.headers.get('etag'), moved.body.entity_tag);
  const read = (await calls.assignment(first.id)).body;
  assert.deepEqual([read.status, read.template_version], ['succeeded', 2]);
  assert.equal(await lifetime(), 1200);
});

test('T10: the assignments of a template are listed without resources; only accounts below are targets', async () => {
  const { template_id } = await assign({ mfa: 'TOTP' });
  const { body } = await calls.assignments(`account_id=${enterprise.root.id}&template_id=${template_id}`);
  assert.equal(body.assignments.length, 1);
  assert.ok(!('resources' in body.assignments[0]));
  assertRefused(await calls.assign(template_id, 1, (await world.account()).id), 400, 'invalid_parameter');
  assertRefused(await calls.assign(template_id, 1, enterprise.child.id, { target_type: 'AccountGroup' }), 400, 'invalid_parameter');
});
