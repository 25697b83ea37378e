/** One identity and many groups at once, under `_allgroups` in the place of a group. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { createCalls, refused, statusesOf, when } from './calls.ts';

let world: World;
let account: TestAccount;
let calls: ReturnType<typeof createCalls>;
let user: TestUser;

before(async () => {
  world = await startWorld();
  account = await world.account();
  calls = createCalls(world, account);
  user = await world.user(account.id);
});
after(() => world[Symbol.asyncDispose]());

const all = (iamId: string, accountId = account.id) => `/v2/groups/_allgroups/members/${iamId}?account_id=${accountId}`;
const idOf = (path: string) => path.split('/')[3] ?? '';
const groupsOf = (reply: { body: Wire }) => reply.body.groups.map((item: Wire) => [item.access_group_id, item.status_code]);

describe('adding an identity to many groups', () => {
  it('AG-40: adds it to each, and reports each', async () => {
    const [one, two] = [await calls.group(), await calls.group()];
    const body = { type: 'user', groups: [idOf(one), idOf(two)] };
    const reply = await world.expect(207, 'PUT', all(user.iamId), calls.asOwner(body));
    assert.deepEqual(groupsOf(reply), [
      [idOf(one), 200],
      [idOf(two), 200],
    ]);
    assert.equal(reply.body.groups[0].trace, reply.headers.get('transaction-id'));
    for (const group of [one, two]) assert.deepEqual(await calls.members(group), [user.iamId]);
    assert.deepEqual(groupsOf(await world.expect(207, 'PUT', all(user.iamId), calls.asOwner(body))), groupsOf(reply));
  });

  it('a group that is not there, or belongs to others, fails alone', async () => {
    const foreign = await world.group(await world.account());
    const group = await calls.group();
    const groups = ['AccessGroupId-none', foreign.id, 'AccessGroupId-PublicAccess', idOf(group), '_allgroups', '__proto__'];
    const reply = await world.expect(207, 'PUT', all(user.iamId), calls.asOwner({ type: 'user', groups }));
    assert.deepEqual(statusesOf(reply.body.groups), [404, 404, 400, 200, 404, 404]);
    assert.equal(reply.body.groups[0].errors[0].code, 'not_found');
    assert.ok(reply.body.groups[1].errors[0].message.includes(foreign.id));
    assert.equal(reply.body.groups[2].errors[0].code, 'reserved_value');
  });

  it('an identity that the account does not have, or of another type, is added to none', async () => {
    const groups = [idOf(await calls.group())];
    const statusOf = async (iamId: string, type: string) =>
      (await world.expect(207, 'PUT', all(iamId), calls.asOwner({ type, groups }))).body.groups[0].status_code;
    assert.equal(await statusOf('IBMid-nobody', 'user'), 404);
    assert.equal(await statusOf(user.iamId, 'profile'), 400);
    assert.equal(await statusOf((await world.profile(await world.account())).iam_id, 'profile'), 404);
  });

  it('takes 1 to 50 groups, a type and an account', async () => {
    const groups = ['AccessGroupId-none'];
    for (const body of [
      { type: 'user', groups: [] },
      { type: 'user', groups: Array.from({ length: 51 }, (_, at) => `AccessGroupId-${at}`) },
      { type: 'group', groups },
      { type: 'user', groups: 'AccessGroupId-none' },
      { type: 'user' },
      { groups },
      [],
    ]) {
      assert.equal((await world.call('PUT', all(user.iamId), calls.asOwner(body))).status, 400, JSON.stringify(body));
    }
    const path = `/v2/groups/_allgroups/members/${user.iamId}`;
    await refused(world, 400, 'missing_field', 'PUT', path, calls.asOwner({ type: 'user', groups }));
    await refused(world, 400, 'missing_field', 'DELETE', path, calls.asOwner());
  });

  it('a group that stands twice is joined once and reported twice', async () => {
    const group = await calls.group();
    const body = { type: 'user', groups: [idOf(group), idOf(group)] };
    assert.deepEqual(statusesOf((await world.expect(207, 'PUT', all(user.iamId), calls.asOwner(body))).body.groups), [200, 200]);
    assert.deepEqual(await calls.members(group), [user.iamId]);
  });

  it('a caller with a right on one of the groups acts on that one, and one without any is refused', async () => {
    const [own, other] = [await calls.group(), await calls.group()];
    const { token } = await calls.userWith(ROLE('Editor'), { resourceType: 'access-group', resource: idOf(own) });
    const groups = [idOf(own), idOf(other)];
    const reply = await world.expect(207, 'PUT', all(user.iamId), { token, body: { type: 'user', groups } });
    assert.deepEqual(statusesOf(reply.body.groups), [200, 403]);
    assert.equal(reply.body.groups[1].errors[0].code, 'insufficient_permissions');
    assert.deepEqual(await calls.members(other), []);
    const body = { type: 'user', groups: [idOf(other)] };
    await refused(world, 403, 'insufficient_permissions', 'PUT', all(user.iamId), { token, body });
    const foreign = await world.account();
    await refused(world, 403, 'insufficient_permissions', 'PUT', all(user.iamId), { token: foreign.owner, body });
    // Naming the own account does not bring in the groups of another.
    const smuggled = await world.expect(207, 'PUT', all(foreign.ownerIamId, foreign.id), { token: foreign.owner, body });
    assert.deepEqual(statusesOf(smuggled.body.groups), [404]);
  });
});

describe('removing an identity from all groups', () => {
  it('AG-41: removes it from each group of the account, and reports each', async () => {
    const { iamId } = await world.user(account.id);
    const [one, two] = [await calls.group(), await calls.group()];
    for (const group of [one, two]) await calls.add(group, iamId, user.iamId);
    const reply = await world.expect(207, 'DELETE', all(iamId), calls.asOwner());
    assert.equal(reply.body.iam_id, iamId);
    assert.deepEqual(
      groupsOf(reply),
      [idOf(one), idOf(two)].sort().map((id) => [id, 204]),
    );
    for (const group of [one, two]) assert.deepEqual(await calls.members(group), [user.iamId]);
  });

  it('AG-42: answers 404 for one that is in no group, or in groups of other accounts or by rules only', async () => {
    const { iamId } = await world.user(account.id);
    const error = await refused(world, 404, 'not_found', 'DELETE', all(iamId), calls.asOwner());
    assert.ok(error.message.includes(iamId));
    const other = await world.account();
    await world.user(other.id, iamId);
    const elsewhere = createCalls(world, other);
    const theirs = await elsewhere.group();
    await elsewhere.add(theirs, iamId);
    const group = await calls.group();
    await calls.rule(group, [when('team', 'EQUALS', 'a')]);
    await calls.signIn(iamId, { team: 'a' });
    await refused(world, 404, 'not_found', 'DELETE', all(iamId), calls.asOwner());
    assert.deepEqual(await elsewhere.members(theirs), [iamId]);
    assert.deepEqual(await calls.members(group, 'membership_type=all'), [iamId]);
  });

  it('a caller with a right on one of the groups removes it from that one', async () => {
    const { iamId } = await world.user(account.id);
    const [own, other] = [await calls.group(), await calls.group()];
    for (const group of [own, other]) await calls.add(group, iamId);
    const { token } = await calls.userWith(ROLE('Editor'), { resourceType: 'access-group', resource: idOf(own) });
    const reply = await world.expect(207, 'DELETE', all(iamId), { token });
    assert.deepEqual(
      new Map(groupsOf(reply)),
      new Map([
        [idOf(own), 204],
        [idOf(other), 403],
      ]),
    );
    assert.deepEqual(await calls.members(other), [iamId]);
    const stranger = await world.user(account.id);
    await refused(world, 403, 'insufficient_permissions', 'DELETE', all(iamId), { token: stranger.token });
    await refused(world, 403, 'insufficient_permissions', 'DELETE', all('IBMid-nobody'), { token: stranger.token });
  });
});
