import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { nextPageToken, walkPages } from './making.ts';
import { assertRefused } from './refusal.ts';
import { createTemplateCalls, PROFILE_TEMPLATES, placeholder, samlRule } from './template-calls.ts';

const UNKNOWN = 'ProfileTemplate-00000000-0000-4000-8000-000000000000';
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
let world: World;
let account: TestAccount;
let calls: ReturnType<typeof createTemplateCalls>;

before(async () => {
  world = await startWorld();
  account = await world.account();
  calls = createTemplateCalls(world, account, PROFILE_TEMPLATES);
});
after(() => world[Symbol.asyncDispose]());

const profileOf = (members: Readonly<Record<string, unknown>> = {}) => ({
  name: `profile ${placeholder('template_id')}`,
  description: 'of a template',
  rules: [samlRule()],
  ...members,
});

test('T1: a template is made with its first version, uncommitted', async () => {
  const sent = { name: 't1', description: 'first', profile: profileOf() };
  const { status, body, headers } = await calls.create(sent);
  assert.equal(status, 201);
  assert.match(body.id, /^ProfileTemplate-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(body.crn, `crn:v1:bluemix:public:iam-identity::a/${account.id}::template:${body.id}`);
  assert.match(body.entity_tag, /^1-[0-9a-f]{32}$/);
  assert.equal(headers.get('etag'), body.entity_tag);
  assert.deepEqual([body.version, body.committed, body.account_id], [1, false, account.id]);
  assert.deepEqual([body.name, body.description], ['t1', 'first']);
  assert.deepEqual([body.created_by_id, body.last_modified_by_id], [account.ownerIamId, account.ownerIamId]);
  assert.match(body.created_at, INSTANT);
  assert.equal(body.last_modified_at, body.created_at);
  assert.deepEqual([body.profile.name, body.profile.description], [sent.profile.name, sent.profile.description]);
  assert.deepEqual(body.profile.rules, sent.profile.rules);
  assert.ok(!('history' in body));
  const read = await calls.get(body.id, 1);
  assert.deepEqual([read.status, read.body, read.headers.get('etag')], [200, body, body.entity_tag]);
  assert.deepEqual((await calls.latest(body.id)).body, body);
});

test('T1: identities and what a child may change are kept as they were sent', async () => {
  const action_controls = {
    identities: { add: true, remove: false },
    rules: { add: false, remove: true },
    policies: { add: false, remove: false },
  };
  const identities = [{ type: 'user', identifier: 'IBMid-somebody', accounts: [account.id], description: 'somebody' }];
  const { status, body, text } = await calls.create({ profile: profileOf({ identities }), action_controls });
  assert.equal(status, 201, text);
  assert.deepEqual(body.action_controls, action_controls);
  assert.equal(body.profile.identities.length, 1);
  const [identity] = body.profile.identities;
  assert.deepEqual([identity.type, identity.identifier, identity.accounts], ['user', 'IBMid-somebody', [account.id]]);
});

test('T2: a change without a profile keeps the profile', async () => {
  const made = (await calls.create({ profile: profileOf() })).body;
  const { status, body, headers } = await calls.update(made.id, 1, { description: 'second' }, made.entity_tag);
  assert.equal(status, 200);
  assert.deepEqual([body.name, body.description, body.profile], [made.name, 'second', made.profile]);
  assert.match(body.entity_tag, /^2-/);
  assert.equal(headers.get('etag'), body.entity_tag);
  assert.deepEqual((await calls.get(made.id, 1)).body, body);
});

test('T4: a committed version is not changed, and not committed again', async () => {
  const made = await calls.committed({ profile: profileOf() });
  const committed = (await calls.get(made.id, 1)).body;
  assert.equal(committed.committed, true);
  assertRefused(await calls.update(made.id, 1, { description: 'x' }, '*'), 422, 'invalid_state', 'BXNIM0908E');
  assertRefused(await calls.commit(made.id, 1), 409, 'conflict');
  assert.deepEqual((await calls.get(made.id, 1)).body, committed);
});

test('T4: to commit answers without a body', async () => {
  const { id } = (await calls.create()).body;
  const { status, text } = await calls.commit(id, 1);
  assert.deepEqual([status, text], [204, '']);
});

test('a further version has the next number, and is the latest', async () => {
  const made = await calls.committed({ profile: profileOf() });
  const second = await calls.createVersion(made.id, { profile: profileOf({ name: 'second' }), description: 'two' });
  assert.equal(second.status, 201, second.text);
  assert.deepEqual([second.body.id, second.body.version, second.body.committed], [made.id, 2, false]);
  assert.deepEqual([second.body.name, second.body.profile.name], [made.name, 'second']);
  assert.equal(second.headers.get('etag'), second.body.entity_tag);
  assert.deepEqual((await calls.latest(made.id)).body, second.body);
  assert.equal((await calls.get(made.id, 1)).body.profile.name, made.profile.name);
  const { status, body } = await calls.versions(made.id);
  assert.equal(status, 200);
  assert.deepEqual(body.profile_templates.map(({ version }: Wire) => version).sort(), [1, 2]);
});

test('a name that comes with a later version or with a change is the name of all versions', async () => {
  const { id } = (await calls.create({ name: 'old name' })).body;
  await calls.createVersion(id, { name: 'new name' });
  for (const version of [1, 2]) assert.equal((await calls.get(id, version)).body.name, 'new name');
  assert.equal((await calls.update(id, 1, { name: 'newer name' }, '*')).status, 200);
  for (const version of [1, 2]) assert.equal((await calls.get(id, version)).body.name, 'newer name');
});

test('T9: one version is deleted, then all', async () => {
  const { id } = (await calls.create()).body;
  await calls.createVersion(id);
  await calls.createVersion(id);
  const one = await calls.remove(id, 1);
  assert.deepEqual([one.status, one.text], [204, '']);
  assertRefused(await calls.get(id, 1), 404, 'not_found');
  assertRefused(await calls.remove(id, 1), 404, 'not_found');
  assert.equal((await calls.latest(id)).body.version, 3);
  const all = await calls.removeAll(id);
  assert.deepEqual([all.status, all.text], [204, '']);
  for (const reply of [await calls.latest(id), await calls.versions(id), await calls.get(id, 2), await calls.removeAll(id)]) {
    assertRefused(reply, 404, 'not_found');
  }
});

test('the number of a deleted version is not given again', async () => {
  const { id } = (await calls.create()).body;
  await calls.createVersion(id);
  await calls.remove(id, 1);
  assert.equal((await calls.createVersion(id)).body.version, 3);
});

test('the name of a template is unique in its account, and free again after its deletion', async () => {
  const made = (await calls.create({ name: 'unique' })).body;
  const other = (await calls.create()).body;
  assertRefused(await calls.create({ name: 'unique' }), 409, 'conflict');
  assertRefused(await calls.update(other.id, 1, { name: 'unique' }, '*'), 409, 'conflict');
  const elsewhere = createTemplateCalls(world, await world.account(), PROFILE_TEMPLATES);
  assert.equal((await elsewhere.create({ name: 'unique' })).status, 201);
  await calls.removeAll(made.id);
  assert.equal((await calls.create({ name: 'unique' })).status, 201);
});

test('a change needs the current entity tag', async () => {
  const made = (await calls.create()).body;
  assertRefused(await calls.update(made.id, 1, { description: 'x' }), 400, 'missing_parameter');
  assertRefused(await calls.update(UNKNOWN, 1, { description: 'x' }), 400, 'missing_parameter');
  assertRefused(await calls.update(UNKNOWN, 1, { description: 'x' }, 'invalid'), 404, 'not_found');
  const { body: current } = await calls.update(made.id, 1, { description: 'second' }, `"${made.entity_tag}"`);
  assertRefused(await calls.update(made.id, 1, { description: 'third' }, made.entity_tag), 409, 'conflict');
  assert.deepEqual((await calls.get(made.id, 1)).body, current);
});

test('of 100 changes at once with the same tag exactly one succeeds, of 20 commits exactly one too', async () => {
  const made = (await calls.create()).body;
  const changes = await Promise.all(
    Array.from({ length: 100 }, (_, index) => calls.update(made.id, 1, { description: `writer ${index}` }, made.entity_tag)),
  );
  const winners = changes.filter(({ status }) => status === 200);
  assert.equal(winners.length, 1);
  for (const reply of changes) if (reply.status !== 200) assertRefused(reply, 409, 'conflict');
  assert.deepEqual((await calls.get(made.id, 1)).body, winners[0]?.body);
  const commits = await Promise.all(Array.from({ length: 20 }, () => calls.commit(made.id, 1)));
  assert.equal(commits.filter(({ status }) => status === 204).length, 1);
  for (const reply of commits) if (reply.status !== 204) assertRefused(reply, 409, 'conflict');
});

test('of 20 versions made at once none has the number of another', async () => {
  const { id } = (await calls.create()).body;
  const replies = await Promise.all(Array.from({ length: 20 }, () => calls.createVersion(id)));
  for (const { status, text } of replies) assert.equal(status, 201, text);
  const numbers = replies.map(({ body }) => body.version).sort((one, other) => one - other);
  assert.deepEqual(
    numbers,
    Array.from({ length: 20 }, (_, index) => index + 2),
  );
});

test('the list shows the templates of the account once, and walks in any order', async () => {
  const own = await world.account();
  const listed = createTemplateCalls(world, own, PROFILE_TEMPLATES);
  const names = ['b', 'a', 'c'];
  for (const name of names) await listed.create({ name });
  const last = (await listed.list()).body.profile_templates.at(-1);
  await listed.createVersion(last.id);
  const namesIn = (body: Wire): string[] => body.profile_templates.map(({ name }: Wire) => name);
  const { status, body } = await listed.list();
  assert.equal(status, 200);
  assert.deepEqual([body.offset, body.limit, namesIn(body)], [0, 20, names]);
  assert.ok(!('next' in body) && typeof body.first === 'string');
  const pages = await walkPages(world, own.owner, (await listed.list(`account_id=${own.id}&limit=1&sort=name&order=desc`)).body);
  assert.deepEqual(pages.flatMap(namesIn), ['c', 'b', 'a']);
  for (const sort of ['created_at', 'last_modified_at']) assert.equal((await listed.list(`account_id=${own.id}&sort=${sort}`)).status, 200);
  const history = (await listed.list(`account_id=${own.id}&include_history=true`)).body.profile_templates[1].history;
  assert.equal(history[0].action, 'CREATE');
  const token = nextPageToken(pages[0]);
  assert.deepEqual(namesIn((await listed.list(`pagetoken=${token}`)).body), ['b']);
  assertRefused(await calls.list(`pagetoken=${token}`), 403, 'insufficient_permissions');
  for (const query of ['limit=0', 'limit=101', 'limit=x', 'sort=color', 'sort=modified_at', 'order=up', 'pagetoken=x']) {
    assertRefused(await listed.list(`account_id=${own.id}&${query}`), 400, 'invalid_parameter', 'BXNIM0106E');
  }
  assertRefused(await listed.list(''), 400, 'missing_parameter');
  assertRefused(await listed.list(`account_id=${account.id}`), 403, 'insufficient_permissions');
});

test('a history is shown where it is asked for, and each change is one audit event', async () => {
  const made = await calls.create();
  const { id } = made.body;
  const changed = await calls.update(id, 1, { description: 'x' }, '*');
  const committed = await calls.commit(id, 1);
  const { history } = (await calls.get(id, 1, '?include_history=true')).body;
  assert.deepEqual([history[0].action, history[1].action], ['CREATE', 'UPDATE']);
  assert.ok((await calls.latest(id, '?include_history=true')).body.history.length > 0);
  const removed = await calls.removeAll(id);
  for (const [reply, operation] of [
    [made, 'create'],
    [changed, 'update'],
    [committed, 'update'],
    [removed, 'delete'],
  ] as const) {
    const events = await world.events(account, reply.headers.get('x-request-id') ?? '');
    assert.deepEqual(
      events.map(({ data }) => data.action),
      [`iam-identity.profile-template.${operation}`],
    );
  }
});
