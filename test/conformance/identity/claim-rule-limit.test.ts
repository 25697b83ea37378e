/** How many rules a profile holds with IBM's published limits. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

const LIMIT = 20;
const CR = { type: 'Profile-CR', cr_type: 'IKS_SA', conditions: [{ claim: 'namespace', operator: 'EQUALS', value: 'default' }] };
const SAML = { type: 'Profile-SAML', realm_name: 'r', expiration: 3600, conditions: CR.conditions };
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld({ settings: { 'limits-set': 'ibm' } });
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const create = (id: string, body: unknown = CR) => world.call('POST', `/v1/profiles/${id}/rules`, { token: account.owner, body });
const list = async (id: string): Promise<readonly Wire[]> =>
  (await world.expect(200, 'GET', `/v1/profiles/${id}/rules`, { token: account.owner })).body.rules;

test('R20: the 21st rule is refused, of both types together, and 20 remain', async () => {
  const { id } = await world.profile(account);
  for (let number = 1; number <= LIMIT; number += 1) {
    const reply = await create(id, number % 2 === 0 ? SAML : CR);
    assert.equal(reply.status, 201, reply.text);
  }
  assertRefused(await create(id), 422, 'limit_exceeded');
  assertRefused(await create(id, SAML), 422, 'limit_exceeded');
  const rules = await list(id);
  assert.equal(rules.length, LIMIT);
  const path = `/v1/profiles/${id}/rules/${rules[0]?.id}`;
  await world.expect(200, 'PUT', path, { token: account.owner, headers: { 'if-match': '*' }, body: SAML });
  await world.expect(204, 'DELETE', path, { token: account.owner });
  assert.equal((await create(id)).status, 201);
  assertRefused(await create(id), 422, 'limit_exceeded');
});

test('R20: of 40 creations at once 20 succeed', async () => {
  const { id } = await world.profile(account);
  const replies = await Promise.all(Array.from({ length: 2 * LIMIT }, () => create(id)));
  assert.equal(replies.filter(({ status }) => status === 201).length, LIMIT);
  for (const reply of replies) if (reply.status !== 201) assertRefused(reply, 422, 'limit_exceeded');
  assert.equal((await list(id)).length, LIMIT);
});

test('R20: a full profile leaves other profiles their room', async () => {
  assert.equal((await create((await world.profile(account)).id)).status, 201);
});

test('a bad body and a missing right are told before the limit', async () => {
  const { id } = await world.profile(account);
  await Promise.all(Array.from({ length: LIMIT }, () => create(id)));
  assertRefused(await create(id, { ...CR, conditions: undefined }), 400, 'missing_parameter');
  const { token } = await world.user(account.id);
  assertRefused(await world.call('POST', `/v1/profiles/${id}/rules`, { token, body: CR }), 403, 'insufficient_permissions');
});

test('the record of the creation at 90 and at 100 per cent of the limit carries a warning', async () => {
  const { id } = await world.profile(account);
  const warnings: unknown[] = [undefined];
  for (let number = 1; number <= LIMIT; number += 1) {
    const reply = await create(id);
    const [event] = await world.events(account, reply.headers.get('x-request-id') ?? '');
    warnings.push(event.data.warnings);
  }
  for (const quiet of [1, 10, 17]) assert.equal(warnings[quiet], undefined, `rule ${quiet}`);
  for (const near of [18, 20]) assert.match(String(warnings[near]), /\b20\b/, `rule ${near}`);
});
