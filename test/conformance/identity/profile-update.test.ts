import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const put = (id: string, ifMatch: string | undefined, body: unknown) =>
  world.call('PUT', `/v1/profiles/${id}`, {
    token: account.owner,
    body,
    ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }),
  });
const read = async (id: string) => (await world.expect(200, 'GET', `/v1/profiles/${id}`, { token: account.owner })).body;

test('P15: PUT with the current tag changes the description, keeps the name and moves the tag on', async () => {
  const profile = await world.profile(account, 'p15');
  const { status, body, headers } = await put(profile.id, profile.entity_tag, { description: 'new' });
  assert.equal(status, 200);
  assert.equal(body.description, 'new');
  assert.equal(body.name, 'p15');
  assert.match(body.entity_tag, /^2-[0-9a-f]{32}$/);
  assert.equal(headers.get('etag'), body.entity_tag);
  assert.deepEqual(await read(profile.id), body);
});

test('P16: PUT with an old tag is a conflict and changes nothing', async () => {
  const profile = await world.profile(account, 'p16');
  const { body: current } = await put(profile.id, profile.entity_tag, { description: 'second' });
  assertRefused(await put(profile.id, profile.entity_tag, { description: 'third' }), 409, 'conflict');
  assert.deepEqual(await read(profile.id), current);
});

test('P17: PUT with * always matches', async () => {
  const profile = await world.profile(account, 'p17');
  assert.equal((await put(profile.id, '*', { description: 'once' })).status, 200);
  assert.equal((await put(profile.id, '*', { description: 'twice' })).status, 200);
});

test('P18: a quoted tag and a weak tag match as the bare one does', async () => {
  const profile = await world.profile(account, 'p18');
  const quoted = await put(profile.id, `"${profile.entity_tag}"`, { description: 'quoted' });
  assert.equal(quoted.status, 200);
  assert.equal((await put(profile.id, `W/"${quoted.body.entity_tag}"`, { description: 'weak' })).status, 200);
});

test('P19: PUT without If-Match, or with an empty one, is refused', async () => {
  const profile = await world.profile(account, 'p19');
  assertRefused(await put(profile.id, undefined, { description: 'x' }), 400, 'missing_parameter');
  assertRefused(await put(profile.id, '', { description: 'x' }), 400, 'missing_parameter');
});

test('P20: PUT with a wrong tag on an unknown profile is not found', async () => {
  assertRefused(await put('invalid', 'invalid', { description: 'x' }), 404, 'not_found');
});

test('P21: an empty description clears it, and so does an empty email', async () => {
  const body = { name: 'p21', description: 'd', email: 'e@example.com', account_id: account.id };
  const profile = (await world.expect(201, 'POST', '/v1/profiles', { token: account.owner, body })).body;
  const cleared = await put(profile.id, '*', { description: '' });
  assert.equal(cleared.status, 200);
  assert.ok(!('description' in cleared.body));
  assert.equal(cleared.body.email, 'e@example.com');
  const bare = await put(profile.id, '*', { email: '' });
  assert.ok(!('email' in bare.body));
  assert.deepEqual(await read(profile.id), bare.body);
});

test('P22: an empty name is refused', async () => {
  const profile = await world.profile(account, 'p22');
  assertRefused(await put(profile.id, '*', { name: '' }), 400, 'missing_parameter');
});

test('P23: the name of another profile of the account is a conflict', async () => {
  await world.profile(account, 'p23 taken');
  const profile = await world.profile(account, 'p23');
  assertRefused(await put(profile.id, '*', { name: 'p23 taken' }), 409, 'conflict');
  assert.deepEqual(await read(profile.id), profile);
});

test('P23: a profile keeps its own name', async () => {
  const profile = await world.profile(account, 'p23 own');
  assert.equal((await put(profile.id, '*', { name: 'p23 own', description: 'd' })).status, 200);
});

test('an empty body changes nothing and succeeds', async () => {
  const profile = await world.profile(account);
  const { status, body } = await put(profile.id, profile.entity_tag, {});
  assert.equal(status, 200);
  assert.deepEqual(body, profile);
});

test('members that are not changeable are ignored', async () => {
  const profile = await world.profile(account);
  const { status, body } = await put(profile.id, '*', { id: 'Profile-x', account_id: '0'.repeat(32), iam_id: 'x', entity_tag: 'x' });
  assert.equal(status, 200);
  assert.deepEqual(body, profile);
});

test('a rename keeps the links and frees the old name', async () => {
  const profile = await world.profile(account, 'before rename');
  const link = await world.link(account, profile.id, profile.crn);
  assert.equal((await put(profile.id, '*', { name: 'after rename' })).body.name, 'after rename');
  const { body } = await world.expect(200, 'GET', `/v1/profiles/${profile.id}/links`, { token: account.owner });
  assert.deepEqual(body.links, [link.body]);
  await world.profile(account, 'before rename');
});

test('every change adds a record to the history that names what changed', async () => {
  const profile = await world.profile(account);
  await put(profile.id, '*', { description: 'one' });
  await put(profile.id, '*', { description: 'two', email: 'x' });
  const { body } = await world.expect(200, 'GET', `/v1/profiles/${profile.id}?include_history=true`, { token: account.owner });
  const records = body.history.map((record: { action: string; params: string[] }) => [record.action, ...record.params]);
  assert.deepEqual(records, [
    ['CREATE', 'name'],
    ['UPDATE', 'description'],
    ['UPDATE', 'description', 'email'],
  ]);
});

test('of 100 updates at once with the same tag exactly one succeeds', async () => {
  const profile = await world.profile(account);
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, index) => put(profile.id, profile.entity_tag, { description: `writer ${index}` })),
  );
  const winners = replies.filter(({ status }) => status === 200);
  assert.equal(winners.length, 1);
  for (const reply of replies) if (reply.status !== 200) assertRefused(reply, 409, 'conflict');
  assert.deepEqual(await read(profile.id), winners[0]?.body);
  assert.match(winners[0]?.body.entity_tag, /^2-/);
});
