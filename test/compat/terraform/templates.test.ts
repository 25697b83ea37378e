/** `ibm_iam_trusted_profile_template` and `ibm_iam_trusted_profile_template_assignment`, in an enterprise of two accounts. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertForgotten, assertNoDrift, configureProvider, type Provider } from './provider.ts';

const ASSIGNMENTS = '/v1/profile_assignments/';

let world: World;
let enterprise: TestAccount;
let child: string;
let provider: Provider;

before(async () => {
  world = await startWorld();
  enterprise = await world.account('enterprise');
  const body = { name: 'child', owner_iam_id: enterprise.ownerIamId, parent_account_id: enterprise.id };
  child = (await world.expect(201, 'POST', '/podpass/v1/accounts', { token: world.admin, body })).body.id;
  provider = await configureProvider(world, enterprise);
});
after(() => world[Symbol.asyncDispose]());

const rule = {
  name: 'name',
  type: 'Profile-SAML',
  realm_name: 'test-realm-101',
  expiration: 1,
  conditions: [{ claim: 'claim', operator: 'EQUALS', value: '"value"' }],
};
const versionPath = ({ id, version }: Wire) => `/v1/profile_templates/${id}/versions/${version}`;

/** The template as its state has it; what the server adds to an identity is computed from what was sent. */
async function read(configured: object, template: Wire): Promise<Wire> {
  const { body } = await provider.expect(200, 'GET', versionPath(template));
  const { identities, ...profile } = body.profile;
  const sent = identities?.map(({ iam_id, ...identity }: Wire) => {
    assert.equal(typeof iam_id, 'string');
    return identity;
  });
  assertNoDrift('template', configured, { ...body, profile: { ...profile, ...(sent?.length > 0 && { identities: sent }) } });
  return body;
}

/** Creates a template, or a further version of one, reads it, and commits it where the configuration says so. */
async function apply(configured: object, { of, committed = false }: { of?: string; committed?: boolean } = {}): Promise<Wire> {
  const path = of === undefined ? '/v1/profile_templates' : `/v1/profile_templates/${of}/versions`;
  const { body: made } = await provider.expect(201, 'POST', path, { ...configured, account_id: provider.accountId });
  if (committed) await provider.expect(204, 'POST', `${versionPath(made)}/commit`);
  const template = await read(configured, made);
  assert.equal(template.committed, committed);
  return template;
}

const assign = async (template: Wire): Promise<Wire> => {
  const body = { template_id: template.id, template_version: template.version, target_type: 'Account', target: child };
  return (await provider.expect(202, 'POST', ASSIGNMENTS, body)).body;
};

/** Looks until the status is neither `accepted` nor `in_progress`; the state is read once more after that. */
async function wait({ id }: Wire): Promise<Wire> {
  let status = 'accepted';
  for (let look = 0; look < 20 && ['accepted', 'in_progress'].includes(status); look += 1) {
    status = (await provider.expect(200, 'GET', `/v1/profile_assignments/${id}`)).body.status;
  }
  assert.ok(['succeeded', 'failed'].includes(status), `${status}: the provider gives up`);
  return (await provider.expect(200, 'GET', `/v1/profile_assignments/${id}`)).body;
}

const move = async (assignment: Wire, version: number): Promise<Wire> => {
  const headers = { 'if-match': assignment.entity_tag };
  await provider.expect(202, 'PATCH', `/v1/profile_assignments/${assignment.id}`, { template_version: version }, headers);
  return wait(assignment);
};

/** Unassigns and looks until there is nothing to look at. */
async function unassign({ id }: Wire): Promise<void> {
  const deleted = await provider.expect(202, 'DELETE', `/v1/profile_assignments/${id}`);
  assert.equal(deleted.text, '', "Go's client would decode a body");
  let looks = 0;
  while ((await provider.send('GET', `/v1/profile_assignments/${id}`)).status !== 404) {
    looks += 1;
    assert.ok(looks < 20, 'the provider waits for half an hour');
  }
}

const destroy = async (...templates: readonly Wire[]): Promise<void> => {
  for (const template of templates) {
    await provider.expect(204, 'DELETE', versionPath(template));
    await assertForgotten(provider, versionPath(template));
  }
};

