import { readList } from './operators.ts';
import type { TimeTest } from './time-operators.ts';
import type { ClauseValue } from './types.ts';
import { epochDayAt, readWeekDay, secondsPerDay, type WeekDay, weekDayOf, writeOffset } from './wall-clock.ts';

/** The operators on days of the week: whether they take a list. */
const operators: ReadonlyMap<string, { readonly takesList: boolean }> = new Map([
  ['dayOfWeekEquals', { takesList: false }],
  ['dayOfWeekAnyOf', { takesList: true }],
]);

export const weekDayOperatorNames = Object.freeze(['dayOfWeekEquals', 'dayOfWeekAnyOf'] as const);
export const weekDayKey = 'day_of_week';

/** The row of an operator on days of the week. */
export function findWeekDayOperator(name: string): { valueProblem(value: ClauseValue): string | undefined } | undefined {
  const row = operators.get(name);
  if (row === undefined) return undefined;
  return {
    valueProblem(value) {
      if (!row.takesList && Array.isArray(value)) return 'one day was expected, and lists belong to dayOfWeekAnyOf';
      return readWeekDays(value) === undefined ? 'days from 1 (Monday) to 7 (Sunday) were expected, such as 3 or 3+06:00' : undefined;
    },
  };
}

/** The days that a value names, or undefined when it is none. */
export function readWeekDays(value: ClauseValue): readonly WeekDay[] | undefined {
  const days = readList(value).map(readWeekDay);
  return days.every((day) => day !== undefined) ? days : undefined;
}

/** Compares with the days that the value names; those without an offset are read at `groupOffset`. */
export function compileWeekDays(value: ClauseValue, groupOffset: number): TimeTest {
  const byOffset = Map.groupBy(readWeekDays(value) ?? [], ({ offset }) => offset ?? groupOffset);
  const tests = [...byOffset].map(([offset, days]) => testAt(offset, new Set(days.map(({ day }) => day))));
  const offset = tests[0]?.offset ?? groupOffset;
  return {
    offset,
    holds: (second) => tests.some((test) => test.holds(second)),
    holdsUntil: (second) => Math.max(second + 1, ...tests.filter((test) => test.holds(second)).map((test) => test.holdsUntil(second))),
    actual: (second) => `${weekDayOf(epochDayAt(second, offset))}${writeOffset(offset)}`,
  };
}

function testAt(offset: number, days: ReadonlySet<number>): Omit<TimeTest, 'actual'> {
  return {
    offset,
    holds: (second) => days.has(weekDayOf(epochDayAt(second, offset))),
    holdsUntil(second) {
      let day = epochDayAt(second, offset) + 1;
      const oneWeekOn = day + 6;
      while (day < oneWeekOn && days.has(weekDayOf(day))) day += 1;
      return day === oneWeekOn ? Number.POSITIVE_INFINITY : day * secondsPerDay - offset;
    },
  };
}
