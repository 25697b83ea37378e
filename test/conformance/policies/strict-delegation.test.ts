/** With strict delegation on, whoever confers access must hold it, or be Administrator of what it is conferred through. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';

let world: World;
let account: TestAccount;
let profile: Wire;
let group: Wire;
let serviceId: Wire;
let clerk: TestUser;
let reader: TestUser;
let administrator: TestUser;

const settings = () => `/v1/accounts/${account.id}/settings/access_management`;

async function setStrict(on: boolean): Promise<void> {
  const body = { strict_delegation: on };
  const reply = await world.expect(200, 'PATCH', settings(), { token: account.owner, body, headers: { 'if-match': '*' } });
  assert.equal(reply.body.strict_delegation, on);
}

before(async () => {
  world = await startWorld();
  account = await world.account();
  profile = await world.profile(account);
  group = await world.group(account);
  serviceId = (
    await world.expect(201, 'POST', '/v1/serviceids', { token: account.owner, body: { account_id: account.id, name: 'strict' } })
  ).body;
  // What each of the three confers: reading keys.
  for (const grantee of [profile.iam_id, group.id, serviceId.iam_id]) {
    await world.policy(account, grantee, [SERVICE_ROLE('Reader')], { serviceName: 'kms' });
  }
  clerk = await world.user(account.id);
  reader = await world.user(account.id);
  administrator = await world.user(account.id);
  for (const user of [clerk, reader]) {
    await world.policy(account, user.iamId, [ROLE('Operator')], { serviceName: 'iam-identity' });
    await world.policy(account, user.iamId, [ROLE('Editor')], { serviceName: 'iam-groups' });
  }
  await world.policy(account, reader.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'kms' });
  await world.policy(account, administrator.iamId, [ROLE('Administrator')], { serviceName: 'iam-identity' });
  await world.policy(account, administrator.iamId, [ROLE('Administrator')], { serviceName: 'iam-groups' });
});
after(() => world[Symbol.asyncDispose]());

let made = 0;

/** Every way to confer access, as calls of one caller; the status of each that is allowed. */
const CONFERRALS: readonly (readonly [name: string, (caller: TestUser) => Promise<number>])[] = [
  [
    'a link',
    async ({ token }) => {
      made += 1;
      const crn = `crn:v1:bluemix:public:containers-kubernetes:eu-de:a/${account.id}:unregistered::`;
      const body = { cr_type: 'ROKS_SA', link: { crn, namespace: `ns-${made}`, name: 'runner' } };
      return (await world.call('POST', `/v1/profiles/${profile.id}/links`, { token, body })).status;
    },
  ],
  [
    'a claim rule',
    async ({ token }) => {
      made += 1;
      const conditions = [{ claim: 'namespace', operator: 'EQUALS', value: `"rule-${made}"` }];
      const body = { type: 'Profile-CR', cr_type: 'ROKS_SA', conditions };
      return (await world.call('POST', `/v1/profiles/${profile.id}/rules`, { token, body })).status;
    },
  ],
  [
    'an identity of a profile',
    async ({ token, iamId }) => {
      const body = { identifier: iamId, type: 'user', accounts: [account.id] };
      return (await world.call('POST', `/v1/profiles/${profile.id}/identities/user`, { token, body })).status;
    },
  ],
  [
    'a key of a service ID',
    async ({ token }) => {
      const body = { account_id: account.id, iam_id: serviceId.iam_id, name: 'key' };
      return (await world.call('POST', '/v1/apikeys', { token, body })).status;
    },
  ],
  [
    'a member of an access group',
    async ({ token, iamId }) => {
      const body = { members: [{ iam_id: iamId, type: 'user' }] };
      const reply = await world.expect(207, 'PUT', `/v2/groups/${group.id}/members`, { token, body });
      await world.call('DELETE', `/v2/groups/${group.id}/members/${iamId}`, { token: account.owner });
      return reply.body.members[0].status_code;
    },
  ],
];

describe('strict delegation', () => {
  for (const [name, confer] of CONFERRALS) {
    test(`${name} takes the documented right alone while it is off`, async () => {
      await setStrict(false);
      assert.ok((await confer(clerk)) < 300);
    });

    test(`${name} is refused to who lacks what it confers while it is on`, async () => {
      await setStrict(true);
      assert.equal(await confer(clerk), 403);
    });

    test(`${name} is let pass for who holds what it confers, for the Administrator of what it is conferred through, and for the owner`, async () => {
      await setStrict(true);
      for (const caller of [reader, administrator]) assert.ok((await confer(caller)) < 300, caller.iamId);
      assert.ok((await confer({ iamId: account.ownerIamId, apikey: '', token: account.owner })) < 300);
    });
  }

  test('a profile confers what the access groups that it is in grant, too', async () => {
    await setStrict(true);
    const writers = await world.group(account);
    await world.policy(account, writers.id, [SERVICE_ROLE('Writer')], { serviceName: 'kms' });
    const member = { members: [{ iam_id: profile.iam_id, type: 'profile' }] };
    await world.expect(207, 'PUT', `/v2/groups/${writers.id}/members`, { token: account.owner, body: member });
    const [, link] = CONFERRALS[0] ?? [];
    assert.equal(await link?.(reader), 403);
    await world.expect(204, 'DELETE', `/v2/groups/${writers.id}/members/${profile.iam_id}`, { token: account.owner });
    assert.equal(await link?.(reader), 201);
  });

  test('a role in use gets no further actions from who may not change the policies that grant it', async () => {
    await setStrict(false);
    const body = {
      name: 'KeyLister',
      display_name: 'Key lister',
      account_id: account.id,
      service_name: 'kms',
      actions: ['kms.secrets.list'],
    };
    const role = (await world.expect(201, 'POST', '/v2/roles', { token: account.owner, body })).body;
    await world.policy(account, clerk.iamId, [role.crn], { serviceName: 'kms' });
    await world.policy(account, clerk.iamId, [ROLE('Editor')], { serviceName: 'iam-access-management' });
    const widen = (actions: readonly string[]) =>
      world.call('PUT', `/v2/roles/${role.id}`, {
        token: clerk.token,
        headers: { 'if-match': '*' },
        body: { display_name: 'Key lister', actions },
      });
    await setStrict(true);
    assert.equal((await widen(['kms.secrets.list', 'kms.secrets.delete'])).status, 403);
    assert.equal((await widen(['kms.secrets.list'])).status, 200);
    await setStrict(false);
    assert.equal((await widen(['kms.secrets.list', 'kms.secrets.delete'])).status, 200);
  });

  test('only Administrator turns it off', async () => {
    await setStrict(true);
    const change = { body: { strict_delegation: false }, headers: { 'if-match': '*' } };
    assert.equal((await world.call('PATCH', settings(), { token: clerk.token, ...change })).status, 403);
    assert.equal((await world.expect(200, 'GET', settings(), { token: account.owner })).body.strict_delegation, true);
  });
});
