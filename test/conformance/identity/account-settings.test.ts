import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

const DEFAULTS = {
  restrict_create_service_id: 'NOT_SET',
  restrict_create_platform_apikey: 'NOT_SET',
  restrict_user_list_visibility: 'NOT_RESTRICTED',
  restrict_user_domains: [],
  allowed_ip_addresses: '',
  mfa: 'NONE',
  user_mfa: [],
  session_expiration_in_seconds: 'NOT_SET',
  session_invalidation_in_seconds: 'NOT_SET',
  max_sessions_per_identity: 'NOT_SET',
  system_access_token_expiration_in_seconds: 'NOT_SET',
  system_refresh_token_expiration_in_seconds: 'NOT_SET',
};
const OTHERS = {
  restrict_create_service_id: 'NOT_RESTRICTED',
  restrict_create_platform_apikey: 'NOT_RESTRICTED',
  restrict_user_list_visibility: 'RESTRICTED',
  restrict_user_domains: [{ realm_id: 'IBMid', invitation_email_allow_patterns: ['*.*@example.com'], restrict_invitation: true }],
  allowed_ip_addresses: '*.*.*.*',
  mfa: 'NONE_NO_ROPC',
  session_expiration_in_seconds: '86399',
  session_invalidation_in_seconds: '7199',
  max_sessions_per_identity: '10',
  system_access_token_expiration_in_seconds: '3599',
  system_refresh_token_expiration_in_seconds: '259199',
};
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const pathOf = (id: string) => `/v1/accounts/${id}/settings/identity`;
const get = (of = account, query = '', token = of.owner) => world.call('GET', pathOf(of.id) + query, { token });
const effective = (of = account, query = '', token = of.owner) =>
  world.call('GET', `/v1/accounts/${of.id}/effective_settings/identity${query}`, { token });
const put = (of: TestAccount, body: unknown, ifMatch: string | undefined = '*', token = of.owner) =>
  world.call('PUT', pathOf(of.id), { token, body, ...(ifMatch !== '' && { headers: { 'if-match': ifMatch } }) });
const settingsOf = ({ account_id: _, entity_tag: __, history: ___, ...settings }: Wire) => settings;

test('A1: a new account has every setting, the defaults, and an empty history where none is asked for', async () => {
  const fresh = await world.account();
  const { status, body, headers } = await get(fresh, '?include_history=false');
  assert.equal(status, 200);
  const { entity_tag, ...rest } = body;
  assert.deepEqual(rest, { account_id: fresh.id, history: [], ...DEFAULTS });
  assert.match(entity_tag, /^\d+-[0-9a-f]{32}$/);
  assert.equal(headers.get('etag'), entity_tag);
  assert.deepEqual((await get(fresh)).body, body);
});

test('A2: all values are taken with the tag of the header, and echoed exactly', async () => {
  const fresh = await world.account();
  const { headers } = await get(fresh);
  const sent = { ...OTHERS, user_mfa: [{ iam_id: fresh.ownerIamId, mfa: 'NONE' }] };
  const changed = await put(fresh, sent, headers.get('etag') ?? '');
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.headers.get('etag'), changed.body.entity_tag);
  assert.notEqual(changed.body.entity_tag, headers.get('etag'));
  assert.deepEqual(settingsOf(changed.body), sent);
  assert.deepEqual(settingsOf((await get(fresh)).body), sent);
});

test('A3: the same values again give another tag', async () => {
  const fresh = await world.account();
  const first = await put(fresh, OTHERS);
  const second = await put(fresh, OTHERS, first.body.entity_tag);
  assert.equal(second.status, 200);
  assert.notEqual(second.body.entity_tag, first.body.entity_tag);
  assert.deepEqual(settingsOf(second.body), settingsOf(first.body));
});

test('A4: an MFA exemption shows who it is only where that is asked for', async () => {
  const fresh = await world.account();
  const user = await world.user(fresh.id);
  const user_mfa = [{ iam_id: user.iamId, mfa: 'TOTP4ALL' }];
  assert.deepEqual((await put(fresh, { user_mfa })).body.user_mfa, user_mfa);
  assert.deepEqual((await get(fresh)).body.user_mfa, user_mfa);
  const [resolved] = (await get(fresh, '?resolve_user_mfa=true')).body.user_mfa;
  assert.deepEqual([resolved.iam_id, resolved.mfa], [user.iamId, 'TOTP4ALL']);
  assert.deepEqual([resolved.name, resolved.email], ['Test User', `${user.iamId}@example.com`]);
  assert.deepEqual((await put(fresh, { user_mfa: [] })).body.user_mfa, []);
});

for (const [name, lowest, highest] of [
  ['session_expiration_in_seconds', 900, 86_400],
  ['session_invalidation_in_seconds', 900, 7200],
  ['max_sessions_per_identity', 1, 1_000_000],
  ['system_access_token_expiration_in_seconds', 900, 3600],
  ['system_refresh_token_expiration_in_seconds', 900, 259_200],
] as const) {
  test(`A5: ${name} is a text from ${lowest} to ${highest}, or NOT_SET`, async () => {
    for (const value of [`${lowest}`, `${highest}`, 'NOT_SET']) assert.equal((await put(account, { [name]: value })).body[name], value);
    const tooMuch = name === 'max_sessions_per_identity' ? [] : [`${highest + 1}`];
    for (const value of [`${lowest - 1}`, ...tooMuch, lowest, '', 'abc', `${lowest}.5`, '1e3', ' 901', '-901', '0x400', null, []]) {
      assert.equal((await put(account, { [name]: value })).status, 400, JSON.stringify(value));
    }
    assert.equal((await get()).body[name], 'NOT_SET');
  });
}

