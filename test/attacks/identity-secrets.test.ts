/** Values of API keys are looked for in everything that Podpass says, records, logs and stores. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import type { Log } from '../../src/kernel/log.ts';
import { makeApiKey, makeServiceId, setAccountSettings } from '../conformance/identity/making.ts';
import { type Reply, startWorld, type TestAccount, type Wire, type World } from '../support/world.ts';

const APIKEY = 'urn:ibm:params:oauth:grant-type:apikey';
const lines: string[] = [];
const write = (fields: unknown, message?: string) => void lines.push(inspect([fields, message], { depth: 10, maxStringLength: null }));
const log: Log = { debug: write, info: write, warn: write, error: write };
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld({ log });
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const newValue = () => `value-${randomUUID()}-${randomUUID()}`;
const call = (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
  world.call(method, path, { token: account.owner, headers: { 'if-match': '*', ...headers }, ...(body !== undefined && { body }) });

/** Everything that the audit log of the account holds. */
async function auditLog(): Promise<string> {
  const { events } = (await call('GET', `/podpass/v1/audit/events?account_id=${account.id}&limit=1000`)).body;
  assert.ok(events.length > 0);
  return JSON.stringify(events);
}

function* databaseFiles(): Generator<Buffer> {
  for (const name of readdirSync(join(world.dir, 'data'))) yield readFileSync(join(world.dir, 'data', name));
}

test('78: the value of a key, its hash and its seal are told to nobody but in the reply that made it, or that may show it', async () => {
  const [given, stored, nested] = [newValue(), newValue(), newValue()];
  const said: Reply<Wire>[] = [];
  const service = await makeServiceId(world, account, { apikey: { name: 'nested', apikey: nested, store_value: true } });
  const key = await makeApiKey(world, account.owner, service.iam_id, { apikey: given });
  const kept = await makeApiKey(world, account.owner, service.iam_id, { apikey: stored, store_value: true });
  assert.deepEqual([service.apikey.apikey, key.apikey, kept.apikey], [nested, given, stored]);
  assert.equal((await call('GET', `/v1/apikeys/${kept.id}`)).body.apikey, stored);
  for (const [id, value] of [
    [key.id, given],
    [kept.id, stored],
  ] as const) {
    const path = `/v1/apikeys/${id}`;
    said.push(await call('PUT', path, { description: 'changed', apikey: value }));
    said.push(await call('POST', `${path}/lock`), await call('DELETE', path), await call('DELETE', `${path}/lock`));
    said.push(await call('GET', '/v1/apikeys/details?include_history=true', undefined, { 'iam-apikey': value }));
    said.push(await call('GET', '/v1/apikeys/details', undefined, { 'iam-apikey': `${value}x` }));
    said.push(await call('POST', '/v1/apikeys', { name: 'taken', iam_id: service.iam_id, apikey: value }));
    said.push(await world.exchange({ grant_type: APIKEY, apikey: value }));
    said.push(await world.exchange({ grant_type: APIKEY, apikey: `${value}x` }));
    said.push(await world.exchange(`grant_type=${encodeURIComponent(APIKEY)}&apikey=${value}&apikey=${value}x`));
    said.push(await world.call('POST', `/identity/token?grant_type=${APIKEY}&apikey=${value}`, { body: '' }));
    said.push(await call('POST', `${path}/disable`), await world.exchange({ grant_type: APIKEY, apikey: value }));
  }
  said.push(await call('GET', `/v1/apikeys/${key.id}?include_history=true&include_activity=true`));
  said.push(await call('GET', `/v1/apikeys?scope=account&include_history=true&pagesize=100`));
  said.push(await call('GET', `/v1/serviceids/${service.id}?include_history=true`));
  said.push(await call('POST', `/v1/activity/accounts/${account.id}/report`));
  const database = new DatabaseSync(join(world.dir, 'data', 'podpass.db'), { readOnly: true });
  const rows = database.prepare('SELECT key_hash, sealed_value FROM api_keys').all() as { key_hash: string; sealed_value: string | null }[];
  database.close();
  said.push(await call('DELETE', `/v1/serviceids/${service.id}`));
  const told = [...said.map(({ text, headers }) => text + JSON.stringify([...headers])), await auditLog(), ...lines].join('\n');
  const hidden = rows.flatMap((row) => [row.key_hash, ...(row.sealed_value === null ? [] : [row.sealed_value])]);
  assert.ok(hidden.length >= 5);
  for (const secret of [given, stored, nested, ...hidden]) assert.ok(!told.includes(secret), secret);
  for (const file of databaseFiles()) for (const secret of [given, stored, nested]) assert.ok(!file.includes(secret));
});

