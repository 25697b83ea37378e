/** Values of single members: what an absent, an empty and an unusual one becomes, and what is shown where nothing was said. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeApiKey, makeServiceId } from './making.ts';
import { assertRefused } from './refusal.ts';
import { ACCOUNT_SETTINGS_TEMPLATES, createTemplateCalls, PROFILE_TEMPLATES } from './template-calls.ts';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const call = (method: string, path: string, body?: unknown) =>
  world.call(method, path, { token: account.owner, headers: { 'if-match': '*' }, ...(body !== undefined && { body }) });

test('a change that leaves a description out keeps it, an empty one clears it', async () => {
  const description = 'kept';
  const profile = await call('POST', '/v1/profiles', { account_id: account.id, name: 'described', description });
  const group = await call('POST', '/v1/serviceid_groups', { account_id: account.id, name: 'described', description });
  const serviceId = await makeServiceId(world, account, { description });
  const key = await makeApiKey(world, account.owner, account.ownerIamId, { description });
  const templates = [PROFILE_TEMPLATES, ACCOUNT_SETTINGS_TEMPLATES].map(async (kind) => {
    const { id } = (await createTemplateCalls(world, account, kind).create({ description })).body;
    return `${kind.templates}/${id}/versions/1`;
  });
  for (const path of [
    `/v1/profiles/${profile.body.id}`,
    `/v1/serviceid_groups/${group.body.id}`,
    `/v1/serviceids/${serviceId.id}`,
    `/v1/apikeys/${key.id}`,
    ...(await Promise.all(templates)),
  ]) {
    const renamed = await call('PUT', path, { name: `renamed ${crypto.randomUUID()}` });
    assert.deepEqual([renamed.status, renamed.body.description], [200, description], `${path}: ${renamed.text}`);
    const { name } = renamed.body;
    const cleared = await call('PUT', path, { name, description: '' });
    assert.deepEqual([cleared.status, 'description' in cleared.body, cleared.body.name], [200, false, name], path);
    assert.ok(!('description' in (await call('GET', path)).body), path);
  }
});

test('a name of 300 characters is taken everywhere, an empty one and one of 301 nowhere', async () => {
  const longest = 'n'.repeat(300);
  for (const [path, members] of [
    ['/v1/profiles', {}],
    ['/v1/serviceids', {}],
    ['/v1/serviceid_groups', {}],
    ['/v1/apikeys', { iam_id: account.ownerIamId }],
    ['/v1/profile_templates', {}],
    ['/v1/account_settings_templates', {}],
  ] as const) {
    const create = (name: string) => call('POST', path, { account_id: account.id, ...members, name });
    const made = await create(longest);
    assert.deepEqual([made.status, made.body.name], [201, longest], `${path}: ${made.text}`);
    assertRefused(await create(''), 400, 'missing_parameter');
    assertRefused(await create(`${longest}n`), 400, 'invalid_parameter');
  }
});

test('a service ID without unique instances has an empty list of them', async () => {
  const made = await makeServiceId(world, account);
  assert.deepEqual(made.unique_instance_crns, []);
  assert.deepEqual((await call('GET', `/v1/serviceids/${made.id}`)).body.unique_instance_crns, []);
});

test('a link tells whether it is across accounts where that was said, and what is no boolean is refused', async () => {
  const profile = await world.profile(account);
  const links = `/v1/profiles/${profile.id}/links`;
  const create = (name: string, members: object) => call('POST', links, { cr_type: 'VSI', link: { crn: profile.crn, name }, ...members });
  for (const is_cross_account of [true, false]) {
    const { status, body } = await create(`${is_cross_account}`, { is_cross_account });
    assert.deepEqual([status, body.is_cross_account], [201, is_cross_account]);
    assert.equal((await call('GET', `${links}/${body.id}`)).body.is_cross_account, is_cross_account);
  }
  assert.ok(!('is_cross_account' in (await create('unsaid', {})).body));
  for (const is_cross_account of ['true', 1, null]) assertRefused(await create('x', { is_cross_account }), 400, 'invalid_parameter');
});

test('a CRN whose scope is no account needs is_cross_account as well', async () => {
  const profile = await world.profile(account);
  for (const scope of ['', 'o/1', 's/1', `a/${account.id.toUpperCase()}x`]) {
    const body = { cr_type: 'VSI', link: { crn: `crn:v1:bluemix:public:is:us-south:${scope}::instance:i${scope.length}` } };
    assertRefused(await call('POST', `/v1/profiles/${profile.id}/links`, body), 400, 'invalid_parameter', 'BXNIM0106E');
    const marked = await call('POST', `/v1/profiles/${profile.id}/links`, { ...body, is_cross_account: true });
    assert.equal(marked.status, 201, marked.text);
  }
});

test('a link is deleted by its CRN and type alone where it is the only one', async () => {
  const profile = await world.profile(account);
  const links = `/v1/profiles/${profile.id}/links`;
  await world.link(account, profile.id, profile.crn);
  assert.equal((await call('DELETE', `${links}?type=ROKS_SA&crn=${encodeURIComponent(profile.crn)}&foo=1`)).status, 204);
  assert.deepEqual((await call('GET', links)).body, { links: [] });
});

test('the visibility of the list of users is restricted or not, never unset', async () => {
  const path = `/v1/accounts/${account.id}/settings/identity`;
  assertRefused(await call('PUT', path, { restrict_user_list_visibility: 'NOT_SET' }), 400, 'invalid_parameter');
  assert.equal((await call('GET', path)).body.restrict_user_list_visibility, 'NOT_RESTRICTED');
});

test('who has an exemption from MFA is told by name where that is asked for, in the effective settings too', async () => {
  const user = await world.user(account.id);
  const settings = `/v1/accounts/${account.id}/settings/identity`;
  const gone = { iam_id: 'IBMid-nobody-here', mfa: 'TOTP' };
  const entry = { iam_id: user.iamId, mfa: 'LEVEL1' };
  assert.equal((await call('PUT', settings, { user_mfa: [entry, gone] })).status, 200);
  const email = `${user.iamId}@example.com`;
  const resolved = [{ ...entry, name: 'Test User', userName: email, email }, gone];
  const effective = `/v1/accounts/${account.id}/effective_settings/identity`;
  assert.deepEqual((await call('GET', `${settings}?resolve_user_mfa=true`)).body.user_mfa, resolved);
  const { body } = await call('GET', `${effective}?resolve_user_mfa=true`);
  for (const part of [body.account, body.effective]) assert.deepEqual(part.user_mfa, resolved);
  for (const query of ['', '?resolve_user_mfa=false']) {
    const plain = (await call('GET', effective + query)).body;
    for (const part of [plain.account, plain.effective]) assert.deepEqual(part.user_mfa, [entry, gone]);
  }
  assertRefused(await call('GET', `${settings}?resolve_user_mfa=perhaps`), 400, 'invalid_parameter');
});

test('all limits are told where nothing is asked, with a body that says nothing and with none at all', async () => {
  const path = `/v1/accounts/${account.id}/limits/identity`;
  const all = (await call('GET', path)).body;
  for (const reply of [await call('POST', path, {}), await call('POST', path)]) {
    assert.deepEqual([reply.status, reply.body], [200, all], reply.text);
  }
  assertRefused(await call('POST', '/v1/profiles'), 400, 'missing_parameter');
});

test('the status of a user in MFA says nothing of anybody else, and a profile has none', async () => {
  const profile = await world.profile(account);
  const path = `/v1/mfa/accounts/${account.id}/status?iam_id=`;
  const { body } = await call('GET', path + account.ownerIamId);
  const members = (value: Wire) => Object.keys(value).sort();
  assert.deepEqual(members(body), ['account_based_mfa', 'effective_mfa_type', 'iam_id', 'id_based_mfa']);
  assert.deepEqual(members(body.id_based_mfa), ['complies', 'comply_state', 'trait_account_default', 'trait_effective']);
  assert.deepEqual(members(body.account_based_mfa), ['complies', 'security_questions', 'totp', 'verisign']);
  for (const factor of ['security_questions', 'totp', 'verisign']) {
    assert.deepEqual(members(body.account_based_mfa[factor]), ['enrolled', 'required']);
  }
  assertRefused(await call('GET', path + profile.iam_id), 404, 'not_found');
});
