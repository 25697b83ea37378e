/** Profiles that a template made in an account: what is told when that fails, and what the account may change in them. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { SERVICE_ROLE, startWorld, type TestUser, type Wire, type World } from '../../support/world.ts';
import { type Enterprise, makeEnterprise, makeUserWith } from './making.ts';
import { assertRefused } from './refusal.ts';
import { createTemplateCalls, PROFILE_TEMPLATES, samlRule } from './template-calls.ts';

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

const somebody = { type: 'user', identifier: 'IBMid-somebody' };
const inChild = (method: string, path: string, body?: unknown) =>
  world.call(method, path, { token: enterprise.child.owner, headers: { 'if-match': '*' }, ...(body !== undefined && { body }) });
const profilesOf = async (account = enterprise.child): Promise<Wire[]> =>
  (await world.expect(200, 'GET', `/v1/profiles?account_id=${account.id}`, { token: account.owner })).body.profiles;

/** A profile in the child with one rule and one identity, made by a template with these controls. */
async function managed(controls?: { add: boolean; remove: boolean }): Promise<{ assignment: Wire; profile: Wire; rule: Wire }> {
  const template = await calls.committed({
    profile: { name: 'managed', rules: [samlRule()], identities: [somebody] },
    ...(controls && { action_controls: { identities: controls, rules: controls, policies: controls } }),
  });
  const { status, body, text } = await calls.assign(template.id, 1, enterprise.child.id);
  assert.equal(status, 202, text);
  const [profile] = await profilesOf();
  const [rule] = (await inChild('GET', `/v1/profiles/${profile.id}/rules`)).body.rules;
  return { assignment: body, profile, rule };
}

test('where the name of the profile is taken, the assignment has failed, says why, and is tried again', async () => {
  const { child } = enterprise;
  const taken = await world.profile(child, 'taken');
  const template = await calls.committed({ profile: { name: 'taken' } });
  const { status, body } = await calls.assign(template.id, 1, child.id);
  assert.equal(status, 202);
  const failed = (await calls.assignment(body.id)).body;
  assert.equal(failed.status, 'failed');
  const { target, profile } = failed.resources[0];
  assert.deepEqual([target, profile.status], [child.id, 'failed']);
  assert.deepEqual(Object.keys(profile.error_message).sort(), ['errorCode', 'message', 'name', 'statusCode']);
  for (const value of Object.values(profile.error_message)) assert.equal(typeof value, 'string');
  assert.equal(profile.error_message.statusCode, '409');
  assert.ok(!('resource_created' in profile));
  assert.deepEqual(await profilesOf(), [taken]);
  const again = await calls.move(body.id, 1, failed.entity_tag);
  assert.equal(again.status, 202);
  assert.equal((await calls.assignment(body.id)).body.status, 'failed');
  await world.expect(204, 'DELETE', `/v1/profiles/${taken.id}`, { token: child.owner });
  assert.equal((await calls.move(body.id, 1, '*')).status, 202);
  const retried = (await calls.assignment(body.id)).body;
  assert.equal(retried.status, 'succeeded');
  assert.ok(!('error_message' in retried.resources[0].profile));
  assert.deepEqual(
    (await profilesOf()).map(({ assignment_id }) => assignment_id),
    [body.id],
  );
});

test('a failed assignment is withdrawn, and the profile that was in its way stays', async () => {
  const taken = await world.profile(enterprise.child, 'taken');
  const template = await calls.committed({ profile: { name: 'taken' } });
  const { body } = await calls.assign(template.id, 1, enterprise.child.id);
  assert.equal((await calls.unassign(body.id)).status, 202);
  assertRefused(await calls.assignment(body.id), 404, 'not_found');
  assert.deepEqual(await profilesOf(), [taken]);
});

test('a template assigned twice to one account makes one profile there', async () => {
  const template = await calls.committed({ profile: { name: 'once' } });
  await calls.assign(template.id, 1, enterprise.child.id);
  await calls.assign(template.id, 1, enterprise.child.id);
  assert.equal((await profilesOf()).length, 1);
});

test('the account changes neither the profile nor its rules and identities', async () => {
  for (const controls of [undefined, { add: false, remove: false }]) {
    enterprise = await makeEnterprise(world);
    calls = createTemplateCalls(world, enterprise.root, PROFILE_TEMPLATES);
    const { profile, rule } = await managed(controls);
    const path = `/v1/profiles/${profile.id}`;
    for (const reply of [
      await inChild('PUT', path, { description: 'mine' }),
      await inChild('DELETE', path),
      await inChild('POST', `${path}/rules`, samlRule('"mine"')),
      await inChild('PUT', `${path}/rules/${rule.id}`, samlRule('"mine"')),
      await inChild('DELETE', `${path}/rules/${rule.id}`),
      await inChild('POST', `${path}/identities/user`, { type: 'user', identifier: 'IBMid-mine' }),
      await inChild('PUT', `${path}/identities`, { identities: [] }),
      await inChild('DELETE', `${path}/identities/user/${somebody.identifier}`),
    ]) {
      assertRefused(reply, 422, 'invalid_state');
    }
    assert.deepEqual(await profilesOf(), [profile]);
    assert.deepEqual((await inChild('GET', `${path}/rules`)).body.rules, [rule]);
    assert.equal((await inChild('GET', `${path}/identities`)).body.identities.length, 1);
  }
});

