/** Somebody with few rights, or none, tries to make work, or records, that everybody else pays for. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { createManualClock } from '../../src/kernel/clock.ts';
import { makeApiKey, makeServiceId } from '../conformance/identity/making.ts';
import { createTemplateCalls, PROFILE_TEMPLATES } from '../conformance/identity/template-calls.ts';
import { openTestStore } from '../support/store.ts';
import { startWorld, type TestAccount, type Wire, type World } from '../support/world.ts';

const APIKEY = 'urn:ibm:params:oauth:grant-type:apikey';
const RECORDED_PER_SECOND = 10;
const clock = createManualClock(Date.now());
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld({ clock });
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const asOwner = (method: string, path: string, body?: unknown) =>
  world.call(method, path, { token: account.owner, headers: { 'if-match': '*' }, ...(body !== undefined && { body }) });

/** What the store holds: rows of a query on its file. */
function rows(sql: string, ...parameters: readonly string[]): Wire[] {
  const database = new DatabaseSync(join(world.dir, 'data', 'podpass.db'), { readOnly: true });
  try {
    return database.prepare(sql).all(...parameters);
  } finally {
    database.close();
  }
}

const repeated = (item: string, bytes: number) => Array.from({ length: Math.floor(bytes / (item.length + 1)) }, () => item).join(',');

test('77: a list that is longer than any can be is refused as such, before anybody looks at what is in it', async () => {
  const { token } = await world.user(account.id);
  const profile = await world.profile(account);
  const [path, template] = [`/v1/profiles/${profile.id}`, `"name":"x","account_id":"${account.id}"`];
  for (const [method, to, field, bytes, before, behind] of [
    ['PUT', `${path}/identities`, 'identities', 1_000_000, '{"identities":[', ']}'],
    ['POST', `${path}/rules`, 'conditions', 1_000_000, '{"type":"Profile-CR","conditions":[', ']}'],
    ['POST', '/v1/profile_templates', 'profile.rules', 120_000, `{${template},"profile":{"name":"x","rules":[`, ']}}'],
    ['POST', '/v1/profile_templates', 'profile.identities', 120_000, `{${template},"profile":{"name":"x","identities":[`, ']}}'],
    ['POST', '/v1/profile_templates', 'policy_template_references', 120_000, `{${template},"policy_template_references":[`, ']}'],
  ] as const) {
    for (const item of ['{}', '1']) {
      const headers = { 'content-type': 'application/json', 'if-match': '*' };
      const reply = await world.call(method, to, { token, headers, body: before + repeated(item, bytes) + behind });
      assert.equal(reply.status, 400, reply.text);
      assert.ok(reply.body.errors[0].message.startsWith(`Field '${field}' is not acceptable: must have at most`), reply.text);
    }
  }
});

test('77: what is shown a hundred or a thousand at a time is not taken in any size', async () => {
  const calls = createTemplateCalls(world, account, PROFILE_TEMPLATES);
  const identities = (count: number) => Array.from({ length: count }, (_, index) => ({ type: 'user', identifier: `IBMid-${index}` }));
  const profile = { name: 'x', identities: identities(2000) };
  const made = await calls.create({ profile });
  assert.equal(made.status, 201, made.text);
  const large = { profile: { ...profile, identities: identities(5000) } };
  for (const reply of [
    await calls.create(large),
    await calls.createVersion(made.body.id, large),
    await calls.update(made.body.id, 1, large, '*'),
  ]) {
    assert.equal(reply.status, 413, reply.text);
  }
  const attributes = Array.from({ length: 40 }, (_, index) => ({ name: `a${index}`, value: 'v'.repeat(1000) }));
  const policy = { type: 'access', subjects: [{ attributes: [] }], roles: [], resources: [{ attributes }] };
  assert.equal((await asOwner('POST', '/v1/policies', policy)).status, 413);
});

test('77: the audit log is read back in answers of bounded size, however much its records tell', async () => {
  const other = await world.account();
  const { id } = await world.profile(other);
  const identities = Array.from({ length: 100 }, (_, index) => ({
    type: 'user',
    identifier: `IBMid-${index}`,
    accounts: Array.from({ length: 100 }, () => other.id),
    description: 'd'.repeat(1000),
  }));
  const replace = { token: other.owner, headers: { 'if-match': '*' }, body: { identities } };
  for (let changes = 0; changes < 15; changes += 1) await world.expect(200, 'PUT', `/v1/profiles/${id}/identities`, replace);
  const read = async (limit: number): Promise<readonly Wire[]> => {
    const path = `/podpass/v1/audit/events?account_id=${other.id}&limit=${limit}`;
    const reply = await world.expect(200, 'GET', path, { token: other.owner });
    assert.ok(reply.text.length < 10_000_000, `${reply.text.length} characters`);
    return reply.body.events;
  };
  const newest = await read(1000);
  assert.ok(newest.length >= 5 && newest.length < 15, `${newest.length} events`);
  assert.deepEqual(await read(1), newest.slice(0, 1));
});

