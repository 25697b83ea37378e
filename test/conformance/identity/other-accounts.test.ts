/** Calls that name an account which the caller has nothing to do with: which of 400, 403 and 404 they are answered with. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type World } from '../../support/world.ts';
import { makeServiceId } from './making.ts';
import { assertRefused } from './refusal.ts';

const UNKNOWN = '0'.repeat(32);
let world: World;
let account: TestAccount;
let other: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
  other = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const CREATIONS = [
  '/v1/profiles',
  '/v1/serviceids',
  '/v1/serviceid_groups',
  '/v1/apikeys',
  '/v1/profile_templates',
  '/v1/account_settings_templates',
] as const;

for (const path of CREATIONS) {
  test(`POST ${path}: an account that is none is a bad request, one of others forbidden`, async () => {
    const iamId = path === '/v1/apikeys' ? { iam_id: other.ownerIamId } : {};
    const create = (account_id: unknown) => world.call('POST', path, { token: account.owner, body: { name: 'x', account_id, ...iamId } });
    for (const id of ['invalid', 'InvalidID', UNKNOWN.slice(1), `${UNKNOWN}0`, other.id.toUpperCase().replace(/\d/g, 'A'), UNKNOWN]) {
      assertRefused(await create(id), 400, 'invalid_parameter', 'BXNIM0106E');
    }
    assertRefused(await create(other.id), 403, 'insufficient_permissions');
  });
}

const LISTS = [
  '/v1/profiles',
  '/v1/serviceids',
  '/v1/serviceid_groups',
  '/v1/apikeys',
  '/v1/profile_templates',
  '/v1/profile_assignments',
  '/v1/account_settings_templates',
  '/v1/account_settings_assignments',
] as const;

for (const path of LISTS) {
  test(`GET ${path}: a malformed account is a bad request; one of others and one that does not exist are forbidden alike`, async () => {
    const list = (id: string) => world.call('GET', `${path}?account_id=${id}`, { token: account.owner });
    assertRefused(await list('invalid'), 400, 'invalid_parameter', 'BXNIM0106E');
    const [foreign, unknown] = [await list(other.id), await list(UNKNOWN)];
    for (const reply of [foreign, unknown]) assertRefused(reply, 403, 'insufficient_permissions');
    const told = JSON.stringify(foreign.body.errors).replaceAll(other.id, UNKNOWN);
    assert.deepEqual(JSON.parse(told), unknown.body.errors);
  });
}

test('a right in another account is one there: its objects are read, changed and listed with a token of this one', async () => {
  const profile = await world.profile(other);
  const serviceId = await makeServiceId(world, other);
  const policy = { type: 'access', subjects: [{ attributes: [{ name: 'iam_id', value: account.ownerIamId }] }] };
  const attributes = Object.entries({ accountId: other.id, serviceName: 'iam-identity' }).map(([name, value]) => ({ name, value }));
  const here = await world.user(other.id, account.ownerIamId);
  const body = { ...policy, roles: [{ role_id: ROLE('Editor') }], resources: [{ attributes }] };
  await world.expect(201, 'POST', '/v1/policies', { token: other.owner, body });
  for (const token of [account.owner, here.token]) {
    for (const path of [`/v1/profiles/${profile.id}`, `/v1/serviceids/${serviceId.id}`]) {
      await world.expect(200, 'GET', path, { token });
      await world.expect(200, 'PUT', path, { token, headers: { 'if-match': '*' }, body: { description: crypto.randomUUID() } });
    }
    await world.expect(200, 'GET', `/v1/profiles?account_id=${other.id}`, { token });
    await world.expect(200, 'GET', `/v1/accounts/${other.id}/settings/identity`, { token });
  }
  // What the role does not give is told by the account of the token: elsewhere the object is not there.
  const remove = (token: string) => world.call('DELETE', `/v1/profiles/${profile.id}`, { token });
  assertRefused(await remove(account.owner), 404, 'not_found');
  assertRefused(await remove(here.token), 403, 'insufficient_permissions');
});
