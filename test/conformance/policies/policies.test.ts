import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';

let world: World;
let account: TestAccount;
let user: TestUser;

before(async () => {
  world = await startWorld();
  account = await world.account();
  user = await world.user(account.id);
});
after(() => world[Symbol.asyncDispose]());

interface Attribute {
  readonly name: string;
  readonly value: string;
  readonly operator?: string;
}

const asOwner = (body?: unknown) => ({ token: account.owner, body });
const subject = (attributes: readonly Attribute[] = [{ name: 'iam_id', value: user.iamId }]) => [{ attributes }];
const onService = (serviceName: string, ...more: readonly Attribute[]) => [
  { attributes: [{ name: 'accountId', value: account.id }, { name: 'serviceName', value: serviceName }, ...more] },
];
const viewer = [{ role_id: ROLE('Viewer') }];
/** A policy that is no duplicate of any other, with some members replaced. */
const policyBody = (change: Readonly<Record<string, unknown>> = {}) => ({
  type: 'access',
  subjects: subject(),
  roles: viewer,
  resources: onService('kms', { name: 'serviceInstance', value: randomUUID() }),
  ...change,
});
const create = (change?: Readonly<Record<string, unknown>>) => world.expect(201, 'POST', '/v1/policies', asOwner(policyBody(change)));
const list = async (query = ''): Promise<Wire[]> =>
  (await world.expect(200, 'GET', `/v1/policies?account_id=${account.id}${query}`, asOwner())).body.policies;
const hasId = (policies: readonly Wire[], id: string) => policies.some((policy) => policy.id === id);

async function refused(status: number, code: string, body: unknown): Promise<Wire> {
  const reply = await world.expect(status, 'POST', '/v1/policies', asOwner(body));
  assert.deepEqual([reply.body.errors[0].code, reply.body.status_code, reply.body.trace !== ''], [code, status, true]);
  return reply.body.errors[0];
}

/** The policy of the contract's first row: all IAM-enabled services, operators sent, one tag. */
const tagged = () => ({
  type: 'access',
  subjects: subject(),
  roles: viewer,
  resources: [
    {
      attributes: [
        { name: 'accountId', value: account.id, operator: 'stringEquals' },
        { name: 'serviceType', value: 'service', operator: 'stringEquals' },
      ],
      tags: [{ name: 'project', value: 'prototype', operator: 'stringEquals' }],
    },
  ],
});

describe('the life of a policy', () => {
  it('W-01, W-02, W-14, W-15, W-16, W-09, W-10, W-13: is made once, read back, deleted and made again', async () => {
    const made = await world.expect(201, 'POST', '/v1/policies', asOwner(tagged()));
    const { id } = made.body;
    assert.deepEqual(made.body.subjects, tagged().subjects);
    assert.deepEqual(made.body.resources, tagged().resources);
    assert.deepEqual([made.body.roles[0].role_id, made.body.roles[0].display_name], [ROLE('Viewer'), 'Viewer']);
    assert.deepEqual([made.body.state, made.body.href], ['active', `${world.url}/v1/policies/${id}`]);
    assert.ok(made.headers.get('etag'));

    const read = await world.expect(200, 'GET', `/v1/policies/${id}`, asOwner());
    assert.deepEqual(read.body, made.body);
    assert.equal(read.headers.get('etag'), made.headers.get('etag'));

    const duplicate = await refused(409, 'policy_conflict_error', tagged());
    assert.equal(duplicate.details.conflicts_with.policy.id, id);
    assert.equal(duplicate.details.conflicts_with.etag, made.headers.get('etag'));
    const reordered = tagged();
    for (const resource of reordered.resources) resource.attributes.reverse();
    await refused(409, 'policy_conflict_error', reordered);

    await world.expect(204, 'DELETE', `/v1/policies/${id}`, asOwner());
    assert.ok(!hasId(await list(), id));
    const deleted = await world.expect(200, 'GET', `/v1/policies/${id}`, asOwner());
    assert.equal(deleted.body.state, 'deleted');
    const dead = await list('&state=deleted');
    assert.ok(hasId(dead, id) && dead.every((policy) => policy.state === 'deleted'));
    const again = await world.expect(404, 'DELETE', `/v1/policies/${id}`, asOwner());
    assert.equal(again.body.errors[0].code, 'policy_not_found');
    assert.notEqual((await world.expect(201, 'POST', '/v1/policies', asOwner(tagged()))).body.id, id);
  });

  it('other roles for the same subject and resource are another policy', async () => {
    const resources = onService('cloud-object-storage');
    await create({ resources });
    await create({ resources, roles: [{ role_id: ROLE('Editor') }] });
  });

  it('echoes an operator only where one was sent', async () => {
    const { body } = await create();
    for (const { attributes } of [...body.subjects, ...body.resources]) {
      for (const attribute of attributes) assert.ok(!('operator' in attribute));
    }
    assert.ok(!('tags' in body.resources[0]) && !('description' in body));
  });

  it('W-19: may be for a resource group itself', async () => {
    const attributes = [
      { name: 'accountId', value: account.id },
      { name: 'resourceType', value: 'resource-group' },
      { name: 'resource', value: 'rg1' },
    ];
    await create({ resources: [{ attributes }] });
  });
});

