/** Wire forms of the identity settings of accounts and of templates. */
import { z } from 'zod';
import { isUserIamId, type User } from '../accounts/account.ts';
import { flag, printHistory, withoutUndefined } from '../schema.ts';
import {
  type AccountSettings,
  MFA_LEVELS,
  NOT_SET,
  RESTRICTIONS,
  type TemplateSettings,
  type UserDomainRestriction,
  type UserMfa,
} from './account-settings.ts';
import { readIpAllowList } from './ip-allow-list.ts';
import type { AccountSettingsDetails, EffectiveSettingsDetails } from './settings-service.ts';

const MAX_REALMS = 100;
const MAX_PATTERNS = 500;
const MAX_USERS = 1000;
const MAX_SESSIONS = 9_999_999_999;

/** A number as a text, or `NOT_SET`. */
function number(lowest: number, highest: number) {
  const isInside = (text: string) => /^[1-9]\d{0,9}$/.test(text) && Number(text) >= lowest && Number(text) <= highest;
  return z
    .string()
    .refine((text) => text === NOT_SET || isInside(text), `must be a whole number from ${lowest} to ${highest} as a text, or ${NOT_SET}`);
}

const restriction = z.enum(RESTRICTIONS);

const allowedIpAddresses = z
  .string()
  .max(4000)
  .refine(
    (text) => readIpAllowList(text) !== undefined,
    'must be addresses, subnets (10.0.0.0/8) or patterns (10.0.*.*) with commas between them',
  );

/** Refuses a list that holds the same thing twice. */
function once<Item>(keyOf: (item: Item) => string, member: string) {
  return (items: readonly Item[], context: z.RefinementCtx) => {
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      if (seen.has(keyOf(item))) context.addIssue({ code: 'custom', path: [index, member], message: 'is in the list already' });
      seen.add(keyOf(item));
    }
  };
}

const userMfa = z
  .object({ iam_id: z.string().refine(isUserIamId, "must be a user's id such as IBMid-5500000001"), mfa: z.enum(MFA_LEVELS) })
  .transform(({ iam_id, mfa }): UserMfa => ({ iamId: iam_id, mfa }));

const userMfaList = z
  .array(userMfa)
  .max(MAX_USERS)
  .superRefine(once(({ iamId }) => iamId, 'iam_id'));

const domain = z
  .object({
    realm_id: z.string().min(1).max(300),
    invitation_email_allow_patterns: z.array(z.string().min(1).max(300)).max(MAX_PATTERNS).optional(),
    restrict_invitation: z.boolean().optional(),
  })
  .transform(
    ({ realm_id, invitation_email_allow_patterns, restrict_invitation }): UserDomainRestriction => ({
      realmId: realm_id,
      ...(invitation_email_allow_patterns && { invitationEmailAllowPatterns: invitation_email_allow_patterns }),
      ...(restrict_invitation !== undefined && { restrictInvitation: restrict_invitation }),
    }),
  );

const domains = z
  .array(domain)
  .max(MAX_REALMS)
  .superRefine(once(({ realmId }) => realmId, 'realm_id'));

const templateDomains = z
  .object({ account_sufficient: z.boolean().optional(), restrictions: domains.optional() })
  .transform(({ account_sufficient, restrictions }) => ({
    ...(account_sufficient !== undefined && { accountSufficient: account_sufficient }),
    ...(restrictions && { restrictions }),
  }));

/** What settings of accounts and of templates have in common. */
const sharedFields = {
  restrict_create_service_id: restriction.optional(),
  restrict_create_platform_apikey: restriction.optional(),
  allowed_ip_addresses: allowedIpAddresses.optional(),
  mfa: z.enum(MFA_LEVELS).optional(),
  user_mfa: userMfaList.optional(),
  session_expiration_in_seconds: number(900, 86_400).optional(),
  session_invalidation_in_seconds: number(900, 7200).optional(),
  max_sessions_per_identity: number(1, MAX_SESSIONS).optional(),
  system_access_token_expiration_in_seconds: number(900, 3600).optional(),
  system_refresh_token_expiration_in_seconds: number(900, 259_200).optional(),
};

type SharedBody = z.output<z.ZodObject<typeof sharedFields>>;