test('77: a rule that is long in all, a condition of many members and a filter of many comparisons are refused', async () => {
  const profile = await world.profile(account);
  const add = (conditions: unknown) => asOwner('POST', `/v1/profiles/${profile.id}/rules`, { type: 'Profile-CR', conditions });
  const long = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ claim: `claim ${index}`, operator: 'EQUALS', value: 'v'.repeat(1000) }));
  assert.equal((await add(long(10))).status, 201);
  assert.equal((await add(long(20))).status, 400);
  assert.equal((await add([Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`m${index}`, 1]))])).status, 400);
  const filter = (count: number) => encodeURIComponent(Array.from({ length: count }, () => 'name co "x"').join(' or '));
  assert.equal((await asOwner('GET', `/v1/profiles?account_id=${account.id}&filter=${filter(10)}`)).status, 200);
  assert.equal((await asOwner('GET', `/v1/profiles?account_id=${account.id}&filter=${filter(11)}`)).status, 400);
});

test('an identity is added to ten thousand, changed and removed without the others being written again', async () => {
  const profile = await world.profile(account);
  const path = `/v1/profiles/${profile.id}/identities`;
  const identities = Array.from({ length: 9999 }, (_, index) => ({ type: 'user', identifier: `IBMid-${index}` }));
  assert.equal((await asOwner('PUT', path, { identities })).status, 200);
  // Rows that were deleted and written again would come behind this one.
  const behind = await world.profile(account);
  await asOwner('POST', `/v1/profiles/${behind.id}/identities/user`, { type: 'user', identifier: 'IBMid-behind' });
  const stored = () => rows('SELECT rowid, identifier FROM profile_identities WHERE profile_id = ? ORDER BY position', profile.id);
  const before = stored();
  const last = { type: 'user', identifier: 'IBMid-last' };
  for (const description of [undefined, 'changed'])
    assert.equal((await asOwner('POST', `${path}/user`, { ...last, description })).status, 200);
  assert.equal((await asOwner('POST', `${path}/user`, { ...last, identifier: 'IBMid-too-many' })).status, 422);
  const added = stored();
  assert.ok(isDeepStrictEqual(added.slice(0, -1), before));
  assert.equal(added.at(-1).identifier, last.identifier);
  assert.equal((await asOwner('DELETE', `${path}/user/${last.identifier}`)).status, 204);
  assert.ok(isDeepStrictEqual(stored(), before));
});

test('whoever has made a thousand things, and a policy with each, keeps nobody waiting by listing the policies', async () => {
  const maker = await world.user(account.id);
  for (let made = 0; made < 1000; made += 50) {
    const body = { name: 'x', account_id: account.id };
    await Promise.all(Array.from({ length: 50 }, () => world.expect(201, 'POST', '/v1/serviceids', { token: maker.token, body })));
  }
  const list = () => world.call('GET', `/v1/policies?account_id=${account.id}&iam_id=${maker.iamId}`, { token: maker.token });
  const { body } = await list();
  assert.equal(body.policies.length, 1000);
  // The server is in this process: what keeps it from serving others keeps the loop from turning.
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await list();
  delay.disable();
  assert.ok(delay.max < 300e6, `the loop stood still for ${Math.round(delay.max / 1e6)} ms`);
});

/** Which refusals of an action are on record, the oldest first; of one initiator where one is named. */
const recorded = (action: string, initiator?: string): Wire[] =>
  rows('SELECT account_id, record FROM audit_records ORDER BY at, seq')
    .map(({ account_id, record }) => ({ accountId: account_id, ...JSON.parse(record).data }))
    .filter((data) => data.action === action && data.outcome === 'failure' && [undefined, data.initiator.id].includes(initiator));

