import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canManagePolicy, type ManageRequest, type SubjectContext } from '../src/index.ts';
import { administrator, catalog, indexOf, manager, owner, type PolicyText, policy, stranger, viewer, wednesdayNoon } from './world.ts';

function mayManage(
  held: readonly PolicyText[],
  target: PolicyText,
  verb: ManageRequest['verb'] = 'create',
  context: SubjectContext = stranger,
  scope = 'ibm openid',
): boolean {
  const index = indexOf(...held.map((text) => policy({ roles: [administrator], ...text })));
  return canManagePolicy(
    index,
    catalog,
    { subjectId: 'U', scope, verb, policy: policy({ who: 'X', ...target }), at: wednesdayNoon },
    context,
  ).permitted;
}

describe('who may manage a policy', () => {
  it('is whoever holds Administrator on its target, and nobody with less', () => {
    const target = { on: { serviceName: 'kms' } };
    assert.equal(mayManage([{ on: { serviceName: 'kms' } }], target), true);
    assert.equal(mayManage([{ on: { serviceType: 'service' } }], target), true);
    assert.equal(mayManage([], target), false);
    assert.equal(mayManage([{ on: { serviceName: 'kms' }, roles: [viewer, manager] }], target), false);
    assert.equal(mayManage([{ on: { serviceName: 'kms' }, account: 'B' }], target), false);
    assert.equal(mayManage([{ on: { serviceName: 'kms' }, who: 'V' }], target), false);
    assert.equal(mayManage([{ on: { serviceName: 'kms' }, group: 'G' }], target, 'create', { groups: ['G'], isOwner: false }), true);
  });

  it('differs by verb as the roles say', () => {
    const held = [{ on: { serviceName: 'kms' }, roles: [viewer] }];
    for (const verb of ['create', 'update', 'delete'] as const) assert.equal(mayManage(held, { on: { serviceName: 'kms' } }, verb), false);
    assert.equal(mayManage(held, { on: { serviceName: 'kms' } }, 'read'), true);
  });

  it('is not whoever holds it on another service or a part of the target', () => {
    const held = [{ on: { serviceName: 'kms', serviceInstance: 'c1' } }];
    assert.equal(mayManage(held, { on: { serviceName: 'kms', serviceInstance: 'c1' } }), true);
    assert.equal(mayManage(held, { on: { serviceName: 'kms', serviceInstance: 'c1', resourceType: 'key' } }), true);
    assert.equal(mayManage(held, { on: { serviceName: 'kms', serviceInstance: 'c2' } }), false);
    assert.equal(mayManage(held, { on: { serviceName: 'kms' } }), false);
    assert.equal(mayManage(held, { on: { serviceType: 'service' } }), false);
    assert.equal(mayManage([{ on: { serviceName: 'books' } }], { on: { serviceName: 'kms' } }), false);
  });

  it('is whoever holds it on the resource group of the one instance that is named', () => {
    const index = indexOf(policy({ roles: [administrator], on: { resourceGroupId: 'rg1' } }));
    const ask = (on: Readonly<Record<string, string>>, resourceGroupId: string) => {
      const request = {
        subjectId: 'U',
        verb: 'create',
        policy: policy({ who: 'X', on }),
        instanceAttributes: { resourceGroupId },
        at: wednesdayNoon,
      } as const;
      return canManagePolicy(index, catalog, request, stranger).permitted;
    };
    assert.equal(ask({ serviceName: 'kms', serviceInstance: 'c1' }, 'rg1'), true);
    assert.equal(ask({ serviceName: 'kms', serviceInstance: 'c1' }, 'rg2'), false);
    assert.equal(ask({ serviceName: 'kms', serviceInstance: 'c1', resourceGroupId: 'rg2' }, 'rg1'), false);
    assert.equal(ask({ serviceName: 'kms' }, 'rg1'), false);
  });

  it('covers child services by their parent', () => {
    assert.equal(mayManage([{ on: { serviceName: 'kms' } }], { on: { serviceName: 'kms.child' } }), true);
    assert.equal(mayManage([{ on: { serviceName: 'kms.child' } }], { on: { serviceName: 'kms' } }), false);
  });

  it('is the owner always, within the scope of the token', () => {
    assert.equal(mayManage([], { on: { serviceType: 'service' } }, 'delete', owner), true);
    assert.equal(mayManage([], { on: { resourceGroupId: 'rg' } }, 'create', owner), true);
    assert.equal(mayManage([], { on: { serviceName: 'books' } }, 'create', owner, 'ibm openid kms'), false);
    const decision = canManagePolicy(
      indexOf(),
      catalog,
      { subjectId: 'O', verb: 'create', policy: policy({ on: { serviceName: 'kms' } }), at: wednesdayNoon },
      owner,
    );
    assert.deepEqual(decision, { permitted: true, permittedBy: ['owner'] });
  });

  it('follows types and groups of services', () => {
    assert.equal(mayManage([{ on: { serviceType: 'service' } }], { on: { serviceType: 'service' } }), true);
    assert.equal(mayManage([{ on: { serviceType: 'service' } }], { on: { serviceName: 'iam-groups' } }), false);
    assert.equal(mayManage([{ on: { service_group_id: 'IAM' } }], { on: { serviceName: 'iam-groups' } }), true);
    assert.equal(mayManage([{ on: { service_group_id: 'IAM' } }], { on: { serviceName: 'billing' } }), false);
    assert.equal(mayManage([{ on: { service_group_id: 'IAM' } }], { on: { serviceType: 'platform_service' } }), false);
    assert.equal(mayManage([{ on: { serviceType: 'platform_service' } }], { on: { service_group_id: 'IAM' } }), true);
    assert.equal(mayManage([{ on: { serviceType: 'service' } }], { on: { service_group_id: 'IAM' } }), false);
  });

  it('needs both types of services for a policy that says neither', () => {
    const target = { on: { resourceGroupId: 'rg' } };
    assert.equal(mayManage([{ on: { serviceType: 'service' } }], target), false);
    assert.equal(mayManage([{ on: { serviceType: 'platform_service' } }], target), false);
    assert.equal(mayManage([{ on: { serviceType: 'service' } }, { on: { serviceType: 'platform_service' } }], target), true);
    assert.equal(mayManage([{ on: { resourceGroupId: 'rg' } }], target), true);
  });
});