describe('listing policies', () => {
  it('W-07: lists the policies of a type', async () => {
    const { id } = (await create()).body;
    const found = await list('&type=access');
    assert.ok(hasId(found, id) && found.every((policy) => policy.type === 'access'));
    assert.deepEqual(await list('&type=authorization'), []);
  });

  it('W-08: refuses a request without account_id', async () => {
    const { body } = await world.expect(400, 'GET', '/v1/policies', asOwner());
    assert.equal(body.errors[0].code, 'missing_required_query_parameter');
  });

  it('lists by subject, service type and tag', async () => {
    const profile = await world.profile(account);
    const group = await world.group(account);
    const forProfile = await create({ subjects: subject([{ name: 'iam_id', value: profile.iam_id }]) });
    const forGroup = await create({ ...tagged(), subjects: subject([{ name: 'access_group_id', value: group.id }]) });
    const idsOf = async (query: string) => (await list(query)).map((policy) => policy.id);
    assert.deepEqual(await idsOf(`&iam_id=${profile.iam_id}`), [forProfile.body.id]);
    assert.deepEqual(await idsOf(`&access_group_id=${group.id}`), [forGroup.body.id]);
    assert.deepEqual(await idsOf(`&access_group_id=${group.id}&service_type=service&tag_name=project&tag_value=prototype`), [
      forGroup.body.id,
    ]);
    assert.deepEqual(await idsOf(`&access_group_id=${group.id}&tag_value=other`), []);
    assert.deepEqual(await idsOf(`&iam_id=${profile.iam_id}&service_type=platform_service`), []);
  });

  it('W-42: a pager collects every policy once', async () => {
    const profile = await world.profile(account);
    const made: string[] = [];
    for (let number = 0; number < 3; number += 1) {
      made.push((await create({ subjects: subject([{ name: 'iam_id', value: profile.iam_id }]) })).body.id);
    }
    const collected: string[] = [];
    let query = `account_id=${account.id}&iam_id=${profile.iam_id}&limit=1`;
    for (;;) {
      const { body } = await world.expect(200, 'GET', `/v1/policies?${query}`, asOwner());
      collected.push(...body.policies.map((policy: Wire) => policy.id));
      if (!body.next) break;
      assert.equal(new URL(body.next.href).searchParams.get('start'), body.next.start);
      query = `account_id=${account.id}&iam_id=${profile.iam_id}&limit=1&start=${encodeURIComponent(body.next.start)}`;
    }
    assert.deepEqual(collected, made);
    for (const bad of ['start=bogus', 'limit=0', 'limit=101', 'sort=colour', 'state=bogus']) {
      await world.expect(400, 'GET', `/v1/policies?account_id=${account.id}&${bad}`, asOwner());
    }
  });

  it('W-43: 200 policies without a limit come in one page', async () => {
    const profile = await world.profile(account);
    for (let number = 0; number < 200; number += 1) await create({ subjects: subject([{ name: 'iam_id', value: profile.iam_id }]) });
    assert.equal((await list(`&iam_id=${profile.iam_id}`)).length, 200);
  });

  it('W-45: repeats the Transaction-Id', async () => {
    const options = { token: account.owner, headers: { 'transaction-id': 'x' } };
    const reply = await world.expect(200, 'GET', `/v1/policies?account_id=${account.id}`, options);
    assert.equal(reply.headers.get('transaction-id'), 'x');
  });
});

