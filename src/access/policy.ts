/** Access policies as they are stored and served by the v1 API. */
import type { AttributeClause, Policy as EvaluatedPolicy } from '@podpass/policy';
import type { EpochMs } from '../kernel/clock.ts';

export interface PolicyAttribute {
  readonly name: string;
  readonly value: string;
  readonly operator?: 'stringEquals' | 'stringMatch';
}

/** The v1 document as the client sent it; replies repeat it deep-equal. */
export interface PolicyDocument {
  readonly type: 'access';
  readonly description?: string;
  readonly subjects: readonly [{ readonly attributes: readonly { readonly name: string; readonly value: string }[] }];
  readonly roles: readonly { readonly role_id: string }[];
  readonly resources: readonly [{ readonly attributes: readonly PolicyAttribute[]; readonly tags?: readonly PolicyAttribute[] }];
}

export interface StoredPolicy {
  readonly id: string;
  readonly accountId: string;
  readonly type: 'access';
  /** `iam_id` or `access_group_id` of the subject. */
  readonly subjectKey: string;
  readonly document: PolicyDocument;
  /** Equal for two policies that would grant the same to the same subject. */
  readonly fingerprint: string;
  readonly state: 'active' | 'deleted';
  readonly revision: number;
  readonly entityTag: string;
  readonly createdAt: EpochMs;
  readonly createdById: string;
  readonly lastModifiedAt: EpochMs;
  readonly lastModifiedById: string;
}

const clauseOf = (attribute: PolicyAttribute): AttributeClause => {
  const operator = attribute.operator ?? 'stringEquals';
  // In v1 a lone star with the default operator means "has any value".
  if (operator === 'stringEquals' && attribute.value === '*') return { key: attribute.name, operator: 'stringExists', value: true };
  return { key: attribute.name, operator, value: attribute.value };
};

/** The form in which the evaluator takes a stored policy. */
export function toEvaluatedPolicy(policy: StoredPolicy): EvaluatedPolicy {
  const { subjects, roles, resources } = policy.document;
  const subject = subjects[0].attributes[0];
  if (!subject) throw new Error(`Policy ${policy.id} has no subject.`);
  return {
    id: policy.id,
    accountId: policy.accountId,
    subject: subject.name === 'iam_id' ? { iamId: subject.value } : { accessGroupId: subject.value },
    roleIds: roles.map((role) => role.role_id),
    resource: resources[0].attributes.map(clauseOf),
    tags: (resources[0].tags ?? []).map(clauseOf),
  };
}

/** Compares what a policy grants, not how it is written: the order of attributes and roles does not count. */
export function fingerprintOf(document: PolicyDocument): string {
  const attributes = (list: readonly PolicyAttribute[]) =>
    list.map(({ name, value, operator }) => JSON.stringify([name, operator ?? 'stringEquals', value])).sort();
  return JSON.stringify([
    document.type,
    document.subjects[0].attributes.map(({ name, value }) => JSON.stringify([name, value])).sort(),
    document.roles.map((role) => role.role_id).sort(),
    attributes(document.resources[0].attributes),
    attributes(document.resources[0].tags ?? []),
  ]);
}
