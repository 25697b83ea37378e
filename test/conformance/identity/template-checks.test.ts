/** What is not taken as a profile template, who may do what to one, and how many there may be. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type World } from '../../support/world.ts';
import { makeAccount, makeUserWith } from './making.ts';
import { assertRefused } from './refusal.ts';
import { ACCOUNT_SETTINGS_TEMPLATES, createTemplateCalls, PROFILE_TEMPLATES, samlRule } from './template-calls.ts';

const UNKNOWN = 'ProfileTemplate-00000000-0000-4000-8000-000000000000';
let world: World;
let account: TestAccount;
let calls: ReturnType<typeof createTemplateCalls>;

before(async () => {
  world = await startWorld({ settings: { 'limits-set': 'ibm' } });
  account = await world.account();
  calls = createTemplateCalls(world, account, PROFILE_TEMPLATES);
});
after(() => world[Symbol.asyncDispose]());

test('a template without a name or an account is refused', async () => {
  assertRefused(await calls.send({ account_id: account.id }), 400, 'missing_parameter');
  assertRefused(await calls.send({ account_id: account.id, name: '' }), 400, 'missing_parameter');
  assertRefused(await calls.send({ name: 'x' }), 400, 'missing_parameter');
  assertRefused(await calls.send({ name: 'x', account_id: 'invalid' }), 400, 'invalid_parameter', 'BXNIM0106E');
  assertRefused(await calls.send({ name: 'x', account_id: '0'.repeat(32) }), 400, 'invalid_parameter');
});

const { realm_name: _, ...withoutRealm } = samlRule();
for (const [what, members] of [
  ['a name that is a number', { name: 7 }],
  ['a name of 301 characters', { name: 'x'.repeat(301) }],
  ['a description of 1,001 characters', { description: 'x'.repeat(1001) }],
  ['a profile that is a text', { profile: 'x' }],
  ['a profile without a name', { profile: { description: 'x' } }],
  ['a profile whose name is a list', { profile: { name: ['x'] } }],
  ['rules that are an object', { profile: { name: 'x', rules: {} } }],
  ['a rule for compute resources', { profile: { name: 'x', rules: [{ ...samlRule(), type: 'Profile-CR', cr_type: 'ROKS_SA' }] } }],
  ['a rule of an unknown type', { profile: { name: 'x', rules: [{ ...samlRule(), type: 'x' }] } }],
  ['a rule without a realm', { profile: { name: 'x', rules: [withoutRealm] } }],
  ['a rule without conditions', { profile: { name: 'x', rules: [{ ...samlRule(), conditions: [] }] } }],
  [
    'a rule with an unknown operator',
    { profile: { name: 'x', rules: [{ ...samlRule(), conditions: [{ claim: 'a', operator: 'LIKE', value: 'b' }] }] } },
  ],
  ['an identity of an unknown type', { profile: { name: 'x', identities: [{ type: 'group', identifier: 'x' }] } }],
  ['an identity without an identifier', { profile: { name: 'x', identities: [{ type: 'user' }] } }],
  ['action controls that are a text', { action_controls: 'all' }],
  [
    'action controls that say perhaps',
    { action_controls: { rules: { add: 'perhaps', remove: false }, policies: { add: false, remove: false } } },
  ],
  ['policy references that are an object', { policy_template_references: {} }],
] as const) {
  test(`${what}: refused at creation, at a change and at a further version`, async () => {
    const { id } = (await calls.create()).body;
    const before = (await calls.get(id, 1)).body;
    for (const reply of [await calls.create(members), await calls.update(id, 1, members, '*'), await calls.createVersion(id, members)]) {
      assert.equal(reply.status, 400, reply.text);
      assert.match(reply.body.errors[0].code, /^(?:invalid|missing)_parameter$/);
    }
    assert.deepEqual((await calls.versions(id)).body.profile_templates, [before]);
    await calls.removeAll(id);
  });
}

test('policy templates cannot be referenced yet; an empty list of them is nothing', async () => {
  const policy_template_references = [{ id: 'policyTemplate-1', version: '1' }];
  assertRefused(await calls.create({ policy_template_references }), 501, 'not_offered');
  const { status, body } = await calls.create({ policy_template_references: [] });
  assert.equal(status, 201);
  assertRefused(await calls.update(body.id, 1, { policy_template_references }, '*'), 501, 'not_offered');
  assertRefused(await calls.createVersion(body.id, { policy_template_references }), 501, 'not_offered');
});

test('what is no JSON object is refused, and __proto__ is a member like others', async () => {
  const deep = '['.repeat(50_000) + ']'.repeat(50_000);
  for (const text of ['[]', 'null', '{', `{"account_id":"${account.id}","name":"x","profile":${deep}}`]) {
    assert.equal((await calls.send(text)).status, 400, text.slice(0, 40));
  }
  assertRefused(await calls.send(`{"__proto__":{"name":"x","account_id":"${account.id}"}}`), 400, 'missing_parameter');
});

test('an unknown template and an unknown version are not found', async () => {
  const { id } = (await calls.create()).body;
  for (const [template, version] of [
    [UNKNOWN, 1],
    ['invalid', 1],
    ['__proto__', 1],
    [id, 2],
    [id, 0],
    [id, 99_999_999_999],
  ] as const) {
    for (const reply of [
      await calls.get(template, version),
      await calls.update(template, version, { description: 'x' }, '*'),
      await calls.commit(template, version),
      await calls.remove(template, version),
    ]) {
      assertRefused(reply, 404, 'not_found');
    }
  }
  for (const version of ['abc', '-1', '1.5', '01', '__proto__']) {
    const reply = await calls.get(id, version);
    assert.ok([400, 404].includes(reply.status), `${version}: ${reply.status}`);
  }
  for (const reply of [
    await calls.latest(UNKNOWN),
    await calls.versions(UNKNOWN),
    await calls.createVersion(UNKNOWN),
    await calls.removeAll(UNKNOWN),
  ]) {
    assertRefused(reply, 404, 'not_found');
  }
});

test('a template of another account is not found, in the words for one that does not exist', async () => {
  const made = (await calls.create()).body;
  const stranger = createTemplateCalls(world, await world.account(), PROFILE_TEMPLATES);
  for (const attempt of [
    (id: string) => stranger.latest(id),
    (id: string) => stranger.versions(id),
    (id: string) => stranger.get(id, 1),
    (id: string) => stranger.createVersion(id),
    (id: string) => stranger.update(id, 1, { description: 'x' }, '*'),
    (id: string) => stranger.commit(id, 1),
    (id: string) => stranger.remove(id, 1),
    (id: string) => stranger.removeAll(id),
  ]) {
    const [foreign, absent] = [await attempt(made.id), await attempt(UNKNOWN)];
    assertRefused(foreign, 404, 'not_found');
    assert.deepEqual(JSON.parse(JSON.stringify(foreign.body.errors).replaceAll(made.id, UNKNOWN)), absent.body.errors);
  }
  assert.deepEqual((await calls.get(made.id, 1)).body, made);
});

test('a child account does not see the templates of its parent', async () => {
  const made = (await calls.create()).body;
  const child = await makeAccount(world, 'IBMid-owner-of-a-child', account.id);
  assertRefused(await createTemplateCalls(world, child, PROFILE_TEMPLATES).latest(made.id), 404, 'not_found');
});

test('a Template Administrator does everything, an Assignment Administrator reads, the platform roles give nothing', async () => {
  for (const [role, reads, writes] of [
    [SERVICE_ROLE('TemplateAdministrator'), true, true],
    [SERVICE_ROLE('AssignmentAdministrator'), true, false],
    [ROLE('Administrator'), false, false],
    [ROLE('Viewer'), false, false],
    [undefined, false, false],
  ] as const) {
    const { token } = role === undefined ? await world.user(account.id) : await makeUserWith(world, account, role);
    const by = createTemplateCalls(world, account, PROFILE_TEMPLATES, token);
    const { id } = (await calls.create()).body;
    for (const [reply, permitted] of [
      [await by.list(), reads],
      [await by.latest(id), reads],
      [await by.versions(id), reads],
      [await by.get(id, 1), reads],
      [await by.create(), writes],
      [await by.createVersion(id), writes],
      [await by.update(id, 1, { description: 'x' }, '*'), writes],
      [await by.commit(id, 1), writes],
      [await by.remove(id, 2), writes],
      [await by.removeAll(id), writes],
    ] as const) {
      if (permitted) assert.ok(reply.status < 300, `${role}: ${reply.status} ${reply.text}`);
      else if (reply.status !== 404 || writes) assertRefused(reply, 403, 'insufficient_permissions');
    }
    await calls.removeAll(id);
  }
});

for (const [kind, limit] of [
  [PROFILE_TEMPLATES, 100],
  [ACCOUNT_SETTINGS_TEMPLATES, 10],
] as const) {
  test(`an account has ${limit} of ${kind.list}, and each 100 versions`, async () => {
    const full = createTemplateCalls(world, await world.account(), kind);
    const ids: string[] = [];
    for (let made = 0; made < limit; made++) {
      const { status, body, text } = await full.create();
      assert.equal(status, 201, text);
      ids.push(body.id);
    }
    assertRefused(await full.create(), 422, 'limit_exceeded');
    await full.removeAll(ids[0] ?? '');
    assert.equal((await full.create()).status, 201);
    for (let made = 1; made < 100; made++) assert.equal((await full.createVersion(ids[1] ?? '')).status, 201);
    assertRefused(await full.createVersion(ids[1] ?? ''), 422, 'limit_exceeded');
    await full.remove(ids[1] ?? '', 1);
    assert.equal((await full.createVersion(ids[1] ?? '')).status, 201);
  });
}
