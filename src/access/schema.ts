/** The policy API's and the decision API's wire forms. */
import { z } from 'zod';
import { printInstant } from '../kernel/times.ts';
import type { Catalog } from './catalog/catalog.ts';
import type { StoredPolicy } from './policy.ts';

const attributeName = z.string().min(1).max(100);
const attributeValue = z.string().min(1).max(1000);

const resourceAttribute = z.object({
  name: attributeName,
  value: attributeValue,
  operator: z.enum(['stringEquals', 'stringMatch']).optional(),
});

export const createPolicyBody = z.object({
  type: z.enum(['access', 'authorization']),
  description: z.string().max(300).optional(),
  subjects: z
    .array(
      z.object({
        attributes: z
          .array(z.object({ name: attributeName, value: attributeValue }))
          .min(1)
          .max(10),
      }),
    )
    .length(1, 'must hold exactly one subject'),
  roles: z
    .array(z.object({ role_id: z.string().min(1).max(500) }))
    .min(1)
    .max(100),
  resources: z
    .array(z.object({ attributes: z.array(resourceAttribute).min(1).max(50), tags: z.array(resourceAttribute).max(50).optional() }))
    .length(1, 'must hold exactly one resource'),
});

const SORT_FIELDS = ['id', 'type', 'href', 'created_at', 'created_by_id', 'last_modified_at', 'last_modified_by_id', 'state'] as const;

export const listPoliciesQuery = z.object({
  account_id: z.string().min(1),
  iam_id: z.string().optional(),
  access_group_id: z.string().optional(),
  type: z.enum(['access', 'authorization']).optional(),
  service_type: z.enum(['service', 'platform_service']).optional(),
  tag_name: z.string().optional(),
  tag_value: z.string().optional(),
  sort: z
    .string()
    .refine(
      (text) => SORT_FIELDS.some((field) => field === text.replace(/^-/, '')),
      `must be one of ${SORT_FIELDS.join(', ')}, with a leading - to descend`,
    )
    .optional(),
  state: z.enum(['active', 'deleted']).optional(),
  limit: z
    .string()
    .refine((text) => /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 100, 'must be a whole number from 1 to 100')
    .transform(Number)
    .optional(),
  start: z.string().optional(),
});

export function printPolicy(policy: StoredPolicy, catalog: Catalog, publicUrl: string) {
  const { document } = policy;
  return {
    id: policy.id,
    type: policy.type,
    ...(document.description !== undefined && { description: document.description }),
    subjects: document.subjects,
    roles: document.roles.map(({ role_id }) => {
      const role = catalog.role(role_id);
      return { role_id, ...(role && { display_name: role.displayName, description: role.description }) };
    }),
    resources: document.resources,
    href: `${publicUrl}/v1/policies/${policy.id}`,
    created_at: printInstant(policy.createdAt),
    created_by_id: policy.createdById,
    last_modified_at: printInstant(policy.lastModifiedAt),
    last_modified_by_id: policy.lastModifiedById,
    state: policy.state,
  };
}

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