describe('a policy with clauses that are not literal', () => {
  const target: PolicyText = { on: { serviceName: 'kms' }, where: [['resource', 'stringMatch', 'dev*']] };

  it('is covered by no clause on that attribute, or the same clause', () => {
    assert.equal(mayManage([{ on: { serviceName: 'kms' } }], target), true);
    assert.equal(mayManage([{ on: { serviceName: 'kms' }, where: [['resource', 'stringMatch', 'dev*']] }], target), true);
  });

  it('is not covered by any other clause, even one that is wider', () => {
    assert.equal(mayManage([{ on: { serviceName: 'kms' }, where: [['resource', 'stringMatch', 'd*']] }], target), false);
    assert.equal(mayManage([{ on: { serviceName: 'kms' }, where: [['resource', 'stringMatchAnyOf', ['dev*']]] }], target), false);
    assert.equal(mayManage([{ on: { serviceName: 'kms' }, where: [['resource', 'stringExists', true]] }], target), false);
    assert.equal(mayManage([{ on: { serviceName: 'kms', resource: 'dev*' } }], target), false);
  });

  it('may cover literal values by a wildcard', () => {
    const held: PolicyText = { on: { serviceName: 'kms' }, where: [['resource', 'stringMatch', 'dev*']] };
    assert.equal(mayManage([held], { on: { serviceName: 'kms', resource: 'dev1' } }), true);
    assert.equal(mayManage([held], { on: { serviceName: 'kms', resource: 'prod' } }), false);
    assert.equal(mayManage([held], { on: { serviceName: 'kms' } }), false);
  });

  it('cannot be reached by a right that holds only where an attribute is absent', () => {
    const held: PolicyText = { on: { serviceName: 'kms' }, where: [['resource', 'stringExists', false]] };
    assert.equal(mayManage([held], { on: { serviceName: 'kms' } }), false);
    assert.equal(mayManage([held], { on: { serviceName: 'kms', resource: 'x' } }), false);
    assert.equal(mayManage([held], held), true);
  });

  it('on the service itself needs a right that names no service, or the same wildcard', () => {
    const wild: PolicyText = { where: [['serviceName', 'stringMatch', 'k*']] };
    assert.equal(mayManage([{ on: { serviceName: 'kms' } }], wild), false);
    assert.equal(mayManage([{ on: { serviceType: 'service' } }], wild), false);
    assert.equal(mayManage([wild], wild), true);
    assert.equal(mayManage([{ on: { serviceType: 'service' } }, { on: { serviceType: 'platform_service' } }], wild), true);
  });

  it('in tags follows the same rule', () => {
    const tagged: PolicyText = { on: { serviceType: 'service' }, tags: [['env', 'stringEquals', 'test']] };
    const wild: PolicyText = { on: { serviceType: 'service' }, tags: [['env', 'stringMatch', 't*']] };
    const plain: PolicyText = { on: { serviceType: 'service' } };
    assert.equal(mayManage([plain], tagged), true);
    assert.equal(mayManage([tagged], tagged), true);
    assert.equal(mayManage([wild], tagged), true);
    assert.equal(mayManage([wild], wild), true);
    assert.equal(mayManage([tagged], wild), false);
    assert.equal(mayManage([tagged], plain), false);
    assert.equal(mayManage([tagged], { ...plain, tags: [['env', 'stringEquals', 'prod']] }), false);
  });
});
