/**
 * The built-in services: what each is, and which of its actions each role has. Where the public documentation writes `…` or `.*`, the
 * explicit names below are our choice.
 */
import type { ServiceType } from '@podpass/policy';

/** A service-specific role: its name in the CRN, its display name, its description. */
type SpecificRole = readonly [name: string, displayName: string, description: string];

/** One row of a service's table: these roles have these actions. Actions are written without the service's name, separated by spaces. */
type Grant = readonly [roles: string, actions: string];

export interface ServiceRow {
  readonly name: string;
  readonly type: ServiceType;
  /** The `service_group_id` values that include the service. */
  readonly groups: readonly string[];
  readonly roles: readonly SpecificRole[];
  /** Role names separated by spaces: platform, generic, shared, or one of `roles`. */
  readonly grants: readonly Grant[];
}

const platformFour = 'Administrator Editor Operator Viewer';
const templateRoles = 'TemplateAdministrator AssignmentAdministrator';

function templateGrants(template: string, assignment: string): readonly Grant[] {
  return [
    [templateRoles, `${template}.read ${assignment}.read`],
    ['TemplateAdministrator', `${template}.create ${template}.update ${template}.delete`],
    ['AssignmentAdministrator', `${assignment}.create ${assignment}.update ${assignment}.delete`],
  ];
}

const iamIdentity: ServiceRow = {
  name: 'iam-identity',
  type: 'platform_service',
  groups: ['IAM'],
  roles: [
    ['ServiceIdCreator', 'Service ID creator', 'Creates service IDs where the account restricts that.'],
    ['UserApiKeyCreator', 'User API key creator', 'Creates user API keys where the account restricts that.'],
    ['ApiKeyReviewer', 'API key reviewer', 'Reviews the API keys of an account.'],
  ],
  grants: [
    [platformFour, 'profile.get serviceid.get serviceid-group.get serviceid-group.list account.get activity.get'],
    ['Administrator Editor Operator', 'profile.update profile.linkToResource serviceid.update serviceid-group.update'],
    ['Administrator Editor Operator', 'apikey.get apikey.list apikey.update apikey.review account.update'],
    ['Administrator Editor Operator', 'idp.get idp.list idp.test idp.update account.enable_idp account.disable_idp'],
    ['Administrator Operator', 'profile.delete profile.get_session profile.revoke_session serviceid.delete'],
    ['Administrator Operator', 'serviceid-group.create serviceid-group.delete apikey.create apikey.delete'],
    ['Administrator Operator', 'account.create account.delete idp.create idp.delete'],
    ['Administrator', 'profile.create session.manage apikey.manage report.create report.get mfa-status.get'],
    ['Administrator', 'preferences.read preferences.update crnmapping.create crnmapping.get crnmapping.update crnmapping.delete'],
    ['ServiceIdCreator', 'serviceid.create'],
    ['UserApiKeyCreator', 'user-apikey.create'],
    ['ApiKeyReviewer', 'apikey.review'],
    ['ServiceConfigurationReader', 'apikey.review account.get report.create report.get'],
    ...templateGrants('profile-template', 'profile-assignment'),
    ...templateGrants('account-settings-template', 'account-settings-assignment'),
  ],
};

const iamGroups: ServiceRow = {
  name: 'iam-groups',
  type: 'platform_service',
  groups: ['IAM'],
  roles: [],
  grants: [
    ['Administrator Editor', 'groups.create groups.update groups.delete members.add members.delete'],
    ['Administrator Editor', 'rules.create rules.update rules.delete'],
    ['Administrator Editor Viewer', 'groups.read groups.list members.read members.list rules.read rules.list'],
    ['Administrator Editor Viewer', 'groups.audit report.create account-settings.read'],
    ['Administrator', 'account-settings.update'],
    ...templateGrants('group-template', 'group-assignment'),
  ],
};

const iamAccessManagement: ServiceRow = {
  name: 'iam-access-management',
  type: 'platform_service',
  groups: ['IAM'],
  roles: [],
  grants: [
    [platformFour, 'customRole.read service.read'],
    ['Administrator Editor Viewer', 'settings.read'],
    ['Administrator Editor', 'customRole.update user-access-list.read insight.get'],
    // service.register is ours: whoever registers a service says what its roles give and who may ask for decisions about it.
    ['Administrator', 'customRole.create customRole.delete settings.update service.register'],
    ...templateGrants('policy-template', 'policy-assignment'),
  ],
};

const userManagement: ServiceRow = {
  name: 'user-management',
  type: 'platform_service',
  groups: ['IAM'],
  roles: [['VPNAdministrator', 'VPN Administrator', 'Decides which users of an account may use its VPN.']],
  grants: [
    [platformFour, 'user.retrieve preference.retrieve user-linkage.retrieve user-setting.retrieve'],
    ['Administrator Editor', 'user.create user.update user.state-change user.delete user.replace-iam-id'],
    ['Administrator Editor', 'invitation-email.create preference.update user-setting.update'],
    ['VPNAdministrator', 'vpn.update'],
  ],
};

