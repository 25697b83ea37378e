/** With strict delegation on, whoever lets others into a group must hold what the group has, or be its Administrator. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type TestUser, type World } from '../../support/world.ts';
import { createCalls, refused, statusesOf, when } from './calls.ts';

let world: World;
let account: TestAccount;
let calls: ReturnType<typeof createCalls>;
let powerful: string;
let harmless: string;
let clerk: TestUser;
let joiner: TestUser;

before(async () => {
  world = await startWorld();
  account = await world.account();
  calls = createCalls(world, account);
  [powerful, harmless] = [await calls.group(), await calls.group()];
  await world.policy(account, idOf(powerful), [SERVICE_ROLE('Reader')], { serviceName: 'kms' });
  clerk = await calls.userWith(ROLE('Editor'));
  joiner = await world.user(account.id);
  const settings = `/v1/accounts/${account.id}/settings/access_management`;
  await world.expect(200, 'PATCH', settings, calls.asOwner({ strict_delegation: true }, { 'if-match': '*' }));
});
after(() => world[Symbol.asyncDispose]());

const idOf = (path: string) => path.split('/')[3] ?? '';
const RULE = { expiration: 1, realm_name: 'r', conditions: [when('a', 'EQUALS', 'b')] };
const joining = () => ({ members: [{ iam_id: joiner.iamId, type: 'user' }] });

describe('strict delegation', () => {
  it('refuses each group that has more than the caller, and no other', async () => {
    const { token } = clerk;
    const { members } = (await world.expect(207, 'PUT', `${powerful}/members`, { token, body: joining() })).body;
    assert.deepEqual([members[0].status_code, members[0].errors[0].code], [403, 'insufficient_permissions']);
    const all = `/v2/groups/_allgroups/members/${joiner.iamId}?account_id=${account.id}`;
    const body = { type: 'user', groups: [idOf(powerful), idOf(harmless)] };
    const reply = await world.expect(207, 'PUT', all, { token, body });
    assert.deepEqual(statusesOf(reply.body.groups), [403, 200]);
    assert.deepEqual([await calls.members(powerful), await calls.members(harmless)], [[], [joiner.iamId]]);
  });

  it('refuses rules of such a group, made or replaced', async () => {
    const { token } = clerk;
    await refused(world, 403, 'insufficient_permissions', 'POST', `${powerful}/rules`, { token, body: RULE });
    const { id } = await calls.rule(powerful, RULE.conditions);
    const replace = { token, body: RULE, headers: { 'if-match': '*' } };
    await refused(world, 403, 'insufficient_permissions', 'PUT', `${powerful}/rules/${id}`, replace);
    await world.expect(201, 'POST', `${harmless}/rules`, { token, body: RULE });
    // Taking access away confers none.
    await world.expect(204, 'DELETE', `${powerful}/rules/${id}`, { token });
  });

  it('lets pass who holds what the group has, and Administrators of the group', async () => {
    const holder = await calls.userWith(ROLE('Editor'));
    await world.policy(account, holder.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'kms' });
    const administrator = await calls.userWith(ROLE('Administrator'), { resourceType: 'access-group', resource: idOf(powerful) });
    for (const { token } of [holder, administrator]) {
      const reply = await world.expect(207, 'PUT', `${powerful}/members`, { token, body: joining() });
      assert.deepEqual(statusesOf(reply.body.members), [200]);
      await world.expect(204, 'DELETE', `${powerful}/members/${joiner.iamId}`, { token });
    }
  });

  it('reports who is a member already, whoever asks', async () => {
    await calls.add(powerful, joiner.iamId);
    const reply = await world.expect(207, 'PUT', `${powerful}/members`, { token: clerk.token, body: joining() });
    assert.deepEqual(statusesOf(reply.body.members), [200]);
  });
});
