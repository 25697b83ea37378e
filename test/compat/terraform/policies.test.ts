/**
 * `ibm_iam_trusted_profile_policy`, `ibm_iam_user_policy`, `ibm_iam_service_policy` and `ibm_iam_access_group_policy`: four resources that
 * speak alike, through version 1 of the API unless there is a rule. They read through version 2, and tell by the address of a policy which
 * version to replace and delete it with.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { configureProvider, type Provider } from './provider.ts';

const HEADERS = { 'transaction-id': 'terraform-1' } as const;

let world: World;
let account: TestAccount;
let provider: Provider;

before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  account = await world.account();
  provider = await configureProvider(world, account);
});

type Attributes = Readonly<Record<string, string>>;
interface Tag {
  readonly name: string;
  readonly value: string;
}

/** What a configuration says. */
interface Configured {
  readonly roles: readonly string[];
  readonly attributes: Attributes;
  readonly operators?: Attributes;
  readonly tags?: readonly Tag[];
  readonly description?: string;
  readonly rule?: Wire;
  readonly pattern?: string;
}

/** The roles for a policy's resources, by the listing that the provider makes for it; what is read back is asked for a little otherwise. */
async function listRoles(
  { serviceName, serviceType, service_group_id, resourceType }: Attributes,
  isRead: boolean,
): Promise<readonly Wire[]> {
  const isSpecial = serviceType === 'platform_service' || service_group_id !== undefined || (isRead && resourceType === 'resource-group');
  const service = serviceName ?? (isSpecial ? undefined : 'alliamserviceroles');
  const query = [
    `account_id=${provider.accountId}`,
    service !== undefined && `service_name=${service}`,
    service_group_id !== undefined && `service_group_id=${service_group_id}`,
  ].filter((part) => part !== false);
  const { body } = await provider.expect(200, 'GET', `/v2/roles?${query.join('&')}`);
  // The provider follows every pointer in this order.
  const roles = [...body.custom_roles, ...body.service_roles, ...body.system_roles];
  for (const { crn, display_name } of roles) assert.ok(typeof crn === 'string' && typeof display_name === 'string');
  return roles;
}

async function rolesNamed({ roles: names, attributes }: Configured): Promise<readonly { readonly role_id: string }[]> {
  const roles = await listRoles(attributes, false);
  return names.map((name) => {
    const role = roles.find(({ display_name }) => display_name === name);
    assert.ok(role, `${name} was not found`);
    return { role_id: role.crn };
  });
}

const entriesOf = ({ attributes, operators = {} }: Configured) => [
  ...Object.entries(attributes).map(([name, value]) => ({ name, value, operator: operators[name] ?? 'stringEquals' })),
  { name: 'accountId', value: provider.accountId, operator: 'stringEquals' },
];
const tagsOf = ({ tags = [] }: Configured) => tags.map((tag) => ({ ...tag, operator: 'stringEquals' }));
const keyed = (list: readonly { readonly name: string; readonly value: string; readonly operator: string }[]) =>
  list.map(({ name, ...rest }) => ({ key: name, ...rest }));
const subjectName = (subject: string) => (subject.startsWith('AccessGroupId-') ? 'access_group_id' : 'iam_id');

async function bodyV1(subject: string, configured: Configured): Promise<Wire> {
  const tags = tagsOf(configured);
  return {
    type: 'access',
    subjects: [{ attributes: [{ name: subjectName(subject), value: subject }] }],
    roles: await rolesNamed(configured),
    resources: [{ attributes: entriesOf(configured), ...(tags.length > 0 && { tags }) }],
    ...(configured.description !== undefined && { description: configured.description }),
  };
}

async function bodyV2(subject: string, configured: Configured): Promise<Wire> {
  const tags = keyed(tagsOf(configured));
  return {
    control: { grant: { roles: await rolesNamed(configured) } },
    type: 'access',
    subject: { attributes: [{ key: subjectName(subject), operator: 'stringEquals', value: subject }] },
    resource: { attributes: keyed(entriesOf(configured)), ...(tags.length > 0 && { tags }) },
    ...(configured.description !== undefined && { description: configured.description }),
    ...(configured.pattern !== undefined && { pattern: configured.pattern }),
    ...(configured.rule !== undefined && { rule: configured.rule }),
  };
}

