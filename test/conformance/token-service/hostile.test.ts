/** Legacy and hostile input. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  APIKEY_GRANT,
  assertIssued,
  assertRefused,
  basic,
  CR_TOKEN_GRANT,
  FORM,
  formOf,
  type Setting,
  send,
  startSetting,
} from './setting.ts';

describe('unusual input', () => {
  let setting: Setting;
  before(async () => {
    setting = await startSetting();
  });
  after(() => setting[Symbol.asyncDispose]());

  const parameters = () => ({ grant_type: CR_TOKEN_GRANT, cr_token: setting.cluster.issuer.token(), profile_id: setting.profile.id });
  const post = (body: string | Buffer, headers: Readonly<Record<string, string>> = {}) =>
    send(setting.world.url, '/identity/token', { headers: { 'content-type': FORM, ...headers }, body });

  test('a parameter given twice with differing values is named', async () => {
    for (const [name, value] of Object.entries({ ...parameters(), scope: 'openid', unknown: 'x' })) {
      const form = formOf({ ...parameters(), [name]: value });
      const body = assertRefused(await post(`${form}&${name}=different`), 400, 'BXNIM0109E');
      assert.ok(body.errorDetails.includes(`'${name}'`), body.errorDetails);
    }
  });

  test('a parameter given twice with the same value, or once empty, counts once', async () => {
    const form = formOf(parameters());
    assertIssued(await post(`${form}&${form}`));
    assertIssued(await post(`${form}&profile_id=+${setting.profile.id}%0A`));
    assertIssued(await post(`profile_id=&${form}&cr_token=&profile_name=&profile_crn=&scope=`));
  });

  test('parameters that clients send for other purposes are ignored', async () => {
    const others = {
      response_type: 'cloud_iam',
      account: 'x',
      ims_account: '1',
      constructor: 'x',
      __proto__x: 'y',
      toString: 'z',
      '': 'empty',
    };
    assertIssued(await post(`${formOf({ ...parameters(), ...others })}&__proto__=y`));
  });

  test('a parameter in the query string given twice with differing values is named', async () => {
    const reply = await send(setting.world.url, `/identity/token?${formOf(parameters())}&profile_id=other`);
    assert.match(assertRefused(reply, 400, 'BXNIM0109E').errorDetails, /'profile_id'/);
  });

  test('another content type is refused with 415', async () => {
    const types = ['application/json', 'text/plain', 'multipart/form-data; boundary=x', `${FORM}-not`, 'x', '/', `text/plain; x=${FORM}`];
    for (const type of types) {
      const reply = await post(formOf(parameters()), { 'content-type': type });
      assertRefused(reply, 415, 'PODP0102E');
    }
    assertIssued(await send(setting.world.url, '/identity/token', { body: formOf(parameters()) }));
  });

  test('a body over 64 KiB is refused with 413, one of 64 KiB is read', async () => {
    const form = `${formOf(parameters())}&filling=`;
    const fill = (bytes: number) => form + 'x'.repeat(bytes - form.length);
    assertIssued(await post(fill(65_536)));
    assertIssued(await post(gzipSync(fill(65_536)), { 'content-encoding': 'gzip' }));
    for (const reply of [
      await post(fill(65_537)),
      await post(fill(65_537), { 'transfer-encoding': 'chunked' }),
      await post(gzipSync(fill(65_537)), { 'content-encoding': 'gzip' }),
    ]) {
      assert.match(assertRefused(reply, 413, 'PODP0102E').errorDetails, /65536/);
    }
  });

  test('names of services may stand in the scope, beside the ones that are always there', async () => {
    const { world } = setting;
    const issued = async (scope: string) => {
      const reply = await world.exchange({ ...parameters(), scope });
      assert.equal(assertIssued(reply).scope, reply.body.scope);
      return reply.body.scope;
    };
    assert.equal(await issued('openid'), 'ibm openid');
    assert.equal(await issued('ibm openid'), 'ibm openid');
    assert.equal(await issued('containers-kubernetes'), 'ibm openid containers-kubernetes');
    assert.equal(await issued('  containers-kubernetes   openid containers-kubernetes '), 'ibm openid containers-kubernetes');
  });

  test('an unknown scope is refused, printably', async () => {
    for (const scope of ['unknown', 'ibm unknown', 'constructor', '*', '\u001b[31m', 'x'.repeat(3000), '\ud83d\ude00']) {
      const body = assertRefused(await setting.world.exchange({ ...parameters(), scope }), 400, 'PODP0103E');
      assert.match(body.errorDetails, /^[\x20-\x7e]{1,200}$/);
    }
  });

  test('characters outside printable ASCII in any parameter are refused and never repeated', async () => {
    const texts = [
      '\0',
      'a\0b',
      '\u001b[2J',
      'a\r\nSet-Cookie: x=y',
      '\u202eprofile',
      '\u201cProfile-x\u201d',
      '\ud83d\ude00',
      '\u00e9',
      '\ufeffx',
      '\u007f',
    ];
    for (const text of texts) {
      for (const name of ['grant_type', 'cr_token', 'profile_id', 'profile_name', 'profile_crn', 'scope']) {
        const { profile_id, ...form } = parameters();
        const reply = await setting.world.exchange({ ...form, ...(name.startsWith('profile_') ? {} : { profile_id }), [name]: text });
        assert.equal(reply.status, 400, `${name} ${JSON.stringify(text)}: ${reply.text}`);
        assert.match(reply.body.errorDetails, /^[\x20-\x7e]*$/, name);
        assert.equal(reply.headers.get('set-cookie'), null);
      }
      assertRefused(await setting.world.exchange({ grant_type: APIKEY_GRANT, apikey: text }), 400, 'BXNIM0415E');
    }
  });

  test('a parameter whose name is not printable is named printably', async () => {
    const name = encodeURIComponent('\u001b[2J\u202e\ud83d\ude00');
    const body = assertRefused(await post(`${formOf(parameters())}&${name}=1&${name}=2`), 400, 'BXNIM0109E');
    assert.match(body.errorDetails, /^[\x20-\x7e]*$/);
  });

  test('a profile whose name is not ASCII is found by its name', async () => {
    const { world, account, cluster } = setting;
    const profile = await world.profile(account, 'Prüfer \ud83d\ude00');
    await world.link(account, profile.id, cluster.crn);
    assert.equal(assertIssued(await world.crToken(cluster.issuer.token(), { profile_name: 'Prüfer \ud83d\ude00' })).sub, profile.id);
  });

  test('twenty different bad requests at once never give a 5xx', async () => {
    const { grant_type, cr_token, profile_id } = parameters();
    const start = `grant_type=${grant_type}&profile_id=${profile_id}`;
    const replies = await Promise.all([
      post(''),
      post('&&&===&'),
      post('%'),
      post('%zz=%ff%fe&%c3%28=1'),
      post(Buffer.from([0xff, 0xfe, 0x00, 0x80])),
      post('{"grant_type":"x"}'),
      post('<?xml version="1.0"?>'),
      post('grant_type'),
      post(`grant_type=grant_type=${grant_type}`),
      post(`${start}&cr_token=${'a.'.repeat(10_000)}`),
      post(`${start}&cr_token=${'%00'.repeat(10_000)}`),
      post(`${start}&cr_token=%ff`),
      post(`grant_type=${grant_type}&cr_token=${cr_token}&profile_crn=${':'.repeat(9)}`),
      post(`grant_type=${grant_type}&cr_token=${cr_token}&profile_id=${'x'.repeat(30_000)}`),
      post(`grant_type=${grant_type}&cr_token=${cr_token}&profile_name=${'%F0%9F%98%80'.repeat(3000)}`),
      post('x=1&'.repeat(15_000)),
      post('not gzip', { 'content-encoding': 'gzip' }),
      post(gzipSync('grant_type=x').subarray(0, 12), { 'content-encoding': 'gzip' }),
      post(start, { 'content-encoding': 'zstd' }),
      post(start, { authorization: `Basic ${'A'.repeat(8000)}` }),
      post(start, { authorization: basic('\0:\0') }),
      post(start, { 'content-type': 'application/x-www-form-urlencoded; charset=\u00ff' }),
      send(setting.world.url, `/identity/token?%=%&${'a=b&'.repeat(1000)}`),
      send(setting.world.url, '/identity/token/%'),
      send(setting.world.url, '/identity/%2e%2e/token'),
    ]);
    for (const { status, text, body } of replies) {
      assert.ok(status >= 400 && status < 500, `${status} ${text}`);
      assert.ok(body.errorCode, text);
    }
    assertIssued(await setting.world.exchange(parameters()));
  });
});
