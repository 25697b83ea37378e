/** The decision APIs' wire forms. */
import { z } from 'zod';

const attributes = z.record(z.string().max(100), z.union([z.string().max(2000), z.number(), z.boolean()]));

/** One question of a decision request; its parts may be missing, which is an error of the item, not of the call. */
export const authzItem = z.object({
  subject: z.object({ attributes: attributes.optional(), accessTokenBody: z.string().max(16384).optional() }).optional(),
  action: z.string().max(300).optional(),
  resource: z.object({ attributes: attributes.optional(), crn: z.string().max(1024).optional() }).optional(),
  environment: z.object({ attributes: attributes.optional() }).optional(),
});

export type AuthzItem = z.infer<typeof authzItem>;

export const MAX_AUTHZ_ITEMS = 100;

export const authzBody = z.array(authzItem).min(1).max(MAX_AUTHZ_ITEMS);
