import type { CompiledClause, CompiledPolicy } from './compiled-policy.ts';
import { type AttributeValues, attributeReader, type ResourceFacts } from './facts.ts';
import { cacheReachOf } from './obligation.ts';
import { type AttributeTest, findOperator } from './operators.ts';
import { groupKey, iamKey } from './subject-key.ts';
import type { AttributeClause, Policy } from './types.ts';

/** Compiles an active access policy. Throws `TypeError` when an operator is unknown or a value does not fit its operator. */
export function compilePolicy(policy: Policy): CompiledPolicy {
  const clauses = policy.resource.map((clause) => compileClause(policy, clause, attributeReader(clause.key)));
  const tags = policy.tags.map((clause) => compileClause(policy, clause, tagReader(clause.key)));
  return Object.freeze({
    policy,
    subjectKey: 'iamId' in policy.subject ? iamKey(policy.subject.iamId) : groupKey(policy.subject.accessGroupId),
    serviceName: literalOf(clauses, 'serviceName'),
    resource: literalOf(clauses, 'resource'),
    clauses: Object.freeze(clauses),
    tags: Object.freeze(tags),
    cacheReach: cacheReachOf(clauses, tags),
  });
}

/** The one value of an attribute that the clauses allow, where a clause names one. */
function literalOf(clauses: readonly CompiledClause[], key: string): string | undefined {
  const literal = clauses.find((clause) => clause.source.key === key && clause.reach === 'literal');
  return literal === undefined ? undefined : String(literal.source.value);
}

/** Whether every attribute and tag clause of the policy holds for the resource. */
export function coversResource(compiled: CompiledPolicy, facts: ResourceFacts): boolean {
  if (compiled.policy.accountId !== facts.accountId) return false;
  for (const clause of compiled.clauses) if (!clause.holds(facts)) return false;
  for (const tag of compiled.tags) if (!tag.holds(facts)) return false;
  return true;
}

function compileClause(policy: Policy, source: AttributeClause, read: (facts: ResourceFacts) => AttributeValues): CompiledClause {
  const operator = findOperator(source.operator);
  if (operator === undefined) throw new TypeError(`Policy ${policy.id}, clause on ${source.key}: ${source.operator} is not an operator.`);
  try {
    const test = operator.compile(source.value);
    const reach = operator.reach(source.value);
    return Object.freeze({ source, reach, read, holds: (facts: ResourceFacts) => testValues(test, read(facts)) });
  } catch (cause) {
    throw new TypeError(`Policy ${policy.id}, clause on ${source.key}: ${source.operator} does not fit its value.`, { cause });
  }
}

function testValues(test: AttributeTest, values: AttributeValues): boolean {
  if (typeof values !== 'object') return test(values);
  return values.length === 0 ? test(undefined) : values.some(test);
}

/** The values that access tags with this key carry: `prototype` for the tag `project:prototype` and the key `project`. */
function tagReader(key: string): (facts: ResourceFacts) => AttributeValues {
  const prefix = `${key}:`;
  return (facts) => facts.tags.filter((tag) => tag.startsWith(prefix)).map((tag) => tag.slice(prefix.length));
}
