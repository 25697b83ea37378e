import type { ResourceFacts } from './facts.ts';
import type { Condition, Rule } from './types.ts';

/** A condition of a rule made ready. */
export interface CompiledCondition {
  readonly source: Condition;
  /** Whether it speaks of the instant; else it speaks of a resource attribute. */
  readonly isTimed: boolean;
  /** Whether more attributes in a request could make it fail. */
  readonly isAbsence: boolean;
  holds(facts: ResourceFacts): boolean;
  /** Of one that holds, the instant (milliseconds) until which it does; `Infinity` where no time ends it. */
  holdsUntil(at: number): number;
  /** What it compares with: the attribute, or the instant as it reads it. */
  actual(facts: ResourceFacts): string | undefined;
}

/** A rule made ready. */
export interface CompiledRule {
  readonly source: Rule;
  /** Every condition in it. */
  readonly conditions: readonly CompiledCondition[];
  holds(facts: ResourceFacts): boolean;
  /** Of one that holds, the instant (milliseconds) until which it does at least; `Infinity` where no time ends it. */
  holdsUntil(facts: ResourceFacts): number;
  /** The fewest conditions that keep it from holding; none when it holds. */
  missed(facts: ResourceFacts): readonly CompiledCondition[];
}
