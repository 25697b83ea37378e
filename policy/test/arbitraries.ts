// Random policies and requests over few values, so that they often meet.
import fc from 'fast-check';
import type { AttributeClause, Policy, PolicySubject, SubjectContext } from '../src/index.ts';
import { rules } from './arbitrary-rules.ts';
import { administrator, manager, reader, viewer } from './world.ts';

const services = ['kms', 'kms', 'kms', 'kms.child', 'books', 'iam-groups', 'unregistered'] as const;
const instances = ['i1', 'i2'] as const;
const wildcards = ['*', 'i*', 'k?', 'k*', '?1', '{{*}}', 'iam-*', 'kms'] as const;

const literalValues: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['serviceName', services],
  ['serviceType', ['service', 'platform_service']],
  ['service_group_id', ['IAM', 'OTHER']],
  ['serviceInstance', instances],
  ['resourceType', ['key', 'ring']],
  ['resource', ['k1', 'k2', '*']],
  ['region', ['eu-de', 'us-south']],
  ['resourceGroupId', ['rg1', 'rg2']],
]);
const keys = [...literalValues.keys()];
const keysOfResources = ['serviceName', 'serviceName', 'serviceName', 'serviceInstance', 'resourceType', 'resource', 'region'];
const valuesOf = (key: string) => literalValues.get(key) ?? [];

function clauseOn(key: string): fc.Arbitrary<AttributeClause> {
  const literal = fc.constantFrom(...valuesOf(key));
  const pattern = fc.constantFrom(...wildcards);
  return fc.oneof(
    { weight: 6, arbitrary: literal.map((value) => ({ key, operator: 'stringEquals' as const, value })) },
    { weight: 1, arbitrary: pattern.map((value) => ({ key, operator: 'stringMatch' as const, value })) },
    { weight: 1, arbitrary: fc.boolean().map((value) => ({ key, operator: 'stringExists' as const, value })) },
    { weight: 1, arbitrary: fc.array(literal, { maxLength: 2 }).map((value) => ({ key, operator: 'stringEqualsAnyOf' as const, value })) },
    { weight: 1, arbitrary: fc.array(pattern, { maxLength: 2 }).map((value) => ({ key, operator: 'stringMatchAnyOf' as const, value })) },
  );
}

const onAllServices: readonly AttributeClause[] = [{ key: 'serviceType', operator: 'stringEquals', value: 'service' }];
const literalClause = (key: string) =>
  fc.constantFrom(...valuesOf(key)).map((value): AttributeClause => ({ key, operator: 'stringEquals', value }));
const clauses = fc.oneof(
  fc.subarray(keys, { maxLength: 4 }).chain((chosen) => fc.tuple(...chosen.map(clauseOn))),
  fc.constantFrom('serviceName', 'serviceType').chain((key) => fc.tuple(literalClause(key))),
  fc.constantFrom<AttributeClause[]>([{ key: 'serviceName', operator: 'stringEquals', value: 'kms' }], [...onAllServices]),
  fc
    .subarray(['serviceInstance', 'resourceType', 'resource'], { minLength: 1 })
    .chain((chosen) => fc.tuple(literalClause('serviceName'), ...chosen.map(literalClause))),
);
const tags = fc.oneof(
  { weight: 4, arbitrary: fc.constant<AttributeClause[]>([]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('test', 'prod').map((value): AttributeClause[] => [{ key: 'env', operator: 'stringEquals', value }]),
  },
);

const account: fc.Arbitrary<string> = fc.oneof({ weight: 9, arbitrary: fc.constant('A') }, { weight: 1, arbitrary: fc.constant('B') });

const serviceClauses: readonly AttributeClause[] = [
  { key: 'accountId', operator: 'stringEquals', value: 'A' },
  { key: 'serviceName', operator: 'stringEquals', value: 'cos' },
  { key: 'serviceName', operator: 'stringMatch', value: 'c*' },
  { key: 'serviceInstance', operator: 'stringEquals', value: 's1' },
  { key: 'resourceGroupId', operator: 'stringExists', value: true },
  { key: 'region', operator: 'stringExists', value: false },
];

const subjects: fc.Arbitrary<PolicySubject> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom<PolicySubject>(
      { iamId: 'U' },
      { iamId: 'U' },
      { iamId: 'G' },
      { accessGroupId: 'G' },
      { accessGroupId: 'G' },
      { accessGroupId: 'H' },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.subarray([...serviceClauses], { minLength: 1, maxLength: 3 }).map((serviceAttributes) => ({ serviceAttributes })),
  },
);

