import type { CompiledClause, CompiledPolicy } from './compiled-policy.ts';
import { type AttributeReader, attributeReader, subjectReader } from './facts.ts';
import { cacheReachOf } from './obligation.ts';
import { clauseProblem, findOperator } from './operators.ts';
import { compileRule } from './rule.ts';
import { groupKey, iamKey, serviceKey } from './subject-key.ts';
import type { AttributeClause, Policy } from './types.ts';
import { testValues } from './values.ts';

/**
 * Compiles an active policy. Throws `TypeError` with a sentence that names the clause when an operator or key is unknown or a value does
 * not fit its operator, and when an authorization policy says nothing of the service that it is for.
 */
export function compilePolicy(policy: Policy): CompiledPolicy {
  try {
    return compile(policy);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new TypeError(`Policy ${policy.id}: ${cause.message}`, { cause });
  }
}

function compile(policy: Policy): CompiledPolicy {
  const { subject } = policy;
  const clauses = policy.resource.map((clause) => compileClause(clause, attributeReader(clause.key)));
  const tags = policy.tags.map((clause) => compileClause(clause, tagReader(clause.key)));
  const ofSubject = 'serviceAttributes' in subject ? subject.serviceAttributes : [];
  const subjectClauses = ofSubject.map((clause) => compileClause(clause, subjectReader(clause.key)));
  if ('serviceAttributes' in subject && subjectClauses.length === 0) {
    throw new TypeError('An authorization policy needs a clause on the service that it is for, and has none.');
  }
  const rule = policy.rule === undefined ? undefined : compileRule(policy.rule);
  const [service, instance, resource] = ['serviceName', 'serviceInstance', 'resource'].map((key) => literalOn(clauses, key));
  const account = clauses.find(
    ({ source, reach }) => source.key === 'accountId' && reach === 'literal' && source.value === policy.accountId,
  );
  const isIndexed = (clause: CompiledClause) => [account, service, instance, resource].includes(clause);
  return Object.freeze({
    policy,
    accountId: policy.accountId,
    roleIds: policy.roleIds,
    subjectKey:
      'iamId' in subject
        ? iamKey(subject.iamId)
        : 'accessGroupId' in subject
          ? groupKey(subject.accessGroupId)
          : serviceKey(textOf(literalOn(subjectClauses, 'serviceName'))),
    accessGroupId: 'accessGroupId' in subject ? subject.accessGroupId : undefined,
    serviceName: textOf(service),
    serviceInstance: textOf(instance),
    resource: textOf(resource),
    clauses: Object.freeze(clauses),
    tags: Object.freeze(tags),
    subjectClauses: Object.freeze(subjectClauses),
    rule,
    cacheReach: cacheReachOf(clauses, tags, subjectClauses, rule),
    remaining: Object.freeze([
      ...clauses.filter((clause) => !isIndexed(clause)),
      ...tags,
      ...subjectClauses,
      ...(rule === undefined ? [] : [rule]),
    ]),
  });
}

/** The clause that allows one value of the attribute and no other, where there is one. */
function literalOn(clauses: readonly CompiledClause[], key: string): CompiledClause | undefined {
  return clauses.find((clause) => clause.source.key === key && clause.reach === 'literal');
}

function textOf(literal: CompiledClause | undefined): string | undefined {
  return literal === undefined ? undefined : String(literal.source.value);
}

function compileClause(source: AttributeClause, read: AttributeReader): CompiledClause {
  const problem = clauseProblem(source);
  const operator = findOperator(source.operator);
  if (problem !== undefined || operator === undefined) throw new TypeError(problem);
  const test = operator.compile(source.value);
  return Object.freeze({
    source,
    reach: operator.reach(source.value),
    read,
    holds: (facts) => testValues(test, read(facts)),
  } satisfies CompiledClause);
}

/** The values that access tags with this key carry: `prototype` for the tag `project:prototype` and the key `project`. */
function tagReader(key: string): AttributeReader {
  const prefix = `${key}:`;
  return (facts) => facts.tags.filter((tag) => tag.startsWith(prefix)).map((tag) => tag.slice(prefix.length));
}
