/** The limits of access groups, with IBM Cloud's published figures. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startWorld, type TestAccount, type World } from '../../support/world.ts';
import { createCalls, REALM, refused, statusesOf, when } from './calls.ts';

let world: World;
let account: TestAccount;
let calls: ReturnType<typeof createCalls>;

before(async () => {
  world = await startWorld({ settings: { 'limits-set': 'ibm' } });
  account = await world.account();
  calls = createCalls(world, account);
});
after(() => world[Symbol.asyncDispose]());

const RULE = { expiration: 1, realm_name: REALM, conditions: [when('a', 'EQUALS', 'b')] };

describe('limits of access groups', () => {
  it('AG-46: a group has five rules', async () => {
    const group = await calls.group();
    for (let made = 0; made < 5; made += 1) await world.expect(201, 'POST', `${group}/rules`, calls.asOwner(RULE));
    const error = await refused(world, 422, 'quota_exceeded', 'POST', `${group}/rules`, calls.asOwner(RULE));
    assert.ok(error.message.includes('5'));
    const { rules } = (await world.expect(200, 'GET', `${group}/rules`, calls.asOwner())).body;
    assert.equal(rules.length, 5);
    await world.expect(204, 'DELETE', `${group}/rules/${rules[0].id}`, calls.asOwner());
    await world.expect(201, 'POST', `${group}/rules`, calls.asOwner(RULE));
  });

  it('an identity is in 50 groups, whichever way it is added', async () => {
    const { iamId } = await world.user(account.id);
    const groups: string[] = [];
    for (let made = 0; made < 51; made += 1) groups.push(await calls.group());
    const ids = groups.map((group) => group.split('/')[3] ?? '');
    const path = `/v2/groups/_allgroups/members/${iamId}?account_id=${account.id}`;
    const first = await world.expect(207, 'PUT', path, calls.asOwner({ type: 'user', groups: ids.slice(0, 49) }));
    assert.deepEqual(new Set(statusesOf(first.body.groups)), new Set([200]));
    const next = await world.expect(207, 'PUT', path, calls.asOwner({ type: 'user', groups: ids.slice(48) }));
    assert.deepEqual(statusesOf(next.body.groups), [200, 200, 422]);
    assert.equal(next.body.groups[2].errors[0].code, 'quota_exceeded');
    const last = groups[50] ?? '';
    const other = await world.user(account.id);
    assert.deepEqual(statusesOf(await calls.add(last, iamId, other.iamId)), [422, 200]);
    // What it is in already is no further group.
    assert.deepEqual(statusesOf(await calls.add(groups[0] ?? '', iamId)), [200]);
    await world.expect(204, 'DELETE', `${groups[0]}/members/${iamId}`, calls.asOwner());
    assert.deepEqual(statusesOf(await calls.add(last, iamId)), [200]);
  });

  it('an account has 500 groups', async () => {
    const full = await world.account();
    for (let made = 0; made < 500; made += 50) await Promise.all(Array.from({ length: 50 }, () => world.group(full)));
    const list = `/v2/groups?account_id=${full.id}`;
    await refused(world, 422, 'quota_exceeded', 'POST', list, { token: full.owner, body: { name: 'one more' } });
    assert.equal((await world.expect(200, 'GET', `${list}&limit=0`, { token: full.owner })).body.total_count, 501);
  });

  it('an identity provider has 2000 rules in an account', async () => {
    const full = await world.account();
    const theirs = createCalls(world, full);
    for (let made = 0; made < 2000; made += 50) {
      const groups = await Promise.all(Array.from({ length: 10 }, () => theirs.group()));
      const five = groups.flatMap((path) => Array.from({ length: 5 }, () => path));
      await Promise.all(five.map((path) => world.expect(201, 'POST', `${path}/rules`, theirs.asOwner(RULE))));
    }
    const group = await theirs.group();
    await refused(world, 422, 'quota_exceeded', 'POST', `${group}/rules`, theirs.asOwner(RULE));
    const other = await theirs.rule(group, RULE.conditions, { realm_name: 'https://other' });
    // A rule is not moved to a full identity provider either.
    const move = theirs.asOwner(RULE, { 'if-match': '*' });
    await refused(world, 422, 'quota_exceeded', 'PUT', `${group}/rules/${other.id}`, move);
  });
});
