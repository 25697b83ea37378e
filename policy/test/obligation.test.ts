import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AccessRequest, cacheKeyPattern, type Obligation } from '../src/index.ts';
import { catalog, decide, manager, owner, type PolicyText, request, stranger, viewer } from './world.ts';

const subject = { id: 'U', scope: 'ibm openid' };
const allOfViewer = [...catalog.actions(viewer, 'kms')];
const all = {
  serviceName: 'kms',
  serviceInstance: 'i1',
  resourceType: 'key',
  resource: 'k1',
  region: 'eu-de',
  namespace: 'dev',
  resourceGroupId: 'rg',
};

function obligationOf(policies: readonly PolicyText[], asked: AccessRequest, context = stranger): Obligation {
  const decision = decide(policies, asked, context);
  assert.ok(decision.permitted);
  assert.ok(decision.obligation.maxCacheAgeSeconds >= 1);
  assert.notDeepEqual(decision.obligation.resource, {});
  return decision.obligation;
}

describe('a literal policy along the cache-key patterns', () => {
  const rows: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
    ['a service', { serviceName: 'kms' }, []],
    ['all IAM-enabled services', { serviceType: 'service' }, []],
    ['a service and its type', { serviceName: 'kms', serviceType: 'service' }, []],
    ['an instance', { serviceName: 'kms', serviceInstance: 'i1' }, ['serviceInstance']],
    ['an instance of any service', { serviceType: 'service', serviceInstance: 'i1' }, ['serviceInstance']],
    ['a type of resource', { serviceName: 'kms', serviceInstance: 'i1', resourceType: 'key' }, ['serviceInstance', 'resourceType']],
    [
      'a resource',
      { serviceName: 'kms', serviceInstance: 'i1', resourceType: 'key', resource: 'k1' },
      ['serviceInstance', 'resourceType', 'resource'],
    ],
  ];
  for (const [name, on, extra] of rows) {
    it(`on ${name} is remembered for exactly what it constrains, with all its actions`, () => {
      const expected = {
        serviceName: 'kms',
        accountId: 'A',
        ...Object.fromEntries(Object.entries(all).filter(([key]) => extra.includes(key))),
      };
      const obligation = obligationOf([{ on }], request(all));
      assert.deepEqual(obligation, { actions: allOfViewer, subject, resource: expected, maxCacheAgeSeconds: 600 });
      assert.ok(cacheKeyPattern.resource.some((pattern) => pattern.join() === Object.keys(obligation.resource ?? {}).join()));
    });
  }

  it('on a service group names the service asked about', () => {
    const { resource } = obligationOf([{ on: { service_group_id: 'IAM' } }], request({ serviceName: 'iam-groups' }));
    assert.deepEqual(resource, { serviceName: 'iam-groups', accountId: 'A' });
  });

  it('on a parent service names the child asked about', () => {
    const { resource } = obligationOf([{ on: { serviceName: 'kms' } }], request({ serviceName: 'kms.child' }));
    assert.deepEqual(resource, { serviceName: 'kms.child', accountId: 'A' });
  });

  it('is not generalised when the request names no service', () => {
    assert.deepEqual(obligationOf([{}], request({})), { actions: ['instance.view'], subject, maxCacheAgeSeconds: 600 });
  });
});

describe('another monotone policy', () => {
  const rows: readonly (readonly [string, PolicyText])[] = [
    ['a wildcard', { on: { serviceName: 'kms' }, where: [['resource', 'stringMatch', 'k*']] }],
    ['a wildcard on the service', { where: [['serviceName', 'stringMatch', 'k*']] }],
    ['stringEqualsAnyOf', { on: { serviceName: 'kms' }, where: [['serviceInstance', 'stringEqualsAnyOf', ['i1', 'i2']]] }],
    ['stringMatchAnyOf', { on: { serviceName: 'kms' }, where: [['serviceInstance', 'stringMatchAnyOf', ['i*']]] }],
    ['stringExists true', { on: { serviceName: 'kms' }, where: [['serviceInstance', 'stringExists', true]] }],
    ['a resource group', { on: { resourceGroupId: 'rg' } }],
    ['a region', { on: { serviceName: 'kms', region: 'eu-de' } }],
    ['a custom attribute', { on: { serviceName: 'kms', namespace: 'dev' } }],
    ['tags', { on: { serviceType: 'service' }, tags: [['env', 'stringEquals', 'test']] }],
    ['a gap before resourceType', { on: { serviceName: 'kms', resourceType: 'key' } }],
    ['a gap before resource', { on: { serviceName: 'kms', serviceInstance: 'i1', resource: 'k1' } }],
  ];
  for (const [name, text] of rows) {
    it(`with ${name} is remembered for the request and its action only`, () => {
      assert.deepEqual(obligationOf([text], request(all, { resourceTags: ['env:test'] })), {
        actions: ['instance.view'],
        subject,
        maxCacheAgeSeconds: 600,
      });
    });
  }
});

