// The decision table as data: one strict reader, so that whatever runs the table (evaluator, HTTP, SDK) runs the same rows.
import { readFileSync } from 'node:fs';
import {
  type AttributeClause,
  type OperatorName,
  operatorNames,
  type Policy,
  type PolicySubject,
  type Rule,
  timeOperatorNames,
} from '@podpass/policy';
import { parse } from 'yaml';
import { z } from 'zod';

const attributeValue = z.union([
  z.string(),
  z
    .partialRecord(z.enum(operatorNames), z.union([z.string(), z.boolean(), z.array(z.string())]))
    .refine((value) => Object.keys(value).length === 1),
]);
const attributes = z.record(z.string(), attributeValue);
const accountName = z.enum(['A', 'B']);
const instant = z.iso.datetime({ offset: true });
const outcome = z.enum(['allow', 'deny']);

const condition = z.strictObject({
  key: z.string(),
  operator: z.enum([...operatorNames, ...timeOperatorNames]),
  value: z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))]),
});
const groupOf = <Part extends z.ZodType<Rule>>(part: Part) =>
  z.strictObject({ operator: z.enum(['and', 'or']), conditions: z.array(part).min(2).max(10) });
const rule: z.ZodType<Rule> = z.union([condition, groupOf(z.union([condition, groupOf(condition)]))]);

const policySchema = z
  .strictObject({
    who: z.string().optional(),
    group: z.string().optional(),
    service: attributes.optional(),
    account: accountName.default('A'),
    roles: z.array(z.string()).min(1),
    on: attributes,
    tags: attributes.default({}),
    pattern: z.string().optional(),
    rule: rule.optional(),
  })
  .refine(({ who, group, service }) => [who, group, service].filter((subject) => subject !== undefined).length === 1, {
    error: 'A policy is for one identity, one group or the services with some attributes.',
  })
  .refine((policy) => (policy.pattern === undefined) === (policy.rule === undefined), { error: 'A rule and its pattern come together.' });

const requestSchema = z.strictObject({
  subject: z.string().default('U'),
  service: z.record(z.string(), z.string()).optional(),
  tokenAccount: accountName.optional(),
  scope: z.string().default('ibm openid'),
  account: z.enum(['A', 'B', 'none']).default('A'),
  action: z.string(),
  on: z.record(z.string(), z.string()),
  tags: z.array(z.string()).default([]),
  at: instant.optional(),
  expect: outcome,
});

const manageSchema = z.strictObject({
  subject: z.string().default('U'),
  verb: z.enum(['create', 'read', 'update', 'delete']).default('create'),
  policy: policySchema,
  instance: z.record(z.string(), z.string()).optional(),
  at: instant.optional(),
  expect: outcome,
});

const setting = z.strictObject({ state: z.enum(['enabled', 'monitor', 'limited']), allowed: z.array(accountName).default([]) });

/** What may be different later; a field that is left out stays as it was. */
const changeable = {
  states: z.array(z.enum(['active', 'deleted'])).optional(),
  members: z.record(z.string(), z.array(z.string())).optional(),
  dynamicMembers: z
    .record(z.string(), z.array(z.strictObject({ who: z.string(), login: instant, hours: z.int().min(1).max(24) })))
    .optional(),
  publicAccess: z.boolean().optional(),
  settings: z.partialRecord(z.enum(['user', 'service_id', 'service']), setting).optional(),
  customRoles: z
    .array(z.strictObject({ name: z.string().regex(/^[A-Z][A-Za-z0-9]{0,29}$/), service: z.string(), actions: z.array(z.string()).min(1) }))
    .optional(),
};
const asked = { requests: z.array(requestSchema).default([]), manage: z.array(manageSchema).default([]) };

const rowSchema = z
  .strictObject({
    row: z.string().regex(/^D-\d\d$/),
    says: z.string(),
    policies: z.array(policySchema).default([]),
    services: z.array(z.strictObject({ name: z.string(), grants: z.record(z.string(), z.array(z.string()).min(1)) })).default([]),
    ...changeable,
    ...asked,
    // biome-ignore lint/suspicious/noThenProperty: a row is data and is never awaited; `then` is the word that fits.
    then: z.array(z.strictObject({ says: z.string(), ...changeable, ...asked })).default([]),
  })
  .refine((row) => [row, ...row.then].every(({ requests, manage }) => requests.length + manage.length > 0), {
    error: 'A row asks something of each of its worlds.',
  })
  .refine((row) => [row, ...row.then].every(({ states }) => states === undefined || states.length === row.policies.length), {
    error: 'There is one state for each policy.',
  });

