import type { CompiledClause, CompiledPolicy } from './compiled-policy.ts';
import type { CompiledCondition } from './compiled-rule.ts';
import type { ResourceFacts } from './facts.ts';
import type { PolicySource } from './policy-source.ts';
import type { SubjectKey } from './subject-key.ts';
import type { ClauseValue, Miss, RoleCatalog } from './types.ts';
import { textOfValues } from './values.ts';

/** Whether a candidate holds for the request, whatever the action. */
export function coversRequest(candidate: CompiledPolicy, facts: ResourceFacts): boolean {
  if (candidate.accountId !== facts.accountId) return false;
  for (const requirement of candidate.remaining) if (!requirement.holds(facts)) return false;
  return true;
}

/** Whether one of the policy's own roles has the action on the resource's service. */
export function grantsAction(compiled: CompiledPolicy, action: string, facts: ResourceFacts, catalog: RoleCatalog): boolean {
  for (const roleId of compiled.roleIds) if (catalog.actions(roleId, facts.serviceName ?? '').has(action)) return true;
  return false;
}

/** How many clauses keep the policy from permitting the action on the resource; the length of what `missesOf` lists. */
export function countMisses(compiled: CompiledPolicy, action: string, facts: ResourceFacts, catalog: RoleCatalog): number {
  let missed = 0;
  for (const clause of compiled.subjectClauses) if (!clause.holds(facts)) missed += 1;
  for (const clause of compiled.clauses) if (!clause.holds(facts)) missed += 1;
  for (const tag of compiled.tags) if (!tag.holds(facts)) missed += 1;
  if (compiled.rule !== undefined) missed += compiled.rule.missed(facts).length;
  return grantsAction(compiled, action, facts, catalog) ? missed : missed + 1;
}

/** Every clause that keeps the policy from permitting the action on the resource; empty when it permits. */
export function missesOf(compiled: CompiledPolicy, action: string, facts: ResourceFacts, catalog: RoleCatalog): readonly Miss[] {
  const missed: Miss[] = [];
  for (const clause of compiled.subjectClauses) if (!clause.holds(facts)) missed.push(clauseMiss('attribute', clause, facts));
  for (const clause of compiled.clauses) if (!clause.holds(facts)) missed.push(clauseMiss('attribute', clause, facts));
  for (const tag of compiled.tags) if (!tag.holds(facts)) missed.push(clauseMiss('tag', tag, facts));
  for (const condition of compiled.rule?.missed(facts) ?? []) missed.push(conditionMiss(condition, facts));
  if (!grantsAction(compiled, action, facts, catalog)) {
    missed.push({ kind: 'role', expected: action, actual: compiled.roleIds.join(' ') });
  }
  return missed;
}

/**
 * The subject's policies in the account, the most promising first and each once: those that could match the resource, then those that
 * name its service, then the others.
 */
export function* inOrderOfPromise(source: PolicySource, keys: readonly SubjectKey[], facts: ResourceFacts): Generator<CompiledPolicy> {
  const seen = new Set<CompiledPolicy>();
  const isNew = (compiled: CompiledPolicy): boolean => {
    if (seen.has(compiled) || compiled.accountId !== facts.accountId) return false;
    seen.add(compiled);
    return true;
  };
  for (const compiled of source.candidates(keys, facts)) if (isNew(compiled)) yield compiled;
  for (const serviceNames of [facts.serviceNames, undefined]) {
    for (const key of keys) for (const compiled of source.ofSubject(key, serviceNames)) if (isNew(compiled)) yield compiled;
  }
}

function clauseMiss(kind: 'attribute' | 'tag', clause: CompiledClause, facts: ResourceFacts): Miss {
  const { key } = clause.source;
  const expected = describe(clause.source);
  const actual = textOfValues(key, clause.read(facts));
  return actual === undefined ? { kind, key, expected } : { kind, key, expected, actual };
}

function conditionMiss(condition: CompiledCondition, facts: ResourceFacts): Miss {
  const { key, operator } = condition.source;
  const actual = condition.actual(facts);
  const miss = { kind: 'condition', key, operator, expected: describe(condition.source) } as const;
  return actual === undefined ? miss : { ...miss, actual };
}

function describe({ operator, value }: { readonly operator: string; readonly value: ClauseValue }): string {
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  return operator === 'stringEquals' ? text : `${operator} ${text}`;
}
