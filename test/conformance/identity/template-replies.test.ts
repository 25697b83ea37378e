/** The members of replies about enterprise templates and their assignments, each there or absent as clients expect it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type Wire, type World } from '../../support/world.ts';
import { type Enterprise, makeEnterprise } from './making.ts';
import { ACCOUNT_SETTINGS_TEMPLATES, createTemplateCalls, PROFILE_TEMPLATES, samlRule, type TemplateKind } from './template-calls.ts';

const VERSION = 'account_id committed created_at created_by_id crn entity_tag id last_modified_at last_modified_by_id name version'.split(
  ' ',
);
const ASSIGNMENT =
  'account_id created_at created_by_id entity_tag id last_modified_at last_modified_by_id status target target_type template_id template_version'.split(
    ' ',
  );
let world: World;
let enterprise: Enterprise;

before(async () => {
  world = await startWorld();
  enterprise = await makeEnterprise(world);
});
after(() => world[Symbol.asyncDispose]());

const callsOf = (kind: TemplateKind) => createTemplateCalls(world, enterprise.root, kind);
const members = (body: Wire) => Object.keys(body).sort();
const names = (...more: readonly string[]) => [...VERSION, ...more].sort();

test('a profile template has no description, no controls and no empty lists that nobody sent', async () => {
  const calls = callsOf(PROFILE_TEMPLATES);
  assert.deepEqual(members((await calls.create()).body), names('policy_template_references'));
  const { body } = await calls.create({ profile: { name: 'bare' } });
  assert.deepEqual(members(body), names('policy_template_references', 'profile'));
  assert.deepEqual(body.policy_template_references, []);
  assert.deepEqual(body.profile, { name: 'bare' });
});

test('a profile template has all that was sent, as it was sent', async () => {
  const both = { add: true, remove: false };
  const sent = {
    name: 'whole',
    description: 'of a template',
    profile: {
      name: 'whole',
      description: 'of a profile',
      email: 'no address',
      rules: [samlRule(), { ...samlRule(), name: undefined }],
      identities: [
        { type: 'user', identifier: 'IBMid-1', accounts: [enterprise.child.id], description: 'd' },
        { type: 'serviceid', identifier: 'ServiceId-00000000-0000-4000-8000-000000000000' },
      ],
    },
    policy_template_references: [],
    action_controls: { identities: both, rules: both, policies: both },
  };
  const { body } = await callsOf(PROFILE_TEMPLATES).create(sent);
  assert.deepEqual(members(body), names('action_controls', 'description', 'policy_template_references', 'profile'));
  const { identities, ...profile } = JSON.parse(JSON.stringify(sent.profile));
  assert.deepEqual(body.action_controls, sent.action_controls);
  const { identities: shown, ...rest } = body.profile;
  assert.deepEqual(rest, profile);
  assert.deepEqual(
    shown,
    identities.map((identity: Wire) => ({
      ...identity,
      iam_id: identity.type === 'user' ? identity.identifier : `iam-${identity.identifier}`,
    })),
  );
});

test('a template of account settings has the settings that were sent and no others', async () => {
  const calls = callsOf(ACCOUNT_SETTINGS_TEMPLATES);
  const { body } = await calls.create();
  assert.deepEqual(members(body), names('account_settings'));
  assert.deepEqual(body.account_settings, {});
  for (const account_settings of [
    { mfa: 'LEVEL2' },
    { restrict_user_domains: { account_sufficient: false } },
    { restrict_user_domains: { restrictions: [{ realm_id: 'IBMid' }] } },
    { user_mfa: [{ iam_id: 'IBMid-1', mfa: 'NONE' }], session_expiration_in_seconds: 'NOT_SET' },
    { restrict_user_list_visibility: 'NOT_SET', allowed_ip_addresses: '10.0.0.0/8' },
  ]) {
    const made = await calls.create({ account_settings });
    assert.deepEqual(made.body.account_settings, account_settings);
    // Settings that are sent again take the place of all that were there.
    const changed = await calls.update(made.body.id, 1, { account_settings: { mfa: 'NONE' } }, '*');
    assert.deepEqual(changed.body.account_settings, { mfa: 'NONE' });
    assert.deepEqual((await calls.update(made.body.id, 1, { description: 'x' }, '*')).body.account_settings, { mfa: 'NONE' });
    await calls.removeAll(made.body.id);
  }
});

test('an assignment of a profile template tells of the profile and of policies, a list of neither', async () => {
  const calls = callsOf(PROFILE_TEMPLATES);
  const template = await calls.committed({ profile: { name: 'assigned' } });
  const { child } = enterprise;
  const made = (await calls.assign(template.id, 1, child.id)).body;
  assert.deepEqual(members(made), [...ASSIGNMENT, 'resources'].sort());
  const { resources } = (await calls.assignment(made.id)).body;
  const { profiles } = (await world.expect(200, 'GET', `/v1/profiles?account_id=${child.id}`, { token: child.owner })).body;
  const { id } = profiles.find(({ assignment_id }: Wire) => assignment_id === made.id);
  assert.deepEqual(resources, [
    { target: child.id, profile: { resource_created: { id }, status: 'succeeded' }, policy_template_references: [] },
  ]);
  const list = (await calls.assignments(`account_id=${enterprise.root.id}&template_id=${template.id}`)).body;
  assert.deepEqual(members(list), ['assignments', 'first', 'limit', 'offset']);
  assert.deepEqual(members(list.assignments[0]), ASSIGNMENT);
});

test('an assignment of account settings tells of the settings', async () => {
  const calls = callsOf(ACCOUNT_SETTINGS_TEMPLATES);
  const template = await calls.committed({ account_settings: { mfa: 'TOTP' } });
  const made = (await calls.assign(template.id, 1, enterprise.child.id)).body;
  assert.deepEqual(members(made), [...ASSIGNMENT, 'resources'].sort());
  assert.deepEqual(made.resources, [{ target: enterprise.child.id, account_settings: { status: 'succeeded' } }]);
});

for (const kind of [PROFILE_TEMPLATES, ACCOUNT_SETTINGS_TEMPLATES]) {
  test(`a committed version of ${kind.list} stays as it is while a further one gets another name for all`, async () => {
    const calls = callsOf(kind);
    const { id } = await calls.committed({ [kind.part]: kind === PROFILE_TEMPLATES ? { name: 'kept' } : { mfa: 'TOTP' } });
    const before = (await calls.get(id, 1)).body;
    const name = crypto.randomUUID();
    const second = await calls.createVersion(id, { name });
    assert.deepEqual([second.status, second.body.version, second.body.name], [201, 2, name]);
    assert.deepEqual((await calls.get(id, 1)).body, { ...before, name });
    assert.deepEqual(
      (await calls.versions(id)).body[kind.list].map(({ version, committed }: Wire) => [version, committed]),
      [
        [1, true],
        [2, false],
      ],
    );
  });
}
