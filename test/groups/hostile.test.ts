/** Input that means to be something else: names that every object has, patterns, other people's ids, addresses and bodies out of shape. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createCalls, REALM, statusesOf, when } from '../conformance/groups/calls.ts';
import { ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../support/world.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

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

/** Signs in with claims as JSON text, which can say what an object of this language cannot. */
async function signInRaw(claims: string) {
  const body = `{"iam_id":"${user.iamId}","realm_name":"${REALM}","claims":${claims}}`;
  const path = `/podpass/v1/accounts/${account.id}/logins`;
  return world.call('POST', path, { token: world.admin, body, headers: JSON_TYPE });
}

describe('claims', () => {
  it('named like what every object has are names like any other', async () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const group = await calls.group();
      await calls.rule(group, [when(name, 'EQUALS', 'x')]);
      await calls.rule(group, [when(name, 'NOT_EQUALS', 'y')]);
      assert.deepEqual((await signInRaw('{}')).body.groups, [], name);
      const { status, body } = await signInRaw(`{"${name}":"x"}`);
      assert.deepEqual([status, body.groups.length], [201, 2], name);
      await world.expect(204, 'DELETE', `${group}?force=true`, calls.asOwner());
    }
  });

  it('do not come from inside another claim', async () => {
    const group = await calls.group();
    await calls.rule(group, [when('isAdmin', 'EQUALS', 'true')]);
    assert.equal((await signInRaw('{"__proto__":{"isAdmin":true}}')).status, 400);
    assert.equal((await signInRaw('{"constructor":{"prototype":{"isAdmin":true}}}')).status, 400);
    assert.deepEqual((await signInRaw('{}')).body.groups, []);
  });

  it('that are said twice, are nested without end or are no JSON are refused', async () => {
    for (const claims of [
      '{"a":"1","a":"2"}',
      `{"a":${'['.repeat(40)}1${']'.repeat(40)}}`,
      '{"a":NaN}',
      '{"a":01}',
      "{'a':1}",
      '{"a":"\\ud800"}',
    ]) {
      assert.equal((await signInRaw(claims)).status, 400, claims);
    }
  });

  it('are no patterns, and neither are realms and values', async () => {
    const group = await calls.group();
    for (const value of ['.*', '*', '%', '^x$', '?']) await calls.rule(group, [when('a', 'EQUALS', value)]);
    await calls.rule(group, [when('a', 'IN', ['*', '.*'])]);
    await calls.rule(group, [when('a', 'CONTAINS', '.')], { realm_name: '%' });
    await calls.rule(group, [when('a', 'NOT_EQUALS', 'b')], { realm_name: '*' });
    assert.deepEqual(await calls.signIn(user.iamId, { a: 'x' }), []);
    const literal = await calls.signIn(user.iamId, { a: '.*' });
    assert.equal(literal.length, 2);
    assert.deepEqual(await calls.signIn(user.iamId, { a: 'x.y' }, "' OR realm_name <> '"), []);
  });

  it('of one user make no member of another, whatever the letters of the id', async () => {
    const group = await calls.group();
    await calls.rule(group, [when('a', 'EQUALS', 'b')]);
    const path = `/podpass/v1/accounts/${account.id}/logins`;
    const body = { iam_id: user.iamId.toUpperCase(), realm_name: REALM, claims: { a: 'b' } };
    assert.equal((await world.call('POST', path, { token: world.admin, body })).status, 404);
    await calls.signIn(user.iamId, { a: 'b' });
    await world.expect(404, 'HEAD', `${group}/members/${user.iamId.toUpperCase()}`, calls.asOwner());
  });
});

describe('identities of other accounts', () => {
  it('do not become members, nor does an id that looks like one', async () => {
    const other = await world.account();
    const theirs = createCalls(world, other);
    const [profile, service] = [await world.profile(other), await theirs.serviceId()];
    const group = await calls.group();
    const own = await world.profile(account);
    const items = await calls.add(
      group,
      ...[profile.iam_id, service.iam_id, other.ownerIamId, 'iam-Profile-', 'iam-ServiceId-', '*', '%', '__proto__'],
      ...[own.iam_id.toUpperCase(), `${own.iam_id} `, own.id],
    );
    assert.deepEqual(new Set(statusesOf(items)), new Set([404]));
    assert.deepEqual(await calls.members(group), []);
  });

  it('do not show through lists of groups', async () => {
    const other = await world.account();
    const theirs = createCalls(world, other);
    const foreign = await theirs.group();
    await world.user(other.id, user.iamId);
    await theirs.add(foreign, user.iamId);
    const id = foreign.split('/')[3];
    for (const query of [`&search=id:${id}`, `&iam_id=${user.iamId}&membership_type=all`, '']) {
      const { groups } = (await world.expect(200, 'GET', calls.list + query, calls.asOwner())).body;
      assert.ok(!groups.some((group: Wire) => group.id === id), query);
    }
  });

  it('have no part in a sign-in that is told of their namesake', async () => {
    const other = await world.account();
    const theirs = createCalls(world, other);
    await world.user(other.id, user.iamId);
    const foreign = await theirs.group();
    await theirs.rule(foreign, [when('a', 'EQUALS', 'b')]);
    await theirs.signIn(user.iamId, { a: 'b' });
    await calls.signIn(user.iamId, { a: 'no' });
    assert.deepEqual(await theirs.members(foreign, 'membership_type=dynamic'), [user.iamId]);
  });
});

