/** The identity settings of an account, and what they come to together with the enterprise's templates. */
import type { EpochMs } from '../../kernel/clock.ts';
import { intersectIpLists } from './intersect-ip-lists.ts';

export const NOT_SET = 'NOT_SET';

/** From the weakest to the strongest. */
export const RESTRICTIONS = [NOT_SET, 'NOT_RESTRICTED', 'RESTRICTED'] as const;
export type Restriction = (typeof RESTRICTIONS)[number];

/** From the weakest to the strongest. */
export const MFA_LEVELS = ['NONE', 'NONE_NO_ROPC', 'TOTP', 'TOTP4ALL', 'LEVEL1', 'LEVEL2', 'LEVEL3'] as const;
export type Mfa = (typeof MFA_LEVELS)[number];

export interface UserDomainRestriction {
  readonly realmId: string;
  readonly invitationEmailAllowPatterns?: readonly string[];
  readonly restrictInvitation?: boolean;
}

export interface UserMfa {
  readonly iamId: string;
  readonly mfa: Mfa;
}

/** Numbers are texts here as on the wire; `NOT_SET` leaves the value to the enterprise or to Podpass. */
export interface AccountSettings {
  readonly restrictCreateServiceId: Restriction;
  readonly restrictCreatePlatformApikey: Restriction;
  readonly restrictUserListVisibility: Exclude<Restriction, typeof NOT_SET>;
  readonly restrictUserDomains: readonly UserDomainRestriction[];
  /** Comma-separated addresses, networks (CIDR) and patterns such as `10.0.*.*`; empty for any address. */
  readonly allowedIpAddresses: string;
  readonly mfa: Mfa;
  /** Users of whom another level is asked than of everybody. */
  readonly userMfa: readonly UserMfa[];
  readonly sessionExpirationInSeconds: string;
  readonly sessionInvalidationInSeconds: string;
  readonly maxSessionsPerIdentity: string;
  readonly systemAccessTokenExpirationInSeconds: string;
  readonly systemRefreshTokenExpirationInSeconds: string;
}

/** What a template says of settings; what it leaves out it does not touch. */
export type TemplateSettings = Partial<Omit<AccountSettings, 'restrictUserListVisibility' | 'restrictUserDomains'>> & {
  readonly restrictUserListVisibility?: Restriction;
  /** Unless `accountSufficient` is false, the account's own restrictions hold beside these. */
  readonly restrictUserDomains?: { readonly accountSufficient?: boolean; readonly restrictions?: readonly UserDomainRestriction[] };
};

/** An account's own settings and those of the templates that are assigned to it. */
export interface AssignedSettings {
  readonly own: AccountSettings | undefined;
  readonly templates: readonly TemplateSettings[];
}

/** A version of an account-settings template that is assigned to an account. */
export interface AssignedTemplate {
  readonly templateId: string;
  readonly version: number;
  readonly name: string;
  readonly settings: TemplateSettings;
}

/** The settings of an account as they are kept. */
export interface StoredSettings {
  readonly accountId: string;
  readonly settings: AccountSettings;
  readonly revision: number;
  readonly entityTag: string;
  readonly modifiedAt: EpochMs;
}

export const DEFAULT_SETTINGS: AccountSettings = Object.freeze({
  restrictCreateServiceId: NOT_SET,
  restrictCreatePlatformApikey: NOT_SET,
  restrictUserListVisibility: 'NOT_RESTRICTED',
  restrictUserDomains: [],
  allowedIpAddresses: '',
  mfa: 'NONE',
  userMfa: [],
  sessionExpirationInSeconds: NOT_SET,
  sessionInvalidationInSeconds: NOT_SET,
  maxSessionsPerIdentity: NOT_SET,
  systemAccessTokenExpirationInSeconds: NOT_SET,
  systemRefreshTokenExpirationInSeconds: NOT_SET,
});

/** Settings that nobody has changed yet have an entity tag too: it is made of the account's id. */
export function unchangedSettings(accountId: string): StoredSettings {
  return { accountId, settings: DEFAULT_SETTINGS, revision: 1, entityTag: `1-${accountId}`, modifiedAt: 0 };
}

/**
 * The settings after a change of those that `change` names. Restrictions of domains are merged by realm, and an entry that names
 * nothing but a realm removes what there was for it; every other setting is replaced.
 */
