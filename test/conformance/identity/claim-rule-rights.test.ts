/** Who may change claim rules, what the audit log keeps of it, and when a rule is made with a warning. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';
import { warningsOf } from './warnings.ts';

let world: World;
let account: TestAccount;
let profile: Wire;
let rule: Wire;

before(async () => {
  world = await startWorld();
  account = await world.account();
  profile = await world.profile(account);
  rule = (await call('POST', `${profile.id}/rules`, CR)).body;
});
after(() => world[Symbol.asyncDispose]());

const condition = (claim: string, operator: string, value: string) => ({ claim, operator, value });
const IN_DEFAULT = condition('namespace', 'EQUALS', 'default');
const CR = { type: 'Profile-CR', cr_type: 'ROKS_SA', conditions: [IN_DEFAULT] };
const SAML = { type: 'Profile-SAML', realm_name: 'r', expiration: 3600 };

const call = (method: string, path: string, body?: unknown, token: string | undefined = account.owner) =>
  world.call(method, `/v1/profiles/${path}`, { token, ...(body !== undefined && { body }), headers: { 'if-match': '*' } });

describe('rights', () => {
  const withRole = async (role: string): Promise<TestUser> => {
    const user = await world.user(account.id);
    await world.policy(account, user.iamId, [ROLE(role)], { serviceName: 'iam-identity' });
    return user;
  };

  test('a Viewer reads rules and changes none', async () => {
    const { token } = await withRole('Viewer');
    assert.equal((await call('GET', `${profile.id}/rules`, undefined, token)).status, 200);
    assert.equal((await call('GET', `${profile.id}/rules/${rule.id}`, undefined, token)).status, 200);
    assertRefused(await call('POST', `${profile.id}/rules`, CR, token), 403, 'insufficient_permissions');
    assertRefused(await call('PUT', `${profile.id}/rules/${rule.id}`, CR, token), 403, 'insufficient_permissions');
    assertRefused(await call('DELETE', `${profile.id}/rules/${rule.id}`, undefined, token), 403, 'insufficient_permissions');
    assert.deepEqual((await call('GET', `${profile.id}/rules/${rule.id}`)).body, rule);
  });

  for (const role of ['Editor', 'Operator', 'Administrator']) {
    test(`an ${role} makes, replaces and deletes rules`, async () => {
      const { token } = await withRole(role);
      const made = await call('POST', `${profile.id}/rules`, CR, token);
      assert.equal(made.status, 201, made.text);
      assert.equal((await call('PUT', `${profile.id}/rules/${made.body.id}`, CR, token)).status, 200);
      assert.equal((await call('DELETE', `${profile.id}/rules/${made.body.id}`, undefined, token)).status, 204);
    });
  }

  test('a member of the account without a policy may not even read', async () => {
    const { token } = await world.user(account.id);
    assertRefused(await call('GET', `${profile.id}/rules`, undefined, token), 403, 'insufficient_permissions');
    assertRefused(await call('GET', `${profile.id}/rules/${rule.id}`, undefined, token), 403, 'insufficient_permissions');
    assertRefused(await call('POST', `${profile.id}/rules`, CR, token), 403, 'insufficient_permissions');
    assertRefused(await call('DELETE', `${profile.id}/rules/unknown`, undefined, token), 404, 'not_found');
  });

  test('a missing right is told before a stale tag, a bad body before a missing right', async () => {
    const { token } = await withRole('Viewer');
    const options = { token, headers: { 'if-match': 'stale' } };
    const path = `/v1/profiles/${profile.id}/rules/${rule.id}`;
    assertRefused(await world.call('PUT', path, { ...options, body: CR }), 403, 'insufficient_permissions');
    assertRefused(await world.call('PUT', path, { ...options, body: { ...CR, type: 'x' } }), 400, 'invalid_parameter');
  });

  test('without a token nothing is told of the body', async () => {
    const reply = await world.call('POST', `/v1/profiles/${profile.id}/rules`, { body: { type: '' } });
    assertRefused(reply, 401, 'invalid_access_token', 'BXNIM0308E');
  });

  test('a caller of another account finds nothing', async () => {
    const { owner } = await world.account();
    for (const path of [`${profile.id}/rules`, `${profile.id}/rules/${rule.id}`, `${profile.id}/rules/unknown`]) {
      assertRefused(await call('GET', path, undefined, owner), 404, 'not_found');
    }
    assertRefused(await call('POST', `${profile.id}/rules`, CR, owner), 404, 'not_found');
    assertRefused(await call('PUT', `${profile.id}/rules/${rule.id}`, CR, owner), 404, 'not_found');
    assertRefused(await call('DELETE', `${profile.id}/rules/${rule.id}`, undefined, owner), 404, 'not_found');
    assert.deepEqual((await call('GET', `${profile.id}/rules/${rule.id}`)).body, rule);
  });

  test('a rule is not reached through another profile, of this account or of the caller', async () => {
    const sibling = await world.profile(account);
    const other = await world.account();
    const strange = await world.profile(other);
    for (const [id, token] of [
      [sibling.id, account.owner],
      [strange.id, other.owner],
    ] as const) {
      assertRefused(await call('GET', `${id}/rules/${rule.id}`, undefined, token), 404, 'not_found');
      assertRefused(await call('PUT', `${id}/rules/${rule.id}`, CR, token), 404, 'not_found');
      assertRefused(await call('DELETE', `${id}/rules/${rule.id}`, undefined, token), 404, 'not_found');
    }
    assert.deepEqual((await call('GET', `${profile.id}/rules/${rule.id}`)).body, rule);
  });

  test('rules are found under every form of the profile id, with and without a trailing slash', async () => {
    const uuid = profile.id.slice('Profile-'.length);
    for (const id of [profile.id, uuid, `iam-${profile.id}`]) {
      assert.deepEqual((await call('GET', `${id}/rules/${rule.id}`)).body, rule);
      assert.deepEqual((await call('GET', `${id}/rules/${rule.id}/`)).body, rule);
      assert.equal((await call('GET', `${id}/rules/`)).status, 200);
    }
    assertRefused(await call('GET', `${encodeURIComponent(profile.name)}/rules`), 404, 'not_found');
  });
});

describe('records', () => {
  test('creation, replacement and deletion are audited as changes of the profile, with the kind', async () => {
    const made = await call('POST', `${profile.id}/rules`, CR);
    const replaced = await call('PUT', `${profile.id}/rules/${made.body.id}`, { ...SAML, conditions: [IN_DEFAULT] });
    const removed = await call('DELETE', `${profile.id}/rules/${made.body.id}`);
    for (const [reply, operation] of [
      [made, 'create'],
      [replaced, 'update'],
      [removed, 'delete'],
    ] as const) {
      const [event, ...others] = await world.events(account, reply.headers.get('x-request-id') ?? '');
      assert.equal(others.length, 0);
      assert.equal(event.data.action, 'iam-identity.account-profile.update');
      assert.equal(event.data.outcome, 'success');
      assert.equal(event.data.target.id, profile.crn);
      assert.equal(event.data.requestData.kind, 'rule');
      assert.equal(event.data.requestData.operation, operation);
      assert.ok(JSON.stringify(event).includes(made.body.id), 'the rule is told');
      assert.ok(!('warnings' in event.data));
    }
  });
});

describe('warnings', () => {
  const BROAD = 'rule_without_namespace';
  const SHARED = 'shared_service_account';
  const NAMED = condition('name', 'EQUALS', 'builder');

  for (const [what, conditions, codes] of [
    ['a namespace', [IN_DEFAULT], []],
    ['a list of namespaces', [condition('namespace', 'IN', '["a","b"]'), NAMED], []],
    ['a service account only', [NAMED], [BROAD]],
    ['a cluster only', [condition('service_instance', 'EQUALS', 'c')], [BROAD]],
    ['a namespace that it must not be', [condition('namespace', 'NOT_EQUALS', 'kube-system')], [BROAD]],
    ['a part of a namespace', [condition('namespace', 'CONTAINS', 'team')], [BROAD]],
    ['the service account default', [IN_DEFAULT, condition('name', 'EQUALS', 'default')], [SHARED]],
    ['the service account default in quotes', [IN_DEFAULT, condition('name', 'EQUALS', '"default"')], [SHARED]],
    ['a list with default', [IN_DEFAULT, condition('name', 'IN', '["builder","default"]')], [SHARED]],
    ['a comma list with default', [IN_DEFAULT, condition('name', 'IN', 'builder,default')], [SHARED]],
    ['a service account that begins with default', [IN_DEFAULT, condition('name', 'EQUALS', 'default2')], []],
    ['a list without default', [IN_DEFAULT, condition('name', 'IN', '["default-x","x"]')], []],
    ['default without a namespace', [condition('name', 'EQUALS', 'default')], [BROAD, SHARED]],
  ] as const) {
    test(`a rule with ${what} is made with ${codes.length === 0 ? 'no warning' : codes.join(' and ')}`, async () => {
      const made = await call('POST', `${profile.id}/rules`, { ...CR, conditions });
      assert.equal(made.status, 201, made.text);
      assert.deepEqual(await warningsOf(world, account, made), codes);
      const replaced = await call('PUT', `${profile.id}/rules/${made.body.id}`, { ...CR, conditions });
      assert.equal(replaced.status, 200);
      assert.deepEqual(await warningsOf(world, account, replaced), codes);
    });
  }

  test('a SAML rule is made with no warning', async () => {
    const made = await call('POST', `${profile.id}/rules`, { ...SAML, conditions: [condition('name', 'EQUALS', 'default')] });
    assert.equal(made.status, 201);
    assert.deepEqual(await warningsOf(world, account, made), []);
  });

  for (const cr_type of ['ROKS_SA', 'IKS_SA']) {
    test(`a ${cr_type} link of the service account default is made with a warning, one of another without`, async () => {
      const cluster = await world.cluster(account);
      const make = (name: string) =>
        call('POST', `${profile.id}/links`, { cr_type, link: { crn: cluster.crn, namespace: 'default', name } });
      const shared = await make('default');
      assert.equal(shared.status, 201);
      assert.deepEqual(await warningsOf(world, account, shared), [SHARED]);
      assert.deepEqual(await warningsOf(world, account, await make('builder')), []);
    });
  }

  test('a VSI link with the name default is made without a warning', async () => {
    const link = { crn: profile.crn, namespace: 'default', name: 'default' };
    const made = await call('POST', `${profile.id}/links`, { cr_type: 'VSI', link });
    assert.deepEqual(await warningsOf(world, account, made), []);
  });
});
