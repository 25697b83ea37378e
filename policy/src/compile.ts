import { CompilePool } from './compile-pool.ts';
import type { CompiledClause, CompiledPolicy, Requirement } from './compiled-policy.ts';
import { type AttributeReader, attributeReader, subjectReader } from './facts.ts';
import { cacheReachOf } from './obligation.ts';
import { clauseProblem, findOperator } from './operators.ts';
import { compileRule } from './rule.ts';
import { shareText } from './share-text.ts';
import { groupKey, iamKey, serviceKey } from './subject-key.ts';
import type { AttributeClause, Policy } from './types.ts';
import { testValues } from './values.ts';

/**
 * Compiles an active policy. Throws `TypeError` with a sentence that names the clause when an operator or key is unknown or a value does
 * not fit its operator, and when an authorization policy says nothing of the service that it is for. Policies of one account may share a
 * pool.
 */
export function compilePolicy(policy: Policy, pool: CompilePool = new CompilePool()): CompiledPolicy {
  try {
    return compile(withSharedTexts(policy), pool);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new TypeError(`Policy ${policy.id}: ${cause.message}`, { cause });
  }
}

function compile(policy: Policy, pool: CompilePool): CompiledPolicy {
  const { subject } = policy;
  const clauses = policy.resource.map((clause) => pool.clause(clause, (source) => compileClause(source, attributeReader(source.key))));
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
    roleIds: pool.roleIds(policy.roleIds),
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
    tags: frozen(tags),
    subjectClauses: frozen(subjectClauses),
    rule,
    cacheReach: cacheReachOf(clauses, tags, subjectClauses, rule),
    remaining: frozen<Requirement>([
      ...clauses.filter((clause) => !isIndexed(clause)),
      ...tags,
      ...subjectClauses,
      ...(rule === undefined ? [] : [rule]),
    ]),
  });
}

const none: readonly never[] = Object.freeze([]);

/** The list frozen; of empty ones there is one. */
const frozen = <Item>(list: readonly Item[]): readonly Item[] => (list.length === 0 ? none : Object.freeze(list));

/** The policy with texts that many policies have in common as one object each. */
function withSharedTexts(policy: Policy): Policy {
  const { accountId, subject, roleIds, resource, tags } = policy;
  return {
    ...policy,
    accountId: shareText(accountId),
    subject:
      'iamId' in subject
        ? { iamId: shareText(subject.iamId) }
        : 'accessGroupId' in subject
          ? { accessGroupId: shareText(subject.accessGroupId) }
          : { serviceAttributes: subject.serviceAttributes.map(withSharedWords) },
    roleIds: roleIds.map(shareText),
    resource: resource.map(withSharedWords),
    tags: tags.map(withSharedWords),
  };
}

function withSharedWords({ key, operator, value }: AttributeClause): AttributeClause {
  return { key: shareText(key), operator, value: typeof value === 'string' ? shareText(value) : value };
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
