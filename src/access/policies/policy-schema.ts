/** The policy API's wire forms, of both versions. What a policy says is strict: a member that would be ignored is an error. */
import type { AttributeClause, Rule } from '@podpass/policy';
import { z } from 'zod';
import type { PolicyDocumentV1, PolicyDocumentV2 } from './policy.ts';
import { POLICY_SORTS } from './policy-store.ts';

const name = z.string().min(1).max(100);
const text = z.string().min(1).max(1000);
const description = z.string().max(300);
const type = z.enum(['access', 'authorization']);

/** A client that changes a policy sends back what it read: what the server adds to a policy is accepted and ignored. */
const serverMade = {
  id: z.unknown().optional(),
  href: z.unknown().optional(),
  state: z.unknown().optional(),
  template: z.unknown().optional(),
  created_at: z.unknown().optional(),
  created_by_id: z.unknown().optional(),
  last_modified_at: z.unknown().optional(),
  last_modified_by_id: z.unknown().optional(),
  last_permit_at: z.unknown().optional(),
  last_permit_frequency: z.unknown().optional(),
} as const;

const role = z
  .strictObject({
    role_id: z.string().min(1).max(500),
    display_name: z.unknown().optional(),
    description: z.unknown().optional(),
    actions: z.unknown().optional(),
  })
  .transform(({ role_id }) => ({ role_id }));
const roles = z.array(role).min(1).max(100);

const attributeV1 = z.strictObject({ name, value: text, operator: z.enum(['stringEquals', 'stringMatch']).optional() });

export const policyBodyV1 = z
  .strictObject({
    ...serverMade,
    type,
    description: description.optional(),
    subjects: z
      .array(
        z.strictObject({
          attributes: z
            .array(z.strictObject({ name, value: text }))
            .min(1)
            .max(10),
        }),
      )
      .length(1, 'must hold exactly one subject'),
    roles,
    resources: z
      .array(
        z.strictObject({
          attributes: z.array(attributeV1).min(1).max(50),
          tags: z.array(attributeV1).max(50).optional(),
        }),
      )
      .length(1, 'must hold exactly one resource'),
  })
  .transform(
    ({ type: kind, description: words, subjects, roles: granted, resources }): PolicyDocumentV1 => ({
      type: kind,
      ...(words !== undefined && { description: words }),
      // The schema admits lists of exactly one.
      subjects: subjects as unknown as PolicyDocumentV1['subjects'],
      roles: granted,
      resources: resources as unknown as PolicyDocumentV1['resources'],
    }),
  );

const scalar = z.union([text, z.literal(''), z.number(), z.boolean()], 'must be a text, a number, true or false, or a list of texts');
const value = z.union(
  [
    scalar,
    z
      .array(z.union([text, z.literal(''), z.number()]))
      .min(1)
      .max(10),
  ],
  'must be a text, a number, true or false, or a list of 1 to 10 texts or numbers',
);
const attributeV2 = z.strictObject({ key: name, operator: z.string().min(1).max(50), value });

const LEAF = z.strictObject({ key: z.string().min(1).max(150), operator: z.string().min(1).max(50), value });

/** A rule of any depth that a body can hold; how deep it may be is checked with what it says. */
const rule: z.ZodType<unknown> = z.lazy(() =>
  z.unknown().transform((given, context) => {
    const isGroup = typeof given === 'object' && given !== null && Object.hasOwn(given, 'conditions');
    const parsed = (isGroup ? group : LEAF).safeParse(given);
    if (parsed.success) return parsed.data;
    // Handed on as they are: `addIssue` would make them issues of another kind, which are told in other words.
    const issues = parsed.error.issues.map((issue) => ({ ...issue, input: given }));
    context.issues.push(...(issues as typeof context.issues));
    return z.NEVER;
  }),
);
const group = z.strictObject({ operator: z.enum(['and', 'or']), conditions: z.array(rule) });

export const policyBodyV2 = z
  .strictObject({
    ...serverMade,
    type,
    description: description.optional(),
    control: z.strictObject({ grant: z.strictObject({ roles }) }),
    subject: z.strictObject({ attributes: z.array(attributeV2).min(1).max(10) }),
    resource: z.strictObject({
      attributes: z.array(attributeV2).min(1).max(50),
      tags: z.array(attributeV2).max(50).optional(),
    }),
    pattern: z.string().min(1).max(100).optional(),
    rule: rule.optional(),
  })
  .transform(({ type: kind, description: words, control, subject, resource, pattern, rule: condition }): PolicyDocumentV2 => {
    // Operators are checked against the values beside them, with the rest of what the policy says.
    const clauses = (list: readonly unknown[]) => list as readonly AttributeClause[];
    return {
      type: kind,
      ...(words !== undefined && { description: words }),
      control,
      subject: { attributes: clauses(subject.attributes) },
      resource: { attributes: clauses(resource.attributes), ...(resource.tags && { tags: clauses(resource.tags) }) },
      ...(pattern !== undefined && { pattern }),
      ...(condition !== undefined && { rule: condition as Rule }),
    };
  });

export const policyStateBody = z.object({ state: z.enum(['active', 'deleted']) });

const format = z.enum(['include_last_permit', 'display']).optional();
export const getPolicyQuery = z.object({ format });
export type PolicyFormat = z.infer<typeof getPolicyQuery>['format'];

const listQuery = {
  account_id: z.string().min(1).max(100),
  iam_id: z.string().max(300).optional(),
  access_group_id: z.string().max(300).optional(),
  type: type.optional(),
  service_type: z.enum(['service', 'platform_service']).optional(),
  state: z.enum(['active', 'deleted']).optional(),
  format,
  sort: z
    .string()
    .refine(
      (given) => POLICY_SORTS.some((field) => field === given.replace(/^-/, '')),
      `must be one of ${POLICY_SORTS.join(', ')}, with a leading - to descend`,
    )
    .optional(),
  limit: z
    .string()
    .refine((given) => /^\d{1,4}$/.test(given) && Number(given) >= 1 && Number(given) <= 100, 'must be a whole number from 1 to 100')
    .transform(Number)
    .optional(),
  start: z.string().optional(),
} as const;

export const listPoliciesV1Query = z.object({
  ...listQuery,
  tag_name: z.string().max(1000).optional(),
  tag_value: z.string().max(1000).optional(),
});

export const listPoliciesV2Query = z.object({
  ...listQuery,
  service_name: z.string().max(300).optional(),
  service_group_id: z.string().max(300).optional(),
});