async function until(count: number, read: () => Wire[]): Promise<Wire[]> {
  for (let tries = 0; tries < 200 && read().length < count; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  return read();
}

test('refused calls fill nobody’s audit log: past ten a second they are counted', async () => {
  const stranger = await world.account();
  const users = [stranger.owner, ...(await Promise.all([1, 2].map(() => world.user(stranger.id)))).map(({ token }) => token)];
  const ask = (_: unknown, index = 0) => world.call('GET', `/v1/profiles?account_id=${account.id}`, { token: users[index % users.length] });
  const read = () => recorded('iam-identity.profile.get').filter(({ accountId }) => accountId === account.id);
  for (const reply of await Promise.all(Array.from({ length: 60 }, ask))) assert.equal(reply.status, 403);
  assert.equal((await until(RECORDED_PER_SECOND, read)).length, RECORDED_PER_SECOND);
  clock.advance(1000);
  await ask(undefined);
  const all = await until(RECORDED_PER_SECOND + 1, read);
  assert.equal(all.length, RECORDED_PER_SECOND + 1);
  assert.equal(all.at(-1).responseData.suppressed, 60 - RECORDED_PER_SECOND);
});

test('whoever asks for accounts that do not exist is told of in the log of their own', async () => {
  const stranger = await world.account();
  for (let asked = 0; asked < 30; asked += 1) {
    const unknown = asked.toString(16).padStart(32, '0');
    const { status } = await world.call('GET', `/v1/serviceids?account_id=${unknown}`, { token: stranger.owner });
    assert.equal(status, 403);
  }
  const read = () => recorded('iam-identity.serviceid.get', stranger.ownerIamId);
  const events = await until(RECORDED_PER_SECOND, read);
  assert.equal(events.length, RECORDED_PER_SECOND);
  for (const { accountId, responseData } of events) {
    assert.equal(accountId, stranger.id);
    assert.match(responseData.resource.accountId, /^0{30}/);
  }
});

test('87: whoever is nobody writes nothing: neither a record nor a place in the feed', async () => {
  const state = () => rows('SELECT (SELECT seq FROM feed_head) AS feed, (SELECT count(*) FROM audit_records) AS records');
  const before = state();
  for (let tries = 0; tries < 20; tries += 1) {
    assert.equal((await world.exchange({ grant_type: APIKEY, apikey: `guess-${tries}`.padEnd(40, 'x') })).status, 400);
    assert.equal((await world.call('POST', '/v1/profiles', { body: { name: 'x', account_id: account.id } })).status, 401);
  }
  assert.deepEqual(state(), before);
});

test('a disabled key that is tried again and again fills no log either', async () => {
  const { iam_id: iamId } = await makeServiceId(world, account);
  const { id, apikey } = await makeApiKey(world, account.owner, iamId);
  await world.expect(204, 'POST', `/v1/apikeys/${id}/disable`, { token: account.owner });
  const signIn = () => world.exchange({ grant_type: APIKEY, apikey });
  const read = () => recorded('iam-identity.serviceid-apikey.login', iamId);
  for (const { body } of await Promise.all(Array.from({ length: 50 }, signIn))) assert.equal(body.errorCode, 'BXNIM0462E');
  assert.equal(read().length, RECORDED_PER_SECOND);
  clock.advance(1000);
  await signIn();
  assert.equal(read().at(-1).responseData.suppressed, 50 - RECORDED_PER_SECOND);
});

test('a refusal explains a rule with a hundred conditions in a record of bounded size', async () => {
  const [cluster, profile] = [await world.cluster(account), await world.profile(account)];
  const conditions = Array.from({ length: 100 }, (_, index) => ({ claim: `claim ${index}`, operator: 'EQUALS', value: 'v'.repeat(100) }));
  await world.expect(201, 'POST', `/v1/profiles/${profile.id}/rules`, { token: account.owner, body: { type: 'Profile-CR', conditions } });
  const issuedAt = Math.floor(clock.now() / 1000);
  const refused = await world.crToken(cluster.issuer.token({ issuedAt }), { profile_id: profile.id });
  assert.equal(refused.body.errorCode, 'BXNIM0398E', refused.text);
  const [event] = await world.events(account, refused.headers.get('x-request-id') ?? '');
  assert.equal(event.data.responseData.nearest.missed.length, 10);
});

test('a change that touches more accounts than one statement can name is made all the same', async () => {
  await using store = await openTestStore();
  const accounts = Array.from({ length: 10_000 }, (_, index) => index.toString(16).padStart(32, '0'));
  await store.store.mutate(store.context(), async (tx) => {
    for (const accountId of accounts) tx.changed({ accountId, kind: 'profile', id: 'Profile-x' });
  });
  const { seq } = await store.store.views.feedHead();
  const changes = await store.store.views.changesAfter(seq - 1);
  assert.deepEqual(changes.map(({ accountId }) => accountId).sort(), accounts);
});
