import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startWorld, type Wire, type World } from '../../support/world.ts';
import { type Enterprise, makeAccount, makeEnterprise } from './making.ts';
import { assertRefused } from './refusal.ts';
import { createTemplateCalls, PROFILE_TEMPLATES, placeholder, samlRule } from './template-calls.ts';

const UNKNOWN = 'TemplateAssignment-00000000-0000-4000-8000-000000000000';
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
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

const profileOf = (members: Readonly<Record<string, unknown>> = {}) => ({ name: 'managed', description: 'first', ...members });
const profilesOf = async (account = enterprise.child): Promise<Wire[]> =>
  (await world.expect(200, 'GET', `/v1/profiles?account_id=${account.id}`, { token: account.owner })).body.profiles;
/** Assigns a template to the child and reads the assignment back. */
async function assigned(template: Wire, target = enterprise.child.id): Promise<Wire> {
  const reply = await calls.assign(template.id, 1, target);
  assert.equal(reply.status, 202, reply.text);
  return (await calls.assignment(reply.body.id)).body;
}

test('T3: a version that is not committed is not assigned', async () => {
  const { id } = (await calls.create({ profile: profileOf() })).body;
  assertRefused(await calls.assign(id, 1, enterprise.child.id), 422, 'invalid_state');
  assert.deepEqual(await profilesOf(), []);
});

