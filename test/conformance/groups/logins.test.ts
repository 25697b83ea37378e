/** What dynamic rules make of users who sign in, and for how long. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createManualClock } from '../../../src/kernel/clock.ts';
import { ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { createCalls, REALM, when } from './calls.ts';

const HOUR = 3_600_000;

const clock = createManualClock(Date.now());
let world: World;
let account: TestAccount;
let user: TestUser;
let calls: ReturnType<typeof createCalls>;
let group: string;

before(async () => {
  world = await startWorld({ clock });
});
after(() => world[Symbol.asyncDispose]());

/** Tokens live for an hour; the account is made anew for every test, and its owner signs in again where a test waits. */
beforeEach(async () => {
  world.admin = await world.login((await world.expect(201, 'POST', '/podpass/v1/administrators', administrator())).body.apikey);
  account = await world.account();
  user = await world.user(account.id);
  calls = createCalls(world, account);
  group = await calls.group();
});

const administrator = () => ({ token: world.admin, body: { iam_id: 'IBMid-admin', name: 'Administrator' } });

/** Lets time pass, with fresh tokens at the end of it. */
async function wait(ms: number): Promise<void> {
  const key = (await world.expect(201, 'POST', '/podpass/v1/administrators', administrator())).body.apikey;
  clock.advance(ms);
  world.admin = await world.login(key);
  account = { ...account, owner: await world.login(account.ownerApiKey) };
  calls = createCalls(world, account);
}

const dynamic = () => calls.members(group, 'membership_type=dynamic');

async function mayReadGroups(): Promise<boolean> {
  const question = {
    subject: { attributes: { id: user.iamId } },
    action: 'iam-groups.groups.read',
    resource: { attributes: { serviceName: 'iam-groups', accountId: account.id } },
  };
  const { body } = await world.expect(200, 'POST', '/v2/authz', { token: account.owner, body: [question] });
  return body.responses[0].authorizationDecision.permitted;
}

/** Whether a user with these claims becomes a member by a rule with these conditions. */
async function joins(claims: unknown, ...conditions: readonly Wire[]): Promise<boolean> {
  const own = await calls.group();
  await calls.rule(own, conditions);
  const made = await calls.signIn(user.iamId, claims);
  return made.some((membership) => own.endsWith(membership.access_group_id));
}

