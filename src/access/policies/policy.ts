/** Policies as they are stored: the document that the client sent, in the form of the API version that it spoke. */
import type { AttributeClause, Policy as EvaluatedPolicy, OperatorName, PolicySubject, Rule } from '@podpass/policy';
import type { EpochMs } from '../../kernel/clock.ts';
import { readCrn } from '../../kernel/crn.ts';

export type PolicyType = 'access' | 'authorization';

export interface PolicyAttribute {
  readonly name: string;
  readonly value: string;
  readonly operator?: 'stringEquals' | 'stringMatch';
}

/** The document of API version 1; replies repeat it deep-equal. */
export interface PolicyDocumentV1 {
  readonly type: PolicyType;
  readonly description?: string;
  readonly subjects: readonly [{ readonly attributes: readonly { readonly name: string; readonly value: string }[] }];
  readonly roles: readonly { readonly role_id: string }[];
  readonly resources: readonly [{ readonly attributes: readonly PolicyAttribute[]; readonly tags?: readonly PolicyAttribute[] }];
}

/** The document of API version 2; replies repeat it deep-equal. */
export interface PolicyDocumentV2 {
  readonly type: PolicyType;
  readonly description?: string;
  readonly control: { readonly grant: { readonly roles: readonly { readonly role_id: string }[] } };
  readonly subject: { readonly attributes: readonly AttributeClause[] };
  readonly resource: { readonly attributes: readonly AttributeClause[]; readonly tags?: readonly AttributeClause[] };
  readonly pattern?: string;
  readonly rule?: Rule;
}

/** What either version says, in one form: attributes as clauses, a lone `*` of version 1 as `stringExists` true. */
export interface PolicyContent {
  readonly type: PolicyType;
  readonly subject: readonly AttributeClause[];
  readonly roleIds: readonly string[];
  readonly resource: readonly AttributeClause[];
  readonly tags: readonly AttributeClause[];
  readonly pattern?: string;
  readonly rule?: Rule;
}

interface StoredMembers {
  readonly id: string;
  readonly accountId: string;
  readonly type: PolicyType;
  /** `iam_id` or `access_group_id` of the subject; of an authorization `authorization`. */
  readonly subjectKey: string;
  /** Equal for two policies that would grant the same to the same subject. */
  readonly fingerprint: string;
  readonly state: 'active' | 'deleted';
  /** When it was deleted; null while it is active. */
  readonly deletedAt: EpochMs | null;
  readonly revision: number;
  readonly entityTag: string;
  readonly createdAt: EpochMs;
  readonly createdById: string;
  readonly lastModifiedAt: EpochMs;
  readonly lastModifiedById: string;
}

/** A document with the version of the API that it is written in. */
export type VersionedDocument =
  | { readonly apiVersion: 1; readonly document: PolicyDocumentV1 }
  | { readonly apiVersion: 2; readonly document: PolicyDocumentV2 };

export type StoredPolicy = StoredMembers & VersionedDocument;

/** The subject key of policies whose subject is a service. */
export const AUTHORIZATION_SUBJECT = 'authorization';

const tagClauseOf = ({ name, value, operator = 'stringEquals' }: PolicyAttribute): AttributeClause => ({ key: name, operator, value });

function clauseOf(attribute: PolicyAttribute): AttributeClause {
  const clause = tagClauseOf(attribute);
  return clause.operator === 'stringEquals' && clause.value === '*' ? { key: clause.key, operator: 'stringExists', value: true } : clause;
}

/** An instance may be named by its CRN, of which the instance's segment counts. */
function byInstance(clause: AttributeClause): AttributeClause {
  const { key, operator, value } = clause;
  if (key !== 'serviceInstance' || operator !== 'stringEquals' || typeof value !== 'string' || !value.startsWith('crn:')) return clause;
  return { key, operator, value: readCrn(value)?.serviceInstance ?? value };
}

