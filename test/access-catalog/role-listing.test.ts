import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accountCatalog } from '../../src/access/catalog/account-catalog.ts';
import { createCatalog } from '../../src/access/catalog/catalog.ts';
import type { Listed, RoleQuery } from '../../src/access/catalog/role-listing.ts';
import { customRole, service } from './models.ts';

const base = createCatalog();
const orders = service('orders', { Reader: ['order.read'], Auditor: ['audit.read'] }, { Auditor: 'Order auditor' });
const customRoles = [
  customRole('Clerk', 'orders', ['orders.order.read'], 'Order clerk'),
  customRole('Inviter', 'iam-groups', ['iam-groups.members.add'], 'Inviter'),
];
const catalog = accountCatalog(base, { services: [orders], customRoles });

const FOUR = ['Viewer', 'Operator', 'Editor', 'Administrator'];
const names = (roles: readonly Listed[]) => roles.map((role) => role.displayName);
const listed = (query: RoleQuery, of = catalog) => {
  const { systemRoles, serviceRoles, customRoles: custom } = of.rolesOf(query);
  return [names(systemRoles), names(serviceRoles), names(custom)];
};
const actionsOf = (roles: readonly Listed[], displayName: string) => roles.find((role) => role.displayName === displayName)?.actions ?? [];

describe('the roles that are listed', () => {
  it('for the group IAM are the platform roles and all of its services', () => {
    const { systemRoles, serviceRoles } = base.rolesOf({ serviceGroupId: 'IAM' });
    assert.deepEqual(names(systemRoles), FOUR);
    assert.ok(serviceRoles.some((role) => role.crn === 'crn:v1:bluemix:public:iam-identity::::serviceRole:ServiceIdCreator'));
    assert.equal(new Set(serviceRoles.map((role) => role.crn)).size, serviceRoles.length);
    assert.ok(actionsOf(systemRoles, 'Administrator').includes('iam-identity.profile.create'));
    assert.ok(actionsOf(systemRoles, 'Administrator').includes('iam-groups.groups.create'));
    assert.equal(actionsOf(systemRoles, 'Administrator').includes('billing.x'), false);
    assert.deepEqual(listed({ serviceGroupId: 'IAM' })[2], ['Inviter']);
  });

  it('for a service are the platform roles and those that have actions on it', () => {
    assert.deepEqual(listed({ serviceName: 'containers-kubernetes' }), [FOUR, ['Reader', 'Writer', 'Manager'], []]);
    const { systemRoles, serviceRoles } = base.rolesOf({ serviceName: 'containers-kubernetes' });
    assert.ok(actionsOf(systemRoles, 'Viewer').includes('containers-kubernetes.cluster.read'));
    assert.ok(actionsOf(serviceRoles, 'Reader').includes('containers-kubernetes.kube.read'));
    assert.equal(actionsOf(systemRoles, 'Viewer').includes('containers-kubernetes.kube.read'), false);
  });

  it('for all IAM-enabled services are the platform roles, the generic ones and the shared ones', () => {
    const shared = ['Service Configuration Reader', 'Key Manager'];
    assert.deepEqual(listed({ serviceName: 'alliamserviceroles' }), [FOUR, ['Reader', 'Writer', 'Manager', ...shared], []]);
  });

  it('for resource groups themselves are the platform roles', () => {
    assert.deepEqual(listed({ serviceName: 'resource-controller' }), [FOUR, [], []]);
    const { systemRoles } = base.rolesOf({ serviceName: 'resource-controller' });
    assert.ok(actionsOf(systemRoles, 'Administrator').includes('resource-controller.group.delete'));
  });

  it('for an authorization are those of the target, whatever the source', () => {
    const authorization: RoleQuery = { serviceName: 'kms', sourceServiceName: 'cloud-object-storage', policyType: 'authorization' };
    const [system, roles] = listed(authorization, base);
    assert.deepEqual(system, FOUR);
    assert.ok(roles?.includes('Reader'));
    assert.deepEqual(base.rolesOf(authorization), base.rolesOf({ serviceName: 'kms', policyType: 'access' }));
  });

  it('for a registered service are its own too', () => {
    assert.deepEqual(listed({ serviceName: 'orders' }), [FOUR, ['Reader', 'Order auditor'], ['Order clerk']]);
    const { serviceRoles, customRoles: custom } = catalog.rolesOf({ serviceName: 'orders' });
    assert.deepEqual(actionsOf(serviceRoles, 'Order auditor'), ['orders.audit.read']);
    assert.deepEqual(actionsOf(custom, 'Order clerk'), ['orders.order.read']);
    assert.deepEqual(listed({ serviceName: 'orders' }, base), [FOUR, [], []]);
  });

  it('for nothing in particular are the platform roles and the custom ones', () => {
    assert.deepEqual(listed({}), [FOUR, [], ['Order clerk', 'Inviter']]);
    assert.deepEqual(listed({}, base), [FOUR, [], []]);
    const { systemRoles, customRoles: custom } = catalog.rolesOf({});
    assert.equal(actionsOf(systemRoles, 'Viewer').length, 12);
    assert.deepEqual(actionsOf(custom, 'Inviter'), ['iam-groups.members.add']);
  });

  it('for an unknown service or group are the platform roles with their base sets', () => {
    for (const name of ['unheard-of', '__proto__', 'constructor', '']) {
      assert.deepEqual(listed({ serviceName: name }), [FOUR, [], []], name);
      assert.deepEqual(listed({ serviceGroupId: name }), [FOUR, [], []], name);
      assert.equal(actionsOf(catalog.rolesOf({ serviceName: name }).systemRoles, 'Administrator').length, 48);
      assert.equal(actionsOf(catalog.rolesOf({ serviceGroupId: name }).systemRoles, 'Administrator').length, 48);
    }
  });

  it('have display names that differ, whatever is asked for', () => {
    const purposes: RoleQuery[] = [
      {},
      { serviceGroupId: 'IAM' },
      ...[...catalog.serviceNames(), 'alliamserviceroles', 'resource-controller'].map((serviceName) => ({ serviceName })),
    ];
    for (const query of purposes) {
      const all = listed(query).flat();
      assert.equal(new Set(all).size, all.length, JSON.stringify(query));
    }
  });
});
