/** The limits of an account that the identity API tells, and what is counted for each. */
import type { Limits } from '../../kernel/limits.ts';

/** What is counted in an account. */
export type CountedThing = 'serviceIdGroups' | 'profiles' | 'profileTemplates' | 'accountSettingsTemplates' | 'links' | 'computeRules';

/** What is counted in one of its objects. */
export type CountedPerObject =
  | ('serviceIdsPerGroup' | 'apiKeysPerIdentity' | 'versionsPerTemplate')
  | ('rulesPerProfile' | 'linksPerProfile' | 'computeRulesPerProfile');

export interface AccountLimit {
  readonly name: string;
  /** The parameter that asks for the count. */
  readonly parameter: string;
  readonly limit: (limits: Limits) => number;
  /** Absent for what is not offered yet, of which there are none. */
  readonly counted?: CountedThing;
}

export interface ObjectLimit {
  /** Its name, and that of the parameter that lists the objects to count in. */
  readonly name: string;
  readonly limit: (limits: Limits) => number;
  readonly counted?: CountedPerObject;
  /** The member that lists the objects, and the member that holds the id of one. */
  readonly list: string;
  readonly id: string;
}

// Neither is offered yet; these are the figures that IBM publishes.
const IDENTITY_PROVIDERS_PER_ACCOUNT = 5;
const RULES_PER_ACCESS_GROUP = 5;

/* biome-ignore format: one row per limit reads better as a table */
export const ACCOUNT_LIMITS: readonly AccountLimit[] = [
  { name: 'serviceid_groups', parameter: 'serviceid_groups', limit: (limits) => limits.serviceIdGroupsPerAccount, counted: 'serviceIdGroups' },
  { name: 'profiles', parameter: 'profiles', limit: (limits) => limits.profilesPerAccount, counted: 'profiles' },
  { name: 'profile_templates', parameter: 'templates', limit: (limits) => limits.profileTemplatesPerAccount, counted: 'profileTemplates' },
  { name: 'account_settings_templates', parameter: 'templates', limit: (limits) => limits.accountSettingsTemplatesPerAccount, counted: 'accountSettingsTemplates' },
  { name: 'idps', parameter: 'idps', limit: () => IDENTITY_PROVIDERS_PER_ACCOUNT },
  { name: 'cr_links', parameter: 'cr_links', limit: (limits) => limits.linksPerAccount, counted: 'links' },
  // Rules are limited per profile alone; together that is this many.
  { name: 'cr_rules', parameter: 'cr_rules', limit: (limits) => limits.profilesPerAccount * limits.rulesPerProfile, counted: 'computeRules' },
];

/* biome-ignore format: one row per limit reads better as a table */
export const OBJECT_LIMITS: readonly ObjectLimit[] = [
  { name: 'serviceids_per_group', limit: (limits) => limits.serviceIdsPerGroup, counted: 'serviceIdsPerGroup', list: 'serviceid_groups', id: 'group_id' },
  { name: 'apikeys_per_identity', limit: (limits) => limits.apiKeysPerIdentity, counted: 'apiKeysPerIdentity', list: 'identities', id: 'iam_id' },
  { name: 'template_versions_per_template', limit: (limits) => limits.versionsPerTemplate, counted: 'versionsPerTemplate', list: 'templates', id: 'template_id' },
  { name: 'claim_rules_per_group', limit: () => RULES_PER_ACCESS_GROUP, list: 'access_groups', id: 'group_id' },
  // Rules of both types share this limit.
  { name: 'claim_rules_per_profile', limit: (limits) => limits.rulesPerProfile, counted: 'rulesPerProfile', list: 'profiles', id: 'profile_id' },
  { name: 'cr_links_per_profile', limit: (limits) => limits.linksPerProfile, counted: 'linksPerProfile', list: 'profiles', id: 'profile_id' },
  { name: 'cr_rules_per_profile', limit: (limits) => limits.rulesPerProfile, counted: 'computeRulesPerProfile', list: 'profiles', id: 'profile_id' },
];
