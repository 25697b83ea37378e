/** Policies of version 2, and how each version shows those of the other. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { assertRefused, attribute, bodyV1, bodyV2, clause, createPolicyCalls, OFFICE_HOURS, taggedV1, tagOf, when } from './making.ts';

let world: World;
let account: TestAccount;
let user: TestUser;
let calls: ReturnType<typeof createPolicyCalls>;

before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  account = await world.account();
  user = await world.user(account.id);
  calls = createPolicyCalls(world, account);
});

const SERVER_MADE = ['id', 'href', 'state', 'created_at', 'created_by_id', 'last_modified_at', 'last_modified_by_id'];

/** Without what the server adds. */
const written = (policy: Wire): Wire => Object.fromEntries(Object.entries(policy).filter(([name]) => !SERVER_MADE.includes(name)));

const UNSUPPORTED = 'crn:v1:bluemix:public:iam::::role:UnsupportedVersion';

function assertPlaceholder(shown: Wire, id: string): void {
  assert.deepEqual(
    shown.roles.map((role: Wire) => role.role_id),
    [UNSUPPORTED],
  );
  assert.deepEqual(shown.subjects, [{ attributes: [attribute('iam_id', 'unsupported version')] }]);
  assert.deepEqual(shown.resources, [{ attributes: [attribute('accountId', account.id)] }]);
  assert.deepEqual([shown.id, shown.href], [id, `${world.url}/v2/policies/${id}`]);
  assert.match(shown.description, /version 2/);
}

test('W-26: a policy with a rule comes back as it was sent', async () => {
  const body = bodyV2(account.id, user.iamId, { ...OFFICE_HOURS, description: 'in office hours' });
  const reply = await calls.create(2, body);
  assert.equal(reply.status, 201, reply.text);
  assert.deepEqual(written(reply.body), body);
  assert.equal(reply.body.state, 'active');
  assert.deepEqual(reply.body.control.grant.roles, [{ role_id: ROLE('Viewer') }]);
  const read = await calls.get(2, reply.body.id);
  assert.deepEqual(read.body, reply.body);
  assert.equal(tagOf(read), tagOf(reply));
});

test('W-33: one value where a list is due stays one value', async () => {
  const conditions = [
    when('day_of_week', 'dayOfWeekAnyOf', '3+06:00'),
    when('current_time', 'timeGreaterThanOrEquals', '09:00:00+06:00'),
    when('current_time', 'timeLessThanOrEquals', '17:00:00+06:00'),
  ];
  const rule = { operator: 'and', conditions };
  const resource = {
    attributes: [clause('accountId', account.id), clause('serviceName', 'kms'), clause('keyRing', 'a', 'stringEqualsAnyOf')],
  };
  const made = await calls.made(2, bodyV2(account.id, user.iamId, { pattern: OFFICE_HOURS.pattern, rule, resource }));
  assert.deepEqual([made.rule, made.resource], [rule, resource]);
});

test('every kind of value comes back with its type', async () => {
  const attributes = [
    clause('accountId', account.id),
    clause('serviceName', 'kms'),
    clause('level', 5),
    clause('vpcId', true, 'stringExists'),
    clause('resource', 'false', 'stringExists'),
    clause('region', ['eu-de', 'us-south'], 'stringEqualsAnyOf'),
    clause('path', ['home/*', 7], 'stringMatchAnyOf'),
    clause('prefix', '', 'stringEquals'),
  ];
  const made = await calls.made(2, bodyV2(account.id, user.iamId, { resource: { attributes } }));
  assert.deepEqual(made.resource, { attributes });
});

test('W-34: the older spelling of a weekly pattern is accepted', async () => {
  const made = await calls.made(2, bodyV2(account.id, user.iamId, { ...OFFICE_HOURS, pattern: 'time-based-conditions:weekly' }));
  assert.equal(made.pattern, 'time-based-conditions:weekly');
});