export type DecisionRow = z.infer<typeof rowSchema>;
export type PolicyRow = z.infer<typeof policySchema>;
export type RequestRow = z.infer<typeof requestSchema>;
export type ManageRow = z.infer<typeof manageSchema>;
export type IdentityType = keyof NonNullable<DecisionRow['settings']>;

/** An account at one time of a row, with nothing left out, and what is asked of it. */
export interface DecisionWorld {
  /** What the row says, and of a later world what it says itself. */
  readonly says: string;
  readonly policies: readonly PolicyRow[];
  readonly services: DecisionRow['services'];
  /** Of each policy, in their order. */
  readonly states: readonly ('active' | 'deleted')[];
  readonly members: NonNullable<DecisionRow['members']>;
  readonly dynamicMembers: NonNullable<DecisionRow['dynamicMembers']>;
  readonly publicAccess: boolean;
  readonly settings: NonNullable<DecisionRow['settings']>;
  readonly customRoles: NonNullable<DecisionRow['customRoles']>;
  readonly requests: readonly RequestRow[];
  readonly manage: readonly ManageRow[];
}

/** The worlds of a row in the order in which they come; each is the one before with some changes. */
export function worldsOf(row: DecisionRow): readonly DecisionWorld[] {
  let world: DecisionWorld = {
    says: row.says,
    policies: row.policies,
    services: row.services,
    states: row.states ?? row.policies.map(() => 'active' as const),
    members: row.members ?? {},
    dynamicMembers: row.dynamicMembers ?? {},
    publicAccess: row.publicAccess ?? false,
    settings: row.settings ?? {},
    customRoles: row.customRoles ?? [],
    requests: row.requests,
    manage: row.manage,
  };
  const worlds = [world];
  for (const { says, ...changes } of row.then) {
    const changed = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    world = { ...world, ...changed, says: `${row.says}: ${says}` };
    worlds.push(world);
  }
  return worlds;
}

/** The instant of a question that does not say when: a Wednesday. */
const defaultInstant = '2026-01-07T12:00:00Z';

/** When a question is asked, in milliseconds. */
export function instantOf({ at }: Pick<RequestRow, 'at'>): number {
  return Date.parse(at ?? defaultInstant);
}

/** The owner of each account of the table. */
export const ownerOf: ReadonlyMap<string, string> = new Map([
  ['A', 'O'],
  ['B', 'P'],
]);

/** Identities of the table that are no users. The setting on identities of other accounts knows trusted profiles not at all. */
const identityTypes: ReadonlyMap<string, IdentityType | undefined> = new Map([
  ['S', 'service_id'],
  ['T', undefined],
]);

/** Under which setting on identities of other accounts whoever asks falls. */
export function identityTypeOf({ subject, service }: Pick<RequestRow, 'subject' | 'service'>): IdentityType | undefined {
  if (service !== undefined) return 'service';
  return identityTypes.has(subject) ? identityTypes.get(subject) : 'user';
}

/** The group that everybody is in while public access is enabled. */
export const publicAccessGroup = 'AccessGroupId-PublicAccess';

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
  const [service = 'iam', role = ''] = name.includes('/') ? name.split('/') : ['iam', name];
  if (service === 'custom') return `crn:v1:ibmcloud:public:iam-access-management::a/A::customRole:${role}`;
  return `crn:v1:bluemix:public:${service}::::serviceRole:${role}`;
}

/** The active policy that a row of the table means. */
export function policyOf(row: PolicyRow, id: string): Policy {
  return {
    id,
    accountId: row.account,
    subject: subjectOf(row),
    roleIds: row.roles.map(roleIdOf),
    resource: clausesOf({ accountId: row.account, ...row.on }),
    tags: clausesOf(row.tags),
    ...(row.rule === undefined ? {} : { rule: row.rule }),
  };
}

function subjectOf({ who, group, service }: PolicyRow): PolicySubject {
  if (service !== undefined) return { serviceAttributes: clausesOf(service) };
  return group === undefined ? { iamId: who ?? '' } : { accessGroupId: group };
}

function clausesOf(attributes: PolicyRow['on']): readonly AttributeClause[] {
  return Object.entries(attributes).map(([key, value]) => {
    const [operator, operand] = typeof value === 'string' ? (['stringEquals', value] as const) : (Object.entries(value)[0] ?? ['', '']);
    return { key, operator: operator as OperatorName, value: operand };
  });
}
