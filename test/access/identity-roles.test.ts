/** The published table of the identity service: which of its actions each role has, and that there are no others. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCatalog } from '../../src/access/catalog/catalog.ts';
import { roleIdOf } from './decision-table.ts';

const SERVICE = 'iam-identity';
const PLATFORM = ['Administrator', 'Operator', 'Editor', 'Viewer'] as const;
const OTHERS = [
  'iam-identity/ServiceIdCreator',
  'iam-identity/UserApiKeyCreator',
  'iam-identity/ApiKeyReviewer',
  'iam/ServiceConfigurationReader',
  'iam/TemplateAdministrator',
  'iam/AssignmentAdministrator',
] as const;

/** Actions, without the name of the service, and who has them: the platform roles by their first letters, then the others. */
const TABLE: readonly (readonly [actions: string, platform: string, others?: readonly (typeof OTHERS)[number][]])[] = [
  ['profile.create', 'A'],
  ['profile.get serviceid.get serviceid-group.get serviceid-group.list activity.get', 'AOEV'],
  ['profile.update profile.linkToResource serviceid.update serviceid-group.update', 'AOE'],
  ['profile.delete profile.get_session profile.revoke_session serviceid.delete', 'AO'],
  ['session.manage apikey.manage mfa-status.get preferences.read preferences.update', 'A'],
  ['crnmapping.create crnmapping.get crnmapping.update crnmapping.delete', 'A'],
  ['serviceid-group.create serviceid-group.delete apikey.create apikey.delete', 'AO'],
  ['serviceid.create', '', ['iam-identity/ServiceIdCreator']],
  ['user-apikey.create', '', ['iam-identity/UserApiKeyCreator']],
  ['apikey.get apikey.list apikey.update account.update', 'AOE'],
  ['apikey.review', 'AOE', ['iam-identity/ApiKeyReviewer', 'iam/ServiceConfigurationReader']],
  ['account.get', 'AOEV', ['iam/ServiceConfigurationReader']],
  ['account.create account.delete', 'AO'],
  ['report.create report.get', 'A', ['iam/ServiceConfigurationReader']],
  ['idp.get idp.list idp.test idp.update account.enable_idp account.disable_idp', 'AOE'],
  ['idp.create idp.delete', 'AO'],
  ['profile-template.create profile-template.update profile-template.delete', '', ['iam/TemplateAdministrator']],
  ['account-settings-template.create account-settings-template.update account-settings-template.delete', '', ['iam/TemplateAdministrator']],
  ['profile-assignment.create profile-assignment.update profile-assignment.delete', '', ['iam/AssignmentAdministrator']],
  [
    'account-settings-assignment.create account-settings-assignment.update account-settings-assignment.delete',
    '',
    ['iam/AssignmentAdministrator'],
  ],
  [
    'profile-template.read profile-assignment.read account-settings-template.read account-settings-assignment.read',
    '',
    ['iam/TemplateAdministrator', 'iam/AssignmentAdministrator'],
  ],
];

const catalog = createCatalog();
const rows = TABLE.flatMap(([actions, platform, others = []]) =>
  actions.split(' ').map((action) => ({
    action: `${SERVICE}.${action}`,
    roles: [...PLATFORM.filter((role) => platform.includes(role.charAt(0))), ...others],
  })),
);

describe('the identity service', () => {
  for (const { action, roles } of rows) {
    it(`gives ${action} to ${roles.join(', ')} and to no other role`, () => {
      const holders = [...PLATFORM, ...OTHERS].filter((role) => catalog.actions(roleIdOf(role), SERVICE).has(action));
      assert.deepEqual(holders, roles);
    });
  }

  it('defines these actions and no others', () => {
    assert.deepEqual([...catalog.serviceActions(SERVICE)].sort(), rows.map(({ action }) => action).sort());
  });

  it('gives nothing of its own to the roles that other services have', () => {
    for (const role of ['Reader', 'Writer', 'Manager']) {
      const own = [...catalog.actions(roleIdOf(role), SERVICE)].filter((action) => action.startsWith(`${SERVICE}.`));
      assert.deepEqual(own, [], role);
    }
  });
});
