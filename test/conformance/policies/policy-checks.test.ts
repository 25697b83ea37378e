/** What a policy must say, and what is refused. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { assertRefused, attribute, bodyV1, bodyV2, clause, createPolicyCalls, type PolicyCalls, taggedV1 } from './making.ts';

let world: World;
let account: TestAccount;
let user: TestUser;
let calls: PolicyCalls;

before(async () => {
  world = await startWorld();
  account = await world.account();
  user = await world.user(account.id);
  calls = createPolicyCalls(world, account);
});
after(() => world[Symbol.asyncDispose]());

type AttributeV1 = ReturnType<typeof attribute>;
const own = () => attribute('accountId', account.id);
const onResource = (...attributes: readonly AttributeV1[]) => bodyV1(account.id, user.iamId, { resources: [{ attributes }] });
const forSubject = (...attributes: readonly AttributeV1[]) => bodyV1(account.id, user.iamId, { subjects: [{ attributes }] });
const granting = (...roleIds: readonly string[]) => bodyV1(account.id, user.iamId, { roles: roleIds.map((role_id) => ({ role_id })) });
const onClauses = (...attributes: readonly Wire[]) => bodyV2(account.id, user.iamId, { resource: { attributes } });

/** Insists that a policy is refused as bad input, with these words in the message. */
async function refused(version: 1 | 2, body: unknown, ...words: readonly string[]): Promise<void> {
  const { message } = assertRefused(await calls.create(version, body), 400, 'invalid_body');
  for (const word of words) assert.ok(message.includes(word), `'${word}' is not in: ${message}`);
}

describe('the resource', () => {
  test('W-17: a policy names its account', async () => {
    await refused(1, onResource(attribute('serviceName', 'kms')), 'resources[0].attributes', 'accountId');
    await refused(2, onClauses(clause('serviceName', 'kms')), 'resource.attributes', 'accountId');
  });

  test('a policy names its account as the one that it is', async () => {
    await refused(1, onResource(attribute('accountId', '*'), attribute('serviceName', 'kms')), 'accountId');
    await refused(1, onResource(attribute('accountId', account.id, 'stringMatch'), attribute('serviceName', 'kms')), 'accountId');
    for (const [operator, value] of [
      ['stringExists', true],
      ['stringMatch', '*'],
      ['stringEqualsAnyOf', [account.id]],
    ] as const) {
      await refused(2, onClauses(clause('accountId', value, operator), clause('serviceName', 'kms')), 'accountId');
    }
  });

  test('W-18: a policy for nothing but an account is refused', async () => {
    await refused(1, onResource(own()), 'serviceName', 'serviceType', 'resourceGroupId', 'service_group_id');
    await refused(1, onResource(own(), attribute('region', 'eu-de')), 'serviceName');
    await refused(1, onResource(own(), attribute('resourceType', 'bucket')), 'serviceName');
  });

  test('W-68: one attribute twice is refused, by its name', async () => {
    await refused(1, onResource(own(), own(), attribute('serviceName', 'kms')), 'multiple entries', 'accountId');
    await refused(1, onResource(own(), attribute('serviceName', 'kms'), attribute('serviceName', 'CK')), 'multiple entries', 'serviceName');
    await refused(2, onClauses(clause('accountId', account.id), clause('serviceName', 'kms'), clause('x', 1), clause('x', 2)), "'x'");
  });

  test('W-24: version 1 has no operator stringExists, and version 2 none without a name', async () => {
    await refused(1, onResource(own(), attribute('serviceName', 'kms'), attribute('vpcId', 'true', 'stringExists')), 'operator');
    const [accountId, { operator: _, ...bare }] = [clause('accountId', account.id), clause('serviceName', 'kms')];
    await refused(2, onClauses(accountId, bare), 'resource.attributes[1].operator');
    await refused(2, onClauses(accountId, clause('serviceName', 'kms', 'stringStartsWith')), 'stringStartsWith');
  });

  test('a value fits its operator', async () => {
    for (const [value, operator] of [
      [['a'], 'stringEquals'],
      [['a'], 'stringMatch'],
      ['maybe', 'stringExists'],
      [[], 'stringEqualsAnyOf'],
      [[['a']], 'stringEqualsAnyOf'],
      [null, 'stringEquals'],
      [{}, 'stringEquals'],
      ['x'.repeat(1001), 'stringEquals'],
    ] as const) {
      await refused(2, onClauses(clause('accountId', account.id), clause('serviceName', 'kms'), clause('vpcId', value, operator)));
    }
  });

  test('W-32: a list has ten values at most', async () => {
    const values = (count: number) => Array.from({ length: count }, (_, index) => `home/${index}/*`);
    const on = (count: number) =>
      onClauses(clause('accountId', account.id), clause('serviceName', 'kms'), clause('path', values(count), 'stringMatchAnyOf'));
    await refused(2, on(11), 'resource.attributes[2].value');
    await calls.made(2, on(10));
  });

  test('what one attribute says must leave something for the others', async () => {
    for (const attributes of [
      [attribute('serviceName', 'kms'), attribute('serviceType', 'platform_service')],
      [attribute('serviceName', 'iam-identity'), attribute('serviceType', 'service')],
      [attribute('service_group_id', 'IAM'), attribute('serviceType', 'service')],
      [attribute('service_group_id', 'XYZ')],
      [attribute('serviceType', 'services')],
      [attribute('service_group_id', 'IAM'), attribute('serviceName', 'iam-identity')],
    ]) {
      await refused(1, onResource(own(), ...attributes), 'resources[0].attributes');
    }
  });

  test('a service that nobody knows is accepted with a warning, and a known one without', async () => {
    const unknown = await calls.create(1, onResource(own(), attribute('serviceName', 'my-own-service')));
    assert.equal(unknown.status, 201);
    assert.match(unknown.headers.get('podpass-warning') ?? '', /^unknown_service; .*'my-own-service'.*\.$/);
    assert.equal((await calls.create(1, bodyV1(account.id, user.iamId))).headers.get('podpass-warning'), null);
  });
});

