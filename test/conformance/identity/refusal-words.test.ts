/** What a refusal says beside its code, and the headers that every reply has, whether it is one or not. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Reply, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
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

const get = (authorization: string | undefined) =>
  world.call('GET', `/v1/profiles/${profile.id}`, authorization === undefined ? {} : { headers: { authorization } });

test('a 401 and a 403 say the reason in the details too, because a client hides their message', async () => {
  const member = await world.user(account.id);
  for (const reply of [
    await get(undefined),
    await get('Bearer a.b.c'),
    await get('Bearer garbage'),
    await get(`Basic ${account.owner}`),
    await get(`Bearer ${account.owner.slice(0, -4)}AAAA`),
    await get(`Bearer ${member.token}`),
    await world.call('GET', `/v1/profiles?account_id=${(await world.account()).id}`, { token: account.owner }),
    await world.call('POST', '/v1/apikeys', { token: account.owner, body: { name: 'x', iam_id: member.iamId } }),
  ]) {
    const [{ message, details }] = reply.body.errors;
    assert.ok([401, 403].includes(reply.status), reply.text);
    assert.match(message, /^[A-Z].*\.$/);
    assert.match(details, /^[A-Z].{20,}\.$/, reply.text);
  }
});

test('a refusal of a right names the action that is missing', async () => {
  const { token } = await world.user(account.id);
  const reply = await world.call('DELETE', `/v1/profiles/${profile.id}`, { token });
  assertRefused(reply, 403, 'insufficient_permissions');
  assert.match(reply.body.errors[0].details, /iam-identity\.profile\.delete/);
});

test('a bad value names its member, however deep it lies, and is not called missing', async () => {
  const link = { crn: profile.crn, namespace: 7, name: 'x' };
  for (const [path, body, member] of [
    ['/v1/profiles', { account_id: account.id, name: 7 }, 'name'],
    [`/v1/profiles/${profile.id}/links`, { cr_type: 'ROKS_SA', link }, 'link.namespace'],
    ['/v1/serviceids', { account_id: account.id, name: 'x', unique_instance_crns: [profile.crn, 7] }, 'unique_instance_crns[1]'],
    ['/v1/serviceids', { account_id: account.id, name: 'x', apikey: { name: 'x', action_when_leaked: 'x' } }, 'apikey.action_when_leaked'],
  ] as const) {
    const reply = await world.call('POST', path, { token: account.owner, body });
    assertRefused(reply, 400, 'invalid_parameter', 'BXNIM0106E');
    assert.ok(reply.body.errors[0].message.startsWith(`Field '${member}' `), reply.text);
  }
});

test('what is no CRN is told apart from other bad values', async () => {
  for (const crn of ['abc', 'crn:v1:x', 'crn:v1:a:b:c:d:e:f:g h']) {
    for (const [path, body] of [
      ['/v1/serviceids', { account_id: account.id, name: 'x', unique_instance_crns: [crn] }],
      [`/v1/profiles/${profile.id}/links`, { cr_type: 'VSI', link: { crn } }],
      [`/v1/profiles/${profile.id}/identities/crn`, { type: 'crn', identifier: crn }],
    ] as const) {
      assertRefused(await world.call('POST', path, { token: account.owner, body }), 400, 'invalid_parameter', 'BXNIM0113E');
    }
  }
});

test('every reply has the headers of the service, and one transaction id in three places', async () => {
  const token = account.owner;
  const made = await world.call('POST', '/v1/profiles', { token, body: { name: 'headers', account_id: account.id } });
  const replies: readonly Reply<Wire>[] = [
    made,
    await world.call('GET', '/v1/profiles/invalid', { token }),
    await world.call('GET', '/v1/nowhere'),
    await world.call('DELETE', `/v1/profiles/${made.body.id}`, { token }),
    await world.call('POST', `/v1/activity/accounts/${account.id}/report`, { token }),
    await get(undefined),
  ];
  for (const { headers, body, status } of replies) {
    for (const [name, value] of [
      ['cache-control', 'no-cache, no-store, must-revalidate'],
      ['pragma', 'no-cache'],
      ['expires', '0'],
      ['content-language', 'en-US'],
      ['x-content-type-options', 'nosniff'],
      ['ibm-cloud-service-name', 'iam-identity'],
    ] as const) {
      assert.equal(headers.get(name), value, `${name} of a ${status}`);
    }
    const transaction = headers.get('transaction-id');
    assert.equal(headers.get('x-correlation-id'), transaction);
    assert.equal(body.trace ?? transaction, transaction);
    assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.notEqual(headers.get('x-request-id'), transaction);
    assert.equal(headers.get('location'), null);
  }
});

test('no reply names a context, in which a client would look for an address', async () => {
  const { token } = await world.user(account.id);
  for (const reply of [
    await world.call('GET', `/v1/profiles/${profile.id}`, { token: account.owner }),
    await world.call('GET', `/v1/profiles?account_id=${account.id}`, { token: account.owner }),
    await world.call('GET', `/v1/accounts/${account.id}/settings/identity`, { token: account.owner }),
    await world.call('GET', `/v1/profiles/${profile.id}/rules`, { token: account.owner }),
    await world.call('DELETE', `/v1/profiles/${profile.id}`, { token }),
  ]) {
    assert.ok(!('context' in reply.body), reply.text);
  }
});
