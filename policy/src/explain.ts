import type { CompiledClause, CompiledPolicy } from './compiled-policy.ts';
import { type ResourceFacts, resourceOf } from './facts.ts';
import type { PolicyIndex } from './policy-index.ts';
import type { SubjectKey } from './subject-key.ts';
import type { Miss, NearestMiss, RoleCatalog } from './types.ts';

// A deny must stay cheap for a subject with a thousand policies.
const maxExamined = 64;

/** Whether one of the policy's own roles has the action on the resource's service. */
export function grantsAction(compiled: CompiledPolicy, action: string, facts: ResourceFacts, catalog: RoleCatalog): boolean {
  for (const roleId of compiled.policy.roleIds) if (catalog.actions(roleId, facts.serviceName ?? '').has(action)) return true;
  return false;
}

/** Every clause that keeps the policy from permitting the action on the resource; empty when it permits. */
export function missesOf(compiled: CompiledPolicy, action: string, facts: ResourceFacts, catalog: RoleCatalog): readonly Miss[] {
  const missed: Miss[] = [];
  for (const clause of compiled.clauses) if (!clause.holds(facts)) missed.push(clauseMiss('attribute', clause, facts));
  for (const tag of compiled.tags) if (!tag.holds(facts)) missed.push(clauseMiss('tag', tag, facts));
  if (!grantsAction(compiled, action, facts, catalog)) {
    missed.push({ kind: 'role', expected: action, actual: compiled.policy.roleIds.join(' ') });
  }
  return missed;
}

/**
 * The subject's policy that failed on the fewest clauses, the first of equals. Policies of other accounts are never named.
 * At most 64 policies are examined, those that could match the service first.
 */
export function findNearestMiss(
  index: PolicyIndex,
  keys: Iterable<SubjectKey>,
  action: string,
  facts: ResourceFacts,
  catalog: RoleCatalog,
): NearestMiss | undefined {
  let nearest: NearestMiss | undefined;
  const examined = new Set<CompiledPolicy>();
  for (const compiled of inOrderOfPromise(index, [...keys], facts)) {
    if (examined.size >= maxExamined) break;
    if (examined.has(compiled)) continue;
    examined.add(compiled);
    if (compiled.policy.accountId !== facts.accountId) continue;
    const missed = missesOf(compiled, action, facts, catalog);
    if (nearest === undefined || missed.length < nearest.missed.length) nearest = { policyId: compiled.policy.id, missed };
  }
  return nearest;
}

function* inOrderOfPromise(index: PolicyIndex, keys: readonly SubjectKey[], facts: ResourceFacts): Generator<CompiledPolicy> {
  for (const key of keys) yield* index.candidates(key, facts.serviceName, resourceOf(facts));
  for (const key of keys) yield* index.ofSubject(key);
}

function clauseMiss(kind: 'attribute' | 'tag', clause: CompiledClause, facts: ResourceFacts): Miss {
  const { key } = clause.source;
  const expected = describe(clause);
  const values = clause.read(facts);
  const actual = typeof values === 'object' ? (key === 'serviceName' ? values[0] : values.join(', ') || undefined) : values;
  return actual === undefined ? { kind, key, expected } : { kind, key, expected, actual };
}

function describe({ source: { operator, value } }: CompiledClause): string {
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  return operator === 'stringEquals' ? text : `${operator} ${text}`;
}