describe('an identity that is gone', () => {
  it('leaves no access to one that comes after it', async () => {
    const group = await calls.group();
    await world.policy(account, group.split('/')[3] ?? '', [ROLE('Viewer')], { serviceName: 'iam-groups' });
    const profile = await world.profile(account, 'the same name');
    await calls.add(group, profile.iam_id);
    await world.expect(204, 'DELETE', `/v1/profiles/${profile.id}`, calls.asOwner());
    const next = await world.profile(account, 'the same name');
    assert.deepEqual(await calls.members(group), []);
    assert.deepEqual(statusesOf(await calls.add(group, profile.iam_id)), [404]);
    const question = {
      subject: { attributes: { id: next.iam_id } },
      action: 'iam-groups.groups.read',
      resource: { attributes: { serviceName: 'iam-groups', accountId: account.id } },
    };
    const { body } = await world.expect(200, 'POST', '/v2/authz', calls.asOwner([question]));
    assert.equal(body.responses[0].authorizationDecision.permitted, false);
  });
});

describe('addresses and bodies', () => {
  it('out of shape are refused with a clear answer, never with a failure', async () => {
    const group = await calls.group();
    const odd = ['..%2f..%2fpolicies', '%00', 'a%20b', '%E2%80%AE', 'x'.repeat(1500), '__proto__', 'settings%2f'];
    for (const id of odd) {
      for (const [method, path] of [
        ['GET', `/v2/groups/${id}`],
        ['DELETE', `/v2/groups/${id}?force=true`],
        ['GET', `/v2/groups/${id}/members`],
        ['HEAD', `${group}/members/${id}`],
        ['DELETE', `${group}/members/${id}`],
        ['GET', `${group}/rules/${id}`],
        ['DELETE', `/v2/groups/_allgroups/members/${id}?account_id=${account.id}`],
      ] as const) {
        const { status, text } = await world.call(method, path, calls.asOwner());
        assert.ok(status >= 400 && status < 500, `${method} ${path}: ${status} ${text}`);
        assert.ok(text.length < 2000, 'what is long is not repeated');
      }
    }
  });

  it('of another type in every place are refused', async () => {
    const group = await calls.group();
    for (const body of [[], 'x', 1, null, true, { members: {} }, { members: [1] }, { members: [[]] }, { members: null }]) {
      const options = calls.asOwner(JSON.stringify(body), JSON_TYPE);
      assert.equal((await world.call('PUT', `${group}/members`, options)).status, 400, JSON.stringify(body));
      if (JSON.stringify(body) !== '{"members":[1]}')
        assert.equal((await world.call('POST', `${group}/members/delete`, options)).status, 400, JSON.stringify(body));
    }
    for (const query of [
      'limit=1&limit=2',
      'sort=name&sort=id',
      'limit=1e2',
      'limit=0x10',
      'offset=99999999999',
      'show_crn=yes',
      'search=name:a&search=id:b',
    ])
      assert.equal((await world.call('GET', `${calls.list}&${query}`, calls.asOwner())).status, 400, query);
    assert.equal((await world.call('GET', `${calls.list}&account_id=${account.id}`, calls.asOwner())).status, 400);
  });

  it('with members that nobody knows are taken as if these were not there', async () => {
    const body =
      '{"name":"with more","__proto__":{"id":"AccessGroupId-mine"},"id":"AccessGroupId-mine","account_id":"x","created_by_id":"me"}';
    const made = (await world.expect(201, 'POST', calls.list, calls.asOwner(body, JSON_TYPE))).body;
    assert.notEqual(made.id, 'AccessGroupId-mine');
    assert.deepEqual([made.account_id, made.created_by_id], [account.id, account.ownerIamId]);
  });

  it('of the Public Access group in other letters are no group at all', async () => {
    for (const id of ['accessgroupid-publicaccess', 'AccessGroupId-publicaccess', 'AccessGroupId-PublicAccess%20']) {
      await world.expect(404, 'GET', `/v2/groups/${id}`, calls.asOwner());
      await world.expect(404, 'DELETE', `/v2/groups/${id}?force=true`, calls.asOwner());
    }
  });
});