test('T5: an assignment is accepted, and has succeeded at the first look', async () => {
  const { root, child } = enterprise;
  const template = await calls.committed({ profile: profileOf({ email: 'managed@example.com', rules: [samlRule()] }) });
  const { status, body, headers } = await calls.assign(template.id, 1, child.id);
  assert.equal(status, 202);
  assert.match(body.id, /^TemplateAssignment-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(headers.get('etag'), body.entity_tag);
  assert.deepEqual([body.account_id, body.template_id, body.template_version], [root.id, template.id, 1]);
  assert.deepEqual([body.target_type, body.target], ['Account', child.id]);
  assert.deepEqual([body.created_by_id, body.last_modified_by_id], [root.ownerIamId, root.ownerIamId]);
  assert.match(body.created_at, INSTANT);
  const read = await calls.assignment(body.id);
  assert.equal(read.status, 200);
  assert.equal(read.headers.get('etag'), read.body.entity_tag);
  assert.equal(read.body.status, 'succeeded');
  const [profile, ...more] = await profilesOf();
  assert.equal(more.length, 0);
  assert.deepEqual([profile.name, profile.description, profile.email], ['managed', 'first', 'managed@example.com']);
  assert.deepEqual([profile.template_id, profile.assignment_id, profile.account_id], [template.id, body.id, child.id]);
  assert.equal(read.body.resources.length, 1);
  const [resource] = read.body.resources;
  assert.deepEqual([resource.target, resource.profile.status], [child.id, 'succeeded']);
  assert.equal(resource.profile.resource_created.id, profile.id);
  assert.ok(!('error_message' in resource.profile));
  assert.deepEqual(resource.policy_template_references ?? [], []);
  const single = await world.expect(200, 'GET', `/v1/profiles/${profile.id}`, { token: child.owner });
  assert.deepEqual([single.body.template_id, single.body.assignment_id], [template.id, body.id]);
});

test('T5: the profile has the rules and identities of the template', async () => {
  const { child } = enterprise;
  const identities = [{ type: 'user', identifier: 'IBMid-somebody', accounts: [child.id], description: 'somebody' }];
  await assigned(await calls.committed({ profile: profileOf({ rules: [samlRule(), samlRule('"other"')], identities }) }));
  const [profile] = await profilesOf();
  const { rules } = (await world.expect(200, 'GET', `/v1/profiles/${profile.id}/rules`, { token: child.owner })).body;
  assert.deepEqual(
    rules.map(({ type, realm_name, expiration, conditions }: Wire) => ({ name: 'rule', type, realm_name, expiration, conditions })),
    [samlRule(), samlRule('"other"')],
  );
  const read = (await world.expect(200, 'GET', `/v1/profiles/${profile.id}/identities`, { token: child.owner })).body.identities;
  assert.deepEqual(
    read.map(({ type, identifier, accounts }: Wire) => ({ type, identifier, accounts })),
    [{ type: 'user', identifier: 'IBMid-somebody', accounts: [child.id] }],
  );
});

test("T5: placeholders in the profile's name stand for the template and the target", async () => {
  const name = ['template_id', 'template_name', 'template_version', 'account_id'].map(placeholder).join(' ');
  const template = await calls.committed({ name: 'named', profile: profileOf({ name: `${name} end` }) });
  await assigned(template);
  assert.equal((await profilesOf())[0].name, `${template.id} named 1 ${enterprise.child.id} end`);
});

test('T6: an assignment moves to a further version, and the profile with it', async () => {
  const template = await calls.committed({ profile: profileOf({ rules: [samlRule()] }) });
  const first = await assigned(template);
  const [before] = await profilesOf();
  const version = await calls.committedVersion(template.id, { profile: profileOf({ name: 'moved', description: 'second' }) });
  assert.equal(version, 2);
  const moved = await calls.move(first.id, 2, first.entity_tag);
  assert.equal(moved.status, 202, moved.text);
  assert.equal(moved.headers.get('etag'), moved.body.entity_tag);
  const after = (await calls.assignment(first.id)).body;
  assert.deepEqual([after.template_version, after.status], [2, 'succeeded']);
  const [profile, ...more] = await profilesOf();
  assert.equal(more.length, 0);
  assert.deepEqual([profile.id, profile.name, profile.description, profile.template_id], [before.id, 'moved', 'second', template.id]);
  const { rules } = (await world.expect(200, 'GET', `/v1/profiles/${profile.id}/rules`, { token: enterprise.child.owner })).body;
  assert.deepEqual(rules, []);
});

test('T6: a move needs the current entity tag and a committed version', async () => {
  const template = await calls.committed({ profile: profileOf() });
  const { id, entity_tag } = await assigned(template);
  assertRefused(await calls.move(id, 1), 400, 'missing_parameter');
  assertRefused(await calls.move(id, 1, 'stale'), 409, 'conflict');
  assertRefused(await calls.move(UNKNOWN, 1, 'stale'), 404, 'not_found');
  for (const version of ['1', null, 1.5, {}]) assertRefused(await calls.move(id, version, '*'), 400, 'invalid_parameter');
  await calls.createVersion(template.id, { profile: profileOf({ name: 'uncommitted' }) });
  assertRefused(await calls.move(id, 2, '*'), 422, 'invalid_state');
  const unknown = await calls.move(id, 3, '*');
  assert.ok([400, 404].includes(unknown.status), `${unknown.status} ${unknown.text}`);
  assert.equal((await profilesOf())[0].name, 'managed');
  assert.equal((await calls.move(id, 1, `"${entity_tag}"`)).status, 202);
});

test('T6: of 20 moves at once with the same tag exactly one is accepted', async () => {
  const template = await calls.committed({ profile: profileOf() });
  const { id, entity_tag } = await assigned(template);
  await calls.committedVersion(template.id, { profile: profileOf({ name: 'moved' }) });
  const replies = await Promise.all(Array.from({ length: 20 }, () => calls.move(id, 2, entity_tag)));
  assert.equal(replies.filter(({ status }) => status === 202).length, 1);
  for (const reply of replies) if (reply.status !== 202) assertRefused(reply, 409, 'conflict');
  assert.equal((await calls.assignment(id)).body.status, 'succeeded');
  assert.deepEqual(
    (await profilesOf()).map(({ name }) => name),
    ['moved'],
  );
});

test('T7: a template and a version that are assigned are not deleted', async () => {
  const template = await calls.committed({ profile: profileOf() });
  const { id } = await assigned(template);
  assertRefused(await calls.removeAll(template.id), 422, 'invalid_state');
  assertRefused(await calls.remove(template.id, 1), 422, 'invalid_state');
  const version = await calls.committedVersion(template.id, { profile: profileOf() });
  assert.equal((await calls.remove(template.id, version)).status, 204);
  await calls.unassign(id);
  assert.equal((await calls.remove(template.id, 1)).status, 204);
});

test('T8: to unassign answers 202 with nothing at all, and the profile is gone', async () => {
  const template = await calls.committed({ profile: profileOf() });
  const { id } = await assigned(template);
  const [profile] = await profilesOf();
  const { status, text } = await calls.unassign(id);
  assert.deepEqual([status, text.length], [202, 0]);
  assertRefused(await calls.assignment(id), 404, 'not_found');
  assertRefused(await calls.unassign(id), 404, 'not_found');
  assertRefused(await calls.move(id, 1, '*'), 404, 'not_found');
  assert.deepEqual(await profilesOf(), []);
  assertRefused(await world.call('GET', `/v1/profiles/${profile.id}`, { token: enterprise.child.owner }), 404, 'not_found');
  assert.equal((await calls.removeAll(template.id)).status, 204);
});

test('T10: the assignments of a template are listed, without their resources', async () => {
  const template = await calls.committed({ profile: profileOf() });
  const other = await calls.committed({ profile: profileOf({ name: 'other' }) });
  const { id } = await assigned(template);
  await assigned(other);
  const { root, child } = enterprise;
  const find = async (query: string): Promise<Wire[]> => {
    const { status, body, text } = await calls.assignments(`account_id=${root.id}&${query}`);
    assert.equal(status, 200, text);
    return body.assignments;
  };
  const [listed, ...more] = await find(`template_id=${template.id}`);
  assert.equal(more.length, 0);
  const { resources: _, ...single } = (await calls.assignment(id)).body;
  assert.deepEqual(listed, single);
  for (const [query, count] of [
    ['', 2],
    [`template_id=${template.id}&template_version=1`, 1],
    [`template_id=${template.id}&template_version=2`, 0],
    [`target=${child.id}&target_type=Account`, 2],
    [`target=${root.id}`, 0],
    ['target_type=AccountGroup', 0],
    ['sort=template_id&order=desc&limit=1', 1],
  ] as const) {
    assert.equal((await find(query)).length, count, query);
  }
  for (const query of ['limit=0', 'limit=101', 'sort=name', 'order=up', 'target_type=Group', 'template_version=x', 'pagetoken=x']) {
    assertRefused(await calls.assignments(`account_id=${root.id}&${query}`), 400, 'invalid_parameter', 'BXNIM0106E');
  }
  assertRefused(await calls.assignments(''), 400, 'missing_parameter');
  assertRefused(await calls.assignments(`account_id=${(await world.account()).id}`), 403, 'insufficient_permissions');
});

test('an account itself, its child and a child of that may be targets', async () => {
  const { root, child } = enterprise;
  const grandchild = await makeAccount(world, child.ownerIamId, child.id);
  const template = await calls.committed({ profile: profileOf() });
  for (const account of [root, child, grandchild]) {
    assert.equal((await assigned(template, account.id)).status, 'succeeded');
    assert.deepEqual(
      (await profilesOf(account)).map(({ template_id }) => template_id),
      [template.id],
    );
  }
});

test('an account above, beside or outside is no target, and neither is an account group', async () => {
  const { root, child } = enterprise;
  const sibling = await makeAccount(world, root.ownerIamId, root.id);
  const outside = await world.account();
  const below = createTemplateCalls(world, child, PROFILE_TEMPLATES);
  const template = await below.committed({ profile: profileOf() });
  for (const target of [root.id, sibling.id, outside.id, '0'.repeat(32), 'invalid', '__proto__', 7, null]) {
    assertRefused(await below.assign(template.id, 1, target as string), 400, 'invalid_parameter');
  }
  for (const target_type of ['AccountGroup', 'account', 'constructor', 7]) {
    assertRefused(await below.assign(template.id, 1, child.id, { target_type }), 400, 'invalid_parameter');
  }
  for (const account of [root, sibling, outside, child]) assert.deepEqual(await profilesOf(account), []);
});

test('an assignment without one of its members, or of what does not exist, is refused', async () => {
  const { id } = await calls.committed({ profile: profileOf() });
  for (const member of ['template_id', 'template_version', 'target_type', 'target']) {
    assertRefused(await calls.assign(id, 1, enterprise.child.id, { [member]: undefined }), 400, 'missing_parameter');
  }
  assertRefused(await calls.assign(id, '1', enterprise.child.id), 400, 'invalid_parameter');
  for (const [template, version] of [
    [id, 2],
    [id, 0],
    ['ProfileTemplate-unknown', 1],
    ['__proto__', 1],
  ] as const) {
    const reply = await calls.assign(template, version, enterprise.child.id);
    assert.ok([400, 404].includes(reply.status), `${template} ${version}: ${reply.status} ${reply.text}`);
  }
  assertRefused(await calls.assignment(UNKNOWN), 404, 'not_found');
  assertRefused(await calls.unassign('__proto__'), 404, 'not_found');
});