/** Account management services of which only the base sets are defined here. */
const otherAccountManagement: readonly ServiceRow[] = [
  'billing',
  'cloudshell',
  'context-based-restrictions',
  'enterprise',
  'entitlement',
  'globalcatalog',
  'globalcatalog-collection',
  'project',
  'security-compliance',
  'support',
].map((name) => ({ name, type: 'platform_service', groups: [], roles: [], grants: [] }));

const containersKubernetes: ServiceRow = {
  name: 'containers-kubernetes',
  type: 'service',
  groups: [],
  roles: [],
  grants: [
    [platformFour, 'cluster.read'],
    ['Administrator Operator', 'cluster.operate'],
    ['Administrator Editor', 'cluster.update'],
    // cluster.trust is ours: changing how a cluster's tokens are verified confers every profile linked to it.
    ['Administrator', 'cluster.create cluster.trust'],
    ['Reader', 'kube.read'],
    ['Writer', 'kube.write'],
    ['Manager', 'kube.manage'],
  ],
};

const kms: ServiceRow = {
  name: 'kms',
  type: 'service',
  groups: [],
  roles: [
    ['ReaderPlus', 'ReaderPlus', 'Reads like Reader, and reads the material of standard keys too.'],
    ['KeyPurge', 'KeyPurge', 'Purges deleted keys for good.'],
  ],
  grants: [
    ['Reader ReaderPlus Writer Manager', 'secrets.list secrets.wrap secrets.unwrap secrets.rewrap secrets.readmetadata'],
    ['Reader ReaderPlus Writer Manager', 'secrets.listkeyversions secrets.eventack secrets-migration-intent.read'],
    ['Reader ReaderPlus Writer Manager', 'keyversions.list keyrings.list registrations.list registrations.create'],
    ['Reader ReaderPlus Writer Manager', 'registrations.write registrations.merge registrations.deactivate registrations.delete'],
    ['ReaderPlus Writer Manager', 'secrets.read'],
    ['Writer Manager', 'secrets.create secrets.rotate secrets.setkeyfordeletion secrets.unsetkeyfordeletion secrets.sync'],
    ['Writer Manager', 'secrets.createalias secrets.deletealias lockers.create lockers.read lockers.list lockers.delete'],
    ['Writer Manager', 'importtoken.create importtoken.read keyrings.create'],
    ['Manager', 'secrets.delete secrets.restore secrets.disable secrets.enable secrets.patch'],
    ['Manager', 'policies.read policies.write instancepolicies.read instancepolicies.write keyrings.patch keyrings.delete'],
    ['KeyPurge', 'secrets.purge'],
  ],
};

const secretsManager: ServiceRow = {
  name: 'secrets-manager',
  type: 'service',
  groups: [],
  roles: [['SecretsReader', 'SecretsReader', 'Reads like Reader, and reads the values of secrets too.']],
  grants: [
    ['Administrator Editor Operator', 'dashboard.view'],
    ['Reader SecretsReader Writer Manager', 'secrets.list secret-metadata.read secret-groups.list secret-group.read'],
    ['Reader SecretsReader Writer Manager', 'secret-versions.list secret-version-metadata.read secrets-locks.list'],
    ['Reader SecretsReader Writer Manager', 'secret-version-locks.list endpoints.view'],
    ['Reader SecretsReader Writer Manager', 'notifications-registration.read notifications-registration.test'],
    ['SecretsReader Writer Manager', 'secret.read secret-version.read'],
    ['Reader Writer Manager', 'configurations.list'],
    ['Writer Manager', 'secret.create secret.import secret.rotate secret-metadata.update secret-action.create'],
    ['Writer Manager', 'secret-version.create secret-version-action.create secret-locks.create secret-version-locks.create'],
    ['Manager', 'secret.delete secret-group.create secret-group.update secret-group.delete secret-locks.delete'],
    ['Manager', 'secret-version-locks.delete secret-policies.get secret-policies.set secret-engine-config.get'],
    ['Manager', 'secret-engine-config.set configuration.create configuration.read configuration.update configuration.delete'],
    ['Manager', 'configuration-action.create notifications-registration.create notifications-registration.delete vault-token.create'],
  ],
};

