/** `GET /v2/roles`: which roles there are for a purpose. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertRefused, userWith } from './making.ts';

let world: World;
let account: TestAccount;
let custom: Wire;

before(async () => {
  world = await startWorld();
  account = await world.account();
  const body = { name: 'Lister', display_name: 'Lister', account_id: account.id, service_name: 'kms', actions: ['kms.secrets.list'] };
  custom = (await world.expect(201, 'POST', '/v2/roles', { token: account.owner, body })).body;
});
after(() => world[Symbol.asyncDispose]());

const KINDS = ['custom_roles', 'service_roles', 'system_roles'];
async function roles(query: string, token = account.owner): Promise<Wire> {
  const { body } = await world.expect(200, 'GET', `/v2/roles${query}`, { token });
  assert.deepEqual(Object.keys(body).sort(), KINDS);
  for (const role of [...body.service_roles, ...body.system_roles]) {
    assert.deepEqual(Object.keys(role).sort(), ['actions', 'crn', 'description', 'display_name']);
    assert.ok(role.actions.every((action: unknown) => typeof action === 'string'));
  }
  const names = KINDS.flatMap((kind) => body[kind].map((role: Wire) => role.display_name));
  assert.equal(new Set(names).size, names.length, 'Terraform finds a role by its display name');
  return body;
}
const namesOf = (list: readonly Wire[]): string[] => list.map(({ display_name: name }) => name);
const PLATFORM = ['Administrator', 'Editor', 'Operator', 'Viewer'];

test('without a purpose the platform roles come, and all custom roles of the account', async () => {
  const none = await roles('');
  assert.deepEqual([namesOf(none.system_roles).sort(), none.service_roles, none.custom_roles], [PLATFORM, [], []]);
  const own = await roles(`?account_id=${account.id}`);
  assert.deepEqual([namesOf(own.system_roles).sort(), own.service_roles, own.custom_roles], [PLATFORM, [], [custom]]);
});

test('W-52: for the group IAM the service roles of its services come', async () => {
  const { system_roles, service_roles, custom_roles } = await roles(`?account_id=${account.id}&service_group_id=IAM`);
  assert.ok(namesOf(system_roles).includes('Viewer'));
  const creator = service_roles.find(({ crn }: Wire) => crn === 'crn:v1:bluemix:public:iam-identity::::serviceRole:ServiceIdCreator');
  assert.equal(creator.display_name, 'Service ID creator');
  assert.deepEqual(custom_roles, [], 'kms is none of them');
});

test('W-53: for a service its roles come, with what they give there', async () => {
  const { system_roles, service_roles } = await roles('?service_name=containers-kubernetes');
  assert.deepEqual(namesOf(system_roles).sort(), PLATFORM);
  assert.deepEqual(namesOf(service_roles), ['Reader', 'Writer', 'Manager']);
  const reader = service_roles[0];
  assert.equal(reader.crn, SERVICE_ROLE('Reader'));
  assert.ok(reader.actions.includes('containers-kubernetes.kube.read'));
  assert.ok(!reader.actions.includes('containers-kubernetes.kube.write'));
});

test('custom roles come with their own service, to whoever may read them', async () => {
  assert.deepEqual((await roles(`?account_id=${account.id}&service_name=kms`)).custom_roles, [custom]);
  for (const query of [`?account_id=${account.id}&service_name=iam-groups`, '?service_name=kms']) {
    assert.deepEqual((await roles(query)).custom_roles, [], query);
  }
  const stranger = await world.account();
  const without = await world.user(account.id);
  for (const token of [stranger.owner, without.token]) {
    for (const query of ['', '&service_name=kms']) {
      assert.deepEqual((await roles(`?account_id=${account.id}${query}`, token)).custom_roles, []);
    }
  }
  const viewer = await userWith(world, account, [ROLE('Viewer'), { serviceName: 'iam-access-management' }]);
  assert.deepEqual((await roles(`?account_id=${account.id}`, viewer.token)).custom_roles, [custom]);
});

test('W-54: for all IAM-enabled services together the generic roles come', async () => {
  const { system_roles, service_roles } = await roles(`?account_id=${account.id}&service_name=alliamserviceroles`);
  const names = [...namesOf(system_roles), ...namesOf(service_roles)];
  for (const name of ['Viewer', 'Reader', 'Writer', 'Manager']) assert.ok(names.includes(name), name);
});

test('for resource groups the platform roles come', async () => {
  const { system_roles, service_roles } = await roles(`?account_id=${account.id}&service_name=resource-controller`);
  assert.deepEqual([namesOf(system_roles).sort(), service_roles], [PLATFORM, []]);
});

test('W-55: what a service may be authorized to do on another is told without an account', async () => {
  const query = '?service_name=kms&source_service_name=cloud-object-storage&policy_type=authorization';
  assert.ok(namesOf((await roles(query)).service_roles).includes('Reader'));
});

test('a parameter without a value is one that is not there, as Terraform sends them', async () => {
  const query = '?service_name=kms&source_service_name=&policy_type=authorization&account_id=&service_group_id=';
  assert.ok(namesOf((await roles(query)).service_roles).includes('Reader'));
});

test('W-56: a service and a group of services exclude each other', async () => {
  const reply = await world.call('GET', `/v2/roles?account_id=${account.id}&service_name=kms&service_group_id=IAM`, {
    token: account.owner,
  });
  assert.match(assertRefused(reply, 400, 'invalid_body').message, /service_name and service_group_id/);
  const odd = await world.call('GET', '/v2/roles?policy_type=role', { token: account.owner });
  assertRefused(odd, 400, 'invalid_body');
});

test('a service that nobody knows has the platform roles', async () => {
  for (const name of ['my-own-service', '__proto__', 'constructor']) {
    const { system_roles, service_roles } = await roles(`?service_name=${name}`);
    assert.deepEqual([namesOf(system_roles).sort(), service_roles], [PLATFORM, []]);
  }
});
