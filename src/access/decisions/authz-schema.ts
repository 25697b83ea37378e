/** The wire forms of `/v2/authz`, its bulk form and its list of roles. */
import { z } from 'zod';

const MAX_ATTRIBUTES = 100;

const attributes = z
  .record(
    z.string().min(1).max(100),
    z.union([z.string().max(2000), z.number(), z.boolean()], 'must be a text, a number, or true or false'),
  )
  .refine((given) => Object.keys(given).length <= MAX_ATTRIBUTES, `must have at most ${MAX_ATTRIBUTES} members`);

const subject = z.object({ attributes: attributes.optional(), accessTokenBody: z.string().max(16_384).optional() });
const action = z.string().max(300);
const resource = z.object({ attributes: attributes.optional(), crn: z.string().max(1024).optional() });
/** Checked for its form and then forgotten: a service that could say what time it is could stretch every window. */
const environment = z.object({ attributes: attributes.optional() });

/** One question of a decision request; its parts may be missing, which is an error of the item, not of the call. */
export const authzItem = z.object({
  subject: subject.optional(),
  action: action.optional(),
  resource: resource.optional(),
  environment: environment.optional(),
});

export type AuthzItem = z.infer<typeof authzItem>;

export const MAX_AUTHZ_ITEMS = 100;

export const authzBody = z.array(authzItem).min(1).max(MAX_AUTHZ_ITEMS);

export const MAX_BULK_RESOURCES = 1000;

export const authzBulkBody = z.object({
  subject: subject.optional(),
  action: action.optional(),
  resources: z.object({
    sharedAttributes: attributes.default({}),
    uniqueAttributes: z.array(attributes).min(1).max(MAX_BULK_RESOURCES),
  }),
  environment: environment.optional(),
});

export type AuthzBulkBody = z.infer<typeof authzBulkBody>;

export const authzRolesBody = z
  .array(z.object({ subject: subject.optional(), resource: resource.optional() }))
  .min(1)
  .max(MAX_AUTHZ_ITEMS);

export type AuthzRolesItem = z.infer<typeof authzRolesBody>[number];
