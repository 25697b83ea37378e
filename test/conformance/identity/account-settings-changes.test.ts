/** Changes of account settings: what they keep, who may make them, and which of several wins. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type World } from '../../support/world.ts';
import { makeUserWith } from './making.ts';
import { assertRefused } from './refusal.ts';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const pathOf = (id: string) => `/v1/accounts/${id}/settings/identity`;
const get = (of = account, query = '', token = of.owner) => world.call('GET', pathOf(of.id) + query, { token });
const effective = (of = account, token = of.owner) => world.call('GET', `/v1/accounts/${of.id}/effective_settings/identity`, { token });
const put = (of: TestAccount, body: unknown, ifMatch: string | undefined = '*', token = of.owner) =>
  world.call('PUT', pathOf(of.id), { token, body, ...(ifMatch !== '' && { headers: { 'if-match': ifMatch } }) });

test('a change keeps what it does not name, and is in the history and in the audit log', async () => {
  const fresh = await world.account();
  const before = await put(fresh, { mfa: 'TOTP', session_expiration_in_seconds: '1000', restrict_create_service_id: 'NOT_RESTRICTED' });
  const { body, headers } = await put(fresh, { mfa: 'LEVEL2', foo: 1 });
  assert.deepEqual(body, { ...before.body, mfa: 'LEVEL2', entity_tag: body.entity_tag });
  const { history } = (await get(fresh, '?include_history=true')).body;
  const last = history.at(-1);
  assert.deepEqual([last.action, last.iam_id, last.params], ['UPDATE', fresh.ownerIamId, ['mfa']]);
  const events = await world.events(fresh, headers.get('x-request-id') ?? '');
  assert.deepEqual(
    events.map(({ data }) => data.target.typeURI),
    ['iam-identity/account-settings'],
  );
});

test('a change needs the current entity tag', async () => {
  const fresh = await world.account();
  const { entity_tag } = (await get(fresh)).body;
  assertRefused(await put(fresh, { mfa: 'TOTP' }, ''), 400, 'missing_parameter');
  assert.equal((await put(fresh, { mfa: 'TOTP' }, `"${entity_tag}"`)).status, 200);
  assertRefused(await put(fresh, { mfa: 'LEVEL1' }, entity_tag), 409, 'conflict');
  assert.equal((await get(fresh)).body.mfa, 'TOTP');
});

test('of 100 changes at once with the same tag exactly one succeeds', async () => {
  const fresh = await world.account();
  const { entity_tag } = (await get(fresh)).body;
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, index) => put(fresh, { max_sessions_per_identity: `${index + 1}` }, entity_tag)),
  );
  const winners = replies.filter(({ status }) => status === 200);
  assert.equal(winners.length, 1);
  for (const reply of replies) if (reply.status !== 200) assertRefused(reply, 409, 'conflict');
  assert.deepEqual((await get(fresh)).body, { ...winners[0]?.body, history: [] });
});

test('Viewer reads, Editor and above change, others do nothing', async () => {
  for (const [role, level] of [
    ['Viewer', 1],
    ['Editor', 2],
    ['Operator', 2],
    ['Administrator', 2],
    [undefined, 0],
  ] as const) {
    const { token } = role === undefined ? await world.user(account.id) : await makeUserWith(world, account, ROLE(role));
    for (const [reply, needed] of [
      [await get(account, '', token), 1],
      [await effective(account, token), 1],
      [await put(account, { mfa: 'NONE' }, '*', token), 2],
    ] as const) {
      if (level >= needed) assert.equal(reply.status, 200, `${role}: ${reply.text}`);
      else assertRefused(reply, 403, 'insufficient_permissions');
    }
  }
  const reader = await makeUserWith(world, account, SERVICE_ROLE('ServiceConfigurationReader'));
  assert.equal((await get(account, '', reader.token)).status, 200);
});

test('the settings of an account that is unknown, malformed or of others are not found', async () => {
  const { owner: token } = await world.account();
  for (const id of [account.id, '0'.repeat(32), 'invalid', '__proto__']) {
    assertRefused(await world.call('GET', pathOf(id), { token }), 404, 'not_found');
    assertRefused(await world.call('GET', `/v1/accounts/${id}/effective_settings/identity`, { token }), 404, 'not_found');
    const options = { token, headers: { 'if-match': '*' }, body: { mfa: 'LEVEL3' } };
    assertRefused(await world.call('PUT', pathOf(id), options), 404, 'not_found');
  }
});
