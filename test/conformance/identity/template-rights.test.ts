/** Who may do what to templates of account settings and to their assignments, and what a role on one template gives. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Reply, ROLE, SERVICE_ROLE, startWorld, type Wire, type World } from '../../support/world.ts';
import { type Enterprise, makeEnterprise, makeUserWith } from './making.ts';
import { assertRefused } from './refusal.ts';
import { ACCOUNT_SETTINGS_TEMPLATES, createTemplateCalls, PROFILE_TEMPLATES, type TemplateKind } from './template-calls.ts';

let world: World;
let enterprise: Enterprise;

before(async () => {
  world = await startWorld();
  enterprise = await makeEnterprise(world);
});
after(() => world[Symbol.asyncDispose]());

const documentOf = (kind: TemplateKind, name = crypto.randomUUID()) => ({
  [kind.part]: kind === PROFILE_TEMPLATES ? { name } : { mfa: 'TOTP' },
});

function assertAnswer(reply: Reply<Wire>, permitted: boolean, what: string): void {
  if (permitted) assert.ok(reply.status < 300, `${what}: ${reply.status} ${reply.text}`);
  else assertRefused(reply, 403, 'insufficient_permissions');
}

for (const kind of [PROFILE_TEMPLATES, ACCOUNT_SETTINGS_TEMPLATES]) {
  for (const [role, may] of [
    [SERVICE_ROLE('TemplateAdministrator'), 'read write'],
    [SERVICE_ROLE('AssignmentAdministrator'), 'read assign'],
    [ROLE('Administrator'), ''],
    [ROLE('Operator'), ''],
    [ROLE('Editor'), ''],
    [ROLE('Viewer'), ''],
  ] as const) {
    test(`with the role ${role.split(':').at(-1)} one may do this to ${kind.list} and their assignments: ${may || 'nothing'}`, async () => {
      const { root, child } = enterprise;
      const { token } = await makeUserWith(world, root, role);
      const by = createTemplateCalls(world, root, kind, token);
      const calls = createTemplateCalls(world, root, kind);
      const { id } = await calls.committed(documentOf(kind));
      const open = (await calls.create(documentOf(kind))).body.id;
      const assignment = (await calls.assign(id, 1, root.id)).body.id;
      const other = (await calls.assign(id, 1, child.id)).body.id;
      const mine = (await calls.committed(documentOf(kind))).id;
      for (const [action, reply] of [
        ['read', await by.list()],
        ['read', await by.latest(id)],
        ['read', await by.versions(id)],
        ['read', await by.get(id, 1)],
        ['read', await by.assignments(`account_id=${root.id}`)],
        ['read', await by.assignment(assignment)],
        ['assign', await by.assign(mine, 1, child.id)],
        ['assign', await by.move(assignment, 1, '*')],
        ['assign', await by.unassign(assignment)],
        ['write', await by.create()],
        ['write', await by.createVersion(open)],
        ['write', await by.update(open, 1, { description: 'x' }, '*')],
        ['write', await by.commit(open, 1)],
        ['write', await by.remove(open, 1)],
        ['write', await by.removeAll(open)],
      ] as const) {
        assertAnswer(reply, may.split(' ').includes(action), `${role} ${action}`);
      }
      await calls.unassign(other);
    });
  }
}

test('a role on one template gives that template, its versions and its assignments, and no other', async () => {
  const { root, child } = enterprise;
  const calls = createTemplateCalls(world, root, PROFILE_TEMPLATES);
  const one = await calls.committed(documentOf(PROFILE_TEMPLATES));
  const other = await calls.committed(documentOf(PROFILE_TEMPLATES));
  const user = await world.user(root.id);
  const roles = [SERVICE_ROLE('TemplateAdministrator'), SERVICE_ROLE('AssignmentAdministrator')];
  await world.policy(root, user.iamId, roles, { serviceName: 'iam-identity', resourceType: 'template', resource: one.id });
  const by = createTemplateCalls(world, root, PROFILE_TEMPLATES, user.token);
  assert.equal((await by.latest(one.id)).status, 200);
  const assigned = await by.assign(one.id, 1, child.id);
  assert.equal(assigned.status, 202, assigned.text);
  assert.equal((await by.assignment(assigned.body.id)).status, 200);
  assert.equal((await by.unassign(assigned.body.id)).status, 202);
  assert.equal((await by.createVersion(one.id)).status, 201);
  for (const reply of [
    await by.latest(other.id),
    await by.assign(other.id, 1, child.id),
    await by.create(),
    await by.list(),
    await by.assignments(`account_id=${root.id}`),
  ]) {
    assertRefused(reply, 403, 'insufficient_permissions');
  }
});

test('roles in the account below give no right in templates of the one above, nor in their assignments', async () => {
  const { root, child } = enterprise;
  const stranger = await makeUserWith(world, child, SERVICE_ROLE('TemplateAdministrator'), SERVICE_ROLE('AssignmentAdministrator'));
  for (const kind of [PROFILE_TEMPLATES, ACCOUNT_SETTINGS_TEMPLATES]) {
    const calls = createTemplateCalls(world, root, kind);
    const template = await calls.committed(documentOf(kind));
    const { id } = (await calls.assign(template.id, 1, child.id)).body;
    const by = createTemplateCalls(world, child, kind, stranger.token);
    for (const reply of [await by.latest(template.id), await by.assignment(id), await by.move(id, 1, '*'), await by.unassign(id)]) {
      assertRefused(reply, 404, 'not_found');
    }
    assert.deepEqual((await by.assignments(`account_id=${child.id}`)).body.assignments, []);
    await calls.unassign(id);
  }
});