export const policies: fc.Arbitrary<readonly Policy[]> = fc
  .array(
    fc.record(
      {
        accountId: account,
        subject: subjects,
        roleIds: fc.subarray([administrator, viewer, manager, reader, 'crn:gone'], { minLength: 1, maxLength: 3 }),
        resource: clauses,
        tags,
        rule: fc.option(rules, { nil: undefined, freq: 2 }),
      },
      { noNullPrototype: true },
    ),
    { minLength: 3, maxLength: 9 },
  )
  .map((all) =>
    all.map(({ rule, ...one }, at) => ({
      ...one,
      ...(rule === undefined ? {} : { rule }),
      id: `p${at}`,
      resource: [
        { key: 'accountId', operator: 'stringEquals' as const, value: one.accountId },
        // Tags are usually on all services together.
        ...(one.tags.length > 0 && at % 4 > 0 ? onAllServices : one.resource),
      ],
    })),
  );

/** Who asks: U, or a service of which some attributes are known. */
export const askers: fc.Arbitrary<Readonly<Record<string, string>> | undefined> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Readonly<Record<string, string>>>(
      { accountId: 'A', serviceName: 'cos', serviceInstance: 's1' },
      { accountId: 'A', serviceName: 'cos', serviceInstance: 's2', resourceGroupId: 'rg1' },
      { accountId: 'B', serviceName: 'cms', region: 'eu-de' },
      { accountId: 'A' },
    ),
  },
);

/** What is known of the subject at an instant: memberships without an end and with one, before or after it. */
export const contexts: fc.Arbitrary<(at: number) => SubjectContext> = fc
  .record({
    groups: fc.subarray(['G', 'G', 'H']),
    isOwner: fc.constantFrom(false, false, false, true),
    boundary: fc.constantFrom(undefined, undefined, undefined, 'open' as const, 'open' as const, 'admitted' as const, 'excluded' as const),
    ends: fc.option(fc.constantFrom(-1_000, 0, 1, 900, 1_000, 45_000, 4_000_000), { nil: undefined }),
  })
  .map(({ groups, isOwner, boundary, ends }) => (at: number) => ({
    groups,
    isOwner,
    ...(boundary === undefined ? {} : { boundary }),
    ...(ends === undefined ? {} : { groupsEndAt: new Map([['G', at + ends]]) }),
  }));

/**
 * What an enforcement point sends, `resourceGroupId` and tags being left to the server: so many times some attributes of one of two
 * resources.
 */
export const clientResources = (count: number): fc.Arbitrary<readonly Readonly<Record<string, string>>[]> =>
  fc
    .array(fc.record(Object.fromEntries([...keysOfResources].map((key) => [key, fc.constantFrom(...valuesOf(key))]))), {
      minLength: 2,
      maxLength: 2,
    })
    .chain((resources) =>
      fc.array(fc.tuple(fc.constantFrom(...resources), account, fc.subarray(keysOfResources, { minLength: 1 })), {
        minLength: count,
        maxLength: count,
      }),
    )
    .map((drawn) =>
      drawn.map(([resource, accountId, chosen]) => ({ accountId, ...Object.fromEntries(chosen.map((key) => [key, resource[key] ?? ''])) })),
    );

export const scope: fc.Arbitrary<string | undefined> = fc.constantFrom(
  undefined,
  'ibm openid',
  'ibm openid',
  'ibm openid',
  'ibm openid kms',
);
export const action: fc.Arbitrary<string> = fc.constantFrom('instance.view', 'instance.view', 'instance.create', 'data.read', 'kms.manage');

/** What the server adds to a resource from its own records. */
export function inventory(resource: Readonly<Record<string, string>>): {
  resource: Record<string, string>;
  resourceTags: readonly string[];
} {
  const isFirst = resource.serviceInstance === 'i1';
  const known = resource.serviceInstance === undefined ? {} : { resourceGroupId: isFirst ? 'rg1' : 'rg2' };
  return { resource: { ...resource, ...known }, resourceTags: isFirst ? ['env:test', 'env:dev'] : [] };
}
