/** Calls that meet: each is done wholly before or wholly after the other. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createCalls, REALM, statusesOf, when } from '../conformance/groups/calls.ts';
import { ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../support/world.ts';

let world: World;
let account: TestAccount;
let user: TestUser;
let calls: ReturnType<typeof createCalls>;

before(async () => {
  world = await startWorld({ settings: { 'limits-set': 'ibm' } });
  account = await world.account();
  user = await world.user(account.id);
  calls = createCalls(world, account);
});
after(() => world[Symbol.asyncDispose]());

const atOnce = <T>(count: number, work: (at: number) => Promise<T>) => Promise.all(Array.from({ length: count }, (_, at) => work(at)));
const idOf = (path: string) => path.split('/')[3] ?? '';
const mayRead = async () => (await world.call('GET', calls.list, { token: user.token })).status === 200;

describe('calls that meet', () => {
  it('one of many creations of a name succeeds', async () => {
    const replies = await atOnce(10, (at) => world.call('POST', calls.list, calls.asOwner({ name: at % 2 === 0 ? 'meeting' : 'MEETING' })));
    assert.deepEqual(replies.map(({ status }) => status).sort(), [201, ...Array.from({ length: 9 }, () => 409)]);
  });

  it('many additions of one member add it once', async () => {
    const group = await calls.group();
    const items = (await atOnce(10, () => calls.add(group, user.iamId))).flat();
    assert.deepEqual(new Set(statusesOf(items)), new Set([200]));
    assert.equal(new Set(items.map((item) => item.created_at)).size, 1);
    assert.deepEqual(await calls.members(group), [user.iamId]);
  });

  it('one of many removals of a member succeeds', async () => {
    const group = await calls.group();
    await calls.add(group, user.iamId);
    const replies = await atOnce(10, () => world.call('DELETE', `${group}/members/${user.iamId}`, calls.asOwner()));
    assert.deepEqual(replies.map(({ status }) => status).sort(), [204, ...Array.from({ length: 9 }, () => 404)]);
  });

  it('one of many changes under one tag succeeds, of groups and of rules', async () => {
    const made = await world.expect(201, 'POST', calls.list, calls.asOwner({ name: 'tagged' }));
    const group = `/v2/groups/${made.body.id}`;
    const headers = { 'if-match': made.headers.get('etag') ?? '' };
    const changes = await atOnce(10, (at) => world.call('PATCH', group, calls.asOwner({ description: `${at}` }, headers)));
    assert.deepEqual(changes.map(({ status }) => status).sort(), [200, ...Array.from({ length: 9 }, () => 409)]);
    const body = { expiration: 1, realm_name: REALM, conditions: [when('a', 'EQUALS', 'b')] };
    const rule = await world.expect(201, 'POST', `${group}/rules`, calls.asOwner(body));
    const tag = { 'if-match': rule.headers.get('etag') ?? '' };
    const replaced = await atOnce(10, () => world.call('PUT', `${group}/rules/${rule.body.id}`, calls.asOwner(body, tag)));
    assert.deepEqual(replaced.map(({ status }) => status).sort(), [200, ...Array.from({ length: 9 }, () => 409)]);
  });

  it('the last place is taken once', async () => {
    const { iamId } = await world.user(account.id);
    const groups: string[] = [];
    for (let made = 0; made < 54; made += 1) groups.push(await calls.group());
    const body = { type: 'user', groups: groups.slice(0, 49).map(idOf) };
    await world.expect(207, 'PUT', `/v2/groups/_allgroups/members/${iamId}?account_id=${account.id}`, calls.asOwner(body));
    const items = (await Promise.all(groups.slice(49).map((group) => calls.add(group, iamId)))).flat();
    assert.deepEqual(statusesOf(items).sort(), [200, 422, 422, 422, 422]);
    const ruled = await calls.group();
    const rule = { expiration: 1, realm_name: REALM, conditions: [when('a', 'EQUALS', 'b')] };
    const rules = await atOnce(8, () => world.call('POST', `${ruled}/rules`, calls.asOwner(rule)));
    assert.deepEqual(rules.map(({ status }) => status).sort(), [201, 201, 201, 201, 201, 422, 422, 422]);
  });

  it('a group that is deleted while members are added leaves nobody with its access', async () => {
    for (let round = 0; round < 5; round += 1) {
      const group = await calls.group();
      await world.policy(account, idOf(group), [ROLE('Viewer')], { serviceName: 'iam-groups' });
      const body = { members: [{ iam_id: user.iamId, type: 'user' }] };
      const [added, deleted, late] = await Promise.all([
        world.call('PUT', `${group}/members`, calls.asOwner(body)),
        world.call('DELETE', `${group}?force=true`, calls.asOwner()),
        world.call('PUT', `${group}/members`, calls.asOwner(body)),
      ]);
      assert.equal(deleted.status, 204);
      for (const { status } of [added, late]) assert.ok(status === 207 || status === 404, `${status}`);
      assert.equal(await mayRead(), false);
      const { groups } = (await world.expect(200, 'GET', `${calls.list}&iam_id=${user.iamId}`, calls.asOwner())).body;
      assert.ok(!groups.some((one: Wire) => one.id === idOf(group)));
    }
  });

  it('a rule that is deleted or replaced while users sign in leaves nobody with what it gave', async () => {
    const group = await calls.group();
    await world.policy(account, idOf(group), [ROLE('Viewer')], { serviceName: 'iam-groups' });
    for (const method of ['DELETE', 'PUT']) {
      const rule = await calls.rule(group, [when('team', 'EQUALS', 'a')]);
      const path = `${group}/rules/${rule.id}`;
      const body = { expiration: 1, realm_name: REALM, conditions: [when('team', 'EQUALS', 'b')] };
      const options = calls.asOwner(method === 'PUT' ? body : undefined, { 'if-match': '*' });
      await Promise.all([
        calls.signIn(user.iamId, { team: 'a' }),
        world.call(method, path, options),
        calls.signIn(user.iamId, { team: 'a' }),
      ]);
      assert.deepEqual(await calls.members(group, 'membership_type=all'), [], method);
      assert.equal(await mayRead(), false);
    }
  });

  it('the last of several sign-ins decides', async () => {
    const group = await calls.group();
    await calls.rule(group, [when('team', 'EQUALS', 'a')]);
    await atOnce(10, (at) => calls.signIn(user.iamId, { team: at % 2 === 0 ? 'a' : 'b' }));
    await calls.signIn(user.iamId, { team: 'b' });
    assert.deepEqual(await calls.members(group, 'membership_type=all'), []);
  });

  it('what is switched off while a policy is made grants nothing', async () => {
    const settings = `/v2/groups/settings?account_id=${account.id}`;
    const attributes = Object.entries({ accountId: account.id, serviceName: 'cloud-object-storage', serviceInstance: 'i1' });
    const body = {
      type: 'access',
      subjects: [{ attributes: [{ name: 'access_group_id', value: 'AccessGroupId-PublicAccess' }] }],
      roles: [{ role_id: 'crn:v1:bluemix:public:iam::::serviceRole:Reader' }],
      resources: [{ attributes: attributes.map(([name, value]) => ({ name, value })) }],
    };
    const [made, off] = await Promise.all([
      world.call('POST', '/v1/policies', calls.asOwner(body)),
      world.call('PATCH', settings, calls.asOwner({ public_access_enabled: false })),
    ]);
    assert.equal(off.status, 200);
    assert.ok(made.status === 201 || made.status === 422, `${made.status} ${made.text}`);
    const { policies } = (await world.expect(200, 'GET', `/v1/policies?account_id=${account.id}`, calls.asOwner())).body;
    const ofEverybody = policies.filter((policy: Wire) => JSON.stringify(policy.subjects).includes('PublicAccess'));
    assert.deepEqual(ofEverybody, []);
  });
});
