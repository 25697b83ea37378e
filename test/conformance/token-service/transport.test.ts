/** How the bytes arrive: encodings, paths, headers, and the clients that name themselves. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Log } from '../../../src/kernel/log.ts';
import { assertIssued, assertRefused, basic, CR_TOKEN_GRANT, FORM, formOf, type Setting, send, startSetting } from './setting.ts';

describe('sending a request', () => {
  let setting: Setting;
  const lines: string[] = [];
  before(async () => {
    const keep = (fields: Readonly<Record<string, unknown>>, message: string) => void lines.push(JSON.stringify([message, fields]));
    const log: Log = { debug: keep, info: keep, warn: keep, error: keep };
    setting = await startSetting({ log });
  });
  after(() => setting[Symbol.asyncDispose]());

  const parameters = () => ({ grant_type: CR_TOKEN_GRANT, cr_token: setting.cluster.issuer.token(), profile_id: setting.profile.id });
  const post = (path: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) =>
    send(setting.world.url, path, { headers: { 'content-type': FORM, ...headers }, body });

  test('C10: colons may arrive as they are', async () => {
    const { cr_token, profile_id } = parameters();
    assertIssued(await setting.world.exchange(`grant_type=${CR_TOKEN_GRANT}&cr_token=${cr_token}&profile_id=${profile_id}`));
  });

  test('C11: a token file that ends in a newline is accepted', async () => {
    for (const tail of ['%0A', '%0D%0A', '+%20%09%0A'])
      assertIssued(await setting.world.exchange(`${formOf(parameters())}`.replace(/&profile_id/, `${tail}$&`)));
  });

  test('C12: profile_id with a doubled equals sign is accepted', async () => {
    const { cr_token, profile_id } = parameters();
    const start = `grant_type=${CR_TOKEN_GRANT}&cr_token=${cr_token}`;
    assertIssued(await setting.world.exchange(`${start}&profile_id==${profile_id}`));
    assertIssued(await setting.world.exchange(`${start}&profile_id=%3D${profile_id}`));
    assertRefused(await setting.world.exchange(`${start}&profile_id===${profile_id}`), 400, 'BXNIM0398E');
  });

  test('C13: a doubled slash in the path is accepted', async () => {
    for (const path of ['//identity/token', '/identity//token', '///identity//token']) assertIssued(await post(path, formOf(parameters())));
  });

  test('C14: a trailing slash is accepted without a redirect', async () => {
    for (const path of ['/identity/token/', '//identity/token/']) assertIssued(await post(path, formOf(parameters())));
  });

  test('C15: another method is answered with 405 and what is allowed', async () => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      const reply = await send(setting.world.url, '/identity/token', { method });
      const body = assertRefused(reply, 405, 'BXNIM0060E');
      assert.equal(reply.headers.get('allow'), 'POST');
      assert.equal(body.errorDetails, 'HTTP 405 Method Not Allowed');
      assert.equal(reply.headers.get('content-type'), 'application/json');
    }
    const head = await send(setting.world.url, '/identity/token', { method: 'HEAD' });
    assert.equal(head.status, 405);
    assert.equal(head.headers.get('allow'), 'POST');
    assert.equal(head.text, '');
  });

  test('C16: parameters of the media type are accepted', async () => {
    for (const type of [`${FORM}; charset=utf-8`, `${FORM};charset=UTF-8`, FORM.toUpperCase()]) {
      assertIssued(await post('/identity/token', formOf(parameters()), { 'content-type': type }));
    }
  });

  test('C17: gzip request body is accepted', async () => {
    for (const name of ['gzip', 'x-gzip', 'GZIP'])
      assertIssued(await post('/identity/token', gzipSync(formOf(parameters())), { 'content-encoding': name }));
    assertRefused(await post('/identity/token', 'not gzip', { 'content-encoding': 'gzip' }), 400, 'BXNIM0106E');
    assertRefused(await post('/identity/token', formOf(parameters()), { 'content-encoding': 'br' }), 415, 'PODP0102E');
  });

  test('C18: a gzip bomb is refused at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 'a'));
    assert.ok(bomb.length < 64 * 1024);
    const reply = await post('/identity/token', bomb, { 'content-encoding': 'gzip' });
    assert.match(assertRefused(reply, 413, 'PODP0102E').errorDetails, /65536/);
    assert.equal(reply.headers.get('content-type'), 'application/json');
  });

  test('C19: the reply is JSON whatever Accept says', async () => {
    for (const headers of [{}, { accept: '*/*' }, { accept: 'text/html' }, { accept: 'application/json' }, { accept: 'nonsense' }]) {
      const reply = await post('/identity/token', formOf(parameters()), headers);
      assertIssued(reply);
      assert.equal(reply.headers.get('content-type'), 'application/json');
      const refused = await post('/identity/token', '', headers);
      assertRefused(refused, 400, 'BXNIM0109E');
      assert.equal(refused.headers.get('content-type'), 'application/json');
    }
  });

  test('C20: parameters may come in the query string, and no log line holds them', async () => {
    const form = parameters();
    assertIssued(await send(setting.world.url, `/identity/token?${formOf(form)}`, { headers: { 'content-length': '0' } }));
    assertRefused(
      await send(setting.world.url, '/identity/token?grant_type=urn:ibm:params:oauth:grant-type:apikey&apikey=in-the-address'),
      400,
      'BXNIM0415E',
    );
    assert.ok(lines.some((line) => line.includes('/identity/token')));
    for (const line of lines) {
      assert.ok(!line.includes(form.cr_token) && !line.includes(form.cr_token.split('.')[1] ?? ''), line);
      assert.ok(!line.includes('in-the-address'), line);
    }
  });

  test('the body wins over the query string', async () => {
    const reply = await post(`/identity/token?profile_id=Profile-other&grant_type=unknown`, formOf(parameters()));
    assert.equal(assertIssued(reply).sub, setting.profile.id);
  });

  test('C21: Basic bx:bx names the client', async () => {
    const headers = { authorization: basic('bx:bx') };
    const claims = assertIssued(await setting.world.exchange(parameters(), headers));
    assert.equal(claims.client_id, 'bx');
    assert.equal(
      assertIssued(await setting.world.exchange(parameters(), { authorization: headers.authorization.replace('Basic', 'bAsIc') }))
        .client_id,
      'bx',
    );
  });

  test('C22: a request without Basic is of the client default', async () => {
    assert.equal(assertIssued(await setting.world.exchange(parameters())).client_id, 'default');
  });

  test('C23: an unknown client or a wrong secret is refused', async () => {
    for (const credentials of ['nobody:secret', 'bx:wrong', 'bx:', ':', 'bx', '', 'constructor:x', 'default:']) {
      const body = assertRefused(await setting.world.exchange(parameters(), { authorization: basic(credentials) }), 401, 'BXNIM0310E');
      assert.equal(body.errorMessage, 'The provided client could not be found');
    }
    assertRefused(await setting.world.exchange(parameters(), { authorization: 'Basic !!!' }), 401, 'BXNIM0310E');
  });

  test('C24: a Bearer header is ignored', async () => {
    for (const authorization of ['Bearer junk', `Bearer ${setting.account.owner}`, 'Digest x', 'junk']) {
      assert.equal(assertIssued(await setting.world.exchange(parameters(), { authorization })).client_id, 'default');
    }
  });

  test('a chunked body is accepted', async () => {
    assertIssued(await post('/identity/token', formOf(parameters()), { 'transfer-encoding': 'chunked' }));
  });
});
