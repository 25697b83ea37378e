import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Reply, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

const MIB = 1024 * 1024;
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const JSON_TYPE = { 'content-type': 'application/json' };
const create = (body: unknown, headers: Record<string, string> = JSON_TYPE) =>
  world.call('POST', '/v1/profiles', { token: account.owner, body, headers });

/** Sends bytes as they are. */
async function createFromBytes(body: Buffer, headers: Record<string, string>): Promise<Reply<Wire>> {
  const authorization = `Bearer ${account.owner}`;
  const response = await fetch(`${world.url}/v1/profiles`, {
    method: 'POST',
    headers: { ...JSON_TYPE, authorization, ...headers },
    body: new Uint8Array(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
}

/** A body for a new profile with further members written as they are. */
const withMembers = (members: string) => `{"name":"${crypto.randomUUID()}","account_id":"${account.id}",${members}}`;
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

for (const [what, members] of [
  ['a name that is a number', { name: 7 }],
  ['a name that is null', { name: null }],
  ['a name that is a list', { name: ['x'] }],
  ['a name of 301 characters', { name: 'x'.repeat(301) }],
  ['a description of 1,001 characters', { name: 'x', description: 'x'.repeat(1001) }],
  ['a description that is an object', { name: 'x', description: {} }],
  ['an email that is true', { name: 'x', email: true }],
] as const) {
  test(`${what} is refused with the name of the member`, async () => {
    const reply = await create({ account_id: account.id, ...members });
    assertRefused(reply, 400, 'invalid_parameter', 'BXNIM0106E');
    assert.match(reply.body.errors[0].message, /Field '(?:name|description|email)'/);
  });
}

test('an account id that is no text is refused', async () => {
  for (const id of [7, null, {}, [account.id]]) assertRefused(await create({ name: 'x', account_id: id }), 400, 'invalid_parameter');
});

for (const [what, text] of [
  ['a list', '[]'],
  ['a text', '"name"'],
  ['a number', '7'],
  ['null', 'null'],
  ['an object that does not end', '{"name":"x"'],
  ['two objects', '{}{}'],
  ['a trailing comma', '{"name":"x",}'],
  ['single quotes', "{'name':'x'}"],
  ['a comment', '{/**/"name":"x"}'],
  ['NaN', '{"name":NaN}'],
  ['a control character in a text', '{"name":"a\u0001b"}'],
  ['half of a surrogate pair', '{"name":"\\ud800"}'],
  ['a byte order mark', '\ufeff{"name":"x"}'],
] as const) {
  test(`a body that is ${what} is refused`, async () => {
    assertRefused(await create(text), 400, 'invalid_parameter', 'BXNIM0106E');
  });
}

test('a body that is no UTF-8 is refused', async () => {
  assertRefused(await createFromBytes(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), {}), 400, 'invalid_parameter');
});

test('no body, and one of white space, is refused', async () => {
  assertRefused(await world.call('POST', '/v1/profiles', { token: account.owner }), 400, 'missing_parameter');
  assertRefused(await create(' \n'), 400, 'invalid_parameter');
});

test('a member that comes twice is refused, at any depth and however it is written', async () => {
  for (const members of ['"name":"again"', '"n\\u0061me":"again"', '"x":{"y":1,"y":2}', '"__proto__":1,"__proto__":2']) {
    assertRefused(await create(withMembers(members)), 400, 'invalid_parameter', 'BXNIM0106E');
  }
});

test('32 levels of nesting are read, 33 are refused', async () => {
  assert.equal((await create(withMembers(`"deep":${nested(31)}`))).status, 201);
  assertRefused(await create(withMembers(`"deep":${nested(32)}`)), 400, 'invalid_parameter', 'BXNIM0106E');
  assertRefused(await create(withMembers(`"deep":${nested(100_000)}`)), 400, 'invalid_parameter', 'BXNIM0106E');
});

test('__proto__ and its kin are members like others: ignored, and without effect', async () => {
  const reply = await create(withMembers('"__proto__":{"description":"inherited"},"constructor":{"prototype":{"email":"x"}}'));
  assert.equal(reply.status, 201, reply.text);
  assert.ok(!('description' in reply.body));
  assert.ok(!('email' in reply.body));
  const inherited = `{"__proto__":{"name":"inherited","account_id":"${account.id}"}}`;
  assertRefused(await create(inherited), 400, 'missing_parameter');
  assert.equal(({} as Wire).description, undefined);
});

test('a body of 1 MiB is read, a larger one is refused with 413', async () => {
  const frame = withMembers('"pad":""');
  const fill = (bytes: number) => frame.replace('"pad":""', `"pad":"${'x'.repeat(bytes - frame.length)}"`);
  assert.equal((await create(fill(MIB))).status, 201);
  assertRefused(await create(fill(MIB + 1)), 413, 'invalid_parameter', 'PODP0102E');
  assertRefused(await create(fill(4 * MIB)), 413, 'invalid_parameter', 'PODP0102E');
});

test('a gzip body is read', async () => {
  const body = Buffer.from(withMembers('"description":"zipped"'));
  for (const encoding of ['gzip', 'GZIP', 'x-gzip']) {
    const name = { name: crypto.randomUUID() };
    const zipped = gzipSync(JSON.stringify({ ...JSON.parse(body.toString()), ...name }));
    const reply = await createFromBytes(zipped, { 'content-encoding': encoding });
    assert.equal(reply.status, 201, reply.text);
    assert.equal(reply.body.description, 'zipped');
  }
});

test('a small gzip body that grows beyond 1 MiB is refused with 413', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * MIB, ' '));
  assertRefused(await createFromBytes(bomb, { 'content-encoding': 'gzip' }), 413, 'invalid_parameter', 'PODP0102E');
});

test('a body that is not what its Content-Encoding says is refused', async () => {
  const plain = Buffer.from(withMembers('"x":1'));
  assertRefused(await createFromBytes(plain, { 'content-encoding': 'gzip' }), 400, 'invalid_parameter');
  assertRefused(await createFromBytes(gzipSync(plain).subarray(0, 20), { 'content-encoding': 'gzip' }), 400, 'invalid_parameter');
  assertRefused(await createFromBytes(gzipSync(plain), {}), 400, 'invalid_parameter');
  assertRefused(await createFromBytes(plain, { 'content-encoding': 'br' }), 415, 'invalid_parameter');
});

test('JSON is read under its content types, and nothing under others', async () => {
  for (const type of ['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/merge-patch+json']) {
    assert.equal((await create(withMembers('"x":1'), { 'content-type': type })).status, 201, type);
  }
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'multipart/form-data; boundary=x', 'x']) {
    assertRefused(await create(withMembers('"x":1'), { 'content-type': type }), 415, 'invalid_parameter', 'PODP0102E');
  }
  assertRefused(await createFromBytes(Buffer.from(withMembers('"x":1')), { 'content-type': '' }), 415, 'invalid_parameter');
});

test('a text that holds U+0000 is refused', async () => {
  assertRefused(await create(String.raw`{"name":"a\u0000b","account_id":"${account.id}"}`), 400, 'invalid_parameter');
  assert.equal((await create(withMembers(String.raw`"description":"a\\u0000b"`))).status, 201);
});
