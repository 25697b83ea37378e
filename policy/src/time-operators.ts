import type { ClauseValue } from './types.ts';
import {
  type Bound,
  epochDayAt,
  readDate,
  readDateTime,
  readTime,
  secondOfDayAt,
  secondsPerDay,
  writeDateTime,
  writeOffset,
} from './wall-clock.ts';

/** What comparing with one bound of time means. */
export interface TimeTest {
  readonly offset: number;
  holds(second: number): boolean;
  /** Of one that holds, the second at which it may stop; the second of an inclusive bound itself, once it is reached the next. */
  holdsUntil(second: number): number;
  /** The instant as the bound is written. */
  actual(second: number): string | undefined;
}

/** Everything that is known about one scale of time. */
interface Scale {
  /** The `<name>` of `{{environment.attributes.<name>}}`. */
  readonly key: string;
  readonly form: string;
  read(text: string): Bound | undefined;
  positionAt(second: number, offset: number): number;
  /** When a position up to the bound is left, and when one from the bound on. */
  upperEnd(second: number, bound: Bound, isInclusive: boolean): number;
  lowerEnd(second: number, bound: Bound, isInclusive: boolean): number;
  write(second: number, offset: number): string | undefined;
}

const never = Number.POSITIVE_INFINITY;

const scales = {
  time: {
    key: 'current_time',
    form: '09:00:00-05:00',
    read: readTime,
    positionAt: secondOfDayAt,
    upperEnd(second, { position, offset }, isInclusive) {
      if (isInclusive && position === secondsPerDay - 1) return never;
      return second + Math.max(1, position - secondOfDayAt(second, offset));
    },
    lowerEnd(second, { position, offset }, isInclusive) {
      if (isInclusive && position === 0) return never;
      return second + secondsPerDay - secondOfDayAt(second, offset);
    },
    write: (second, offset) => writeDateTime(second, offset)?.split('T')[1],
  },
  date: {
    key: 'current_date',
    form: '2022-12-26-05:00',
    read: readDate,
    positionAt: epochDayAt,
    upperEnd: (_, { position, offset }, isInclusive) => (isInclusive ? position + 1 : position) * secondsPerDay - offset,
    lowerEnd: () => never,
    write: (second, offset) => {
      const date = writeDateTime(second, offset)?.split('T')[0];
      return date === undefined ? undefined : `${date}${writeOffset(offset)}`;
    },
  },
  dateTime: {
    key: 'current_date_time',
    form: '2022-12-26T09:00:00-05:00',
    read: readDateTime,
    positionAt: (second) => second,
    upperEnd: (second, { position }) => Math.max(second + 1, position),
    lowerEnd: () => never,
    write: writeDateTime,
  },
} as const satisfies Record<string, Scale>;

/** How a position relates to the bound. */
interface Comparison {
  readonly suffix: string;
  readonly isUpper: boolean;
  readonly isInclusive: boolean;
}

const comparisons = [
  { suffix: 'LessThan', isUpper: true, isInclusive: false },
  { suffix: 'LessThanOrEquals', isUpper: true, isInclusive: true },
  { suffix: 'GreaterThan', isUpper: false, isInclusive: false },
  { suffix: 'GreaterThanOrEquals', isUpper: false, isInclusive: true },
] as const satisfies readonly Comparison[];

/** Everything that is known about one operator on the instant; `compile` expects a value in which `valueProblem` finds nothing. */
export interface TimeOperator {
  readonly key: string;
  readonly isUpper: boolean;
  readonly isInclusive: boolean;
  valueProblem(value: ClauseValue): string | undefined;
  readBound(value: ClauseValue): Bound | undefined;
  compile(value: ClauseValue): TimeTest;
}

const operators: ReadonlyMap<string, TimeOperator> = new Map(
  Object.entries<Scale>(scales).flatMap(([name, scale]) =>
    comparisons.map((comparison) => [`${name}${comparison.suffix}`, operatorOf(scale, comparison)] as const),
  ),
);

/** The names of these operators; those on days of the week are apart. */
export const boundOperatorNames: readonly string[] = Object.freeze([...operators.keys()]);

/** The row of an operator that compares the instant with a bound. */
export function findTimeOperator(name: string): TimeOperator | undefined {
  return operators.get(name);
}

function operatorOf(scale: Scale, { isUpper, isInclusive }: Comparison): TimeOperator {
  const readBound = (value: ClauseValue) => (typeof value === 'string' ? scale.read(value) : undefined);
  return Object.freeze({
    key: scale.key,
    isUpper,
    isInclusive,
    readBound,
    valueProblem: (value: ClauseValue) =>
      readBound(value) === undefined ? `a value such as ${scale.form} was expected, with its offset` : undefined,
    compile(value: ClauseValue): TimeTest {
      const bound = readBound(value);
      if (bound === undefined) throw new TypeError('The value does not fit the operator.');
      const { position, offset } = bound;
      const end = isUpper ? scale.upperEnd : scale.lowerEnd;
      return {
        offset,
        holds(second) {
          const now = scale.positionAt(second, offset);
          return (isInclusive && now === position) || (isUpper ? now < position : now > position);
        },
        holdsUntil: (second) => end(second, bound, isInclusive),
        actual: (second) => scale.write(second, offset),
      };
    },
  });
}