describe('policies that are refused', () => {
  const accountId = () => ({ name: 'accountId', value: account.id });
  const resourceOf = (...attributes: readonly Attribute[]) => policyBody({ resources: [{ attributes }] });

  it('W-17, W-18: without an account, or with nothing but one', async () => {
    await refused(400, 'invalid_body', resourceOf({ name: 'serviceName', value: 'kms' }));
    await refused(400, 'invalid_body', resourceOf(accountId()));
  });

  it('W-21, W-22: with a role that does not exist, or that belongs to another service', async () => {
    await refused(400, 'invalid_body', policyBody({ roles: [{ role_id: ROLE('Emperor') }] }));
    await refused(400, 'invalid_body', policyBody({ roles: [] }));
    const role_id = 'crn:v1:bluemix:public:iam-identity::::serviceRole:ServiceIdCreator';
    await refused(400, 'invalid_body', policyBody({ roles: [{ role_id }] }));
    await create({ resources: onService('iam-identity'), roles: [{ role_id }] });
    await create({ roles: [{ role_id: SERVICE_ROLE('Reader') }] });
  });

  it('W-23, W-24: with tags beside a service, or an operator that v1 does not have', async () => {
    const tags = [{ name: 'project', value: 'prototype' }];
    await refused(400, 'invalid_body', policyBody({ resources: onService('kms').map((resource) => ({ ...resource, tags })) }));
    await refused(
      400,
      'invalid_body',
      resourceOf(accountId(), { name: 'serviceName', value: 'kms' }, { name: 'vpcId', value: 'true', operator: 'stringExists' }),
    );
  });

  it('W-25: with two subjects in one, two subjects, or one that the account does not have', async () => {
    const group = await world.group(account);
    const [byUser, byGroup] = [
      { name: 'iam_id', value: user.iamId },
      { name: 'access_group_id', value: group.id },
    ];
    await refused(400, 'invalid_body', policyBody({ subjects: subject([byUser, byGroup]) }));
    await refused(400, 'invalid_body', policyBody({ subjects: [...subject([byUser]), ...subject([byGroup])] }));
    const other = await world.account();
    const [foreign, foreignGroup] = [await world.profile(other), await world.group(other)];
    for (const value of ['IBMid-nobody', foreign.iam_id]) {
      await refused(400, 'invalid_body', policyBody({ subjects: subject([{ name: 'iam_id', value }]) }));
    }
    await refused(400, 'invalid_body', policyBody({ subjects: subject([{ name: 'access_group_id', value: foreignGroup.id }]) }));
  });

  it('W-68: with one attribute twice, which the message names', async () => {
    const error = await refused(400, 'invalid_body', resourceOf(accountId(), accountId(), { name: 'serviceName', value: 'kms' }));
    assert.ok(error.message.includes('accountId'));
  });

  it('without a token, or under an id that is none', async () => {
    const { body } = await world.expect(401, 'POST', '/v1/policies', { body: policyBody() });
    assert.equal(body.errors[0].code, 'invalid_token');
    for (const id of [randomUUID(), 'nonsense']) {
      const missing = await world.expect(404, 'GET', `/v1/policies/${id}`, asOwner());
      assert.equal(missing.body.errors[0].code, 'policy_not_found');
    }
  });
});
