// Random rules over few bounds, and instants close to these bounds.
import fc from 'fast-check';
import type { Condition, Rule } from '../src/index.ts';

const zones = ['+00:00', '+00:00', 'Z', '-05:00', '-05:00', '+06:00', '+05:30', '-00:30'] as const;
const times = ['00:00:00', '09:00:00', '17:00:00', '22:00:00', '23:59:59'] as const;
const dates = ['2022-12-25', '2022-12-26', '2022-12-27', '2022-12-31', '2023-01-01'] as const;
const comparisons = [
  'LessThan',
  'LessThanOrEquals',
  'LessThanOrEquals',
  'GreaterThan',
  'GreaterThanOrEquals',
  'GreaterThanOrEquals',
] as const;

const zone = fc.constantFrom(...zones);
const comparison = fc.constantFrom(...comparisons);
const environment = (name: string) => `{{environment.attributes.${name}}}`;
const resource = (name: string) => `{{resource.attributes.${name}}}`;

const time = fc.tuple(comparison, fc.constantFrom(...times), zone).map(([name, bound, offset]): Condition => {
  return { key: environment('current_time'), operator: `time${name}`, value: `${bound}${offset}` };
});
const date = fc.tuple(comparison, fc.constantFrom(...dates), zone).map(([name, bound, offset]): Condition => {
  return { key: environment('current_date'), operator: `date${name}`, value: `${bound}${offset}` };
});
const dateTime = fc
  .tuple(comparison, fc.constantFrom(...dates), fc.constantFrom(...times), zone)
  .map(([name, day, bound, offset]): Condition => {
    return { key: environment('current_date_time'), operator: `dateTime${name}`, value: `${day}T${bound}${offset}` };
  });
const oneDay = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.constantFrom(undefined, undefined, ...zones), fc.boolean())
  .map(([day, offset, isText]) => (offset === undefined ? (isText ? String(day) : day) : `${day}${offset}`));
const days = fc.oneof(
  oneDay.map((value): Condition => ({ key: environment('day_of_week'), operator: 'dayOfWeekEquals', value })),
  oneDay.map((value): Condition => ({ key: environment('day_of_week'), operator: 'dayOfWeekAnyOf', value })),
  fc
    .array(oneDay, { minLength: 2, maxLength: 6 })
    .map((value): Condition => ({ key: environment('day_of_week'), operator: 'dayOfWeekAnyOf', value })),
);
const onResource = fc.constantFrom<Condition>(
  { key: resource('serviceInstance'), operator: 'stringEquals', value: 'i1' },
  { key: resource('resource'), operator: 'stringMatchAnyOf', value: ['k*', 'x'] },
  { key: resource('resource'), operator: 'stringExists', value: true },
  { key: resource('region'), operator: 'stringExists', value: false },
  { key: resource('serviceName'), operator: 'stringEquals', value: 'kms' },
  { key: resource('serviceType'), operator: 'stringEqualsAnyOf', value: 'service' },
  { key: resource('resourceType'), operator: 'stringMatch', value: '*' },
);

const leaf: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 4, arbitrary: time },
  { weight: 4, arbitrary: days },
  { weight: 2, arbitrary: date },
  { weight: 2, arbitrary: dateTime },
  { weight: 3, arbitrary: onResource },
);
const group = (part: fc.Arbitrary<Rule>): fc.Arbitrary<Rule> =>
  fc.record({ operator: fc.constantFrom('and', 'or'), conditions: fc.array(part, { minLength: 2, maxLength: 3 }) });

/** A condition, a group, or groups in a group. */
export const rules: fc.Arbitrary<Rule> = fc.oneof(leaf, group(leaf), group(fc.oneof(leaf, group(leaf))));

const second = 1_000;
/** An instant at, or within a second or some minutes of, a bound of these rules. */
export const instants: fc.Arbitrary<number> = fc
  .tuple(
    fc.constantFrom(...dates),
    fc.constantFrom(...times),
    fc.constantFrom(...zones),
    fc.constantFrom(-second, -1, 0, 0, 1, 500, 999, second, 1_500, -400 * second, 3 * 3_600 * second),
  )
  .map(([day, bound, offset, shift]) => Date.parse(`${day}T${bound}${offset}`) + shift);
