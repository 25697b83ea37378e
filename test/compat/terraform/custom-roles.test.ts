/** `ibm_iam_custom_role`, and the data sources of roles and of their actions. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertForgotten, configureProvider, type Provider } from './provider.ts';

let world: World;
let account: TestAccount;
let provider: Provider;

before(async () => {
  world = await startWorld();
  account = await world.account();
  provider = await configureProvider(world, account);
});
after(() => world[Symbol.asyncDispose]());

interface Configured {
  readonly name: string;
  readonly display_name: string;
  readonly description: string;
  readonly service_name: string;
  /** A list: another order is a plan that never ends. */
  readonly actions: readonly string[];
}

async function refresh(id: string, configured: Configured): Promise<void> {
  const { body } = await provider.expect(200, 'GET', `/v2/roles/${id}`);
  assert.equal(body.id, id);
  for (const [name, value] of Object.entries(configured)) assert.deepEqual(body[name] ?? '', value, name);
}

test('W-46, W-50, W-51: ibm_iam_custom_role is created, changed and destroyed (replay)', async () => {
  const configured: Configured = {
    name: 'Tfrole',
    display_name: 'tf_role',
    // What is not configured is sent as an empty text.
    description: '',
    service_name: 'kms',
    actions: ['kms.secrets.wrap', 'kms.secrets.list', 'kms.secrets.read'],
  };
  const { body: made } = await provider.expect(201, 'POST', '/v2/roles', { ...configured, account_id: provider.accountId });
  assert.match(made.crn, /::customRole:Tfrole$/);
  await refresh(made.id, configured);

  const path = `/v2/roles/${made.id}`;
  for (const change of [
    { display_name: 'tf_role_2', description: 'described', actions: ['kms.secrets.read', 'kms.secrets.create'] },
    { display_name: 'tf_role_3', description: '', actions: ['kms.secrets.list'] },
  ]) {
    const { headers } = await provider.expect(200, 'GET', path);
    await provider.expect(200, 'PUT', path, change, { 'if-match': headers.get('etag') ?? '' });
    await refresh(made.id, { ...configured, ...change });
  }
  await provider.expect(204, 'DELETE', path);
  await assertForgotten(provider, path);
  await provider.expect(404, 'DELETE', path);
});

test('W-53, W-54: the data source of roles finds a description with every role (replay)', async () => {
  const role = { name: 'Bare', display_name: 'bare', service_name: 'kms', actions: ['kms.secrets.list'], account_id: provider.accountId };
  await provider.expect(201, 'POST', '/v2/roles', role);
  for (const query of ['', '&service_name=kms', '&service_name=alliamserviceroles', '&service_group_id=IAM']) {
    const { body } = await provider.expect(200, 'GET', `/v2/roles?account_id=${provider.accountId}${query}`);
    for (const listed of [...body.system_roles, ...body.custom_roles, ...body.service_roles] as Wire[]) {
      for (const name of ['display_name', 'description', 'crn']) assert.equal(typeof listed[name], 'string', 'the provider panics');
    }
  }
});

test('W-53: the data source of actions finds them by the names of the generic roles (replay)', async () => {
  const { body } = await provider.expect(200, 'GET', '/v2/roles?service_name=kms');
  for (const name of ['Reader', 'ReaderPlus', 'Writer', 'Manager']) {
    const role = body.service_roles.find((one: Wire) => one.display_name === name);
    assert.ok(role.actions.length > 5, name);
  }
});
