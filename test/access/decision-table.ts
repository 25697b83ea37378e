// The decision table as data: one strict reader, so that whatever runs the table (evaluator, HTTP, SDK) runs the same rows.
import { readFileSync } from 'node:fs';
import { type AttributeClause, type OperatorName, operatorNames, type Policy } from '@podpass/policy';
import { parse } from 'yaml';
import { z } from 'zod';

const attributeValue = z.union([
  z.string(),
  z
    .partialRecord(z.enum(operatorNames), z.union([z.string(), z.boolean(), z.array(z.string())]))
    .refine((value) => Object.keys(value).length === 1),
]);

const rowSchema = z.strictObject({
  row: z.string().regex(/^D-\d\d$/),
  says: z.string(),
  members: z.record(z.string(), z.array(z.string())).default({}),
  policies: z
    .array(
      z.strictObject({
        who: z.string().optional(),
        group: z.string().optional(),
        account: z.enum(['A', 'B']).default('A'),
        roles: z.array(z.string()).min(1),
        on: z.record(z.string(), attributeValue),
        tags: z.record(z.string(), attributeValue).default({}),
      }),
    )
    .default([]),
  requests: z
    .array(
      z.strictObject({
        subject: z.string().default('U'),
        account: z.enum(['A', 'B', 'none']).default('A'),
        action: z.string(),
        on: z.record(z.string(), z.string()),
        tags: z.array(z.string()).default([]),
        expect: z.enum(['allow', 'deny']),
      }),
    )
    .min(1),
});

export type DecisionRow = z.infer<typeof rowSchema>;
export type PolicyRow = DecisionRow['policies'][number];

/** The owner of each account of the table. */
export const ownerOf: ReadonlyMap<string, string> = new Map([
  ['A', 'O'],
  ['B', 'P'],
]);

/** Reads a decision table; a field that is not known is an error, so that no expectation is silently ignored. */
export function parseDecisionTable(text: string): readonly DecisionRow[] {
  return z.array(rowSchema).parse(parse(text));
}

export function readDecisionTable(): readonly DecisionRow[] {
  return parseDecisionTable(readFileSync(new URL('decisions.yaml', import.meta.url), 'utf8'));
}

const platformRoles: ReadonlySet<string> = new Set(['Viewer', 'Operator', 'Editor', 'Administrator']);

/** The CRN of a role as the table names it. */
export function roleIdOf(name: string): string {
  if (platformRoles.has(name)) return `crn:v1:bluemix:public:iam::::role:${name}`;
  const [service, role] = name.includes('/') ? name.split('/') : ['iam', name];
  return `crn:v1:bluemix:public:${service}::::serviceRole:${role}`;
}

/** The active policy that a row of the table means. */
export function policyOf(row: PolicyRow, id: string): Policy {
  if ((row.who === undefined) === (row.group === undefined)) throw new TypeError('A policy is for one identity or one group.');
  return {
    id,
    accountId: row.account,
    subject: row.group === undefined ? { iamId: row.who ?? '' } : { accessGroupId: row.group },
    roleIds: row.roles.map(roleIdOf),
    resource: clausesOf({ accountId: row.account, ...row.on }),
    tags: clausesOf(row.tags),
  };
}

function clausesOf(attributes: PolicyRow['on']): readonly AttributeClause[] {
  return Object.entries(attributes).map(([key, value]) => {
    const [operator, operand] = typeof value === 'string' ? (['stringEquals', value] as const) : (Object.entries(value)[0] ?? ['', '']);
    return { key, operator: operator as OperatorName, value: operand };
  });
}
