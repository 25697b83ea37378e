import { offsetOfGroup } from './conditions.ts';
import { findTimeOperator } from './time-operators.ts';
import type { Condition, Rule } from './types.ts';
import { findWeekDayOperator, readWeekDays } from './week-days.ts';

/** What is said of a window that no instant lies in, by the key of its conditions. */
const windows: ReadonlyMap<string, string> = new Map([
  [
    'current_time',
    'is never open, because the day ends between its bounds: write two groups joined by or, one until 23:59:59 and one from 00:00:00',
  ],
  ['current_date', 'is never open, because it ends before it begins'],
  ['current_date_time', 'is never open, because it ends before it begins'],
]);

/**
 * A sentence on the first group joined by `and` that can never hold: a window across midnight, one that ends before it begins, or days
 * that exclude each other. Undefined where there is none. Expects a rule whose conditions are well-formed.
 */
export function ruleWarning(rule: Rule): string | undefined {
  if (!('conditions' in rule)) return undefined;
  const own = rule.operator === 'and' ? (windowWarning(rule.conditions) ?? daysWarning(rule.conditions)) : undefined;
  return own ?? rule.conditions.map(ruleWarning).find((warning) => warning !== undefined);
}

interface BoundCondition {
  readonly condition: Condition;
  readonly key: string;
  readonly offset: number;
  readonly isUpper: boolean;
  /** The first or last position within. */
  readonly position: number;
}

function boundsOf(conditions: readonly Rule[]): readonly BoundCondition[] {
  return conditions.flatMap((condition) => {
    if ('conditions' in condition) return [];
    const operator = findTimeOperator(condition.operator);
    const bound = operator?.readBound(condition.value);
    if (operator === undefined || bound === undefined) return [];
    const { key, isUpper, isInclusive } = operator;
    const inward = isInclusive ? 0 : isUpper ? -1 : 1;
    // An instant is one whatever the offset; times of day and dates compare at the same offset only.
    const offset = key === 'current_date_time' ? 0 : bound.offset;
    return [{ condition, key, offset, isUpper, position: bound.position + inward }];
  });
}

function windowWarning(conditions: readonly Rule[]): string | undefined {
  const bounds = boundsOf(conditions);
  for (const lower of bounds.filter(({ isUpper }) => !isUpper)) {
    const upper = bounds.find(
      (bound) => bound.isUpper && bound.key === lower.key && bound.offset === lower.offset && bound.position < lower.position,
    );
    if (upper !== undefined) {
      return `The window from ${lower.condition.value} to ${upper.condition.value} ${windows.get(lower.key)}.`;
    }
  }
  return undefined;
}

function daysWarning(conditions: readonly Rule[]): string | undefined {
  const groupOffset = offsetOfGroup(conditions);
  const allowed = new Map<number, ReadonlySet<number>>();
  for (const condition of conditions) {
    if ('conditions' in condition || findWeekDayOperator(condition.operator) === undefined) continue;
    const days = readWeekDays(condition.value) ?? [];
    const offsets = new Set(days.map(({ offset }) => offset ?? groupOffset));
    // Days at several offsets overlap in part; nothing is said of them.
    if (offsets.size > 1) continue;
    const [offset = groupOffset] = offsets;
    const named = new Set(days.map(({ day }) => day));
    const before = allowed.get(offset);
    const both = before === undefined ? named : new Set([...before].filter((day) => named.has(day)));
    if (both.size === 0) return 'The conditions on the day of the week exclude each other: no day satisfies all of them.';
    allowed.set(offset, both);
  }
  return undefined;
}
