import { offsetOfGroup } from './conditions.ts';
import { findTimeOperator } from './time-operators.ts';
import type { Condition, Rule } from './types.ts';
import { findWeekDayOperator, readWeekDays } from './week-days.ts';

/**
 * A sentence on the first group joined by `and` whose time of the day lies in no day: a window across midnight, which its author means and
 * the group cannot say. Undefined where there is none. Expects a rule whose conditions are well-formed.
 */
export function ruleWarning(rule: Rule): string | undefined {
  return ofGroups(rule, (conditions) => {
    const window = emptyWindow(conditions, (key) => key === 'current_time');
    if (window === undefined) return undefined;
    return `${window} is never open, because the day ends between its bounds: write two groups joined by or, one until 23:59:59 and one from 00:00:00.`;
  });
}

/**
 * A sentence on the first group joined by `and` whose conditions exclude each other: a date that ends before it begins, two days, two
 * values of one attribute. Undefined where there is none. Expects a rule whose conditions are well-formed.
 */
export function ruleContradiction(rule: Rule): string | undefined {
  return ofGroups(rule, (conditions) => {
    const window = emptyWindow(conditions, (key) => key !== 'current_time');
    if (window !== undefined) return `${window} is never open, because it ends before it begins.`;
    return excludingDays(conditions) ?? excludingValues(conditions);
  });
}

/** What `say` says of the first group joined by `and` of which it says anything. */
function ofGroups(rule: Rule, say: (conditions: readonly Rule[]) => string | undefined): string | undefined {
  if (!('conditions' in rule)) return undefined;
  const own = rule.operator === 'and' ? say(rule.conditions) : undefined;
  return own ?? rule.conditions.map((inner) => ofGroups(inner, say)).find((sentence) => sentence !== undefined);
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

/** `The window from … to …` where no instant lies in it, of the keys that are looked at. */
function emptyWindow(conditions: readonly Rule[], isLookedAt: (key: string) => boolean): string | undefined {
  const bounds = boundsOf(conditions).filter(({ key }) => isLookedAt(key));
  for (const lower of bounds.filter(({ isUpper }) => !isUpper)) {
    const upper = bounds.find(
      (bound) => bound.isUpper && bound.key === lower.key && bound.offset === lower.offset && bound.position < lower.position,
    );
    if (upper !== undefined) return `The window from ${lower.condition.value} to ${upper.condition.value}`;
  }
  return undefined;
}

function excludingValues(conditions: readonly Rule[]): string | undefined {
  const values = new Map<string, string>();
  for (const condition of conditions) {
    if ('conditions' in condition || condition.operator !== 'stringEquals') continue;
    const value = String(condition.value);
    const other = values.get(condition.key);
    if (other !== undefined && other !== value)
      return `The conditions on ${condition.key} exclude each other: it cannot be both '${other}' and '${value}'.`;
    values.set(condition.key, value);
  }
  return undefined;
}

function excludingDays(conditions: readonly Rule[]): string | undefined {
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
