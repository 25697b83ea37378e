import type { CompiledCondition, CompiledRule } from './compiled-rule.ts';
import { compileCondition, offsetOfGroup } from './conditions.ts';
import type { ResourceFacts } from './facts.ts';
import type { Rule } from './types.ts';

/** One node of a rule made ready: a condition, or a group of them. */
interface CompiledNode {
  holds(facts: ResourceFacts): boolean;
  holdsUntil(facts: ResourceFacts): number;
  missed(facts: ResourceFacts): readonly CompiledCondition[];
}

const nothing: readonly CompiledCondition[] = Object.freeze([]);

/** How a group joins its parts. */
const joins: ReadonlyMap<string, (parts: readonly CompiledNode[]) => CompiledNode> = new Map([
  [
    'and',
    (parts) => ({
      holds: (facts) => parts.every((part) => part.holds(facts)),
      holdsUntil: (facts) => parts.reduce((until, part) => Math.min(until, part.holdsUntil(facts)), Number.POSITIVE_INFINITY),
      missed: (facts) => parts.flatMap((part) => part.missed(facts)),
    }),
  ],
  [
    'or',
    (parts) => ({
      holds: (facts) => parts.some((part) => part.holds(facts)),
      holdsUntil: (facts) =>
        parts
          .filter((part) => part.holds(facts))
          .reduce((until, part) => Math.max(until, part.holdsUntil(facts)), Number.NEGATIVE_INFINITY),
      missed: (facts) =>
        parts.map((part) => part.missed(facts)).reduce((fewest, missed) => (missed.length < fewest.length ? missed : fewest)),
    }),
  ],
]);

/** Compiles a rule. Throws `TypeError` when a condition is ill-formed or a group is empty. */
export function compileRule(source: Rule): CompiledRule {
  const conditions: CompiledCondition[] = [];
  const root = compileNode(source, 0, conditions);
  return Object.freeze({ source, conditions: Object.freeze(conditions), ...root });
}

function compileNode(rule: Rule, groupOffset: number, conditions: CompiledCondition[]): CompiledNode {
  if (!('conditions' in rule)) {
    const condition = compileCondition(rule, groupOffset);
    conditions.push(condition);
    return {
      holds: (facts) => condition.holds(facts),
      holdsUntil: ({ at }) => condition.holdsUntil(at),
      missed: (facts) => (condition.holds(facts) ? nothing : [condition]),
    };
  }
  const join = joins.get(rule.operator);
  if (join === undefined) throw new TypeError(`Rule: ${String(rule.operator)} joins no conditions: and, or do.`);
  if (rule.conditions.length === 0) throw new TypeError(`Rule: a group joined by ${rule.operator} needs conditions, and has none.`);
  const offset = rule.operator === 'and' ? offsetOfGroup(rule.conditions) : 0;
  return join(rule.conditions.map((part) => compileNode(part, offset, conditions)));
}

/** Whether two rules say the same in the same order. */
export function isSameRule(one: Rule, other: Rule): boolean {
  if (one.operator !== other.operator) return false;
  if ('conditions' in one) {
    if (!('conditions' in other) || one.conditions.length !== other.conditions.length) return false;
    return one.conditions.every((part, at) => {
      const counterpart = other.conditions[at];
      return counterpart !== undefined && isSameRule(part, counterpart);
    });
  }
  return !('conditions' in other) && one.key === other.key && JSON.stringify(one.value) === JSON.stringify(other.value);
}
