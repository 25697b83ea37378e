/** The identity settings of an account, and what they come to together with the enterprise's templates. */

export type Restriction = 'RESTRICTED' | 'NOT_RESTRICTED' | 'NOT_SET';

/** From the weakest to the strongest. */
export const MFA_LEVELS = ['NONE', 'NONE_NO_ROPC', 'TOTP', 'TOTP4ALL', 'LEVEL1', 'LEVEL2', 'LEVEL3'] as const;
export type Mfa = (typeof MFA_LEVELS)[number];

export const NOT_SET = 'NOT_SET';

export interface UserDomainRestriction {
  readonly realmId: string;
  readonly invitationEmailAllowPatterns: readonly string[];
  readonly restrictInvitation: boolean;
}

export interface UserMfa {
  readonly iamId: string;
  readonly mfa: Mfa;
}

/** Numbers are texts here as on the wire; `NOT_SET` leaves the value to the enterprise or to Podpass. */
export interface AccountSettings {
  readonly restrictCreateServiceId: Restriction;
  readonly restrictCreatePlatformApikey: Restriction;
  readonly restrictUserListVisibility: 'RESTRICTED' | 'NOT_RESTRICTED';
  readonly restrictUserDomains: readonly UserDomainRestriction[];
  /** Comma-separated addresses, networks (CIDR) and patterns such as `10.0.*.*`; empty for any address. */
  readonly allowedIpAddresses: string;
  readonly mfa: Mfa;
  readonly userMfa: readonly UserMfa[];
  readonly sessionExpirationInSeconds: string;
  readonly sessionInvalidationInSeconds: string;
  readonly maxSessionsPerIdentity: string;
  readonly systemAccessTokenExpirationInSeconds: string;
  readonly systemRefreshTokenExpirationInSeconds: string;
}

/** What a template says of settings; what it leaves out it does not touch. */
export type TemplateSettings = Partial<Omit<AccountSettings, 'restrictUserDomains'>> & {
  readonly restrictUserDomains?: { readonly accountSufficient: boolean; readonly restrictions: readonly UserDomainRestriction[] };
};

/** An account's own settings and those of the templates that are assigned to it. */
export interface AssignedSettings {
  readonly own: AccountSettings | undefined;
  readonly templates: readonly TemplateSettings[];
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

/** What holds where nothing is set: IBM's published defaults. */
const WHERE_NOT_SET = {
  sessionExpirationInSeconds: '86400',
  sessionInvalidationInSeconds: '7200',
  maxSessionsPerIdentity: NOT_SET,
  systemAccessTokenExpirationInSeconds: '3600',
  systemRefreshTokenExpirationInSeconds: '259200',
} as const;

type NumberSetting = keyof typeof WHERE_NOT_SET;

const RESTRICTIONS: readonly Restriction[] = ['NOT_SET', 'NOT_RESTRICTED', 'RESTRICTED'];

const strongest = <T>(order: readonly T[], values: readonly T[]): T | undefined =>
  order.findLast((candidate) => values.includes(candidate));

function smallest(name: NumberSetting, values: readonly string[]): string {
  const numbers = values.filter((value) => value !== NOT_SET).map(Number);
  return numbers.length === 0 ? WHERE_NOT_SET[name] : String(Math.min(...numbers));
}

/** The settings that hold: of the account's own and the templates' the strictest of each, and the default where none says anything. */
export function effectiveSettings({ own = DEFAULT_SETTINGS, templates }: AssignedSettings): AccountSettings {
  const all: readonly TemplateSettings[] = [{ ...own, restrictUserDomains: { accountSufficient: true, restrictions: [] } }, ...templates];
  const valuesOf = <K extends keyof TemplateSettings>(key: K) =>
    all.flatMap((settings) => {
      const value = settings[key];
      return value === undefined ? [] : [value as NonNullable<TemplateSettings[K]>];
    });
  const restriction = (key: 'restrictCreateServiceId' | 'restrictCreatePlatformApikey'): Restriction => {
    const found = strongest(RESTRICTIONS, valuesOf(key)) ?? NOT_SET;
    return found === NOT_SET ? 'NOT_RESTRICTED' : found;
  };
  const number = (name: NumberSetting) => smallest(name, valuesOf(name));
  const domains = valuesOf('restrictUserDomains');
  const userMfa = new Map<string, UserMfa>();
  for (const entry of valuesOf('userMfa').flat()) {
    const mfa = strongest(MFA_LEVELS, [entry.mfa, userMfa.get(entry.iamId)?.mfa ?? 'NONE']) ?? entry.mfa;
    userMfa.set(entry.iamId, { iamId: entry.iamId, mfa });
  }
  return {
    restrictCreateServiceId: restriction('restrictCreateServiceId'),
    restrictCreatePlatformApikey: restriction('restrictCreatePlatformApikey'),
    restrictUserListVisibility: valuesOf('restrictUserListVisibility').includes('RESTRICTED') ? 'RESTRICTED' : 'NOT_RESTRICTED',
    restrictUserDomains: [
      ...(domains.every(({ accountSufficient }) => accountSufficient) ? own.restrictUserDomains : []),
      ...domains.flatMap(({ restrictions }) => restrictions),
    ],
    // An address has to be in every list that is not empty; one list is the rule, and the enterprise's comes last.
    allowedIpAddresses: valuesOf('allowedIpAddresses').findLast((list) => list !== '') ?? '',
    mfa: strongest(MFA_LEVELS, valuesOf('mfa')) ?? 'NONE',
    userMfa: [...userMfa.values()],
    sessionExpirationInSeconds: number('sessionExpirationInSeconds'),
    sessionInvalidationInSeconds: number('sessionInvalidationInSeconds'),
    maxSessionsPerIdentity: number('maxSessionsPerIdentity'),
    systemAccessTokenExpirationInSeconds: number('systemAccessTokenExpirationInSeconds'),
    systemRefreshTokenExpirationInSeconds: number('systemRefreshTokenExpirationInSeconds'),
  };
}