const containerRegistry: ServiceRow = {
  name: 'container-registry',
  type: 'service',
  groups: [],
  roles: [],
  grants: [
    ['Reader Writer Manager', 'image.pull quota.get auth.get settings.get'],
    ['Reader Manager', 'image.list image.inspect image.vulnerabilities namespace.list'],
    ['Reader Manager', 'retention.get retention.list retention.analyze exemption.list'],
    ['Writer Manager', 'image.push image.delete retention.set'],
    ['Manager', 'namespace.create namespace.delete quota.set plan.get plan.set auth.set settings.set exemption.manager'],
    ['ServiceConfigurationReader', 'image.list image.vulnerabilities config.read'],
  ],
};

const cloudObjectStorage: ServiceRow = {
  name: 'cloud-object-storage',
  type: 'service',
  groups: [],
  roles: [
    ['ObjectReader', 'Object Reader', 'Downloads objects, without listing them.'],
    ['ContentReader', 'Content Reader', 'Downloads and lists objects.'],
    ['ObjectWriter', 'Object Writer', 'Uploads objects, without downloading or listing them.'],
  ],
  grants: [
    ['ObjectReader ContentReader Reader Writer Manager', 'object.get object.head object.get_version object.head_version'],
    ['ObjectReader ContentReader Reader Writer Manager', 'object.copy_get_version object.copy_part_get_version'],
    ['ContentReader Reader Writer Manager', 'bucket.get bucket.head bucket.get_versions bucket.get_location'],
    ['Reader Writer Manager', 'account.get_account_buckets bucket.get_basic bucket.get_uploads bucket.get_cors bucket.get_website'],
    ['Reader Writer Manager', 'bucket.get_versioning bucket.get_lifecycle bucket.get_replication bucket.get_protection'],
    ['Reader Writer Manager', 'bucket.get_object_lock_configuration bucket.get_activity_tracking bucket.get_metrics_monitoring'],
    ['Reader Writer Manager', 'bucket.list_bucket_crn object.copy_get object.copy_part_get object.get_tagging object.get_legal_hold'],
    ['Reader Writer Manager', 'object.get_tagging_version object.get_object_lock_retention object.get_object_lock_legal_hold'],
    ['ObjectWriter Reader Writer Manager', 'object.get_uploads'],
    ['ObjectWriter Writer Manager', 'object.put object.post object.post_md object.put_part object.delete_upload'],
    ['ObjectWriter Writer Manager', 'object.post_initiate_upload object.post_complete_upload object.put_tagging object.delete_tagging'],
    ['ObjectWriter Writer Manager', 'object.put_tagging_version object.delete_tagging_version'],
    ['ObjectWriter Writer Manager', 'object.put_object_lock_retention object.put_object_lock_legal_hold'],
    ['Writer Manager', 'bucket.put_bucket bucket.delete_bucket bucket.list_crk_id bucket.get_quota bucket.put_cors bucket.delete_cors'],
    ['Writer Manager', 'bucket.put_website bucket.delete_website bucket.put_versioning bucket.put_lifecycle bucket.put_replication'],
    ['Writer Manager', 'bucket.delete_replication bucket.put_object_lock_configuration bucket.put_activity_tracking'],
    ['Writer Manager', 'bucket.put_metrics_monitoring object.copy object.copy_part object.delete object.delete_version'],
    [
      'Writer Manager',
      'object.restore object.restore_version object.post_multi_delete object.post_legal_hold object.post_extend_retention',
    ],
    ['Manager', 'bucket.put_quota bucket.put_firewall bucket.get_firewall bucket.put_protection bucket.get_acl bucket.put_acl'],
    ['Manager', 'bucket.get_public_access_block bucket.put_public_access_block bucket.delete_public_access_block'],
    ['Manager', 'object.get_acl object.put_acl'],
  ],
};

const messagehub: ServiceRow = {
  name: 'messagehub',
  type: 'service',
  groups: [],
  roles: [],
  grants: [
    ['Reader Writer Manager', 'topic.read cluster.read group.read schema.read config.read'],
    ['Writer Manager', 'topic.write txnid.write schema.write'],
    ['Manager', 'topic.manage group.manage schema.manage cluster.manage'],
  ],
};

/** The installation's own affairs; its resources live in the installation's account. */
const podpass: ServiceRow = {
  name: 'podpass',
  type: 'platform_service',
  groups: [],
  roles: [['Bootstrap', 'Bootstrap', 'Creates the first administrator of an installation, and nothing else.']],
  grants: [
    ['Administrator', 'account.create user.create user-apikey.create administrator.create login.create diagnosis.read'],
    ['Bootstrap', 'administrator.create'],
  ],
};

/** All built-in services. Their names are reserved: nobody registers a service of their own under one. */
export const builtInServices: readonly ServiceRow[] = [
  iamIdentity,
  iamGroups,
  iamAccessManagement,
  userManagement,
  ...otherAccountManagement,
  containersKubernetes,
  kms,
  secretsManager,
  containerRegistry,
  cloudObjectStorage,
  messagehub,
  podpass,
];