describe('a permit that more attributes or a scope could take away', () => {
  it('by stringExists false is not remembered beyond the exact request', () => {
    const obligation = obligationOf(
      [{ on: { serviceName: 'kms' }, where: [['resource', 'stringExists', false]] }],
      request({ serviceName: 'kms' }),
    );
    assert.deepEqual(obligation, { actions: [], subject, maxCacheAgeSeconds: 600 });
  });

  it('without a scope is not remembered beyond the exact request, since it would answer restricted tokens', () => {
    const { scope, ...bare } = request({ serviceName: 'kms' });
    for (const asked of [bare, { ...bare, scope: '' }]) {
      const nothing = { actions: [], subject: { id: 'U' }, maxCacheAgeSeconds: 600 };
      assert.deepEqual(obligationOf([{ on: { serviceName: 'kms' } }], asked), nothing);
      assert.deepEqual(
        obligationOf([{ on: { serviceName: 'kms', region: 'eu-de' } }], { ...asked, resource: { ...asked.resource, region: 'eu-de' } }),
        nothing,
      );
      assert.deepEqual(obligationOf([], asked, owner), nothing);
    }
    assert.equal(scope, 'ibm openid');
  });
});

describe('several permitting policies', () => {
  const instance: PolicyText = { roles: [viewer], on: { serviceName: 'kms', serviceInstance: 'i1' } };
  const service: PolicyText = { roles: [viewer], on: { serviceName: 'kms' } };
  const region: PolicyText = { roles: [viewer], on: { serviceName: 'kms', region: 'eu-de' } };
  const absence: PolicyText = { roles: [viewer], on: { serviceName: 'kms' }, where: [['vpcId', 'stringExists', false]] };

  it('give the widest single obligation, in whatever order they come', () => {
    for (const policies of [
      [absence, region, instance, service],
      [service, instance, region, absence],
    ]) {
      assert.deepEqual(obligationOf(policies, request(all)).resource, { serviceName: 'kms', accountId: 'A' });
    }
    assert.deepEqual(obligationOf([absence, region, instance], request(all)).resource, {
      serviceName: 'kms',
      accountId: 'A',
      serviceInstance: 'i1',
    });
    assert.deepEqual(obligationOf([absence, region], request(all)).actions, ['instance.view']);
    assert.deepEqual(obligationOf([absence], request(all)).actions, []);
  });

  it('prefer more actions where they are equally wide, and never merge', () => {
    const both: PolicyText = { roles: [viewer, manager], on: { serviceName: 'kms' } };
    const asked = request(all);
    assert.deepEqual(new Set(obligationOf([service, both], asked).actions), new Set([...allOfViewer, ...catalog.actions(manager, 'kms')]));
    const managerOnInstance: PolicyText = { roles: [manager], on: { serviceName: 'kms', serviceInstance: 'i1' } };
    assert.deepEqual(obligationOf([service, managerOnInstance], asked).actions, allOfViewer);
  });
});

describe('the cache-key pattern', () => {
  it('is the constant that clients know', () => {
    assert.deepEqual(cacheKeyPattern, {
      order: ['subject', 'resource', 'action'],
      subject: [['id'], ['id', 'scope']],
      resource: [
        [],
        ['serviceName'],
        ['serviceName', 'accountId'],
        ['serviceName', 'accountId', 'serviceInstance'],
        ['serviceName', 'accountId', 'serviceInstance', 'resourceType'],
        ['serviceName', 'accountId', 'serviceInstance', 'resourceType', 'resource'],
      ],
    });
  });
});