describe('the roles', () => {
  test('W-21: a role that does not exist is refused, by its id', async () => {
    for (const role of [ROLE('Emperor'), ROLE('UnsupportedVersion'), 'Viewer', ROLE('viewer'), '__proto__', 'constructor']) {
      await refused(1, granting(role), 'roles', role);
    }
    const grant = { roles: [{ role_id: ROLE('Emperor') }] };
    await refused(2, bodyV2(account.id, user.iamId, { control: { grant } }), 'control.grant.roles', ROLE('Emperor'));
    await refused(1, granting(), 'roles');
  });

  test('W-22: a role that a service has for itself goes with no other service', async () => {
    const creator = 'crn:v1:bluemix:public:iam-identity::::serviceRole:ServiceIdCreator';
    await refused(1, granting(creator), 'roles', 'Service ID creator', 'kms');
    const resources = [{ attributes: [own(), attribute('serviceName', 'iam-identity')] }];
    await calls.made(1, { ...granting(creator), resources });
    await calls.made(1, granting(SERVICE_ROLE('Reader')));
  });

  test('the other spelling of a role is the same role', async () => {
    const resources = [{ attributes: [own(), attribute('serviceName', 'secrets-manager')] }];
    const [canonical, other] = ['serviceRole', 'role'].map((kind) => `crn:v1:bluemix:public:secrets-manager::::${kind}:SecretsReader`);
    const made = await calls.made(1, { ...granting(other ?? ''), resources });
    assert.deepEqual([made.roles[0].role_id, made.roles[0].display_name], [other, 'SecretsReader']);
    assertRefused(await calls.create(1, { ...granting(canonical ?? ''), resources }), 409, 'policy_conflict_error');
  });
});