test('the account adds and removes what the template lets it', async () => {
  const { profile, rule } = await managed({ add: true, remove: true });
  const path = `/v1/profiles/${profile.id}`;
  assert.equal((await inChild('POST', `${path}/rules`, samlRule('"mine"'))).status, 201);
  assert.equal((await inChild('DELETE', `${path}/rules/${rule.id}`)).status, 204);
  assert.equal((await inChild('POST', `${path}/identities/user`, { type: 'user', identifier: 'IBMid-mine' })).status, 200);
  assert.equal((await inChild('DELETE', `${path}/identities/user/${somebody.identifier}`)).status, 204);
  assertRefused(await inChild('PUT', path, { description: 'mine' }), 422, 'invalid_state');
  assertRefused(await inChild('DELETE', path), 422, 'invalid_state');
});

test('who may add may not remove, and the other way about', async () => {
  const adding = await managed({ add: true, remove: false });
  let path = `/v1/profiles/${adding.profile.id}`;
  assert.equal((await inChild('POST', `${path}/rules`, samlRule('"mine"'))).status, 201);
  assertRefused(await inChild('DELETE', `${path}/rules/${adding.rule.id}`), 422, 'invalid_state');
  assertRefused(await inChild('DELETE', `${path}/identities/user/${somebody.identifier}`), 422, 'invalid_state');
  enterprise = await makeEnterprise(world);
  calls = createTemplateCalls(world, enterprise.root, PROFILE_TEMPLATES);
  const removing = await managed({ add: false, remove: true });
  path = `/v1/profiles/${removing.profile.id}`;
  assertRefused(await inChild('POST', `${path}/rules`, samlRule('"mine"')), 422, 'invalid_state');
  assertRefused(await inChild('POST', `${path}/identities/user`, { type: 'user', identifier: 'IBMid-mine' }), 422, 'invalid_state');
  assert.equal((await inChild('DELETE', `${path}/rules/${removing.rule.id}`)).status, 204);
});

test('a missing right is told before the state: a member of the child is forbidden, a stranger finds nothing', async () => {
  const { profile } = await managed();
  const member = await world.user(enterprise.child.id);
  const options = { headers: { 'if-match': '*' }, body: { description: 'x' } };
  const path = `/v1/profiles/${profile.id}`;
  assertRefused(await world.call('PUT', path, { ...options, token: member.token }), 403, 'insufficient_permissions');
  assertRefused(await world.call('PUT', path, { ...options, token: (await world.account()).owner }), 404, 'not_found');
});

test('a pod gets in by such a profile, until it is unassigned', async () => {
  const { child } = enterprise;
  const { profile, assignment } = await managed({ add: true, remove: true });
  const cluster = await world.cluster(child);
  await world.link(child, profile.id, cluster.crn);
  const exchange = () => world.crToken(cluster.issuer.token(), { profile_id: profile.id });
  assert.equal((await exchange()).status, 200);
  assert.equal((await calls.unassign(assignment.id)).status, 202);
  assert.equal((await exchange()).body.errorCode, 'BXNIM0398E');
});

test('an Assignment Administrator assigns, a Template Administrator sees it, others do not', async () => {
  const { root, child } = enterprise;
  const by = ({ token }: TestUser) => createTemplateCalls(world, root, PROFILE_TEMPLATES, token);
  const assigner = by(await makeUserWith(world, root, SERVICE_ROLE('AssignmentAdministrator')));
  const author = by(await makeUserWith(world, root, SERVICE_ROLE('TemplateAdministrator')));
  const nobody = by(await world.user(root.id));
  const template = await calls.committed({ profile: { name: 'by role' } });
  for (const forbidden of [author, nobody]) {
    assertRefused(await forbidden.assign(template.id, 1, child.id), 403, 'insufficient_permissions');
  }
  const made = await assigner.assign(template.id, 1, child.id);
  assert.equal(made.status, 202, made.text);
  assert.equal((await calls.assignment(made.body.id)).body.status, 'succeeded');
  const { id } = made.body;
  assert.equal((await author.assignment(id)).status, 200);
  assertRefused(await nobody.assignment(id), 403, 'insufficient_permissions');
  for (const forbidden of [author, nobody]) {
    assertRefused(await forbidden.move(id, 1, '*'), 403, 'insufficient_permissions');
    assertRefused(await forbidden.unassign(id), 403, 'insufficient_permissions');
  }
  const stranger = await world.user(child.id);
  const below = createTemplateCalls(world, child, PROFILE_TEMPLATES, stranger.token);
  for (const reply of [await below.assignment(id), await below.move(id, 1, '*'), await below.unassign(id)]) {
    assertRefused(reply, 404, 'not_found');
  }
  assert.equal((await assigner.unassign(id)).status, 202);
});

test('an assignment is told in the audit log of the account of the template, and has a history', async () => {
  const template = await calls.committed({ profile: { name: 'audited' } });
  const made = await calls.assign(template.id, 1, enterprise.child.id);
  assert.equal((await calls.assignment(made.body.id, '?include_history=true')).body.history[0].action, 'CREATE');
  const removed = await calls.unassign(made.body.id);
  for (const [reply, operation] of [
    [made, 'assign'],
    [removed, 'remove'],
  ] as const) {
    const events = await world.events(enterprise.root, reply.headers.get('x-request-id') ?? '');
    assert.ok(
      events.some(({ data }) => data.action === `iam-identity.profile-template.${operation}`),
      operation,
    );
  }
});