test('(replay): ibm_iam_trusted_profile_template is created, changed with the tag of its state, committed and destroyed', async () => {
  const crn = `crn:v1:staging:public:iam-identity::a/${enterprise.id}:::`;
  const profile = { name: 'name', description: 'description', rules: [rule], identities: [{ identifier: crn, type: 'crn' }] };
  const configured = { name: 'tf_template', description: 'tf_description', profile };
  const template = await apply(configured);
  assert.equal(template.version, 1);
  for (const attribute of ['account_id', 'entity_tag', 'crn', 'created_at', 'created_by_id', 'last_modified_at', 'last_modified_by_id']) {
    assert.ok(template[attribute], attribute);
  }
  const changed = { ...configured, description: 'tf_changed' };
  const headers = { 'if-match': template.entity_tag };
  await provider.expect(200, 'PUT', versionPath(template), { description: 'tf_changed' }, headers);
  await read(changed, template);
  await provider.expect(409, 'PUT', versionPath(template), { description: 'late' }, headers);
  await provider.expect(204, 'POST', `${versionPath(template)}/commit`);
  assert.equal((await read(changed, template)).committed, true);
  await destroy(template);
});

test('(replay): ibm_iam_trusted_profile_template with nothing but a profile name plans nothing', async () => {
  const first = await apply({ name: 'tf_bare', profile: { name: 'tf_bare_profile' } });
  assert.ok(!('description' in first));
  const second = await apply(
    { name: 'tf_bare', description: 'New version description', profile: { name: 'tf_bare_profile' } },
    { of: first.id },
  );
  assert.equal(second.id, first.id);
  assert.equal(second.version, 2);
  await destroy(second, first);
});

test('T8 (replay): ibm_iam_trusted_profile_template_assignment is applied, moved, and gone with a 404 after its empty 202', async () => {
  const configured = { name: 'tf_assigned', profile: { name: 'tf_assigned_profile', rules: [rule] } };
  const first = await apply(configured, { committed: true });
  const second = await apply(
    { ...configured, profile: { ...configured.profile, description: 'second' } },
    { of: first.id, committed: true },
  );
  const assignment = await wait(await assign(first));
  assert.equal(assignment.status, 'succeeded');
  for (const [attribute, value] of Object.entries({ template_id: first.id, template_version: 1, target_type: 'Account', target: child })) {
    assert.equal(assignment[attribute], value, 'another value would be a plan');
  }
  const [resource] = assignment.resources;
  assert.equal(resource.target, child);
  assert.equal(resource.profile.status, 'succeeded');
  const profilePath = `/v1/profiles/${resource.profile.resource_created.id}`;
  const { body: profile } = await provider.expect(200, 'GET', profilePath);
  assert.equal(profile.template_id, first.id);
  assert.equal(profile.assignment_id, assignment.id);

  const moved = await move(assignment, 2);
  assert.equal(moved.status, 'succeeded');
  assert.equal(moved.template_version, 2);
  assert.equal((await provider.expect(200, 'GET', profilePath)).body.description, 'second');

  await unassign(assignment);
  await assertForgotten(provider, profilePath);
  await destroy(second, first);
});

test('T8 (replay): ibm_iam_trusted_profile_template_assignment that failed is tried again with the same version', async () => {
  const name = 'tf_taken_profile';
  const inTheWay = (await provider.expect(201, 'POST', '/v1/profiles', { name, account_id: child })).body;
  const template = await apply({ name: 'tf_failing', profile: { name } }, { committed: true });
  const assignment = await wait(await assign(template));
  assert.equal(assignment.status, 'failed');
  assert.equal(assignment.resources[0].profile.status, 'failed');
  assert.ok(assignment.resources[0].profile.error_message.message);
  const still = await move(assignment, 1);
  assert.equal(still.status, 'failed');
  await provider.expect(204, 'DELETE', `/v1/profiles/${inTheWay.id}`);
  const retried = await move(still, 1);
  assert.equal(retried.status, 'succeeded');
  await unassign(assignment);
  await destroy(template);
});