describe('signing in', () => {
  it('AG-51: makes a member for the hours of the rule, listed as dynamic, and then no longer', async () => {
    const rule = await calls.rule(group, [when('isManager', 'EQUALS', 'true')]);
    await world.policy(account, group.split('/')[3] ?? '', [ROLE('Viewer')], { serviceName: 'iam-groups' });
    assert.equal(await mayReadGroups(), false);
    const at = clock.now();
    assert.deepEqual(await calls.signIn(user.iamId, { isManager: true }), [
      { access_group_id: group.split('/')[3], rule_id: rule.id, expires_at: new Date(at + 12 * HOUR).toISOString() },
    ]);
    const { members, total_count } = (await world.expect(200, 'GET', `${group}/members?membership_type=dynamic`, calls.asOwner())).body;
    assert.equal(total_count, 1);
    const [{ iam_id, type, membership_type, created_at, href }] = members;
    assert.deepEqual([iam_id, type, membership_type], [user.iamId, 'user', 'dynamic']);
    assert.deepEqual([created_at, href], [new Date(at).toISOString(), `${world.url}${group}/members/${user.iamId}`]);
    assert.deepEqual(await calls.members(group), []);
    await world.expect(204, 'HEAD', `${group}/members/${user.iamId}`, calls.asOwner());
    assert.equal(await mayReadGroups(), true);
    await wait(12 * HOUR - 1);
    assert.deepEqual([await dynamic(), await mayReadGroups()], [[user.iamId], true]);
    await wait(1);
    assert.deepEqual([await dynamic(), await mayReadGroups()], [[], false]);
    assert.deepEqual(await calls.members(group, 'membership_type=all'), []);
    await world.expect(404, 'HEAD', `${group}/members/${user.iamId}`, calls.asOwner());
  });

  it('AG-52: makes nobody a member where one of two conditions does not hold', async () => {
    const [right, wrong] = [when('a', 'EQUALS', '1'), when('b', 'EQUALS', '2')];
    assert.equal(await joins({ a: 1, b: 3 }, right, wrong), false);
    assert.equal(await joins({ a: 1, b: 2 }, right, wrong), true);
  });

  it('AG-53: CONTAINS asks a list for an element that is equal', async () => {
    const condition = when('groups', 'CONTAINS', 'Admins');
    assert.equal(await joins({ groups: ['a', 'Admins'] }, condition), true);
    assert.equal(await joins({ groups: ['a', 'SuperAdmins', 'admins'] }, condition), false);
    assert.equal(await joins({ groups: [] }, condition), false);
    assert.equal(await joins({ groups: [1, true] }, when('groups', 'CONTAINS', '1')), true);
  });

  it('AG-54: CONTAINS asks a text for a part', async () => {
    assert.equal(await joins({ groups: 'SuperAdmins' }, when('groups', 'CONTAINS', 'Admins')), true);
    assert.equal(await joins({ groups: 'Superadmins' }, when('groups', 'CONTAINS', 'Admins')), false);
  });

  it('AG-55: IN asks whether the claim is one of a list', async () => {
    const condition = when('jobRole', 'IN', ['Manager', 'Lead']);
    assert.equal(await joins({ jobRole: 'Lead' }, condition), true);
    assert.equal(await joins({ jobRole: 'Leader' }, condition), false);
  });

  it('compares with and without case, and says no of a claim that is absent, even where it asks for a difference', async () => {
    assert.equal(await joins({ a: 'X' }, when('a', 'EQUALS', 'x')), false);
    assert.equal(await joins({ a: 'X' }, when('a', 'EQUALS_IGNORE_CASE', 'x')), true);
    assert.equal(await joins({ a: 'X' }, when('a', 'NOT_EQUALS', 'x')), true);
    assert.equal(await joins({ a: 'X' }, when('a', 'NOT_EQUALS_IGNORE_CASE', 'x')), false);
    for (const operator of ['EQUALS', 'NOT_EQUALS', 'EQUALS_IGNORE_CASE', 'NOT_EQUALS_IGNORE_CASE', 'IN', 'CONTAINS'])
      assert.equal(await joins({ b: 'x' }, when('a', operator, 'x')), false, operator);
    // A value that is no JSON is meant as it stands.
    assert.equal(await joins({ a: 'bare words' }, { claim: 'a', operator: 'EQUALS', value: 'bare words' }), true);
  });

  it('looks at the rules of its identity provider alone, and of its account alone', async () => {
    const condition = when('a', 'EQUALS', 'b');
    await calls.rule(group, [condition]);
    const other = createCalls(world, await world.account());
    await other.rule(await other.group(), [condition]);
    for (const realm of ['https://idp.example/other', `${REALM}/`, REALM.toUpperCase()])
      assert.deepEqual(await calls.signIn(user.iamId, { a: 'b' }, realm), []);
    assert.equal((await calls.signIn(user.iamId, { a: 'b' })).length, 1);
  });

  it('takes the place of an earlier sign-in with the same identity provider, and of no other', async () => {
    const second = await calls.group();
    await calls.rule(group, [when('team', 'EQUALS', 'a')]);
    await calls.rule(second, [when('team', 'EQUALS', 'a')], { realm_name: 'https://second.example' });
    await calls.signIn(user.iamId, { team: 'a' }, 'https://second.example');
    await calls.signIn(user.iamId, { team: 'a' });
    assert.deepEqual(await dynamic(), [user.iamId]);
    await calls.signIn(user.iamId, { team: 'b' });
    assert.deepEqual(await dynamic(), []);
    assert.deepEqual(await calls.members(second, 'membership_type=dynamic'), [user.iamId]);
  });

  it('begins the hours anew', async () => {
    await calls.rule(group, [when('team', 'EQUALS', 'a')], { expiration: 2 });
    await calls.signIn(user.iamId, { team: 'a' });
    await wait(1.5 * HOUR);
    await calls.signIn(user.iamId, { team: 'a' });
    await wait(1.5 * HOUR);
    assert.deepEqual(await dynamic(), [user.iamId]);
    await wait(0.5 * HOUR);
    assert.deepEqual(await dynamic(), []);
  });

  it('by two rules of one group makes one member, until the later of the two ends', async () => {
    await calls.rule(group, [when('team', 'EQUALS', 'a')], { expiration: 1 });
    await calls.rule(group, [when('team', 'CONTAINS', 'a')], { expiration: 2 });
    await world.policy(account, group.split('/')[3] ?? '', [ROLE('Viewer')], { serviceName: 'iam-groups' });
    assert.equal((await calls.signIn(user.iamId, { team: 'a' })).length, 2);
    const { body } = await world.expect(200, 'GET', `${group}/members?membership_type=all`, calls.asOwner());
    assert.deepEqual([body.total_count, body.members.length], [1, 1]);
    await wait(1.5 * HOUR);
    assert.deepEqual([await dynamic(), await mayReadGroups()], [[user.iamId], true]);
    await wait(0.5 * HOUR);
    assert.deepEqual([await dynamic(), await mayReadGroups()], [[], false]);
  });

  it('who was added besides is listed once, as added', async () => {
    await calls.rule(group, [when('team', 'EQUALS', 'a')]);
    await calls.signIn(user.iamId, { team: 'a' });
    const other = await world.user(account.id);
    await calls.signIn(other.iamId, { team: 'a' });
    await calls.add(group, user.iamId);
    const { body } = await world.expect(200, 'GET', `${group}/members?membership_type=all&verbose=true&sort=id`, calls.asOwner());
    const expected = [
      [user.iamId, 'static', 'Test User'],
      [other.iamId, 'dynamic', 'Test User'],
    ].sort();
    assert.deepEqual([body.total_count, body.members.map((one: Wire) => [one.iam_id, one.membership_type, one.name])], [2, expected]);
    const profiles = await world.expect(200, 'GET', `${group}/members?membership_type=dynamic&type=profile`, calls.asOwner());
    assert.equal(profiles.body.total_count, 0);
  });
});