test('78: a value that is refused is not repeated', async () => {
  const value = newValue();
  const bodies: readonly Readonly<Record<string, unknown>>[] = [
    { apikey: `${value} with spaces` },
    { apikey: `${value}\u00e9` },
    { apikey: value.slice(0, 31) },
    { apikey: value.repeat(10) },
    { apikey: [value] },
    { apikey: { value } },
    { apikey: value, store_value: value },
    { apikey: value, expires_at: value },
    { apikey: value, iam_id: 'nobody at all' },
    { apikey: value, name: '' },
  ];
  for (const body of bodies) {
    const reply = await call('POST', '/v1/apikeys', { name: 'x', iam_id: account.ownerIamId, ...body });
    assert.equal(reply.status, 400, JSON.stringify(body));
    assert.ok(!reply.text.includes(value.slice(0, 31)), reply.text);
    const inside = await call('POST', '/v1/serviceids', { name: 'x', account_id: account.id, apikey: { name: 'x', ...body, iam_id: 7 } });
    if (inside.status !== 201) assert.ok(!inside.text.includes(value.slice(0, 31)), inside.text);
    if (inside.status === 201) await call('DELETE', `/v1/serviceids/${inside.body.id}`);
  }
  for (const form of [`grant_type=${value}`, `grant_type=${APIKEY}&apikey=${value}&apikey=other`, `grant_type=${APIKEY}&apikey=${value}`]) {
    assert.ok(!(await world.exchange(form)).text.includes(value));
  }
  assert.ok(!(await auditLog()).includes(value));
  assert.ok(!lines.some((line) => line.includes(value)));
});

test('68: nothing but the whole value of a key is taken for it, and every other text is answered alike', async () => {
  const { apikey } = await makeApiKey(world, account.owner, account.ownerIamId);
  const { context: _, ...expected } = (await world.exchange({ grant_type: APIKEY, apikey: newValue() })).body;
  assert.equal(expected.errorCode, 'BXNIM0415E');
  const swapped = apikey.toLowerCase() === apikey ? apikey.toUpperCase() : apikey.toLowerCase();
  for (const guess of [apikey.slice(0, -1), apikey.slice(1), `${apikey}A`, `${apikey}=`, swapped, `${apikey}\u0000`, '%', '_'.repeat(44)]) {
    const { context: __, ...body } = (await world.exchange({ grant_type: APIKEY, apikey: guess })).body;
    assert.deepEqual(body, expected, guess);
    assert.equal((await call('GET', '/v1/apikeys/details', undefined, { 'iam-apikey': encodeURIComponent(guess) })).status, 404);
  }
});

test('86: a stranger does not learn who is in an account, which service IDs it has, or how it is set, from a refusal', async () => {
  const stranger = await world.account();
  const { id, iam_id: iamId } = await makeServiceId(world, account);
  const ask = async (owner: string) => {
    const body = { name: 'x', iam_id: owner, account_id: account.id };
    const made = await world.call('POST', '/v1/apikeys', { token: stranger.owner, body });
    const listed = await world.call('GET', `/v1/apikeys?account_id=${account.id}&iam_id=${owner}`, { token: stranger.owner });
    return [made, listed].map((reply) => [reply.status, reply.body.errors]);
  };
  assert.deepEqual(await ask(account.ownerIamId), await ask('IBMid-nobody'));
  assert.deepEqual(await ask(iamId), await ask(iamId.replace(id.slice(10, 18), '00000000')));
  const restrict = (restrict_create_service_id: string) => setAccountSettings(world, account, { restrict_create_service_id });
  const creation = async () =>
    (await world.call('POST', '/v1/serviceids', { token: stranger.owner, body: { name: 'x', account_id: account.id } })).body.errors;
  const before = await creation();
  await restrict('RESTRICTED');
  assert.deepEqual(await creation(), before);
  await restrict('NOT_RESTRICTED');
});

test('80: no text of a tenant reaches the log or a header as more than characters', async () => {
  const evil = '\u001b[2J\u001b]0;owned\u0007\r\nSet-Cookie: a=b\u2028\u202e\u0085"}\u{1f4a9}';
  const profile = (await call('POST', '/v1/profiles', { name: evil, account_id: account.id })).body;
  assert.equal(profile.name, evil);
  const cluster = await world.cluster(account);
  const link = { cr_type: 'ROKS_SA', link: { crn: cluster.crn, namespace: `default${evil}`, name: 'default' } };
  const linked = await call('POST', `/v1/profiles/${profile.id}/links`, link);
  assert.equal(linked.status, 201, linked.text);
  assert.equal(linked.headers.get('set-cookie'), null);
  assert.match(linked.headers.get('podpass-warning') ?? '', /^[\x20-\x7e]+$/);
  assert.equal((await call('POST', '/v1/profiles', { name: evil, account_id: account.id })).status, 409);
  const database = new DatabaseSync(join(world.dir, 'data', 'podpass.db'), { readOnly: true });
  const records = database.prepare('SELECT record FROM audit_changes').all() as { record: string }[];
  database.close();
  assert.ok(records.some(({ record }) => record.includes('owned')));
  for (const { record } of records) assert.match(record, /^[\x20-\x7e]+$/);
  for (const line of lines) assert.match(line, /^[\x20-\x7e\n]*$/);
});
