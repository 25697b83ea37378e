/** What the audit log tells of access groups: one event for each thing that changed. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Reply, ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { createCalls, REALM, when } from './calls.ts';

let world: World;
let account: TestAccount;
let user: TestUser;
let calls: ReturnType<typeof createCalls>;

before(async () => {
  world = await startWorld();
  account = await world.account();
  user = await world.user(account.id);
  calls = createCalls(world, account);
});
after(() => world[Symbol.asyncDispose]());

const eventsOf = (reply: Reply<Wire>): Promise<Wire[]> => world.events(account, reply.headers.get('x-request-id') ?? '');
const actionsOf = async (reply: Reply<Wire>) => (await eventsOf(reply)).map((event) => event.type).sort();
const idOf = (path: string) => path.split('/')[3] ?? '';

describe('the events of access groups', () => {
  it('tell of a group that is made, changed and deleted', async () => {
    const made = await world.expect(201, 'POST', calls.list, calls.asOwner({ name: 'recorded' }));
    assert.deepEqual(await actionsOf(made), ['iam-groups.group.create']);
    const path = `/v2/groups/${made.body.id}`;
    const changed = await world.expect(200, 'PATCH', path, calls.asOwner({ name: 'renamed' }, { 'if-match': '*' }));
    const [event] = await eventsOf(changed);
    assert.equal(event.type, 'iam-groups.group.update');
    assert.deepEqual([event.data.before.name, event.data.after.name], ['recorded', 'renamed']);
    assert.deepEqual(await actionsOf(await world.expect(200, 'PATCH', path, calls.asOwner({}, { 'if-match': '*' }))), []);
    assert.deepEqual(await actionsOf(await world.expect(204, 'DELETE', path, calls.asOwner())), ['iam-groups.group.delete']);
  });

  it('tell of each member that is added or removed, and of none that stays as it was', async () => {
    const [one, two] = [await calls.group(), await calls.group()];
    const { iam_id } = await world.profile(account);
    const members = [
      { iam_id: user.iamId, type: 'user' },
      { iam_id, type: 'profile' },
      { iam_id: 'IBMid-nobody', type: 'user' },
    ];
    const added = await world.expect(207, 'PUT', `${one}/members`, calls.asOwner({ members }));
    const events = await eventsOf(added);
    assert.deepEqual(events.map((event) => [event.type, event.data.target.id, event.data.requestData.iam_id]).sort(), [
      ['iam-groups.member.add', idOf(one), user.iamId],
      ['iam-groups.member.add', idOf(one), iam_id],
    ]);
    assert.deepEqual(await actionsOf(await world.expect(207, 'PUT', `${one}/members`, calls.asOwner({ members }))), []);
    const all = `/v2/groups/_allgroups/members/${user.iamId}?account_id=${account.id}`;
    const joined = await world.expect(207, 'PUT', all, calls.asOwner({ type: 'user', groups: [idOf(one), idOf(two)] }));
    assert.deepEqual(await actionsOf(joined), ['iam-groups.member.add']);
    const left = await world.expect(207, 'DELETE', all, calls.asOwner());
    assert.deepEqual(await actionsOf(left), ['iam-groups.member.delete', 'iam-groups.member.delete']);
    const body = { members: [iam_id, user.iamId] };
    assert.deepEqual(await actionsOf(await world.expect(207, 'POST', `${one}/members/delete`, calls.asOwner(body))), [
      'iam-groups.member.delete',
    ]);
  });

  it('tell of rules, of whom they made members, and of whose membership ended', async () => {
    const group = await calls.group();
    const body = { expiration: 1, realm_name: REALM, conditions: [when('team', 'EQUALS', 'a')] };
    const made = await world.expect(201, 'POST', `${group}/rules`, calls.asOwner(body));
    assert.deepEqual(await actionsOf(made), ['iam-groups.rule.create']);
    const signIn = (team: string) => {
      const login = { iam_id: user.iamId, realm_name: REALM, claims: { team } };
      return world.expect(201, 'POST', `/podpass/v1/accounts/${account.id}/logins`, { token: world.admin, body: login });
    };
    const [event] = await eventsOf(await signIn('a'));
    assert.equal(event.type, 'iam-groups.federated-member.add');
    assert.equal(event.data.target.id, idOf(group));
    assert.deepEqual([event.data.requestData.iam_id, event.data.requestData.rule_id], [user.iamId, made.body.id]);
    assert.deepEqual(await actionsOf(await signIn('b')), ['iam-groups.federated-member.delete']);
    assert.deepEqual(await actionsOf(await signIn('b')), []);
    await signIn('a');
    const path = `${group}/rules/${made.body.id}`;
    const [replaced] = await eventsOf(await world.expect(200, 'PUT', path, calls.asOwner(body, { 'if-match': '*' })));
    assert.deepEqual([replaced.type, replaced.data.requestData.ended_memberships], ['iam-groups.rule.update', 1]);
    assert.deepEqual(await actionsOf(await world.expect(204, 'DELETE', path, calls.asOwner())), ['iam-groups.rule.delete']);
  });

  it('tell of settings that change, with the policies that this deletes', async () => {
    const own = await world.account();
    const settings = `/v2/groups/settings?account_id=${own.id}`;
    const set = (isEnabled: boolean) =>
      world.expect(200, 'PATCH', settings, { token: own.owner, body: { public_access_enabled: isEnabled } });
    const role = 'crn:v1:bluemix:public:iam::::serviceRole:Reader';
    await world.policy(own, 'AccessGroupId-PublicAccess', [role], { serviceName: 'cloud-object-storage', serviceInstance: 'i1' });
    const off = await set(false);
    const events = await world.events(own, off.headers.get('x-request-id') ?? '');
    assert.deepEqual(events.map((event) => event.type).sort(), ['iam-am.policy.delete', 'iam-groups.account-settings.update']);
    const again = await set(false);
    assert.deepEqual(await world.events(own, again.headers.get('x-request-id') ?? ''), []);
  });

  it('tell of a refusal, by the action that was missing', async () => {
    const { token } = await calls.userWith(ROLE('Viewer'));
    const reply = await world.expect(403, 'POST', calls.list, { token, body: { name: 'not mine' } });
    const [event] = await eventsOf(reply);
    assert.deepEqual([event.type, event.data.outcome], ['iam-groups.groups.create', 'failure']);
  });
});
