import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { createCalls, statusesOf, when } from './calls.ts';

let world: World;
let account: TestAccount;
let user: TestUser;
let profile: Wire;
let serviceId: Wire;
let calls: ReturnType<typeof createCalls>;

before(async () => {
  world = await startWorld();
  account = await world.account();
  user = await world.user(account.id);
  profile = await world.profile(account);
  calls = createCalls(world, account);
  serviceId = await calls.serviceId();
});
after(() => world[Symbol.asyncDispose]());

const asOwner = (body?: unknown) => ({ token: account.owner, body });
const both = () => [
  { iam_id: user.iamId, type: 'user' },
  { iam_id: profile.iam_id, type: 'profile' },
];
const freshMembers = async () => `/v2/groups/${(await world.group(account)).id}/members`;
const add = async (path: string, members: readonly unknown[]): Promise<Wire[]> =>
  (await world.expect(207, 'PUT', path, asOwner({ members }))).body.members;

describe('adding members', () => {
  it('AG-25: adds a user, a service ID and a profile', async () => {
    const all = [...both(), { iam_id: serviceId.iam_id, type: 'service' }];
    const reply = await world.expect(207, 'PUT', await freshMembers(), asOwner({ members: all }));
    assert.deepEqual(
      reply.body.members.map(({ iam_id, type, status_code, created_by_id, trace }: Wire) => [
        iam_id,
        type,
        status_code,
        created_by_id,
        trace,
      ]),
      all.map(({ iam_id, type }) => [iam_id, type, 200, account.ownerIamId, reply.headers.get('transaction-id')]),
    );
    for (const item of reply.body.members) assert.match(item.created_at, /^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it('AG-26: adding again changes nothing', async () => {
    const path = await freshMembers();
    const first = await add(path, both());
    const second = await add(path, both());
    assert.deepEqual(statusesOf(second), [200, 200]);
    assert.deepEqual(
      second.map((item) => item.created_at),
      first.map((item) => item.created_at),
    );
  });

  it('AG-27: takes 1 to 50 members a call, and adds none of a longer list', async () => {
    const path = await freshMembers();
    const unknown = Array.from({ length: 50 }, (_, at) => ({ iam_id: `IBMid-unknown-${at}`, type: 'user' }));
    await world.expect(400, 'PUT', path, asOwner({ members: [...both().slice(0, 1), ...unknown] }));
    await world.expect(400, 'PUT', path, asOwner({ members: [] }));
    assert.equal((await world.expect(200, 'GET', path, asOwner())).body.total_count, 0);
  });

  it('AG-28: an identity that the account does not have fails alone', async () => {
    const other = await world.account();
    const foreign = await world.profile(other);
    const items = await add(await freshMembers(), [
      both()[0],
      { iam_id: 'IBMid-nobody', type: 'user' },
      { iam_id: foreign.iam_id, type: 'profile' },
    ]);
    assert.deepEqual(statusesOf(items), [200, 404, 404]);
    assert.equal(items[1].errors[0].code, 'not_found');
  });

  it('AG-70: a type that disagrees with the id fails alone', async () => {
    const items = await add(await freshMembers(), [{ iam_id: profile.iam_id, type: 'user' }, ...both()]);
    assert.deepEqual(statusesOf(items), [400, 200, 200]);
    assert.equal(items[0].errors[0].code, 'invalid_field');
  });

  it('an id that stands twice is added once and reported twice', async () => {
    const path = await freshMembers();
    assert.deepEqual(statusesOf(await add(path, [both()[0], both()[0]])), [200, 200]);
    assert.equal((await world.expect(200, 'GET', path, asOwner())).body.total_count, 1);
  });

  it('a group contains no group, and the Public Access group takes no members', async () => {
    const group = await world.group(account);
    assert.deepEqual(statusesOf(await add(await freshMembers(), [{ iam_id: group.id, type: 'user' }])), [404]);
    const reply = await world.expect(400, 'PUT', '/v2/groups/AccessGroupId-PublicAccess/members', asOwner({ members: both() }));
    assert.equal(reply.body.errors[0].code, 'reserved_value');
  });
});

describe('asking for members', () => {
  it('AG-29, AG-30, AG-31: HEAD answers 204 or 404, without a body', async () => {
    const path = await freshMembers();
    await add(path, [both()[1]]);
    assert.equal((await world.expect(204, 'HEAD', `${path}/${profile.iam_id}`, asOwner())).text, '');
    assert.equal((await world.expect(404, 'HEAD', `${path}/${user.iamId}`, asOwner())).text, '');
    assert.equal((await world.expect(404, 'HEAD', `/v2/groups/AccessGroupId-none/members/${user.iamId}`, asOwner())).text, '');
  });

  it('AG-32, AG-34: lists members with their kind, by type when asked', async () => {
    const path = await freshMembers();
    await add(path, both());
    const { body } = await world.expect(200, 'GET', path, asOwner());
    assert.deepEqual([body.limit, body.offset, body.total_count], [100, 0, 2]);
    assert.ok(body.first.href && body.last.href);
    for (const item of body.members) {
      assert.equal(item.membership_type, 'static');
      assert.equal(item.href, `${world.url}${path}/${item.iam_id}`);
      assert.ok(!('name' in item));
    }
    const profiles = (await world.expect(200, 'GET', `${path}?type=profile`, asOwner())).body;
    assert.deepEqual(
      profiles.members.map(({ iam_id, type }: Wire) => [iam_id, type]),
      [[profile.iam_id, 'profile']],
    );
    assert.equal((await world.expect(200, 'GET', `${path}?membership_type=dynamic`, asOwner())).body.total_count, 0);
  });

  it('AG-33: the verbose form names them, ordered by name when asked', async () => {
    const path = await freshMembers();
    const [first, last] = [await world.profile(account, 'A first'), await world.profile(account, 'Z last')];
    const described = { account_id: account.id, name: 'B service', description: 'what it does' };
    const service = (await world.expect(201, 'POST', '/v1/serviceids', asOwner(described))).body;
    await calls.add(path.replace('/members', ''), last.iam_id, user.iamId, service.iam_id, first.iam_id);
    const listed = async (query: string): Promise<Wire[]> => (await world.expect(200, 'GET', `${path}?${query}`, asOwner())).body.members;
    const members = await listed('verbose=true&sort=name');
    assert.deepEqual(
      members.map(({ name, email, description, type }) => [name, email, description, type]),
      [
        ['A first', undefined, undefined, 'profile'],
        ['B service', undefined, 'what it does', 'service'],
        ['Test User', `${user.iamId}@example.com`, undefined, 'user'],
        ['Z last', undefined, undefined, 'profile'],
      ],
    );
    const ids = (items: readonly Wire[]) => items.map((item) => item.iam_id);
    assert.deepEqual(ids(await listed('verbose=true&sort=-name')), ids(members).toReversed());
    assert.deepEqual(ids(await listed('verbose=true&sort=id')), ids(members).toSorted());
    assert.equal(ids(await listed('verbose=true&sort=-email'))[0], user.iamId);
    assert.deepEqual(ids(await listed('verbose=true&sort=name&limit=2&offset=1')), ids(members).slice(1, 3));
    // Without names there is nothing to sort by, and the order of joining stays.
    const joined = [last.iam_id, user.iamId, service.iam_id, first.iam_id];
    for (const query of ['', 'sort=name', 'sort=-name', 'verbose=true'])
      assert.deepEqual(new Set(ids(await listed(query))), new Set(joined));
    assert.deepEqual(ids(await listed('sort=-name')), ids(await listed('')));
    await world.expect(400, 'GET', `${path}?sort=colour`, asOwner());
  });

  it('AG-35: 120 members come in pages of 100 and 20', async () => {
    const path = await freshMembers();
    const members: unknown[] = [];
    for (let number = 0; number < 120; number += 1) {
      members.push({ iam_id: (await world.profile(account, `pod ${number}`)).iam_id, type: 'profile' });
    }
    for (const start of [0, 50, 100]) await add(path, members.slice(start, start + 50));
    const first = (await world.expect(200, 'GET', `${path}?limit=100`, asOwner())).body;
    const second = (await world.expect(200, 'GET', `${path}?limit=100&offset=100`, asOwner())).body;
    assert.deepEqual([first.members.length, second.members.length, first.total_count], [100, 20, 120]);
    assert.equal(new URL(first.next.href).searchParams.get('offset'), '100');
    assert.ok(!('next' in second));
  });
});

describe('removing members', () => {
  it('AG-36, AG-37: DELETE removes a member once', async () => {
    const path = await freshMembers();
    await add(path, both());
    for (const { iam_id } of both()) {
      await world.expect(204, 'DELETE', `${path}/${iam_id}`, asOwner());
      await world.expect(404, 'HEAD', `${path}/${iam_id}`, asOwner());
      const again = await world.expect(404, 'DELETE', `${path}/${iam_id}`, asOwner());
      assert.equal(again.body.errors[0].code, 'not_found');
    }
  });

  it('AG-38, AG-39: removing many reports each, and 404 where none is a member', async () => {
    const path = await freshMembers();
    const groupId = path.split('/')[3] ?? '';
    await add(path, [both()[0]]);
    const none = await world.expect(404, 'POST', `${path}/delete`, asOwner({ members: [profile.iam_id] }));
    assert.ok(none.body.errors[0].message.includes(groupId));
    const some = await world.expect(207, 'POST', `${path}/delete`, asOwner({ members: [user.iamId, profile.iam_id] }));
    assert.equal(some.body.access_group_id, groupId);
    assert.deepEqual(
      some.body.members.map(({ iam_id, status_code }: Wire) => [iam_id, status_code]),
      [
        [user.iamId, 204],
        [profile.iam_id, 404],
      ],
    );
    assert.equal(some.body.members[1].errors[0].code, 'not_found');
  });

  it('removing an id that stands twice reports both as removed', async () => {
    const path = await freshMembers();
    await add(path, [both()[0]]);
    const { body } = await world.expect(207, 'POST', `${path}/delete`, asOwner({ members: [user.iamId, user.iamId] }));
    assert.deepEqual(statusesOf(body.members), [204, 204]);
  });

  it('deleting a profile or a service ID removes its memberships', async () => {
    const path = await freshMembers();
    const [goneProfile, goneService] = [await world.profile(account), await calls.serviceId()];
    await calls.add(path.replace('/members', ''), goneProfile.iam_id, goneService.iam_id);
    await world.expect(204, 'DELETE', `/v1/profiles/${goneProfile.id}`, asOwner());
    await world.expect(204, 'DELETE', `/v1/serviceids/${goneService.id}`, asOwner());
    assert.equal((await world.expect(200, 'GET', path, asOwner())).body.total_count, 0);
  });

  it('what a rule made of a user is not removed, what somebody added is', async () => {
    const path = await freshMembers();
    const group = path.replace('/members', '');
    await calls.rule(group, [when('team', 'EQUALS', 'a')]);
    await calls.signIn(user.iamId, { team: 'a' });
    await world.expect(404, 'DELETE', `${path}/${user.iamId}`, asOwner());
    await world.expect(404, 'POST', `${path}/delete`, asOwner({ members: [user.iamId] }));
    await calls.add(group, user.iamId);
    await world.expect(204, 'DELETE', `${path}/${user.iamId}`, asOwner());
    await world.expect(204, 'HEAD', `${path}/${user.iamId}`, asOwner());
    assert.deepEqual(await calls.members(group), []);
    assert.deepEqual(await calls.members(group, 'membership_type=dynamic'), [user.iamId]);
  });
});

describe('what membership gives', () => {
  it('AG-69: a pod reads what its group reads, until it leaves the group', async () => {
    const cluster = await world.cluster(account);
    await world.link(account, profile.id, cluster.crn);
    const path = await freshMembers();
    await world.policy(account, path.split('/')[3] ?? '', [ROLE('Viewer')], { serviceName: 'containers-kubernetes' });
    const token = (await world.crToken(cluster.issuer.token(), { profile_id: profile.id })).body.access_token;
    const question = {
      subject: { attributes: { id: profile.iam_id } },
      action: 'containers-kubernetes.cluster.read',
      resource: { attributes: { serviceName: 'containers-kubernetes', accountId: account.id } },
    };
    const seen = async () => {
      const decided = await world.expect(200, 'POST', '/v2/authz', asOwner([question]));
      const clusters = await world.expect(200, 'GET', '/global/v1/clusters', { token });
      return [decided.body.responses[0].authorizationDecision.permitted, clusters.body.length];
    };
    assert.deepEqual(await seen(), [false, 0]);
    await add(path, [both()[1]]);
    assert.deepEqual(await seen(), [true, 1]);
    await world.expect(204, 'DELETE', `${path}/${profile.iam_id}`, asOwner());
    assert.deepEqual(await seen(), [false, 0]);
  });
});