test('W-35: version 2 shows a policy of version 1, with an operator everywhere', async () => {
  for (const body of [taggedV1(account.id, user.iamId), bodyV1(account.id, user.iamId)]) {
    const { id } = await calls.made(1, body);
    const { status, body: shown } = await calls.get(2, id);
    assert.equal(status, 200);
    assert.deepEqual(shown.control.grant.roles, [{ role_id: ROLE('Viewer') }]);
    const clauses = [...shown.subject.attributes, ...shown.resource.attributes, ...(shown.resource.tags ?? [])];
    assert.equal(clauses.length, body.resources[0].tags ? 4 : 4);
    for (const { key, operator, value, ...more } of clauses) {
      assert.deepEqual([typeof key, operator, typeof value, more], ['string', 'stringEquals', 'string', {}]);
    }
    assert.equal(shown.href, `${world.url}/v1/policies/${id}`);
    assert.deepEqual([shown.state, 'tags' in shown.resource], ['active', 'tags' in body.resources[0]]);
    assert.deepEqual(
      (await calls.list(2)).policies.find((policy: Wire) => policy.id === id),
      shown,
    );
  }
});

test('W-36: the address of a policy of version 2 is one of version 2', async () => {
  const { id } = await calls.made(2, bodyV2(account.id, user.iamId));
  assert.equal((await calls.get(2, id)).body.href, `${world.url}/v2/policies/${id}`);
});

test('W-37: the value * of version 1 means that the attribute is there', async () => {
  const attributes = [
    attribute('accountId', account.id),
    attribute('serviceName', 'is'),
    attribute('vpcId', '*'),
    attribute('region', '*', 'stringEquals'),
  ];
  const { id, resources } = await calls.made(1, bodyV1(account.id, user.iamId, { resources: [{ attributes }] }));
  assert.deepEqual(resources, [{ attributes }]);
  const shown = (await calls.get(2, id)).body.resource.attributes;
  assert.deepEqual(shown.slice(2), [clause('vpcId', true, 'stringExists'), clause('region', true, 'stringExists')]);
});

test('a wildcard of version 1 keeps its operator in version 2', async () => {
  const attributes = [attribute('accountId', account.id), attribute('serviceName', 'kms'), attribute('resource', '*', 'stringMatch')];
  const { id } = await calls.made(1, bodyV1(account.id, user.iamId, { resources: [{ attributes }] }));
  assert.deepEqual((await calls.get(2, id)).body.resource.attributes[2], clause('resource', '*', 'stringMatch'));
});

test('W-38: version 1 shows a policy of version 2 as a placeholder that points to it', async () => {
  const { id } = await calls.made(2, bodyV2(account.id, user.iamId));
  const listed = (await calls.list(1)).policies;
  assert.equal(listed.length, 1);
  assertPlaceholder(listed[0], id);
  assertPlaceholder((await calls.get(1, id)).body, id);
});

test('version 1 cannot replace a policy of version 2, with what it shows or with something else', async () => {
  const made = await calls.create(2, bodyV2(account.id, user.iamId, OFFICE_HOURS));
  const { id } = made.body;
  assertRefused(await calls.put(1, id, '*', (await calls.get(1, id)).body), 400, 'invalid_body');
  const error = assertRefused(await calls.put(1, id, '*', bodyV1(account.id, user.iamId)), 400, 'invalid_body');
  assert.ok(error.message.includes(`/v2/policies/${id}`));
  assert.deepEqual((await calls.get(2, id)).body, made.body);
});

test('W-39: replaced by version 2, a policy of version 1 becomes one of version 2', async () => {
  const made = await calls.create(1, bodyV1(account.id, user.iamId));
  const { id, created_at } = made.body;
  const body = bodyV2(account.id, user.iamId, OFFICE_HOURS);
  const put = await calls.put(2, id, tagOf(made), body);
  assert.equal(put.status, 200, put.text);
  assert.deepEqual([put.body.href, put.body.created_at], [`${world.url}/v2/policies/${id}`, created_at]);
  assert.deepEqual(written(put.body), body);
  assertPlaceholder((await calls.list(1)).policies[0], id);
});

test('each version deletes a policy of the other', async () => {
  const first = await calls.made(1, bodyV1(account.id, user.iamId));
  const second = await calls.made(2, bodyV2(account.id, user.iamId));
  assert.equal((await calls.remove(2, first.id)).status, 204);
  assert.equal((await calls.remove(1, second.id)).status, 204);
  assert.deepEqual((await calls.list(2)).policies, []);
});