describe('what a rule made', () => {
  const pathOf = (rule: Wire) => `${group}/rules/${rule.id}`;

  beforeEach(async () => {
    await world.policy(account, group.split('/')[3] ?? '', [ROLE('Viewer')], { serviceName: 'iam-groups' });
  });

  it('ends at once when the rule is replaced', async () => {
    const rule = await calls.rule(group, [when('team', 'EQUALS', 'a')]);
    await calls.signIn(user.iamId, { team: 'a' });
    assert.equal(await mayReadGroups(), true);
    const { expiration, realm_name, conditions } = rule;
    await world.expect(200, 'PUT', pathOf(rule), calls.asOwner({ expiration, realm_name, conditions }, { 'if-match': '*' }));
    assert.deepEqual([await dynamic(), await mayReadGroups()], [[], false]);
    await calls.signIn(user.iamId, { team: 'a' });
    assert.deepEqual([await dynamic(), await mayReadGroups()], [[user.iamId], true]);
  });

  it('ends at once when the rule is deleted, and what another rule made stays', async () => {
    const [rule, other] = [
      await calls.rule(group, [when('team', 'EQUALS', 'a')]),
      await calls.rule(group, [when('team', 'CONTAINS', 'a')]),
    ];
    await calls.signIn(user.iamId, { team: 'a' });
    await world.expect(204, 'DELETE', pathOf(rule), calls.asOwner());
    assert.deepEqual([await dynamic(), await mayReadGroups()], [[user.iamId], true]);
    await world.expect(204, 'DELETE', pathOf(other), calls.asOwner());
    assert.deepEqual([await dynamic(), await mayReadGroups()], [[], false]);
  });

  it('ends at once when the group is deleted', async () => {
    await calls.rule(group, [when('team', 'EQUALS', 'a')]);
    await calls.signIn(user.iamId, { team: 'a' });
    assert.equal(await mayReadGroups(), true);
    await world.expect(204, 'DELETE', `${group}?force=true`, calls.asOwner());
    assert.equal(await mayReadGroups(), false);
    assert.deepEqual(await calls.signIn(user.iamId, { team: 'a' }), []);
  });
});
