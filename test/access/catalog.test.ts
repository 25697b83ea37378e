import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCatalog } from '../../src/access/catalog/catalog.ts';
import { roleIdOf } from './decision-table.ts';

const catalog = createCatalog();
const has = (role: string, action: string) => catalog.actions(roleIdOf(role), action.split('.')[0] ?? '').has(action);

/** Rows of the published tables: an action, and exactly the roles that have it. */
const rows: Readonly<Record<string, readonly string[]>> = {
  'containers-kubernetes.cluster.create': ['Administrator'],
  'containers-kubernetes.cluster.trust': ['Administrator'],
  'containers-kubernetes.cluster.read': ['Administrator', 'Editor', 'Operator', 'Viewer'],
  'containers-kubernetes.cluster.operate': ['Administrator', 'Operator'],
  'containers-kubernetes.cluster.update': ['Administrator', 'Editor'],
  'containers-kubernetes.kube.read': ['Reader'],
  'containers-kubernetes.kube.write': ['Writer'],
  'containers-kubernetes.kube.manage': ['Manager'],
  'iam-identity.profile.create': ['Administrator'],
  'iam-identity.profile.get': ['Administrator', 'Editor', 'Operator', 'Viewer'],
  'iam-identity.profile.update': ['Administrator', 'Editor', 'Operator'],
  'iam-identity.profile.delete': ['Administrator', 'Operator'],
  'iam-identity.profile.linkToResource': ['Administrator', 'Editor', 'Operator'],
  'iam-identity.profile.revoke_session': ['Administrator', 'Operator'],
  'iam-identity.serviceid.create': ['iam-identity/ServiceIdCreator'],
  'iam-identity.user-apikey.create': ['iam-identity/UserApiKeyCreator'],
  'iam-identity.apikey.review': ['Administrator', 'Editor', 'Operator', 'iam-identity/ApiKeyReviewer', 'iam/ServiceConfigurationReader'],
  'iam-identity.profile-template.create': ['iam/TemplateAdministrator'],
  'iam-identity.profile-template.read': ['iam/TemplateAdministrator', 'iam/AssignmentAdministrator'],
  'iam-groups.groups.create': ['Administrator', 'Editor'],
  'iam-groups.members.list': ['Administrator', 'Editor', 'Viewer'],
  'iam-groups.account-settings.update': ['Administrator'],
  'iam-access-management.customRole.read': ['Administrator', 'Editor', 'Operator', 'Viewer'],
  'iam-access-management.customRole.update': ['Administrator', 'Editor'],
  'user-management.vpn.update': ['user-management/VPNAdministrator'],
  'kms.secrets.read': ['kms/ReaderPlus', 'Writer', 'Manager'],
  'kms.secrets.purge': ['kms/KeyPurge'],
  'secrets-manager.secret.read': ['secrets-manager/SecretsReader', 'Writer', 'Manager'],
  'container-registry.image.list': ['Reader', 'Manager', 'iam/ServiceConfigurationReader'],
  'cloud-object-storage.object.get': [
    'cloud-object-storage/ObjectReader',
    'cloud-object-storage/ContentReader',
    'Reader',
    'Writer',
    'Manager',
  ],
  'messagehub.topic.manage': ['Manager'],
};
const everyRole = [...new Set(Object.values(rows).flat())];

