/** Input that means one thing to one reader and another thing to the next. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeApiKey, makeServiceId, setAccountSettings } from '../conformance/identity/making.ts';
import { createTemplateCalls, PROFILE_TEMPLATES } from '../conformance/identity/template-calls.ts';
import { startWorld, type TestAccount, type Wire, type World } from '../support/world.ts';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const call = (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
  world.call(method, path, {
    token: account.owner,
    headers: { 'if-match': '*', 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body }),
  });

test('44: members named __proto__, constructor and prototype reach no object but their own', async () => {
  const { id: profile } = await world.profile(account);
  const { id: service } = await makeServiceId(world, account);
  const poison = (members: string) =>
    `{${members},"__proto__":{"polluted":1,"locked":true},"constructor":{"prototype":{"polluted":1}},"prototype":{"polluted":1}}`;
  const rule = '"type":"Profile-CR","conditions":[{"claim":"namespace","operator":"EQUALS","value":"x"}]';
  const link = `"cr_type":"VSI","link":{"crn":"crn:v1:bluemix:public:is::a/${account.id}::instance:x","__proto__":{"polluted":1}}`;
  for (const [method, path, members] of [
    ['POST', '/v1/profiles', `"name":"p","account_id":"${account.id}"`],
    ['PUT', `/v1/profiles/${profile}`, '"name":"poisoned"'],
    ['POST', `/v1/profiles/${profile}/rules`, rule],
    ['POST', `/v1/profiles/${profile}/links`, link],
    ['POST', `/v1/profiles/${profile}/identities/user`, '"type":"user","identifier":"__proto__"'],
    ['PUT', `/v1/profiles/${profile}/identities`, '"identities":[{"type":"user","identifier":"constructor"}]'],
    ['POST', '/v1/serviceids', `"name":"s","account_id":"${account.id}","apikey":{"name":"k","__proto__":{"polluted":1}}`],
    ['PUT', `/v1/serviceids/${service}`, '"name":"poisoned"'],
    ['POST', '/v1/serviceid_groups', `"name":"__proto__","account_id":"${account.id}"`],
    ['POST', '/v1/apikeys', `"name":"k","iam_id":"${account.ownerIamId}"`],
    ['PUT', `/v1/accounts/${account.id}/settings/identity`, '"mfa":"NONE","user_mfa":[{"iam_id":"__proto__","mfa":"NONE"}]'],
    ['POST', '/v1/profile_templates', `"name":"t","account_id":"${account.id}","action_controls":{"__proto__":{"polluted":1}}`],
  ] as const) {
    const reply = await call(method, path, poison(members));
    assert.ok(reply.status < 300, `${method} ${path}: ${reply.text}`);
    assert.ok(!reply.text.includes('polluted'), reply.text);
    assert.notEqual(reply.body.locked, true);
    for (const value of [{}, [], Object, Function] as readonly object[]) assert.ok(!('polluted' in value));
  }
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const limits = await call('GET', `/v1/accounts/${account.id}/limits/identity?apikeys_per_identity=${name}&${name}=true`);
    assert.equal(limits.body.apikeys_per_identity.identities[0].count, 0);
    assert.equal((await call('GET', `/v1/profiles/${name}`)).status, 404);
    assert.equal((await call('GET', `/v1/preferences/accounts/${account.id}/identities/${name}/${name}/${name}`)).status, 404);
    assert.equal((await call('GET', `/v1/profiles?account_id=${account.id}&sort=${name}`)).status, 400);
  }
});

test('37: names that look alike are different names, and none leads to the profile of another', async () => {
  const cluster = await world.cluster(account);
  const names = [
    'caf\u00e9',
    'cafe\u0301',
    'CAF\u00c9',
    'caf\u00e9 ',
    'caf\u00e9\u200b',
    'c\u0430f\u00e9',
    'ca\ufb00\u00e9',
    'caffé',
    '\u212a',
    'K',
    'k',
  ];
  const made = new Map<string, string>();
  for (const name of names) {
    const profile = await world.profile(account, name);
    assert.equal(profile.name, name);
    await world.link(account, profile.id, cluster.crn);
    made.set(name, profile.id);
  }
  for (const [name, id] of made) {
    const query = new URLSearchParams({ account_id: account.id, name });
    const found = (await call('GET', `/v1/profiles?${query}`)).body.profiles;
    assert.deepEqual(
      found.map((profile: Wire) => profile.id),
      [id],
    );
    // A form's values are trimmed, so what differs in a space at its end only is the other one.
    const expected = made.get(name.trim());
    const reply = await world.crToken(cluster.issuer.token(), { profile_name: name });
    assert.equal(reply.status, 200, reply.text);
    assert.equal(JSON.parse(Buffer.from(reply.body.access_token.split('.')[1], 'base64url').toString()).sub, expected);
  }
  for (const name of ['Caf\u00e9', 'cafe', 'KK']) {
    assert.equal((await world.crToken(cluster.issuer.token(), { profile_name: name })).body.errorCode, 'BXNIM0398E');
  }
});

test('numbers at and past every edge are refused or kept, and never break a call', async () => {
  const calls = createTemplateCalls(world, account, PROFILE_TEMPLATES);
  const { id } = await calls.committed({ profile: { name: 'numbers' } });
  for (const version of [
    '0',
    '-1',
    '01',
    '1.0',
    '1e0',
    '0x1',
    '+1',
    ' 1',
    '1 ',
    '\u0661',
    '9007199254740993',
    '1'.repeat(400),
    'NaN',
    'Infinity',
  ]) {
    const reply = await calls.get(id, encodeURIComponent(version));
    assert.equal(reply.status, 404, `${version}: ${reply.text}`);
  }
  for (const version of ['0', '-1', '1.5', '1e400', '"1"', 'null', '[1]', '9007199254740993', '1e15']) {
    const body = `{"template_id":"${id}","template_version":${version},"target_type":"Account","target":"${account.id}"}`;
    const reply = await call('POST', PROFILE_TEMPLATES.assignments, body);
    assert.ok([400, 404].includes(reply.status), `${version}: ${reply.status} ${reply.text}`);
  }
  for (const size of ['0', '-1', '101', '1e1', '0x10', '+5', '5.0', '\uff15', '', ' ', '00005', '5&pagesize=5']) {
    assert.equal((await call('GET', `/v1/profiles?account_id=${account.id}&pagesize=${size}`)).status, 400, size);
  }
  const { id: profile } = await world.profile(account);
  for (const expiration of ['0', '-1', '86401', '1.5', '1e400', '"900"', 'true', '9007199254740993']) {
    const rule = `"type":"Profile-SAML","realm_name":"r","conditions":[{"claim":"a","operator":"EQUALS","value":"b"}]`;
    assert.equal((await call('POST', `/v1/profiles/${profile}/rules`, `{${rule},"expiration":${expiration}}`)).status, 400, expiration);
  }
});

test('dates at and past every edge are refused or kept, and never break a call or keep a key alive', async () => {
  const { iam_id: iamId } = await makeServiceId(world, account);
  for (const expires_at of [
    '0000-01-01T00:00+0000',
    '0000-01-01T00:00+2359',
    '0001-01-01T00:00-2359',
    '1970-01-01T00:00+0000',
    '9999-12-31T23:59-2359',
    '2024-02-30T00:00+0000',
    '2024-13-01T00:00+0000',
    '2040-01-01T24:00+0000',
    '2040-01-01T00:00+9999',
    '+275760-09-13T00:00+0000',
    '2040-01-01T00:00',
    '2040-01-01',
    '1893456000000',
    'never',
  ]) {
    const made = await call('POST', '/v1/apikeys', { name: 'x', iam_id: iamId, expires_at });
    assert.ok([201, 400].includes(made.status), `${expires_at}: ${made.text}`);
    if (made.status === 400) continue;
    assert.equal((await call('GET', `/v1/apikeys/${made.body.id}`)).status, 200);
    const reply = await world.exchange({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: made.body.apikey });
    assert.equal(reply.status === 200, !/^(?:0|1)/.test(expires_at) && !expires_at.startsWith('2024'), `${expires_at}: ${reply.text}`);
  }
  assert.equal((await call('GET', `/v1/apikeys?iam_id=${iamId}&pagesize=100`)).status, 200);
});

test('81: no header makes a sign-in come from an allowed address', async () => {
  const restricted = await world.account();
  await setAccountSettings(world, restricted, { allowed_ip_addresses: '203.0.113.7,2001:db8::/32,10.0.*.*' });
  const form = { grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: restricted.ownerApiKey };
  for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'x-client-ip', 'true-client-ip', 'cf-connecting-ip', 'via']) {
    for (const address of ['203.0.113.7', '::ffff:203.0.113.7', '2001:db8::1', 'for=203.0.113.7', '203.0.113.7, 127.0.0.1']) {
      assert.equal((await world.exchange(form, { [name]: address })).body.errorCode, 'BXNIM0430E', `${name}: ${address}`);
    }
  }
});

test('72: a parameter or a header that is sent twice decides nothing', async () => {
  const stranger = await world.account();
  for (const list of ['profiles', 'serviceids', 'apikeys', 'serviceid_groups', 'profile_templates']) {
    const reply = await call('GET', `/v1/${list}?account_id=${account.id}&account_id=${stranger.id}`);
    assert.equal(reply.status, 400, `${list}: ${reply.text}`);
  }
  const key = await makeApiKey(world, account.owner, account.ownerIamId);
  const { entity_tag: tag } = key;
  for (const ifMatch of [`${tag}, *`, `*, ${tag}`, `"${tag}", "x"`, `${tag},${tag}`, `W/${tag} `, `${tag}\t*`]) {
    const reply = await call('PUT', `/v1/apikeys/${key.id}`, { description: 'x' }, { 'if-match': ifMatch });
    assert.equal(reply.status, ifMatch === `W/${tag} ` ? 200 : 409, `${ifMatch}: ${reply.text}`);
  }
  for (const lock of ['true, false', 'false, true', 'TRUE', '1', 'yes', ' ']) {
    const reply = await call('POST', '/v1/serviceids', { name: 'x', account_id: account.id }, { 'entity-lock': lock });
    assert.equal(reply.status, 400, `${lock}: ${reply.text}`);
  }
});