for (const [name, values] of [
  ['restrict_create_service_id', ['RESTRICTED', 'NOT_RESTRICTED', 'NOT_SET']],
  ['restrict_create_platform_apikey', ['RESTRICTED', 'NOT_RESTRICTED', 'NOT_SET']],
  ['restrict_user_list_visibility', ['RESTRICTED', 'NOT_RESTRICTED']],
  ['mfa', ['NONE_NO_ROPC', 'TOTP', 'TOTP4ALL', 'LEVEL1', 'LEVEL2', 'LEVEL3', 'NONE']],
] as const) {
  test(`${name} is one of its values and nothing else`, async () => {
    for (const value of values) assert.equal((await put(account, { [name]: value })).body[name], value);
    for (const value of ['perhaps', values[0]?.toLowerCase(), 'constructor', '__proto__', true, null, 1]) {
      assertRefused(await put(account, { [name]: value }), 400, 'invalid_parameter');
    }
    assert.equal((await get()).body[name], values.at(-1));
  });
}

test('bad exemptions, domains and addresses are refused, and nothing of the change is kept', async () => {
  const before = (await get()).body;
  for (const members of [
    { user_mfa: {} },
    { user_mfa: [{ mfa: 'TOTP' }] },
    { user_mfa: [{ iam_id: account.ownerIamId, mfa: 'MAYBE' }] },
    { user_mfa: ['x'] },
    { restrict_user_domains: {} },
    { restrict_user_domains: [{}] },
    { restrict_user_domains: [{ realm_id: 7 }] },
    { restrict_user_domains: [{ realm_id: 'IBMid', invitation_email_allow_patterns: '*' }] },
    { restrict_user_domains: [{ realm_id: 'IBMid', restrict_invitation: 'yes' }] },
    { allowed_ip_addresses: 7 },
    { allowed_ip_addresses: 'nowhere' },
    { allowed_ip_addresses: '300.1.1.1' },
    { allowed_ip_addresses: '10.0.0.0/33' },
  ]) {
    const reply = await put(account, { mfa: 'LEVEL3', ...members });
    assert.equal(reply.status, 400, JSON.stringify(members));
    assert.equal(reply.body.status_code, 400);
  }
  assert.deepEqual((await get()).body, before);
});

test('addresses and subnets of both kinds are taken', async () => {
  const fresh = await world.account();
  for (const list of ['192.0.2.1', '192.0.2.1,10.0.0.0/8', '2001:db8::1,2001:db8::/32', '127.0.0.1', '']) {
    assert.equal((await put(fresh, { allowed_ip_addresses: list })).body.allowed_ip_addresses, list);
  }
});

test('domains are merged by realm, and a realm alone removes its entry', async () => {
  const fresh = await world.account();
  const [one, other] = ['IBMid', 'other'].map((realm_id) => ({
    realm_id,
    invitation_email_allow_patterns: ['**@example.com'],
    restrict_invitation: true,
  }));
  assert.deepEqual((await put(fresh, { restrict_user_domains: [one] })).body.restrict_user_domains, [one]);
  const both = (await put(fresh, { restrict_user_domains: [other] })).body.restrict_user_domains;
  assert.deepEqual([both.length, new Set(both.map(({ realm_id }: Wire) => realm_id)).size], [2, 2]);
  const changed = { ...one, restrict_invitation: false };
  const merged = (await put(fresh, { restrict_user_domains: [changed] })).body.restrict_user_domains;
  assert.deepEqual(
    merged.find(({ realm_id }: Wire) => realm_id === 'IBMid'),
    changed,
  );
  assert.deepEqual((await put(fresh, { restrict_user_domains: [{ realm_id: 'IBMid' }] })).body.restrict_user_domains, [other]);
  assert.deepEqual((await put(fresh, { restrict_user_domains: [{ realm_id: 'other' }] })).body.restrict_user_domains, []);
});

test('A6: the effective settings resolve what is not set, beside the settings of the account', async () => {
  const fresh = await world.account();
  const { status, body } = await effective(fresh);
  assert.equal(status, 200);
  assert.equal(body.account_id, fresh.id);
  assert.deepEqual(body.assigned_templates, []);
  assert.deepEqual(settingsOf(body.account), DEFAULTS);
  assert.deepEqual(Object.keys(settingsOf(body.effective)).sort(), Object.keys(DEFAULTS).sort());
  assert.equal(body.effective.system_access_token_expiration_in_seconds, '3600');
  assert.deepEqual(
    [body.effective.restrict_create_service_id, body.effective.restrict_create_platform_apikey],
    ['NOT_RESTRICTED', 'NOT_RESTRICTED'],
  );
  await put(fresh, OTHERS);
  const after = (await effective(fresh)).body;
  for (const name of ['mfa', 'session_expiration_in_seconds', 'system_access_token_expiration_in_seconds'] as const) {
    assert.equal(after.effective[name], OTHERS[name]);
  }
  assert.deepEqual(settingsOf(after.account), { ...OTHERS, user_mfa: [] });
});
