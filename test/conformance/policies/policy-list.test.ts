/** Which policies a list holds, and how it comes in pages. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { assertRefused, attribute, bodyV1, bodyV2, clause, createPolicyCalls, ids, type PolicyCalls, taggedV1 } from './making.ts';

let world: World;
let account: TestAccount;
let user: TestUser;
let calls: PolicyCalls;

before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  account = await world.account();
  user = await world.user(account.id);
  calls = createPolicyCalls(world, account);
});

const authorization = (accountId: string) => ({
  type: 'authorization',
  subjects: [{ attributes: [attribute('accountId', accountId), attribute('serviceName', 'cloud-object-storage')] }],
  roles: [{ role_id: ROLE('Viewer') }],
  resources: [{ attributes: [attribute('accountId', accountId), attribute('serviceName', 'kms')] }],
});
const makeMany = (count: number) => Promise.all(Array.from({ length: count }, () => calls.made(1, bodyV1(account.id, user.iamId))));

describe('what is asked for', () => {
  test('W-07: the policies of a type', async () => {
    const access = await calls.made(1, bodyV1(account.id, user.iamId));
    const other = await calls.made(1, authorization(account.id));
    for (const version of [1, 2] as const) {
      const page = await calls.list(version, '&type=access');
      assert.deepEqual(ids(page), [access.id]);
      assert.equal(page.policies[0].type, 'access');
      assert.deepEqual(ids(await calls.list(version, '&type=authorization')), [other.id]);
      assert.deepEqual(ids(await calls.list(version)), [access.id, other.id]);
    }
  });

  test('W-08: nothing without an account', async () => {
    for (const version of [1, 2]) {
      const path = `/v${version}/policies`;
      for (const query of ['', '?account_id=', '?limit=0']) {
        const reply = await world.call('GET', path + query, { token: account.owner });
        assert.match(assertRefused(reply, 400, 'missing_required_query_parameter').message, /account_id/);
      }
    }
  });

  test('W-13: the deleted ones, or the active ones', async () => {
    const dead = await calls.made(1, bodyV1(account.id, user.iamId));
    const alive = await calls.made(2, bodyV2(account.id, user.iamId));
    await calls.remove(1, dead.id);
    for (const version of [1, 2] as const) {
      const page = await calls.list(version, '&state=deleted');
      assert.deepEqual(ids(page), [dead.id]);
      assert.equal(page.policies[0].state, 'deleted');
      assert.deepEqual(ids(await calls.list(version, '&state=active')), [alive.id]);
    }
  });

  test('those of a subject, and of no subject of the other kind', async () => {
    const [profile, group] = [await world.profile(account), await world.group(account)];
    const forProfile = await calls.made(1, bodyV1(account.id, profile.iam_id));
    const forGroup = await calls.made(2, bodyV2(account.id, group.id));
    await calls.made(1, authorization(account.id));
    for (const [query, expected] of [
      [`iam_id=${profile.iam_id}`, [forProfile.id]],
      [`access_group_id=${group.id}`, [forGroup.id]],
      [`iam_id=${group.id}`, []],
      [`access_group_id=${profile.iam_id}`, []],
      ['iam_id=authorization', []],
      [`iam_id=${profile.iam_id.slice(0, -1)}`, []],
    ] as const) {
      for (const version of [1, 2] as const) assert.deepEqual(ids(await calls.list(version, `&${query}`)), expected, query);
    }
    const both = await world.call('GET', `/v1/policies?account_id=${account.id}&iam_id=a&access_group_id=b`, { token: account.owner });
    assertRefused(both, 400, 'invalid_body');
  });

  test('those with a service type, a service, a group of services or a tag', async () => {
    const own = attribute('accountId', account.id);
    const on = (...attributes: readonly Wire[]) => bodyV1(account.id, user.iamId, { resources: [{ attributes: [own, ...attributes] }] });
    const tagged = await calls.made(1, taggedV1(account.id, user.iamId));
    const platform = await calls.made(1, on(attribute('serviceType', 'platform_service')));
    const kms = await calls.made(1, on(attribute('serviceName', 'kms')));
    const iam = await calls.made(1, on(attribute('service_group_id', 'IAM')));
    const tags = [clause('project', 'x'), clause('env', 'prototype')];
    const resource = { attributes: [clause('accountId', account.id), clause('serviceType', 'service')], tags };
    const second = await calls.made(2, bodyV2(account.id, user.iamId, { resource }));
    for (const [version, query, expected] of [
      [1, 'service_type=service', [tagged.id, second.id]],
      [2, 'service_type=platform_service', [platform.id]],
      [2, 'service_name=kms', [kms.id]],
      [2, 'service_name=km', []],
      [2, 'service_group_id=IAM', [iam.id]],
      [1, 'tag_name=project', [tagged.id, second.id]],
      [1, 'tag_value=prototype', [tagged.id, second.id]],
      [1, 'tag_name=project&tag_value=prototype', [tagged.id]],
      [1, 'tag_name=env&tag_value=x', []],
    ] as const) {
      assert.deepEqual(ids(await calls.list(version, `&${query}`)), expected, query);
    }
  });

  test('the links of a page keep what was asked for', async () => {
    for (let count = 0; count < 2; count += 1) {
      const attributes = [attribute('accountId', account.id), attribute('serviceType', 'service')];
      const tags = [attribute('project', 'prototype'), attribute('n', String(count))];
      await calls.made(1, bodyV1(account.id, user.iamId, { resources: [{ attributes, tags }] }));
      await calls.made(2, bodyV2(account.id, user.iamId));
    }
    for (const [version, query] of [
      [1, 'tag_name=project&tag_value=prototype&service_type=service&type=access&state=active'],
      [2, `service_name=kms&iam_id=${user.iamId}&sort=-created_at&format=display`],
    ] as const) {
      const first = await calls.list(version, `&${query}&limit=1`);
      for (const link of [first.first, first.next]) {
        const { origin, pathname, searchParams } = new URL(link.href);
        assert.deepEqual([origin, pathname], [world.url, `/v${version}/policies`]);
        for (const [name, value] of new URLSearchParams(`account_id=${account.id}&${query}&limit=1`)) {
          assert.equal(searchParams.get(name), value, name);
        }
      }
      const { pathname, search } = new URL(first.next.href);
      const second = (await world.expect(200, 'GET', pathname + search, { token: account.owner })).body;
      assert.equal(second.policies.length, 1);
      assert.equal(second.next, undefined, 'what is not asked for has no page');
    }
  });

  test('what cannot be asked for is refused, by its name', async () => {
    for (const [query, name] of [
      ['limit=0', 'limit'],
      ['limit=101', 'limit'],
      ['limit=-1', 'limit'],
      ['limit=1.5', 'limit'],
      ['limit=', 'limit'],
      ['limit=1&limit=2', 'limit'],
      ['sort=colour', 'sort'],
      ['sort=--id', 'sort'],
      ['sort=__proto__', 'sort'],
      ['sort=', 'sort'],
      ['state=bogus', 'state'],
      ['type=role', 'type'],
      ['format=pretty', 'format'],
      ['service_type=x', 'service_type'],
      ['start=bogus', 'start'],
      ['start=', 'start'],
    ] as const) {
      const reply = await world.call('GET', `/v2/policies?account_id=${account.id}&${query}`, { token: account.owner });
      assert.equal(reply.status, 400, query);
      assert.ok(reply.body.errors[0].message.includes(`'${name}'`), reply.text);
    }
  });
});

describe('pages', () => {
  test('W-42: a pager finds every policy once, and ends', async () => {
    const made = await makeMany(3);
    for (const version of [1, 2] as const) {
      const found: string[] = [];
      let start = '';
      for (let page = 0; page < 3; page += 1) {
        const body = await calls.list(version, `&limit=1${start}`);
        assert.deepEqual([body.limit, body.policies.length], [1, 1]);
        found.push(...ids(body));
        assert.equal(body.next !== undefined, page < 2, 'the last page has no next one');
        if (body.next) {
          assert.equal(new URL(body.next.href).searchParams.get('start'), body.next.start);
          start = `&start=${encodeURIComponent(body.next.start)}`;
        }
      }
      assert.deepEqual(found.toSorted(), made.map(({ id }) => id).toSorted());
    }
  });

  test('W-43: 200 policies come in one page where no limit is set', async () => {
    await makeMany(200);
    for (const version of [1, 2] as const) {
      const page = await calls.list(version);
      assert.equal(new Set(ids(page)).size, 200);
      assert.deepEqual([page.next, page.previous], [undefined, undefined]);
    }
    assert.equal((await calls.list(1, '&limit=100')).policies.length, 100);
  });

  test('more than a thousand come fifty at a time, to the end, where no limit is set', async () => {
    for (let batch = 0; batch < 15; batch += 1) await makeMany(100);
    const seen: string[] = [];
    let start = '';
    do {
      const page = await calls.list(2, start);
      assert.deepEqual([page.limit, page.policies.length], [50, 50]);
      seen.push(...ids(page));
      start = page.next === undefined ? '' : `&start=${encodeURIComponent(page.next.start)}`;
    } while (start !== '');
    assert.deepEqual([seen.length, new Set(seen).size], [1500, 1500]);
  });

  test('a page token serves the list that it was made for, in its order, and nothing else', async () => {
    await makeMany(3);
    const { start } = (await calls.list(1, '&limit=1')).next;
    const other = await world.account();
    const bytes = Buffer.from(start, 'base64url');
    const tampered = [0, 16, bytes.length - 1].map((place) => {
      const copy = Buffer.from(bytes);
      copy[place] = (copy[place] ?? 0) ^ 1;
      return copy.toString('base64url');
    });
    const own = `account_id=${account.id}`;
    for (const [query, token, bearer] of [
      [`account_id=${other.id}`, start, other.owner],
      [`${own}&sort=id`, start, account.owner],
      [`${own}&sort=-created_at`, start, account.owner],
      ...tampered.map((text) => [own, text, account.owner] as const),
      [own, `${start}${start}`, account.owner],
      [own, 'A'.repeat(5000), account.owner],
    ] as const) {
      const reply = await world.call('GET', `/v1/policies?${query}&start=${encodeURIComponent(token)}`, { token: bearer });
      assert.match(assertRefused(reply, 400, 'invalid_body').message, /'start'/, query);
    }
    assert.equal((await calls.list(2, `&limit=1&start=${encodeURIComponent(start)}`)).policies.length, 1);
  });
});
