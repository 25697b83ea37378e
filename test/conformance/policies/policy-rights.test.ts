/** Who may change, restore and delete a policy; what a caller sees of those that are not its own to manage. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { assertRefused, attribute, bodyV1, bodyV2, clause, createPolicyCalls, ids, type PolicyCalls, userWith } from './making.ts';

let world: World;
let account: TestAccount;
let other: TestUser;
let owner: PolicyCalls;

before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  account = await world.account();
  other = await world.user(account.id);
  owner = createPolicyCalls(world, account);
});

type Resource = Readonly<Record<string, string>>;

const on = (resource: Resource, subject = other.iamId) =>
  bodyV1(account.id, subject, {
    resources: [{ attributes: Object.entries({ accountId: account.id, ...resource }).map(([name, value]) => attribute(name, value)) }],
  });
const onV2 = (resource: Resource) =>
  bodyV2(account.id, other.iamId, {
    resource: { attributes: Object.entries({ accountId: account.id, ...resource }).map(([key, value]) => clause(key, value)) },
  });
const as = (user: TestUser) => createPolicyCalls(world, account, user.token);
const administratorOf = async (...resources: readonly Resource[]) =>
  as(await userWith(world, account, ...resources.map((resource) => [ROLE('Administrator'), resource] as const)));

const KMS = { serviceName: 'kms', serviceInstance: 'i1' };
const ELSEWHERE = { serviceName: 'secrets-manager' };

describe('a replacement', () => {
  test('needs the right on what the policy was and on what it becomes', async () => {
    const { id } = await owner.made(1, on(KMS));
    const kms = await administratorOf({ serviceName: 'kms' });
    const elsewhere = await administratorOf(ELSEWHERE);
    const both = await administratorOf({ serviceName: 'kms' }, ELSEWHERE);
    assertRefused(await kms.put(1, id, '*', on(ELSEWHERE)), 403, 'insufficent_permissions');
    assertRefused(await elsewhere.put(1, id, '*', on(ELSEWHERE)), 403, 'insufficent_permissions');
    assertRefused(await elsewhere.put(2, id, '*', onV2(ELSEWHERE)), 403, 'insufficent_permissions');
    assert.equal((await owner.get(1, id)).body.resources[0].attributes[1].value, 'kms');
    assert.equal((await kms.put(1, id, '*', on({ serviceName: 'kms' }))).status, 200);
    assert.equal((await both.put(1, id, '*', on(ELSEWHERE))).status, 200);
  });

  test('to something wider is none for who administers something narrower', async () => {
    const { id } = await owner.made(1, on(KMS));
    const narrow = await administratorOf(KMS);
    for (const wider of [{ serviceName: 'kms' }, { serviceType: 'service' }, { serviceName: 'kms', serviceInstance: '*' }]) {
      assertRefused(await narrow.put(1, id, '*', on(wider)), 403, 'insufficent_permissions');
    }
    assert.equal((await narrow.put(1, id, '*', on({ ...KMS, resourceType: 'key' }))).status, 200);
  });

  test('is refused for want of the right before its tag is looked at, and for bad input before the right', async () => {
    const { id } = await owner.made(1, on(KMS));
    const stranger = as(await world.user(account.id));
    assertRefused(await stranger.put(1, id, '1-stale', on(KMS)), 403, 'insufficent_permissions');
    assertRefused(await stranger.put(1, id, '1-stale', { ...on(KMS), roles: [] }), 400, 'invalid_body');
    const kms = await administratorOf({ serviceName: 'kms' });
    assertRefused(await kms.put(1, id, '1-stale', on(ELSEWHERE)), 403, 'insufficent_permissions');
    assertRefused(await kms.put(1, id, '1-stale', on({ serviceName: 'kms' })), 409, 'policy_conflict_error');
  });
});

describe('what names its target otherwise', () => {
  test('a list of values, a wildcard or a rule is not within one value', async () => {
    const narrow = await administratorOf(KMS);
    const onClause = (operator: string, value: unknown) =>
      bodyV2(account.id, other.iamId, {
        resource: {
          attributes: [clause('accountId', account.id), clause('serviceName', 'kms'), clause('serviceInstance', value, operator)],
        },
      });
    for (const [operator, value] of [
      ['stringEqualsAnyOf', ['i1']],
      ['stringEqualsAnyOf', ['i1', 'i2']],
      ['stringMatch', 'i1'],
      ['stringMatchAnyOf', ['i1']],
      ['stringExists', true],
      ['stringExists', false],
    ] as const) {
      assertRefused(await narrow.create(2, onClause(operator, value)), 403, 'insufficent_permissions');
    }
    assert.equal((await narrow.create(2, onClause('stringEquals', 'i1'))).status, 201);
  });

  test('an instance may be named by its CRN', async () => {
    const narrow = await administratorOf(KMS);
    const crn = `crn:v1:bluemix:public:kms:eu-de:a/${account.id}:i1::`;
    const made = await narrow.create(1, on({ serviceName: 'kms', serviceInstance: crn }));
    assert.equal(made.status, 201, made.text);
    assert.equal(made.body.resources[0].attributes[2].value, crn, 'and comes back as it was sent');
    const foreign = crn.replace(':i1:', ':i2:');
    assertRefused(await narrow.create(1, on({ serviceName: 'kms', serviceInstance: foreign })), 403, 'insufficent_permissions');
    assertRefused(await owner.create(1, on(KMS)), 409, 'policy_conflict_error');
  });
});

describe('all of an account', () => {
  test('a policy on the services of a resource group needs the right on both kinds of services', async () => {
    const group = { resourceGroupId: 'rg1' };
    assertRefused(await (await administratorOf({ serviceType: 'service' })).create(1, on(group)), 403, 'insufficent_permissions');
    const all = await administratorOf({ serviceType: 'service' }, { serviceType: 'platform_service' });
    assert.equal((await all.create(1, on(group))).status, 201);
    assert.equal((await (await administratorOf(group)).create(1, on({ ...group, serviceName: 'kms' }))).status, 201);
  });

  test('the owner manages every policy, those for the owner included', async () => {
    const { id } = await owner.made(1, on({ serviceType: 'platform_service' }, account.ownerIamId));
    assert.equal((await owner.remove(1, id)).status, 204);
  });
});

describe('what is seen', () => {
  test('a list holds what the caller may read, whichever page is asked for', async () => {
    const seen: string[] = [];
    for (let count = 0; count < 6; count += 1) {
      const kms = await owner.made(1, on({ serviceName: 'kms', serviceInstance: `i${count}` }));
      await owner.made(2, onV2({ serviceName: 'messagehub', serviceInstance: `i${count}` }));
      seen.push(kms.id);
    }
    const viewer = await userWith(world, account, [ROLE('Viewer'), { serviceName: 'kms' }]);
    // The viewer's own policy is on kms too.
    const all = ids(await as(viewer).list(2));
    assert.deepEqual(all.slice(0, 6), seen);
    assert.equal(all.length, 7);
    const found: string[] = [];
    for (let start = ''; ; ) {
      const page = await as(viewer).list(1, `&limit=2${start}`);
      found.push(...ids(page));
      assert.ok(page.policies.length > 0, 'a page is full of what may be seen');
      if (page.next === undefined) break;
      start = `&start=${encodeURIComponent(page.next.start)}`;
    }
    assert.deepEqual(found, all);
    const narrow = await userWith(world, account, [SERVICE_ROLE('Reader'), { serviceName: 'kms', serviceInstance: 'i3' }]);
    assert.deepEqual(ids(await as(narrow).list(1))[0], seen[3]);
  });

  test('an identity without rights does not even read the policies that it has', async () => {
    const [own] = ids(await owner.list(1, `&iam_id=${other.iamId}`));
    assert.equal(own, undefined);
    const { id } = await owner.made(
      1,
      bodyV1(account.id, other.iamId, { roles: [{ role_id: 'crn:v1:bluemix:public:kms::::serviceRole:KeyPurge' }] }),
    );
    assertRefused(await as(other).get(1, id), 403, 'insufficent_permissions');
    assert.deepEqual(ids(await as(other).list(1)), []);
  });

  test('in another account a policy is not there, unless something there lets the caller see it', async () => {
    const foreign = await world.account();
    const { id } = await owner.made(1, on(KMS));
    const stranger = createPolicyCalls(world, account, foreign.owner);
    for (const reply of [
      await stranger.get(1, id),
      await stranger.get(2, id),
      await stranger.remove(1, id),
      await stranger.put(1, id, '*', on(KMS)),
      await stranger.put(2, id, '*', onV2(KMS)),
      await stranger.setState(id, 'deleted'),
    ]) {
      assertRefused(reply, 404, 'policy_not_found');
    }
    assert.deepEqual(ids(await stranger.list(1)), []);
    assertRefused(await stranger.create(1, on(KMS)), 403, 'insufficent_permissions');
    const guest = { iam_id: foreign.ownerIamId, name: 'Guest', email: 'guest@example.com' };
    await world.expect(201, 'POST', `/podpass/v1/accounts/${account.id}/users`, { token: world.admin, body: guest });
    await world.policy(account, foreign.ownerIamId, [ROLE('Viewer')], { serviceName: 'kms' });
    assert.equal((await stranger.get(1, id)).status, 200);
    assertRefused(await stranger.remove(1, id), 404, 'policy_not_found');
  });

  test('a policy names no account that there is not', async () => {
    const body = bodyV1('0'.repeat(32), other.iamId);
    assertRefused(await owner.create(1, body), 403, 'insufficent_permissions');
    const { policies } = (await world.expect(200, 'GET', `/v1/policies?account_id=${'0'.repeat(32)}`, { token: account.owner })).body;
    assert.deepEqual(policies, []);
  });
});

describe('a token whose scope is narrower', () => {
  test('manages the policies of the services in its scope', async () => {
    const form = { grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: account.ownerApiKey, scope: 'kms' };
    const reply = await world.exchange(form);
    assert.equal(reply.status, 200, reply.text);
    const scoped = createPolicyCalls(world, account, reply.body.access_token);
    const inside = await scoped.create(1, on(KMS));
    assert.equal(inside.status, 201, inside.text);
    for (const resource of [ELSEWHERE, { serviceType: 'service' }, { resourceGroupId: 'rg1' }]) {
      assertRefused(await scoped.create(1, on(resource)), 403, 'insufficent_permissions');
    }
    const outside = await owner.made(1, on(ELSEWHERE));
    assertRefused(await scoped.get(1, outside.id), 403, 'insufficent_permissions');
    assertRefused(await scoped.put(1, inside.body.id, '*', on({ serviceType: 'service' })), 403, 'insufficent_permissions');
    assert.deepEqual(ids(await scoped.list(2)), [inside.body.id]);
    const role: Wire = { name: 'X', display_name: 'X', account_id: account.id, service_name: 'kms', actions: ['kms.secrets.list'] };
    assertRefused(await world.call('POST', '/v2/roles', { token: reply.body.access_token, body: role }), 403, 'insufficent_permissions');
  });
});

describe('a refusal', () => {
  test('says which right is needed on what, and is in the audit log', async () => {
    const stranger = as(await world.user(account.id));
    const reply = await stranger.create(1, on(KMS));
    const error = assertRefused(reply, 403, 'insufficent_permissions');
    assert.match(error.more_info, /iam\.policy\.create is needed on .*serviceName=kms.*serviceInstance=i1/);
    let event: Wire;
    for (let tries = 0; event === undefined && tries < 50; tries += 1) {
      [event] = await world.events(account, reply.headers.get('x-request-id') ?? '');
    }
    assert.deepEqual([event.data.action, event.data.outcome], ['iam.policy.create', 'failure']);
  });
});