test('W-40: with format=display roles come with their names and actions', async () => {
  const grant = { roles: [{ role_id: ROLE('Viewer') }, { role_id: SERVICE_ROLE('Reader') }] };
  const { id } = await calls.made(2, bodyV2(account.id, user.iamId, { control: { grant } }));
  const one = (await calls.get(2, id, '?format=display')).body;
  const listed = (await calls.list(2, '&format=display')).policies[0];
  for (const shown of [one, listed]) {
    const [viewer, reader] = shown.control.grant.roles;
    assert.deepEqual([viewer.display_name, reader.display_name], ['Viewer', 'Reader']);
    assert.ok(viewer.description.length > 0);
    for (const action of [...viewer.actions, ...reader.actions]) {
      assert.deepEqual(Object.keys(action).sort(), ['description', 'display_name', 'id']);
    }
    assert.ok(reader.actions.some((action: Wire) => action.id === 'kms.secrets.list'));
    assert.ok(viewer.actions.some((action: Wire) => action.id === 'resource-controller.instance.retrieve'));
  }
  assert.deepEqual((await calls.get(2, id)).body.control.grant, grant);
  assertRefused(await calls.get(2, id, '?format=pretty'), 400, 'invalid_body');
});

test('W-41: with format=include_last_permit a policy tells how often it permitted, and when last', async () => {
  const group = await world.group(account);
  const policy = await world.policy(account, user.iamId, [ROLE('Viewer')], { serviceName: 'iam-groups' });
  const told = async (version: 1 | 2 = 2) => {
    const { last_permit_at: at, last_permit_frequency: frequency } = (await calls.get(version, policy.id, '?format=include_last_permit'))
      .body;
    return { at, frequency };
  };
  assert.deepEqual(await told(), { at: null, frequency: 0 });
  assert.ok(!('last_permit_frequency' in (await calls.get(2, policy.id)).body));
  for (let asked = 1; asked <= 2; asked += 1) {
    await world.expect(200, 'GET', `/v2/groups/${group.id}`, { token: user.token });
    const { at, frequency } = await told();
    assert.equal(frequency, asked);
    assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000, at);
  }
  assert.deepEqual(await told(1), await told(2));
  const [listed] = (await calls.list(2, '&format=include_last_permit')).policies;
  assert.equal(listed.last_permit_frequency, 2);
});

test('what a policy permitted is forgotten when it is deleted', async () => {
  const group = await world.group(account);
  const policy = await world.policy(account, user.iamId, [ROLE('Viewer')], { serviceName: 'iam-groups' });
  const frequency = async () => (await calls.get(2, policy.id, '?format=include_last_permit')).body.last_permit_frequency;
  await world.expect(200, 'GET', `/v2/groups/${group.id}`, { token: user.token });
  await calls.remove(1, policy.id);
  assert.equal(await frequency(), 0, 'what was counted and not written yet');
  assert.equal((await calls.setState(policy.id, 'active')).status, 200);
  assert.equal(await frequency(), 0);
});

test('what was granted by one version is not granted again by the other, and is shown in the form that was asked in', async () => {
  const first = await calls.create(1, taggedV1(account.id, user.iamId));
  const attributes = [clause('accountId', account.id), clause('serviceType', 'service')];
  const same = bodyV2(account.id, user.iamId, { resource: { attributes, tags: [clause('project', 'prototype')] } });
  const inTwo = assertRefused(await calls.create(2, same), 409, 'policy_conflict_error').details.conflicts_with;
  assert.deepEqual(inTwo, { etag: tagOf(first), policy: (await calls.get(2, first.body.id)).body });

  const starred = [clause('accountId', account.id), clause('serviceName', 'is'), clause('vpcId', true, 'stringExists')];
  const second = await calls.made(2, bodyV2(account.id, user.iamId, { resource: { attributes: starred } }));
  const inOne = bodyV1(account.id, user.iamId, {
    resources: [{ attributes: [attribute('vpcId', '*'), attribute('serviceName', 'is'), attribute('accountId', account.id)] }],
  });
  const { policy } = assertRefused(await calls.create(1, inOne), 409, 'policy_conflict_error').details.conflicts_with;
  assertPlaceholder(policy, second.id);
});
