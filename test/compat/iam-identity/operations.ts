/**
 * The operations of the identity client of IBM's Node SDK, by the file of this folder that drives them. A file fails when one
 * of its operations never succeeded; `operations.test.ts` fails when the installed client has an operation that is not here.
 */
import type IamIdentityV1 from '@ibm-cloud/platform-services/iam-identity/v1.js';

export type Operation = keyof IamIdentityV1 & string;

export const OPERATIONS = {
  'api-keys': [
    'createApiKey',
    'getApiKey',
    'getApiKeysDetails',
    'listApiKeys',
    'updateApiKey',
    'lockApiKey',
    'unlockApiKey',
    'disableApiKey',
    'enableApiKey',
    'deleteApiKey',
  ],
  'service-ids': [
    'createServiceId',
    'getServiceId',
    'listServiceIds',
    'updateServiceId',
    'lockServiceId',
    'unlockServiceId',
    'deleteServiceId',
  ],
  'service-id-groups': ['createServiceIdGroup', 'getServiceIdGroup', 'listServiceIdGroup', 'updateServiceIdGroup', 'deleteServiceIdGroup'],
  profiles: ['createProfile', 'getProfile', 'listProfiles', 'updateProfile', 'deleteProfile'],
  'claim-rules': ['createClaimRule', 'getClaimRule', 'listClaimRules', 'updateClaimRule', 'deleteClaimRule'],
  links: ['createLink', 'getLink', 'listLinks', 'deleteLink', 'deleteLinkByParameters'],
  identities: ['getProfileIdentities', 'setProfileIdentities', 'setProfileIdentity', 'getProfileIdentity', 'deleteProfileIdentity'],
  'account-settings': ['getAccountSettings', 'updateAccountSettings', 'getEffectiveAccountSettings'],
  reports: ['createReport', 'getReport', 'createMfaReport', 'getMfaReport', 'getMfaStatus'],
  preferences: [
    'updatePreferenceOnScopeAccount',
    'getPreferencesOnScopeAccount',
    'getAllPreferencesOnScopeAccount',
    'deletePreferencesOnScopeAccount',
  ],
  limits: ['getAccountLimits', 'bulkListAccountEntityConsumption'],
  'profile-templates': [
    'createProfileTemplate',
    'getProfileTemplateVersion',
    'listProfileTemplates',
    'updateProfileTemplateVersion',
    'commitProfileTemplate',
    'createTrustedProfileAssignment',
    'listTrustedProfileAssignments',
    'createProfileTemplateVersion',
    'getLatestProfileTemplateVersion',
    'listVersionsOfProfileTemplate',
    'getTrustedProfileAssignment',
    'updateTrustedProfileAssignment',
    'deleteTrustedProfileAssignment',
    'deleteProfileTemplateVersion',
    'deleteAllVersionsOfProfileTemplate',
  ],
  'account-settings-templates': [
    'createAccountSettingsTemplate',
    'getAccountSettingsTemplateVersion',
    'listAccountSettingsTemplates',
    'updateAccountSettingsTemplateVersion',
    'commitAccountSettingsTemplate',
    'createAccountSettingsAssignment',
    'listAccountSettingsAssignments',
    'createAccountSettingsTemplateVersion',
    'getLatestAccountSettingsTemplateVersion',
    'listVersionsOfAccountSettingsTemplate',
    'getAccountSettingsAssignment',
    'updateAccountSettingsAssignment',
    'deleteAccountSettingsAssignment',
    'deleteAccountSettingsTemplateVersion',
    'deleteAllVersionsOfAccountSettingsTemplate',
  ],
} as const satisfies Readonly<Record<string, readonly Operation[]>>;

export type Subject = keyof typeof OPERATIONS;

/** Operations of the installed client that Podpass does not offer, each with the reason. */
export const OUT_OF_SCOPE: ReadonlyMap<string, string> = new Map();
