/** Who may tell of a sign-in, what is refused, and what is never kept. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type CallOptions, ROLE, startWorld, type TestAccount, type TestUser, type World } from '../../support/world.ts';
import { assertRefused } from '../identity/refusal.ts';
import { createCalls, REALM, when } from './calls.ts';

let world: World;
let account: TestAccount;
let user: TestUser;
let calls: ReturnType<typeof createCalls>;
let path: string;

before(async () => {
  world = await startWorld();
  account = await world.account();
  user = await world.user(account.id);
  calls = createCalls(world, account);
  path = `/podpass/v1/accounts/${account.id}/logins`;
});
after(() => world[Symbol.asyncDispose]());

const login = (members: Readonly<Record<string, unknown>> = {}) => ({ iam_id: user.iamId, realm_name: REALM, claims: {}, ...members });
const asAdmin = (body: unknown): CallOptions => ({ token: world.admin, body });

async function refused(status: number, code: string, body: unknown, options: CallOptions = asAdmin(body)): Promise<string> {
  const reply = await world.call('POST', path, options);
  assertRefused(reply, status, code);
  return reply.body.errors[0].message;
}

describe('telling of a sign-in', () => {
  it('answers with the account, the user, the identity provider and the memberships', async () => {
    const { body } = await world.expect(201, 'POST', path, asAdmin(login()));
    assert.deepEqual(body, { account_id: account.id, iam_id: user.iamId, realm_name: REALM, groups: [] });
  });

  it('is for administrators of the installation alone', async () => {
    const { token } = await calls.userWith(ROLE('Administrator'));
    for (const each of [account.owner, token, user.token, world.bootstrap])
      await refused(403, 'insufficient_permissions', login(), { token: each, body: login() });
    await refused(401, 'invalid_access_token', login(), { body: login() });
  });

  it('refuses accounts and users that there are not, and what is no user', async () => {
    const nowhere = await world.call('POST', `/podpass/v1/accounts/${'f'.repeat(32)}/logins`, asAdmin(login()));
    assertRefused(nowhere, 404, 'not_found');
    await refused(404, 'not_found', login({ iam_id: 'IBMid-nobody' }));
    await refused(404, 'not_found', login({ iam_id: (await world.account()).ownerIamId }));
    for (const iam_id of [(await world.profile(account)).iam_id, (await calls.serviceId()).iam_id])
      await refused(400, 'invalid_parameter', login({ iam_id }));
  });

  it('refuses what is missing or of another type', async () => {
    for (const member of ['iam_id', 'realm_name']) {
      await refused(400, 'missing_parameter', login({ [member]: undefined }));
      await refused(400, 'missing_parameter', login({ [member]: '' }));
      await refused(400, 'invalid_parameter', login({ [member]: ['x'] }));
    }
    await refused(400, 'missing_parameter', login({ claims: undefined }));
    for (const claims of [[], 'x', 1, null, true]) await refused(400, 'invalid_parameter', login({ claims }));
  });

  it('names the claim that it cannot take: neither objects, nothing, nor numbers that are not exact', async () => {
    for (const claim of [{}, { a: 1 }, null, [{}], [null], [['x']], 'x'.repeat(4097), Array.from({ length: 1001 }, () => 'x')]) {
      const message = await refused(400, 'invalid_parameter', login({ claims: { right: 'x', wrong: claim } }));
      assert.ok(message.includes('claims.wrong'), message);
    }
    const body = JSON.stringify(login({ claims: { wrong: 0 } })).replace('"wrong":0', '"wrong":9007199254740993');
    const message = await refused(400, 'invalid_parameter', body, {
      token: world.admin,
      body,
      headers: { 'content-type': 'application/json' },
    });
    assert.ok(message.includes('claims.wrong'), message);
  });

  it('bounds the claims in number, in the length of their names and in all', async () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`c${at}`, 'x']));
    await world.expect(201, 'POST', path, asAdmin(login({ claims: many(200) })));
    await refused(400, 'invalid_parameter', login({ claims: many(201) }));
    await refused(400, 'invalid_parameter', login({ claims: { ['n'.repeat(301)]: 'x' } }));
    const large = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`c${at}`, 'x'.repeat(4000)]));
    assert.equal((await world.call('POST', path, asAdmin(login({ claims: large })))).status, 413);
  });

  it('keeps no claim, neither in the store nor in the audit log', async () => {
    const secret = 'claim-that-must-not-be-kept';
    const group = await calls.group();
    await calls.rule(group, [when('secret', 'NOT_EQUALS', 'other')]);
    const reply = await world.expect(201, 'POST', path, asAdmin(login({ claims: { secret, list: [secret] } })));
    assert.equal(reply.body.groups.length, 1);
    const files = readdirSync(join(world.dir, 'data')).filter((name) => name.startsWith('podpass.db'));
    assert.ok(files.length > 0);
    for (const file of files) assert.ok(!readFileSync(join(world.dir, 'data', file)).includes(secret), file);
  });
});
