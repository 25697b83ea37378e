/** The identity API's wire forms: what comes in, and how profiles and links are printed. */
import { z } from 'zod';
import { readCrn } from '../kernel/crn.ts';
import { isAccountId } from '../kernel/ids.ts';
import { printInstant, printMinutes } from '../kernel/times.ts';
import { CR_TYPES, isServiceAccountType, type Link } from './link.ts';
import { type Activity, type HistoryRecord, type Profile, profileCrn, profileIamId } from './profile.ts';

export const accountId = z.string().min(1).refine(isAccountId, 'must be an account id: 32 lower-case hexadecimal digits');
const name = z.string().min(1).max(300);
const description = z.string().max(1000);
const email = z.string().max(300);
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

export const createProfileBody = z.object({ name, account_id: accountId, description: description.optional(), email: email.optional() });
export const updateProfileBody = z.object({ name: name.optional(), description: description.optional(), email: email.optional() });

export const getProfileQuery = z.object({ include_activity: flag.optional(), include_history: flag.optional() });

export const PROFILE_SORTS = ['name', 'description', 'created_at', 'modified_at'] as const;

export const listProfilesQuery = z.object({
  account_id: accountId.optional(),
  name: z.string().optional(),
  pagesize: z
    .string()
    .refine((text) => /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 100, 'must be a whole number from 1 to 100')
    .transform(Number)
    .optional(),
  pagetoken: z.string().optional(),
  sort: z.enum(PROFILE_SORTS).optional(),
  order: z.enum(['asc', 'desc']).optional(),
  include_history: flag.optional(),
  filter: z.string().optional(),
});

const crn = z
  .string()
  .min(1)
  .refine((text) => readCrn(text) !== undefined, {
    message: 'must be a CRN: ten segments joined by colons',
    params: { code: 'invalid_crn' },
  });
const text = z.string().max(1000);

export const createLinkBody = z
  .object({
    name: z.string().max(300).optional(),
    cr_type: z.enum(CR_TYPES),
    link: z.object({
      crn,
      namespace: text.optional(),
      name: text.optional(),
      component_type: text.optional(),
      component_name: text.optional(),
    }),
    is_cross_account: z.boolean().optional(),
  })
  .superRefine((body, context) => {
    const required = isServiceAccountType(body.cr_type)
      ? (['namespace', 'name'] as const)
      : body.cr_type === 'CE'
        ? (['component_type', 'component_name'] as const)
        : [];
    for (const member of required) {
      if (body.link[member]) continue;
      context.addIssue({
        code: 'custom',
        path: ['link', member],
        message: `is required for cr_type ${body.cr_type}`,
        params: { code: 'missing_field' },
      });
    }
  });

export const deleteLinksQuery = z.object({
  type: z.enum(CR_TYPES),
  crn: z.string().optional(),
  namespace: z.string().optional(),
  name: z.string().optional(),
  component_type: z.string().optional(),
  component_name: z.string().optional(),
});

export const createAccountBody = z.object({
  name: z.string().min(1).max(300),
  owner_iam_id: z.string().min(1),
  parent_account_id: accountId.optional(),
});

export const createUserBody = z.object({
  iam_id: z.string().min(1),
  email: z.string().max(300).default(''),
  name: z.string().min(1).max(300),
});

export const createUserApiKeyBody = z.object({ name: z.string().min(1).max(300), expires_at: z.string().optional() });

export const createAdministratorBody = z.object({
  iam_id: z.string().min(1),
  email: z.string().max(300).default(''),
  name: z.string().min(1).max(300),
});

const printHistory = (record: HistoryRecord) => ({
  timestamp: printInstant(record.at),
  iam_id: record.iamId,
  iam_id_account: record.iamIdAccount,
  action: record.action,
  params: record.params,
  message: record.message,
});

const printActivity = (activity: Activity) => ({
  ...(activity.lastAuthn !== undefined && { last_authn: printMinutes(activity.lastAuthn) }),
  authn_count: activity.authnCount,
});

/** A profile as the API prints it; `uuid` repeats `id`, for readers of documents that call it so. */
export function printProfile(profile: Profile, extra: { history?: readonly HistoryRecord[]; activity?: Activity } = {}) {
  return {
    id: profile.id,
    uuid: profile.id,
    entity_tag: profile.entityTag,
    crn: profileCrn(profile),
    name: profile.name,
    ...(profile.description !== null && { description: profile.description }),
    ...(profile.email !== null && { email: profile.email }),
    created_at: printMinutes(profile.createdAt),
    modified_at: printMinutes(profile.modifiedAt),
    iam_id: profileIamId(profile.id),
    account_id: profile.accountId,
    ...(extra.history && { history: extra.history.map(printHistory) }),
    ...(extra.activity && { activity: printActivity(extra.activity) }),
  };
}

export function printLink(link: Link) {
  return {
    id: link.id,
    entity_tag: link.entityTag,
    created_at: printMinutes(link.createdAt),
    modified_at: printMinutes(link.modifiedAt),
    ...(link.label !== null && { name: link.label }),
    cr_type: link.crType,
    link: link.target,
    ...(link.isCrossAccount !== null && { is_cross_account: link.isCrossAccount }),
  };
}