const toShared = (body: SharedBody) => ({
  restrictCreateServiceId: body.restrict_create_service_id,
  restrictCreatePlatformApikey: body.restrict_create_platform_apikey,
  allowedIpAddresses: body.allowed_ip_addresses,
  mfa: body.mfa,
  userMfa: body.user_mfa,
  sessionExpirationInSeconds: body.session_expiration_in_seconds,
  sessionInvalidationInSeconds: body.session_invalidation_in_seconds,
  maxSessionsPerIdentity: body.max_sessions_per_identity,
  systemAccessTokenExpirationInSeconds: body.system_access_token_expiration_in_seconds,
  systemRefreshTokenExpirationInSeconds: body.system_refresh_token_expiration_in_seconds,
});

/** A change of an account's settings: what is left out stays. */
export const updateSettingsBody = z
  .object({
    ...sharedFields,
    restrict_user_list_visibility: z.enum(['RESTRICTED', 'NOT_RESTRICTED']).optional(),
    restrict_user_domains: domains.optional(),
  })
  .transform(
    (body): Partial<AccountSettings> =>
      withoutUndefined({
        ...toShared(body),
        restrictUserListVisibility: body.restrict_user_list_visibility,
        restrictUserDomains: body.restrict_user_domains,
      }),
  );

/** The settings in a template: what is left out the template does not touch. */
export const templateSettingsBody = z
  .object({
    ...sharedFields,
    restrict_user_list_visibility: restriction.optional(),
    restrict_user_domains: templateDomains.optional(),
  })
  .transform(
    (body): TemplateSettings =>
      withoutUndefined({
        ...toShared(body),
        restrictUserListVisibility: body.restrict_user_list_visibility,
        restrictUserDomains: body.restrict_user_domains,
      }),
  );

export const settingsQuery = z.object({ include_history: flag.optional(), resolve_user_mfa: flag.optional() });

/** The users of an account that their entries in `user_mfa` are to name, by id. */
export type ResolvedUsers = ReadonlyMap<string, Pick<User, 'iamId' | 'name' | 'email'>>;

function printUserMfa({ iamId, mfa }: UserMfa, users: ResolvedUsers) {
  const user = users.get(iamId);
  return { iam_id: iamId, mfa, ...(user && { name: user.name, userName: user.email || user.iamId, email: user.email }) };
}

const printDomain = (entry: UserDomainRestriction) => ({
  realm_id: entry.realmId,
  ...(entry.invitationEmailAllowPatterns && { invitation_email_allow_patterns: entry.invitationEmailAllowPatterns }),
  ...(entry.restrictInvitation !== undefined && { restrict_invitation: entry.restrictInvitation }),
});

function printDomains(domains: NonNullable<TemplateSettings['restrictUserDomains']> | AccountSettings['restrictUserDomains']) {
  if ('map' in domains) return domains.map(printDomain);
  const { accountSufficient, restrictions } = domains;
  return withoutUndefined({ account_sufficient: accountSufficient, restrictions: restrictions?.map(printDomain) });
}

/** The settings of an account, or those that a template names. */
export function printSettings(settings: AccountSettings | TemplateSettings, users: ResolvedUsers = new Map()) {
  return withoutUndefined({
    restrict_create_service_id: settings.restrictCreateServiceId,
    restrict_create_platform_apikey: settings.restrictCreatePlatformApikey,
    restrict_user_list_visibility: settings.restrictUserListVisibility,
    restrict_user_domains: settings.restrictUserDomains && printDomains(settings.restrictUserDomains),
    allowed_ip_addresses: settings.allowedIpAddresses,
    mfa: settings.mfa,
    user_mfa: settings.userMfa?.map((entry) => printUserMfa(entry, users)),
    session_expiration_in_seconds: settings.sessionExpirationInSeconds,
    session_invalidation_in_seconds: settings.sessionInvalidationInSeconds,
    max_sessions_per_identity: settings.maxSessionsPerIdentity,
    system_access_token_expiration_in_seconds: settings.systemAccessTokenExpirationInSeconds,
    system_refresh_token_expiration_in_seconds: settings.systemRefreshTokenExpirationInSeconds,
  });
}

/** The member `history` is there when nobody asked for it too: clients read it without looking. */
export function printAccountSettings({ stored, history, users }: AccountSettingsDetails) {
  return {
    account_id: stored.accountId,
    entity_tag: stored.entityTag,
    history: history.map(printHistory),
    ...printSettings(stored.settings, users),
  };
}

export function printEffectiveSettings({ account, effective, templates }: EffectiveSettingsDetails) {
  const { users } = account;
  return {
    account_id: account.stored.accountId,
    effective: printSettings(effective, users),
    account: printAccountSettings(account),
    assigned_templates: templates.map(({ templateId, version, name, settings }) => ({
      template_id: templateId,
      template_version: version,
      template_name: name,
      ...printSettings(settings, users),
    })),
  };
}