describe('the tags', () => {
  test('W-23: tags go with all IAM-enabled services and nothing narrower', async () => {
    const tags = [attribute('project', 'prototype')];
    for (const attributes of [
      [own(), attribute('serviceName', 'kms')],
      [own(), attribute('serviceType', 'platform_service')],
      [own(), attribute('serviceType', 'service'), attribute('region', 'eu-de')],
      [own(), attribute('serviceType', 'service'), attribute('resourceGroupId', 'rg1')],
    ]) {
      await refused(1, bodyV1(account.id, user.iamId, { resources: [{ attributes, tags }] }), 'resources[0].tags');
    }
    const resource = { attributes: [clause('accountId', account.id), clause('serviceName', 'kms')], tags: [clause('a', 'b')] };
    await refused(2, bodyV2(account.id, user.iamId, { resource }), 'resource.tags');
  });

  test('a tag is compared with stringEquals and stringMatch, and may come with several values but not twice with one', async () => {
    const withTags = (...tags: readonly Wire[]) => {
      const attributes = [clause('accountId', account.id), clause('serviceType', 'service')];
      return bodyV2(account.id, user.iamId, { resource: { attributes, tags } });
    };
    await refused(2, withTags(clause('project', true, 'stringExists')), 'resource.tags', 'stringExists');
    await refused(2, withTags(clause('project', ['a'], 'stringEqualsAnyOf')), 'resource.tags');
    await refused(2, withTags(clause('project', 'a'), clause('project', 'a')), 'resource.tags', 'project');
    await calls.made(2, withTags(clause('project', 'proto*', 'stringMatch')));
    await calls.made(2, withTags(clause('project', 'a'), clause('project', 'b')));
  });

  test('a lone asterisk in a tag is no wildcard, and the refusal says how one is written', async () => {
    const body = taggedV1(account.id, user.iamId);
    body.resources[0].tags = [attribute('project', '*')];
    await refused(1, body, 'resources[0].tags', 'project', 'use stringMatch');
  });
});

describe('the subject', () => {
  test('W-25: a policy is for one identity or one group', async () => {
    const group = await world.group(account);
    const [byUser, byGroup] = [attribute('iam_id', user.iamId), attribute('access_group_id', group.id)];
    await refused(1, forSubject(byUser, byGroup), 'subjects[0].attributes');
    await refused(1, forSubject(byUser, own()), 'subjects[0].attributes');
    await refused(1, bodyV1(account.id, user.iamId, { subjects: [{ attributes: [byUser] }, { attributes: [byGroup] }] }), 'subjects');
    await refused(1, bodyV1(account.id, user.iamId, { subjects: [] }), 'subjects');
    await refused(1, forSubject(attribute('serviceName', 'kms')), 'iam_id', 'access_group_id');
    for (const one of [
      clause('iam_id', true, 'stringExists'),
      clause('iam_id', user.iamId, 'stringMatch'),
      clause('iam_id', [user.iamId], 'stringEqualsAnyOf'),
      clause('iam_id', 5),
    ]) {
      await refused(2, bodyV2(account.id, user.iamId, { subject: { attributes: [one] } }), 'subject.attributes');
    }
  });

  test('the subject is one that the account has', async () => {
    const other = await world.account();
    const [profile, group, stranger] = [await world.profile(other), await world.group(other), await world.user(other.id)];
    for (const value of ['IBMid-nobody', '*', 'authorization', profile.iam_id, profile.id, stranger.iamId, group.id]) {
      await refused(1, forSubject(attribute('iam_id', value)), 'subjects[0].attributes');
    }
    for (const value of [group.id, user.iamId, 'AccessGroupId-11111111-2222-4333-8444-555555555555']) {
      await refused(1, forSubject(attribute('access_group_id', value)), 'subjects[0].attributes');
    }
  });

  test('users, service IDs, profiles and groups of the account are subjects', async () => {
    const serviceId = await world.expect(201, 'POST', '/v1/serviceids', {
      token: account.owner,
      body: { account_id: account.id, name: 'subject' },
    });
    for (const subject of [
      user.iamId,
      account.ownerIamId,
      serviceId.body.iam_id,
      (await world.profile(account)).iam_id,
      (await world.group(account)).id,
    ]) {
      await calls.made(1, bodyV1(account.id, subject));
      await calls.made(2, bodyV2(account.id, subject));
    }
  });
});
