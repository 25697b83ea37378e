// Random rules over few bounds, and instants close to the bounds of given ones.
import fc from 'fast-check';
import type { Condition, Policy, Rule } from '../src/index.ts';

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

const windowAt = (offset: string, isBare: boolean) =>
  fc.tuple(fc.constantFrom(...times), fc.constantFrom(...times), fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 3 })).map(
    ([from, until, open]): Rule => ({
      operator: 'and',
      conditions: [
        { key: environment('day_of_week'), operator: 'dayOfWeekAnyOf', value: isBare ? open : open.map((day) => `${day}${offset}`) },
        { key: environment('current_time'), operator: 'timeGreaterThanOrEquals', value: `${from < until ? from : until}${offset}` },
        { key: environment('current_time'), operator: 'timeLessThanOrEquals', value: `${from < until ? until : from}${offset}` },
      ],
    }),
  );
/** Hours on some days, as people write them. */
const weekly = fc.tuple(zone, fc.boolean()).chain(([offset, isBare]) => windowAt(offset, isBare));
/** Bare days beside times at two offsets. */
const mixed = fc.tuple(days, zone, zone).map(
  ([day, one, other]): Rule => ({
    operator: 'and',
    conditions: [
      day,
      { key: environment('current_time'), operator: 'timeGreaterThanOrEquals', value: `00:00:00${one}` },
      { key: environment('current_time'), operator: 'timeLessThanOrEquals', value: `23:59:59${other}` },
    ],
  }),
);
const once = fc.tuple(fc.constantFrom(...dates), fc.constantFrom(...times), zone, fc.boolean()).map(
  ([day, until, offset, isDate]): Rule => ({
    operator: 'and',
    conditions: isDate
      ? [
          { key: environment('current_date'), operator: 'dateGreaterThanOrEquals', value: `2022-12-25${offset}` },
          { key: environment('current_date'), operator: 'dateLessThan', value: `${day}${offset}` },
        ]
      : [
          { key: environment('current_date_time'), operator: 'dateTimeGreaterThanOrEquals', value: `2022-12-24T00:00:00${offset}` },
          { key: environment('current_date_time'), operator: 'dateTimeLessThanOrEquals', value: `${day}T${until}${offset}` },
        ],
  }),
);

/** A condition, a group, groups in a group, and windows. */
export const rules: fc.Arbitrary<Rule> = fc.oneof(
  leaf,
  group(leaf),
  group(fc.oneof(leaf, group(leaf))),
  weekly,
  mixed,
  once,
  group(fc.oneof(weekly, once)),
);

const second = 1_000;

/** An instant by a bound of some rule, and by how much before or after it. */
export interface Moment {
  readonly pick: number;
  readonly shift: number;
}

export const moments: fc.Arbitrary<Moment> = fc.record({
  pick: fc.nat({ max: 10_000 }),
  shift: fc.constantFrom(-400, -90, -20, -5, -1, -0.001, 0, 0, 0.001, 0.5, 0.999, 1, 1.5, 10_800).map((seconds) => seconds * second),
});

/** The instant that is meant, where these policies are the ones with rules. */
export function instantOf(policies: readonly Policy[], { pick, shift }: Moment): number {
  const bounds = policies.flatMap(({ rule }) => (rule === undefined ? [] : boundsOf(rule)));
  return (bounds[pick % bounds.length] ?? Date.parse('2022-12-28T12:00:00Z')) + shift;
}

function boundsOf(rule: Rule): readonly number[] {
  if ('conditions' in rule) return rule.conditions.flatMap(boundsOf);
  return [rule.value].flat().flatMap((value) => {
    const text = String(value);
    if (rule.key.includes('current_date_time')) return [Date.parse(text)];
    if (rule.key.includes('current_date'))
      return [0, 1].map((day) => Date.parse(`${text.slice(0, 10)}T00:00:00${text.slice(10)}`) + day * 86_400 * second);
    const ofDay = rule.key.includes('current_time') ? text : `00:00:00${text.slice(1) || 'Z'}`;
    return rule.key.includes('environment') ? dates.map((day) => Date.parse(`${day}T${ofDay}`)) : [];
  });
}