export function changeSettings(before: AccountSettings, change: Partial<AccountSettings>): AccountSettings {
  const domains = new Map(before.restrictUserDomains.map((entry) => [entry.realmId, entry]));
  for (const entry of change.restrictUserDomains ?? []) {
    if (entry.invitationEmailAllowPatterns === undefined && entry.restrictInvitation === undefined) domains.delete(entry.realmId);
    else domains.set(entry.realmId, entry);
  }
  return { ...before, ...change, restrictUserDomains: [...domains.values()] };
}

/** The names of the settings that differ. */
export function changedSettings(before: AccountSettings, after: AccountSettings): readonly (keyof AccountSettings)[] {
  const names = Object.keys(after) as (keyof AccountSettings)[];
  return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

/** The name of a setting on the wire: `allowedIpAddresses` is `allowed_ip_addresses`. */
export function settingName(name: keyof AccountSettings): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What holds where nothing is set: IBM's published defaults. */
const WHERE_NOT_SET = {
  sessionExpirationInSeconds: '86400',
  sessionInvalidationInSeconds: '7200',
  maxSessionsPerIdentity: NOT_SET,
  systemAccessTokenExpirationInSeconds: '3600',
  systemRefreshTokenExpirationInSeconds: '259200',
} as const;

type NumberSetting = keyof typeof WHERE_NOT_SET;

function strongest<T>(order: readonly T[], values: readonly T[]): T | undefined {
  return order.findLast((candidate) => values.includes(candidate));
}

function smallest(name: NumberSetting, values: readonly string[]): string {
  const numbers = values.filter((value) => value !== NOT_SET).map(Number);
  return numbers.length === 0 ? WHERE_NOT_SET[name] : String(Math.min(...numbers));
}

/** Of every user that anybody names, the strongest of what each side asks: of this user, or else of everybody. */
function strongestOfUsers(sides: readonly Pick<TemplateSettings, 'mfa' | 'userMfa'>[]): readonly UserMfa[] {
  const named = sides.map(({ mfa, userMfa = [] }) => ({ mfa, ofUser: new Map(userMfa.map((entry) => [entry.iamId, entry.mfa])) }));
  const users = new Set(named.flatMap(({ ofUser }) => [...ofUser.keys()]));
  return [...users].map((iamId) => {
    const asked = named.flatMap(({ mfa, ofUser }) => ofUser.get(iamId) ?? mfa ?? []);
    return { iamId, mfa: strongest(MFA_LEVELS, asked) ?? 'NONE' };
  });
}

/** The settings that hold: of the account's own and the templates' the strictest of each, and the default where none says anything. */
export function effectiveSettings({ own: stored, templates }: AssignedSettings): AccountSettings {
  const own: AccountSettings = { ...DEFAULT_SETTINGS, ...stored };
  const { restrictUserDomains: _, ...ofAccount } = own;
  const sides: readonly TemplateSettings[] = [ofAccount, ...templates];
  const valuesOf = <K extends keyof TemplateSettings>(key: K) =>
    sides.flatMap((settings) => {
      const value = settings[key];
      return value === undefined ? [] : [value as NonNullable<TemplateSettings[K]>];
    });
  const isRestricted = (key: 'restrictCreateServiceId' | 'restrictCreatePlatformApikey' | 'restrictUserListVisibility') =>
    valuesOf(key).includes('RESTRICTED') ? 'RESTRICTED' : 'NOT_RESTRICTED';
  const number = (name: NumberSetting) => smallest(name, valuesOf(name));
  const domains = valuesOf('restrictUserDomains');
  return {
    restrictCreateServiceId: isRestricted('restrictCreateServiceId'),
    restrictCreatePlatformApikey: isRestricted('restrictCreatePlatformApikey'),
    restrictUserListVisibility: isRestricted('restrictUserListVisibility'),
    restrictUserDomains: [
      ...(domains.some(({ accountSufficient }) => accountSufficient === false) ? [] : own.restrictUserDomains),
      ...domains.flatMap(({ restrictions = [] }) => restrictions),
    ],
    allowedIpAddresses: intersectIpLists(valuesOf('allowedIpAddresses')),
    mfa: strongest(MFA_LEVELS, valuesOf('mfa')) ?? 'NONE',
    userMfa: strongestOfUsers(sides),
    sessionExpirationInSeconds: number('sessionExpirationInSeconds'),
    sessionInvalidationInSeconds: number('sessionInvalidationInSeconds'),
    maxSessionsPerIdentity: number('maxSessionsPerIdentity'),
    systemAccessTokenExpirationInSeconds: number('systemAccessTokenExpirationInSeconds'),
    systemRefreshTokenExpirationInSeconds: number('systemRefreshTokenExpirationInSeconds'),
  };
}
