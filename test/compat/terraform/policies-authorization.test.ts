/** `ibm_iam_authorization_policy`, which speaks version 1 of the API throughout and never changes a policy. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { configureProvider, type Provider } from './provider.ts';

let world: World;
let account: TestAccount;
let provider: Provider;

before(async () => {
  world = await startWorld();
  account = await world.account();
  provider = await configureProvider(world, account);
});
after(() => world[Symbol.asyncDispose]());

type Attribute = Readonly<Record<'name' | 'value', string>> & { readonly operator?: string };

interface Configured {
  readonly roles: readonly string[];
  /** In the order in which the provider writes them, `accountId` included. */
  readonly subject: readonly Attribute[];
  readonly resource: readonly Attribute[];
  readonly description?: string;
}

const equals = (name: string, value: string): Attribute => ({ name, value, operator: 'stringEquals' });
const plain = (name: string, value: string): Attribute => ({ name, value });
const own = () => equals('accountId', provider.accountId);
const ownPlain = () => plain('accountId', provider.accountId);
const findValue = (attributes: readonly Attribute[], name: string) => attributes.find((one) => one.name === name)?.value;

async function apply({ roles: names, subject, resource, description }: Configured): Promise<string> {
  const target = findValue(resource, 'serviceName') ?? (findValue(resource, 'resourceType') === undefined ? '' : 'resource-controller');
  const source = findValue(subject, 'serviceName') ?? '';
  const query = `service_name=${target}&source_service_name=${source}&policy_type=authorization`;
  const { body: listing } = await provider.expect(200, 'GET', `/v2/roles?${query}`);
  const known: readonly Wire[] = [...listing.custom_roles, ...listing.service_roles, ...listing.system_roles];
  const roles = names.map((name) => ({ role_id: known.find(({ display_name }) => display_name === name)?.crn }));
  const body = {
    type: 'authorization',
    subjects: [{ attributes: subject }],
    roles,
    resources: [{ attributes: resource }],
    ...(description !== undefined && { description }),
  };
  const { body: made } = await provider.expect(201, 'POST', '/v1/policies', body);
  await refresh(made.id, { roles: names, subject, resource, ...(description !== undefined && { description }) });
  return made.id;
}

/** The provider asks twice, and takes roles by the names that come with them. */
async function refresh(id: string, configured: Configured): Promise<void> {
  await provider.expect(200, 'GET', `/v1/policies/${id}`);
  const { body, headers } = await provider.expect(200, 'GET', `/v1/policies/${id}`);
  assert.ok(headers.get('transaction-id'));
  assert.equal(body.state, 'active');
  assert.deepEqual(
    body.roles.map(({ display_name }: Wire) => display_name),
    configured.roles,
  );
  assert.deepEqual([body.subjects[0].attributes, body.resources[0].attributes], [configured.subject, configured.resource]);
  assert.equal(body.description, configured.description);
}

test('W-67: an authorization is created, and a plan after that is empty (replay)', async () => {
  const other = await world.account();
  const cos = plain('serviceName', 'cloud-object-storage');
  const kms = equals('serviceName', 'kms');
  const configurations: readonly Configured[] = [
    { roles: ['Reader'], subject: [cos, ownPlain()], resource: [kms, own()], description: 'd' },
    { roles: ['Reader', 'Writer'], subject: [cos, plain('accountId', other.id)], resource: [kms, own()] },
    {
      roles: ['Reader'],
      subject: [cos, ownPlain(), plain('serviceInstance', 'i1'), plain('resourceType', 'bucket')],
      resource: [kms, own(), plain('serviceInstance', 'k1')],
    },
    {
      roles: ['Reader'],
      subject: [cos, ownPlain(), plain('resourceGroupId', 'rg1')],
      resource: [kms, own(), plain('resourceGroupId', 'rg2')],
    },
    { roles: ['Viewer'], subject: [cos, ownPlain()], resource: [own(), plain('resourceType', 'resource-group')] },
  ];
  for (const configured of configurations) {
    const id = await apply(configured);
    await provider.expect(204, 'DELETE', `/v1/policies/${id}`);
    assert.equal((await provider.expect(200, 'GET', `/v1/policies/${id}`)).body.state, 'deleted');
  }
});

test('W-67: an authorization of any resource group is created without a source service (replay)', async () => {
  await apply({
    roles: ['Reader'],
    subject: [ownPlain(), plain('resourceGroupId', '*')],
    resource: [own(), equals('serviceName', 'kms')],
  });
});
