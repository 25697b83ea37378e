/** What the rule of a policy must say, by the pattern that it names: IBM Cloud, "Limiting access with conditions". */
import { type Condition, conditionProblem, type Rule, ruleContradiction } from '@podpass/policy';
import { DomainError } from '../../kernel/errors.ts';
import type { PolicyContent } from './policy.ts';

const MAX_CONDITIONS = 10;
const MAX_DEPTH = 2;

const ENVIRONMENT = /^\{\{environment\.attributes\.(\w+)\}\}$/;
const RESOURCE_PREFIX = '{{resource.attributes.';

/** One row a pattern: whether a rule of it may hold a condition on this key. */
const PATTERNS: ReadonlyMap<string, (key: string) => boolean> = new Map<string, (key: string) => boolean>([
  ['time-based-conditions:once', isEnvironment('current_date_time', 'current_date')],
  ['time-based-conditions:weekly', isEnvironment('day_of_week', 'current_time')],
  ['time-based-conditions:weekly:all-day', isEnvironment('day_of_week', 'current_time')],
  ['time-based-conditions:weekly:custom-hours', isEnvironment('day_of_week', 'current_time')],
  ['attribute-based-condition:resource:literal-and-wildcard', (key) => key.startsWith(RESOURCE_PREFIX)],
]);

function isEnvironment(...names: readonly string[]): (key: string) => boolean {
  return (key) => names.includes(ENVIRONMENT.exec(key)?.[1] ?? '');
}

const invalid = (message: string) => new DomainError('invalid_body', { message });
const isGroup = (rule: Rule): rule is Extract<Rule, { readonly conditions: readonly Rule[] }> => 'conditions' in rule;

/** Every condition of the rule with the place where it stands. */
function* conditionsOf(rule: Rule, path = 'rule'): Generator<readonly [condition: Condition, path: string]> {
  if (!isGroup(rule)) yield [rule, path];
  else for (const [at, inner] of rule.conditions.entries()) yield* conditionsOf(inner, `${path}.conditions[${at}]`);
}

function checkShape(rule: Rule, path: string, depth: number): void {
  if (!isGroup(rule)) return;
  if (depth > MAX_DEPTH) throw invalid(`Field '${path}' is nested too deep: a group may hold groups, and those hold conditions only.`);
  const { length } = rule.conditions;
  if (length < 2 || length > MAX_CONDITIONS) {
    throw invalid(`Field '${path}.conditions' holds ${length} conditions; 2 to ${MAX_CONDITIONS} are expected.`);
  }
  for (const [at, inner] of rule.conditions.entries()) checkShape(inner, `${path}.conditions[${at}]`, depth + 1);
}

type Bound = 'lower' | 'upper';

function boundOf({ operator }: Condition): Bound | undefined {
  if (operator.includes('GreaterThan')) return 'lower';
  return operator.includes('LessThan') ? 'upper' : undefined;
}

/** Within one group that all must hold, or for a condition alone: a bound in time has the other bound beside it. */
function checkPairs(rule: Rule, path: string): void {
  const together = isGroup(rule) && rule.operator === 'and' ? rule.conditions.filter((one): one is Condition => !isGroup(one)) : undefined;
  const alone = isGroup(rule) ? (rule.operator === 'or' ? rule.conditions.filter((one): one is Condition => !isGroup(one)) : []) : [rule];
  for (const group of [...(together ? [together] : []), ...alone.map((one) => [one])]) {
    for (const condition of group) {
      const bound = boundOf(condition);
      if (bound === undefined) continue;
      const isPaired = group.some((other) => other.key === condition.key && boundOf(other) !== undefined && boundOf(other) !== bound);
      if (isPaired) continue;
      const wanted = bound === 'lower' ? 'LessThanOrEquals' : 'GreaterThanOrEquals';
      throw invalid(
        `Field '${path}' bounds ${condition.key} on one side only: join it by 'and' with a condition of the kind …${wanted} on the same key.`,
      );
    }
  }
  if (isGroup(rule))
    for (const [at, inner] of rule.conditions.entries()) if (isGroup(inner)) checkPairs(inner, `${path}.conditions[${at}]`);
}

/** A time of the day goes with the days on which it counts. */
function checkDays(rule: Rule): void {
  const keys = new Set([...conditionsOf(rule)].map(([{ key }]) => ENVIRONMENT.exec(key)?.[1]));
  if (keys.has('current_time') && !keys.has('day_of_week')) {
    throw invalid("Field 'rule' holds current_time without day_of_week: say on which days the time counts.");
  }
}

/** Checks rule and pattern, which go together. */
export function checkRule({ rule, pattern }: Pick<PolicyContent, 'rule' | 'pattern'>): void {
  if (rule === undefined && pattern === undefined) return;
  if (rule === undefined) throw invalid("Field 'rule' is missing: a pattern says which kind of rule it is.");
  if (pattern === undefined) throw invalid(`Field 'pattern' is missing: with a rule it must be one of ${[...PATTERNS.keys()].join(', ')}.`);
  const takesKey = PATTERNS.get(pattern);
  if (takesKey === undefined)
    throw invalid(`Field 'pattern' must be one of ${[...PATTERNS.keys()].join(', ')}, not '${pattern.slice(0, 100)}'.`);
  checkShape(rule, 'rule', 1);
  for (const [condition, path] of conditionsOf(rule)) {
    const problem = conditionProblem(condition);
    if (problem !== undefined) throw invalid(`Field '${path}' is not acceptable: ${problem}`);
    if (!takesKey(condition.key))
      throw invalid(`Field '${path}' holds the key '${condition.key.slice(0, 100)}', which has no place in the pattern '${pattern}'.`);
  }
  checkPairs(rule, 'rule');
  checkDays(rule);
  const contradiction = ruleContradiction(rule);
  if (contradiction !== undefined) throw invalid(`Field 'rule' can never hold: ${contradiction}`);
}