/** What a document says, whichever version it is written in. */
export function contentOf({ apiVersion, document }: VersionedDocument): PolicyContent {
  if (apiVersion === 1) {
    const [subject] = document.subjects;
    const [resource] = document.resources;
    return {
      type: document.type,
      subject: subject.attributes.map(clauseOf).map(byInstance),
      roleIds: document.roles.map((role) => role.role_id),
      resource: resource.attributes.map(clauseOf).map(byInstance),
      tags: (resource.tags ?? []).map(tagClauseOf),
    };
  }
  return {
    type: document.type,
    subject: document.subject.attributes.map(byInstance),
    roleIds: document.control.grant.roles.map((role) => role.role_id),
    resource: document.resource.attributes.map(byInstance),
    tags: document.resource.tags ?? [],
    ...(document.pattern !== undefined && { pattern: document.pattern }),
    ...(document.rule !== undefined && { rule: document.rule }),
  };
}

/** The identity or access group that an access policy is for, as its subject attribute. */
export function accessSubject({ subject }: Pick<PolicyContent, 'subject'>): { readonly name: string; readonly value: string } {
  const [first] = subject;
  return { name: first?.key ?? '', value: String(first?.value ?? '') };
}

export function subjectKeyOf(content: PolicyContent): string {
  return content.type === 'authorization' ? AUTHORIZATION_SUBJECT : accessSubject(content).value;
}

function evaluatedSubject(content: PolicyContent): PolicySubject {
  if (content.type === 'authorization') return { serviceAttributes: content.subject };
  const { name, value } = accessSubject(content);
  return name === 'access_group_id' ? { accessGroupId: value } : { iamId: value };
}

/** The form in which the evaluator takes a policy. */
export function evaluatedPolicy(id: string, accountId: string, content: PolicyContent): EvaluatedPolicy {
  const { roleIds, resource, tags, rule } = content;
  return { id, accountId, subject: evaluatedSubject(content), roleIds, resource, tags, ...(rule !== undefined && { rule }) };
}

/** The form in which the evaluator takes a stored policy. */
export function toEvaluatedPolicy(policy: StoredPolicy): EvaluatedPolicy {
  return evaluatedPolicy(policy.id, policy.accountId, contentOf(policy));
}

/** The literal value that the policy's resource clauses name for a key; undefined where they name none. */
export function literalResource(content: Pick<PolicyContent, 'resource'>, key: string): string | undefined {
  const clause = content.resource.find((one) => one.key === key && one.operator === 'stringEquals');
  return clause === undefined ? undefined : String(clause.value);
}

const MULTIPLE: ReadonlySet<string> = new Set<OperatorName>(['stringEqualsAnyOf', 'stringMatchAnyOf']);

/** Each text once, in an order of their own: what is said twice says no more. */
const asSet = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort();

function clauseText({ key, operator, value }: AttributeClause): string {
  return JSON.stringify([key, operator, MULTIPLE.has(operator) ? asSet([value].flat().map(String)) : String(value)]);
}

function ruleText(rule: Rule): string {
  if ('conditions' in rule) return JSON.stringify([rule.operator, asSet(rule.conditions.map(ruleText))]);
  return JSON.stringify([rule.key, rule.operator, asSet([rule.value].flat().map(String))]);
}

/** One text for both spellings of a service role. */
const roleText = (roleId: string): string => roleId.replace('::::role:', '::::serviceRole:');

/** Compares what policies grant, not how they are written: neither the order of their parts nor the API version counts. */
export function fingerprintOf(content: PolicyContent): string {
  const clauses = (list: readonly AttributeClause[]) => asSet(list.map(clauseText));
  return JSON.stringify([
    content.type,
    clauses(content.subject),
    asSet(content.roleIds.map(roleText)),
    clauses(content.resource),
    clauses(content.tags),
    ...(content.rule === undefined ? [] : [content.pattern ?? '', ruleText(content.rule)]),
  ]);
}
