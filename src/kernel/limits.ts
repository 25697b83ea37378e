import { DomainError } from './errors.ts';

/** How many of a thing an account may hold. `ibm` are IBM Cloud's published figures; `default` are Podpass's own. */
export interface Limits {
  readonly profilesPerAccount: number;
  readonly linksPerAccount: number;
  readonly linksPerProfile: number;
  readonly rulesPerProfile: number;
  readonly identitiesPerProfile: number;
  readonly serviceIdsPerAccount: number;
  readonly serviceIdsPerGroup: number;
  readonly serviceIdGroupsPerAccount: number;
  readonly apiKeysPerIdentity: number;
  readonly preferencesPerIdentity: number;
  readonly profileTemplatesPerAccount: number;
  readonly accountSettingsTemplatesPerAccount: number;
  readonly versionsPerTemplate: number;
  readonly groupsPerAccount: number;
  readonly groupsPerIdentity: number;
  readonly policiesPerAccount: number;
  readonly policiesPerSubject: number;
  readonly policiesWithTags: number;
  readonly customRolesPerAccount: number;
  readonly accessTagsPerAccount: number;
  readonly rulesPerGroup: number;
  readonly groupRulesPerRealm: number;
  readonly servicesPerAccount: number;
}

export type LimitSet = 'default' | 'ibm';

const SETS: Readonly<Record<LimitSet, Limits>> = Object.freeze({
  default: Object.freeze({
    profilesPerAccount: 100_000,
    linksPerAccount: 1_000_000,
    linksPerProfile: 10_000,
    rulesPerProfile: 1000,
    identitiesPerProfile: 10_000,
    serviceIdsPerAccount: 1_000_000,
    serviceIdsPerGroup: 100_000,
    serviceIdGroupsPerAccount: 10_000,
    apiKeysPerIdentity: 1000,
    preferencesPerIdentity: 1000,
    profileTemplatesPerAccount: 1000,
    accountSettingsTemplatesPerAccount: 1000,
    versionsPerTemplate: 1000,
    groupsPerAccount: 10_000,
    groupsPerIdentity: 10_000,
    policiesPerAccount: 100_000,
    policiesPerSubject: 100_000,
    policiesWithTags: 100_000,
    customRolesPerAccount: 1000,
    accessTagsPerAccount: 10_000,
    rulesPerGroup: 1000,
    groupRulesPerRealm: 10_000,
    servicesPerAccount: 10_000,
  }),
  ibm: Object.freeze({
    profilesPerAccount: 2000,
    // What IBM publishes no figure for (links, identities, groups, preferences) is our choice.
    linksPerAccount: 200_000,
    linksPerProfile: 100,
    rulesPerProfile: 20,
    identitiesPerProfile: 100,
    serviceIdsPerAccount: 100_000,
    serviceIdsPerGroup: 2000,
    serviceIdGroupsPerAccount: 2000,
    apiKeysPerIdentity: 20,
    preferencesPerIdentity: 100,
    profileTemplatesPerAccount: 100,
    accountSettingsTemplatesPerAccount: 10,
    versionsPerTemplate: 100,
    groupsPerAccount: 500,
    groupsPerIdentity: 50,
    policiesPerAccount: 4020,
    policiesPerSubject: 1000,
    policiesWithTags: 500,
    customRolesPerAccount: 40,
    accessTagsPerAccount: 250,
    rulesPerGroup: 5,
    groupRulesPerRealm: 2000,
    servicesPerAccount: 1000,
  }),
});

export function limitsNamed(set: LimitSet): Limits {
  return SETS[set];
}

const NEAR = 0.9;

/** What the record of a creation says of a limit that is nearly or fully used: a sentence at 90 % and above, none below. */
export function limitWarnings(what: string, count: number, limit: number): readonly string[] {
  if (count < limit * NEAR) return [];
  const state = count >= limit ? 'which is the limit: the next one is refused' : 'which is close to the limit';
  return [`${count} of ${limit} ${what} are in use, ${state}.`];
}

/** Refuses what would exceed a limit. `what` is a plural: `trusted profiles in the account`; `wanted` is how many there would be. */
export function refuseExcess(what: string, wanted: number, limit: number): void {
  if (wanted <= limit) return;
  throw new DomainError('limit_exceeded', {
    message: `There would be ${wanted} ${what}; the limit is ${limit}.`,
    details: 'Delete some that are no longer needed, or ask the operator of the installation to raise its limits.',
  });
}