describe('the service catalog', () => {
  it('gives each role its base set on every service, registered or not', () => {
    const counts = { Viewer: 12, Operator: 23, Editor: 31, Administrator: 48, Reader: 3, Writer: 3, Manager: 3 };
    for (const [role, count] of Object.entries(counts)) assert.equal(catalog.actions(roleIdOf(role), 'unregistered').size, count, role);
    assert.ok(has('Viewer', 'iam.role.read'));
    assert.ok(!has('Editor', 'iam.role.read'));
    assert.ok(catalog.actions(roleIdOf('Viewer'), 'kms').has('global-search-tagging.resource.read'));
    assert.ok(catalog.actions(roleIdOf('Administrator'), '').has('iam.policy.create'));
  });

  for (const [action, roles] of Object.entries(rows)) {
    it(`gives ${action} to ${roles.join(', ')} and to no other role`, () => {
      for (const role of everyRole) assert.equal(has(role, action), roles.includes(role), role);
    });
  }

  it('gives nothing for an unknown role or for a service-specific role elsewhere', () => {
    for (const role of ['crn:v1:bluemix:public:iam::::role:Owner', '', '__proto__', 'constructor']) {
      assert.equal(catalog.actions(role, 'kms').size, 0);
      assert.equal(catalog.role(role), undefined);
    }
    assert.equal(catalog.actions(roleIdOf('iam-identity/ServiceIdCreator'), 'kms').size, 0);
  });

  it('accepts both spellings of a service-specific role and lists one', () => {
    const listed = 'crn:v1:bluemix:public:iam-identity::::serviceRole:ServiceIdCreator';
    const other = 'crn:v1:bluemix:public:iam-identity::::role:ServiceIdCreator';
    assert.deepEqual(catalog.role(other), catalog.role(listed));
    assert.equal(catalog.role(other)?.crn, listed);
    assert.equal(catalog.role(other)?.displayName, 'Service ID creator');
    assert.ok(catalog.actions(other, 'iam-identity').has('iam-identity.serviceid.create'));
    assert.equal(catalog.role('crn:v1:bluemix:public:iam::::serviceRole:Viewer'), undefined);
  });

  it('lists roles with display names that differ', () => {
    assert.deepEqual(
      new Set(catalog.systemRoles().map((role) => role.displayName)),
      new Set(['Viewer', 'Operator', 'Editor', 'Administrator']),
    );
    assert.deepEqual(
      catalog.serviceRoles('containers-kubernetes').map((role) => role.displayName),
      ['Reader', 'Writer', 'Manager'],
    );
    for (const name of catalog.serviceNames()) {
      const displayNames = [...catalog.systemRoles(), ...catalog.serviceRoles(name)].map((role) => role.displayName);
      assert.equal(new Set(displayNames).size, displayNames.length, name);
    }
    assert.deepEqual(catalog.serviceRoles('unregistered'), []);
    const all = catalog.allServiceRoles().map((role) => role.displayName);
    assert.deepEqual(all, ['Reader', 'Writer', 'Manager', 'Service Configuration Reader', 'Key Manager']);
  });

  it('knows the account management services, the group IAM, and children by their parent', () => {
    const accountManagement = `billing cloudshell context-based-restrictions enterprise entitlement globalcatalog globalcatalog-collection
      iam-access-management iam-groups iam-identity podpass project security-compliance support user-management`.split(/\s+/);
    const platform = catalog.serviceNames().filter((name) => catalog.serviceType(name) === 'platform_service');
    assert.deepEqual([...platform].sort(), accountManagement);
    const grouped = catalog.serviceNames().filter((name) => catalog.serviceGroups(name).includes('IAM'));
    assert.deepEqual([...grouped].sort(), ['iam-access-management', 'iam-groups', 'iam-identity', 'user-management']);
    assert.equal(catalog.serviceType('iam-access-management.customRole'), 'platform_service');
    assert.deepEqual(catalog.serviceGroups('iam-access-management.customRole'), ['IAM']);
    assert.equal(catalog.hasService('iam-access-management.customRole'), false);
    assert.equal(catalog.hasService('kms'), true);
    assert.equal(catalog.serviceType('kmsx'), undefined);
    assert.equal(catalog.serviceType('constructor'), undefined);
  });

  it('lists the actions that a service itself defines', () => {
    assert.ok(catalog.serviceActions('iam-groups').has('iam-groups.groups.read'));
    assert.ok(!catalog.serviceActions('iam-groups').has('iam.policy.read'));
    for (const name of catalog.serviceNames()) {
      for (const action of catalog.serviceActions(name)) assert.ok(action.startsWith(`${name}.`));
    }
  });

  it('does not change', () => {
    const actions = catalog.actions(roleIdOf('Viewer'), 'kms') as Set<string>;
    assert.throws(() => actions.add('kms.secrets.delete'), TypeError);
    assert.throws(() => Object.assign(catalog, { actions: () => actions }), TypeError);
  });

  it('refuses a service that gives actions to a role that does not exist', () => {
    const row = { name: 'odd', type: 'service', groups: [], roles: [], grants: [['Nobody', 'x.y']] } as const;
    assert.throws(() => createCatalog([row]), { message: /role Nobody, which does not exist/ });
  });
});