/** A refresh, and the insistence that a plan after it is empty. */
async function refresh(id: string, configured: Configured): Promise<Wire> {
  const exists = await provider.expect(200, 'GET', `/v2/policies/${id}`, undefined, HEADERS);
  assert.equal(exists.headers.get('transaction-id'), HEADERS['transaction-id']);
  assert.notEqual(exists.body.state, 'deleted');
  const { body } = await provider.expect(200, 'GET', `/v2/policies/${id}`, undefined, HEADERS);
  const clauses = [...body.resource.attributes, ...(body.resource.tags ?? []), ...body.subject.attributes];
  for (const { key, operator } of clauses) assert.ok(typeof key === 'string' && typeof operator === 'string', 'the provider panics');
  const literal = (key: string): string | undefined =>
    body.resource.attributes.find((one: Wire) => one.key === key && ['stringEquals', 'stringMatch'].includes(one.operator))?.value;
  const read = Object.fromEntries(
    ['serviceName', 'serviceType', 'service_group_id', 'resourceType'].flatMap((key) => {
      const value = literal(key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
  const roles = await listRoles(read, true);
  const names = body.control.grant.roles.map(({ role_id }: Wire) => roles.find(({ crn }) => crn === role_id)?.display_name);
  assert.deepEqual(names, configured.roles);
  // An attribute that must only be there is an asterisk in the configuration.
  const attributes = body.resource.attributes
    .filter(({ key }: Wire) => key !== 'accountId')
    .map(({ key, operator, value }: Wire) => (operator === 'stringExists' && value === true ? [key, '*'] : [key, value]));
  assert.deepEqual(Object.fromEntries(attributes), configured.attributes);
  const tags = (body.resource.tags ?? []).map(({ key, value }: Wire) => ({ name: key, value }));
  assert.deepEqual(tags, configured.tags ?? []);
  assert.deepEqual([body.description, body.rule, body.pattern], [configured.description, configured.rule, configured.pattern]);
  return body;
}

const isOfTwo = (policy: Wire): boolean => policy.href.includes('/v2/policies');

async function apply(subject: string, configured: Configured): Promise<string> {
  const { body } =
    configured.rule === undefined
      ? await provider.expect(201, 'POST', '/v1/policies', await bodyV1(subject, configured), HEADERS)
      : await provider.expect(201, 'POST', '/v2/policies', await bodyV2(subject, configured), HEADERS);
  await refresh(body.id, configured);
  return body.id;
}

async function change(subject: string, id: string, configured: Configured): Promise<void> {
  const { body, headers } = await provider.expect(200, 'GET', `/v2/policies/${id}`, undefined, HEADERS);
  const tag = { ...HEADERS, 'if-match': headers.get('etag') ?? '' };
  if (isOfTwo(body)) await provider.expect(200, 'PUT', `/v2/policies/${id}`, await bodyV2(subject, configured), tag);
  else await provider.expect(200, 'PUT', `/v1/policies/${id}`, await bodyV1(subject, configured), tag);
  await refresh(id, configured);
}

async function destroy(id: string): Promise<void> {
  const { body } = await provider.expect(200, 'GET', `/v2/policies/${id}`);
  await provider.expect(204, 'DELETE', `/${isOfTwo(body) ? 'v2' : 'v1'}/policies/${id}`, undefined, HEADERS);
  // Exists takes what is deleted for gone.
  assert.equal((await provider.expect(200, 'GET', `/v2/policies/${id}`)).body.state, 'deleted');
}

async function subjects(): Promise<readonly string[]> {
  const serviceId = await world.expect(201, 'POST', '/v1/serviceids', {
    token: account.owner,
    body: { account_id: account.id, name: 'tf' },
  });
  const profile = await world.profile(account);
  const { body: read } = await provider.expect(200, 'GET', `/v1/profiles/${profile.id}`);
  return [read.iam_id, (await world.user(account.id)).iamId, serviceId.body.iam_id, (await world.group(account)).id];
}

const CONFIGURATIONS: readonly (readonly [what: string, configured: Configured])[] = [
  ['a service', { roles: ['Viewer', 'Manager'], attributes: { serviceName: 'kms' } }],
  ['an instance', { roles: ['Viewer'], attributes: { serviceName: 'kms', serviceInstance: 'i1', region: 'eu-de' }, description: 'd' }],
  ['all services', { roles: ['Viewer', 'Reader'], attributes: { serviceType: 'service' } }],
  ['all services with a tag', { roles: ['Viewer'], attributes: { serviceType: 'service' }, tags: [{ name: 'one', value: 'a' }] }],
  ['account management', { roles: ['Viewer'], attributes: { serviceType: 'platform_service' } }],
  ['a group of services', { roles: ['Service ID creator', 'Viewer'], attributes: { service_group_id: 'IAM' } }],
  ['a resource group', { roles: ['Viewer', 'Writer'], attributes: { resourceGroupId: 'rg1' } }],
  ['a resource group itself', { roles: ['Viewer'], attributes: { resourceType: 'resource-group', resource: 'rg1' } }],
  ['an attribute of a service', { roles: ['Viewer'], attributes: { serviceName: 'is', vpcId: '*' } }],
  [
    'a wildcard',
    { roles: ['Manager'], attributes: { serviceName: 'messagehub', resource: 'dev*' }, operators: { resource: 'stringMatch' } },
  ],
];

test('W-67: all four policy resources are created, and a plan after that is empty (replay)', async () => {
  for (const subject of await subjects()) {
    for (const [what, configured] of CONFIGURATIONS) {
      const id = await apply(subject, configured).catch((error: unknown) => {
        throw new Error(`${subject} on ${what}`, { cause: error });
      });
      await destroy(id);
    }
  }
});

test('W-67: a policy is changed in its roles, resources, tags and description (replay)', async () => {
  const [subject = ''] = await subjects();
  const id = await apply(subject, { roles: ['Viewer'], attributes: { serviceName: 'kms' } });
  await change(subject, id, { roles: ['Manager', 'Viewer'], attributes: { serviceName: 'kms' } });
  await change(subject, id, {
    roles: ['Viewer'],
    attributes: { serviceType: 'service' },
    tags: [{ name: 'one', value: 'a' }],
    description: 'd',
  });
  await change(subject, id, { roles: ['Viewer'], attributes: { serviceName: 'kms', serviceInstance: 'i1' } });
  await destroy(id);
});

const WEEKLY: Pick<Configured, 'rule' | 'pattern'> = {
  pattern: 'time-based-conditions:weekly:custom-hours',
  rule: {
    operator: 'and',
    conditions: [
      // A list of one value is sent as that value, and every value as a text.
      { key: '{{environment.attributes.day_of_week}}', operator: 'dayOfWeekAnyOf', value: '3+06:00' },
      { key: '{{environment.attributes.current_time}}', operator: 'timeGreaterThanOrEquals', value: '09:00:00+06:00' },
      { key: '{{environment.attributes.current_time}}', operator: 'timeLessThanOrEquals', value: '17:00:00+06:00' },
    ],
  },
};

test('W-67: a policy with a rule is created, changed and destroyed through version 2 (replay)', async () => {
  const attributes = { serviceName: 'kms' };
  for (const subject of await subjects()) {
    const id = await apply(subject, { roles: ['Viewer'], attributes, ...WEEKLY });
    const once = {
      pattern: 'time-based-conditions:once',
      rule: {
        operator: 'and',
        conditions: [
          {
            key: '{{environment.attributes.current_date_time}}',
            operator: 'dateTimeGreaterThanOrEquals',
            value: '2026-01-01T12:00:00+00:00',
          },
          { key: '{{environment.attributes.current_date_time}}', operator: 'dateTimeLessThanOrEquals', value: '2026-01-31T12:00:00+00:00' },
        ],
      },
    };
    await change(subject, id, { roles: ['Viewer', 'Reader'], attributes, ...once });
    const conditions = [
      { key: '{{resource.attributes.prefix}}', operator: 'stringExists', value: true },
      { key: '{{resource.attributes.path}}', operator: 'stringEqualsAnyOf', value: ['a', 'b'] },
      { key: '{{resource.attributes.delimiter}}', operator: 'stringExists', value: 'false' },
    ];
    const pattern = 'attribute-based-condition:resource:literal-and-wildcard';
    await change(subject, id, { roles: ['Viewer'], attributes, pattern, rule: { operator: 'and', conditions } });
    const [only] = conditions.slice(1);
    await change(subject, id, { roles: ['Viewer'], attributes, pattern, rule: only });
    // A rule that is taken out of the configuration is gone, and the policy stays one of version 2.
    await change(subject, id, { roles: ['Viewer'], attributes });
    await destroy(id);
  }
});

test('W-67: the data sources of policies find those of a subject (replay)', async () => {
  const [profile = '', , , group = ''] = await subjects();
  const first = await apply(profile, { roles: ['Viewer'], attributes: { serviceName: 'kms' } });
  const second = await apply(profile, { roles: ['Viewer'], attributes: { serviceName: 'kms' }, ...WEEKLY });
  const third = await apply(group, { roles: ['Viewer'], attributes: { serviceName: 'kms' } });
  const list = async (query: string) =>
    (await provider.expect(200, 'GET', `/v2/policies?account_id=${provider.accountId}&type=access&${query}`)).body.policies as Wire[];
  assert.deepEqual(
    (await list(`iam_id=${profile}&sort=-id`)).map(({ id }) => id),
    [first, second].toSorted().toReversed(),
  );
  const ofGroup = await list(`access_group_id=${group}`);
  assert.deepEqual(
    ofGroup.map(({ id }) => id),
    [third],
  );
  for (const policy of ofGroup) for (const { operator } of policy.resource.attributes) assert.equal(typeof operator, 'string');
});

test('a policy that somebody deleted is forgotten, and created again (replay)', async () => {
  const [subject = ''] = await subjects();
  const configured = { roles: ['Viewer'], attributes: { serviceName: 'kms' } };
  const id = await apply(subject, configured);
  await world.expect(204, 'DELETE', `/v2/policies/${id}`, { token: account.owner });
  assert.equal((await provider.expect(200, 'GET', `/v2/policies/${id}`)).body.state, 'deleted');
  assert.notEqual(await apply(subject, configured), id);
});
