/** What becomes of a profile that a template made when its assignment moves, fails or ends, and what is told of it on both sides. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Reply, startWorld, type Wire, type World } from '../../support/world.ts';
import { type Enterprise, makeEnterprise } from './making.ts';
import { assertRefused } from './refusal.ts';
import { createTemplateCalls, PROFILE_TEMPLATES, placeholder, samlRule } from './template-calls.ts';

const ALL = { add: true, remove: true };
const FREE = { identities: ALL, rules: ALL, policies: ALL };
let world: World;
let enterprise: Enterprise;
let calls: ReturnType<typeof createTemplateCalls>;

before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  enterprise = await makeEnterprise(world);
  calls = createTemplateCalls(world, enterprise.root, PROFILE_TEMPLATES);
});

const user = (identifier: string) => ({ type: 'user', identifier });
const inChild = (method: string, path: string, body?: unknown) =>
  world.call(method, path, { token: enterprise.child.owner, headers: { 'if-match': '*' }, ...(body !== undefined && { body }) });
const profilesOf = async (): Promise<Wire[]> => (await inChild('GET', `/v1/profiles?account_id=${enterprise.child.id}`)).body.profiles;
const rulesOf = async (id: string): Promise<string[]> =>
  (await inChild('GET', `/v1/profiles/${id}/rules`)).body.rules.map(({ conditions }: Wire) => conditions[0].value);
const identitiesOf = async (id: string): Promise<string[]> =>
  (await inChild('GET', `/v1/profiles/${id}/identities`)).body.identities.map(({ identifier }: Wire) => identifier);

async function assigned(members: Readonly<Record<string, unknown>>): Promise<Wire> {
  const template = await calls.committed(members);
  const { status, body, text } = await calls.assign(template.id, 1, enterprise.child.id);
  assert.equal(status, 202, text);
  return body;
}
async function move(assignment: Wire, members: Readonly<Record<string, unknown>>): Promise<Reply<Wire>> {
  const version = await calls.committedVersion(assignment.template_id, members);
  const moved = await calls.move(assignment.id, version, '*');
  assert.equal(moved.status, 202, moved.text);
  return moved;
}

test('rules and identities of the template are replaced, those that the account added stay', async () => {
  const rules = [samlRule('"a"'), samlRule('"b"')];
  const first = { name: 'managed', rules, identities: [user('IBMid-one'), user('IBMid-two')] };
  const assignment = await assigned({ profile: first, action_controls: FREE });
  const [{ id }] = await profilesOf();
  assert.equal((await inChild('POST', `/v1/profiles/${id}/rules`, samlRule('"own"'))).status, 201);
  assert.equal((await inChild('POST', `/v1/profiles/${id}/identities/user`, user('IBMid-own'))).status, 200);
  const second = { name: 'managed', rules: [samlRule('"c"')], identities: [user('IBMid-two'), user('IBMid-three')] };
  await move(assignment, { profile: second });
  assert.deepEqual((await rulesOf(id)).sort(), ['"c"', '"own"']);
  assert.deepEqual((await identitiesOf(id)).sort(), ['IBMid-own', 'IBMid-three', 'IBMid-two']);
  // What the account may change is what the new version says.
  assertRefused(await inChild('POST', `/v1/profiles/${id}/rules`, samlRule('"more"')), 422, 'invalid_state');
  await move(assignment, { profile: { name: 'managed' } });
  assert.deepEqual([await rulesOf(id), await identitiesOf(id)], [['"own"'], ['IBMid-own']]);
});

test("an identity that account and template both name is there once, and is the template's", async () => {
  const assignment = await assigned({ profile: { name: 'managed' }, action_controls: FREE });
  const [{ id }] = await profilesOf();
  await inChild('POST', `/v1/profiles/${id}/identities/user`, user('IBMid-both'));
  await move(assignment, { profile: { name: 'managed', identities: [user('IBMid-both')] } });
  assert.deepEqual(await identitiesOf(id), ['IBMid-both']);
  await move(assignment, { profile: { name: 'managed' } });
  assert.deepEqual(await identitiesOf(id), []);
});

test('a move to a name that is taken fails and leaves the profile as it is; once the name is free, it succeeds', async () => {
  const inTheWay = await world.profile(enterprise.child, 'taken');
  const assignment = await assigned({ profile: { name: 'managed', rules: [samlRule()] } });
  const profile = (await profilesOf()).find(({ name }) => name === 'managed');
  const { body } = await move(assignment, { profile: { name: 'taken' } });
  assert.deepEqual([body.status, body.template_version], ['failed', 2]);
  assert.deepEqual(
    [body.resources[0].profile.status, body.resources[0].profile.resource_created.id, body.resources[0].profile.error_message.statusCode],
    ['failed', profile.id, '409'],
  );
  assert.deepEqual(await profilesOf(), [inTheWay, profile]);
  assert.equal((await rulesOf(profile.id)).length, 1);
  await world.expect(204, 'DELETE', `/v1/profiles/${inTheWay.id}`, { token: enterprise.child.owner });
  const { body: retried } = await calls.move(assignment.id, 2, body.entity_tag);
  assert.equal(retried.status, 'succeeded');
  const [after, ...more] = await profilesOf();
  assert.deepEqual([after.id, after.name, more.length, await rulesOf(profile.id)], [profile.id, 'taken', 0, []]);
});

test('a name that is too long once it is filled in is a failed assignment', async () => {
  const name = placeholder('template_name');
  const { body } = await calls.assign(
    (await calls.committed({ name: 'n'.repeat(200), profile: { name: name + name } })).id,
    1,
    enterprise.child.id,
  );
  assert.equal(body.status, 'failed');
  assert.match(body.resources[0].profile.error_message.message, /400 characters/);
  assert.deepEqual(await profilesOf(), []);
});

test("the account's name stands in the profile's name", async () => {
  await assigned({ profile: { name: `of ${placeholder('account_name')}` } });
  assert.match((await profilesOf())[0].name, /^of account [0-9a-f]{8}$/);
});

test('a version without a profile is not assigned', async () => {
  const template = await calls.committed();
  assertRefused(await calls.assign(template.id, 1, enterprise.child.id), 422, 'invalid_state');
  const assignment = await assigned({ profile: { name: 'managed' } });
  const version = await calls.committedVersion(assignment.template_id, {});
  assertRefused(await calls.move(assignment.id, version, '*'), 422, 'invalid_state');
});

test('a template is assigned to an account once', async () => {
  const assignment = await assigned({ profile: { name: 'once' } });
  assertRefused(await calls.assign(assignment.template_id, 1, enterprise.child.id), 409, 'conflict');
});

test('the audit logs of both accounts tell of an assignment, its move and its end', async () => {
  const template = await calls.committed({ profile: { name: 'audited', rules: [samlRule()] } });
  await calls.committedVersion(template.id, { profile: { name: 'audited anew' } });
  const made = await calls.assign(template.id, 1, enterprise.child.id);
  const moved = await calls.move(made.body.id, 2, '*');
  const removed = await calls.unassign(made.body.id);
  for (const [reply, above, below] of [
    [made, 'assign', 'create'],
    [moved, 'assignment-update', 'update'],
    [removed, 'remove', 'delete'],
  ] as const) {
    const requestId = reply.headers.get('x-request-id') ?? '';
    const actions = async (account: Enterprise['root']) => (await world.events(account, requestId)).map(({ data }) => data.action);
    assert.deepEqual(await actions(enterprise.root), [`iam-identity.profile-template.${above}`]);
    assert.deepEqual(await actions(enterprise.child), [`iam-identity.account-profile.${below}`]);
  }
});

test('with its last version a template is gone, and its name is free', async () => {
  const { id, name } = (await calls.create()).body;
  await calls.createVersion(id);
  assert.equal((await calls.remove(id, 2)).status, 204);
  assert.equal((await calls.remove(id, 1)).status, 204);
  assertRefused(await calls.versions(id), 404, 'not_found');
  assert.equal((await calls.create({ name })).status, 201);
});

test('the number of the newest version is not given again once that is deleted', async () => {
  const { id } = (await calls.create()).body;
  await calls.createVersion(id);
  await calls.remove(id, 2);
  const { body } = await calls.createVersion(id);
  assert.equal(body.version, 3);
  assert.equal((await calls.get(id, 3, '?include_history=true')).body.history.length, 1);
});

test('versions are listed in pages, whose tokens are of this template', async () => {
  const { id } = (await calls.create()).body;
  for (let made = 0; made < 2; made++) await calls.createVersion(id);
  const first = (await calls.versions(id, '?limit=2&sort=created_at&order=desc')).body;
  const numbers = ({ profile_templates }: Wire): number[] => profile_templates.map(({ version }: Wire) => version);
  assert.deepEqual([first.offset, first.limit, numbers(first)], [0, 2, [3, 2]]);
  const { search } = new URL(first.next);
  assert.deepEqual(numbers((await calls.versions(id, search)).body), [1]);
  const other = (await calls.create()).body;
  assertRefused(await calls.versions(other.id, search), 400, 'invalid_parameter');
});
