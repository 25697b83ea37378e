import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

let world: World;
let account: TestAccount;
let profile: Wire;

before(async () => {
  world = await startWorld();
  account = await world.account();
  profile = await world.profile(account);
});
after(() => world[Symbol.asyncDispose]());

const get = (path: string) => world.call('GET', path, { token: account.owner });

/** Sends a request line and headers byte for byte, which clients would tidy up; answers with status and body. */
async function sendRaw(requestLine: string, headers: readonly string[] = []): Promise<{ status: number; body: Wire }> {
  const { hostname, port } = new URL(world.url);
  const socket = connect(Number(port), hostname);
  const lines = [requestLine, 'Host: podpass', `Authorization: Bearer ${account.owner}`, 'Connection: close', ...headers, '', ''];
  socket.write(lines.join('\r\n'));
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]);
  return { status, body: JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)) };
}

test('an address without an operation answers 404 in the envelope', async () => {
  for (const path of ['/v1', '/v1/profile', `/v1/profiles/${profile.id}/nothing`, '/v1/profiles/a/b/c/d', '/']) {
    assertRefused(await get(path), 404, 'not_found');
  }
});

test('a method without an operation answers 404 in the envelope', async () => {
  for (const method of ['PATCH', 'OPTIONS', 'POST']) {
    assertRefused(await world.call(method, `/v1/profiles/${profile.id}`, { token: account.owner }), 404, 'not_found');
  }
});

test('a path that does not decode answers in the envelope', async () => {
  for (const path of ['/v1/profiles/%zz', '/v1/profiles/%', '/v1/profiles/%ff', '/v1/profiles/%c0%ae']) {
    const { status, body } = await sendRaw(`GET ${path} HTTP/1.1`);
    assert.equal(status, 404, path);
    assert.deepEqual(Object.keys(body).sort(), ['errors', 'status_code', 'trace'], path);
    assert.equal(body.status_code, status);
  }
});

test('encoded and doubled slashes, dots and NUL in a path name nothing', async () => {
  for (const id of ['..%2f..', '%2e%2e%2f', '%00', `${profile.id}%00`, `${profile.id}%2flinks`, 'x'.repeat(1900), 'x'.repeat(3000)]) {
    assertRefused(await get(`/v1/profiles/${id}`), 404, 'not_found');
  }
});

test('a repeated query parameter is refused', async () => {
  const query = `account_id=${account.id}`;
  assertRefused(await get(`/v1/profiles?${query}&${query}`), 400, 'invalid_parameter', 'BXNIM0106E');
  assertRefused(await get(`/v1/profiles/${profile.id}?include_activity=true&include_activity=false`), 400, 'invalid_parameter');
});

test('unknown query parameters are ignored, whatever their names', async () => {
  const reply = await get(`/v1/profiles?account_id=${account.id}&foo=bar&__proto__=x&constructor=y&toString=z&a[b]=c`);
  assert.equal(reply.status, 200, reply.text);
});

test('a Content-Type on a call without a body is ignored', async () => {
  for (const type of ['application/json', 'text/plain']) {
    const headers = { 'content-type': type };
    assert.equal((await world.call('GET', `/v1/profiles/${profile.id}`, { token: account.owner, headers })).status, 200);
    const { id } = await world.profile(account);
    assert.equal((await world.call('DELETE', `/v1/profiles/${id}`, { token: account.owner, headers })).status, 204);
  }
});

test('every path is served with and without a slash at its end', async () => {
  const link = (await world.link(account, profile.id, profile.crn)).body;
  for (const path of [`/v1/profiles/${profile.id}`, `/v1/profiles/${profile.id}/links`, `/v1/profiles/${profile.id}/links/${link.id}`]) {
    const plain = await get(path);
    const slashed = await get(`${path}/`);
    assert.equal(slashed.status, 200);
    assert.deepEqual(slashed.body, plain.body);
  }
});

test('two different If-Match headers match neither', async () => {
  const path = `/v1/profiles/${profile.id}`;
  const headers = { 'if-match': `${profile.entity_tag}, 7-${'0'.repeat(32)}` };
  assertRefused(await world.call('PUT', path, { token: account.owner, headers, body: { description: 'x' } }), 409, 'conflict');
});
