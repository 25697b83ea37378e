import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Condition,
  clauseProblem,
  compilePolicy,
  conditionProblem,
  type Rule,
  ruleContradiction,
  ruleWarning,
  timeOperatorNames,
} from '../src/index.ts';
import { permits, policy, request } from './world.ts';

const environment = (name: string) => `{{environment.attributes.${name}}}`;
const time = (operator: string, value: Condition['value']) =>
  ({ key: environment('current_time'), operator: operator as Condition['operator'], value }) satisfies Condition;
const date = (operator: string, value: Condition['value']) => ({ ...time(operator, value), key: environment('current_date') });
const dateTime = (operator: string, value: Condition['value']) => ({ ...time(operator, value), key: environment('current_date_time') });
const days = (operator: string, value: Condition['value']) => ({ ...time(operator, value), key: environment('day_of_week') });
const attribute = (name: string, operator: string, value: Condition['value']) => ({
  ...time(operator, value),
  key: `{{resource.attributes.${name}}}`,
});
const and = (...conditions: readonly Rule[]): Rule => ({ operator: 'and', conditions });
const or = (...conditions: readonly Rule[]): Rule => ({ operator: 'or', conditions });

const holdsAt = (rule: Rule, at: string, resource: Readonly<Record<string, string>> = {}) =>
  permits([{ on: { serviceName: 'kms' }, rule }], request({ serviceName: 'kms', ...resource }, { at: Date.parse(at) }));

/** Each rule with instants at which it holds, and instants at which it does not. */
const rows: readonly (readonly [rule: Rule, holding: readonly string[], other: readonly string[]])[] = [
  [time('timeLessThan', '09:00:00-05:00'), ['2026-01-07T13:59:59.999Z', '2026-01-07T05:00:00Z'], ['2026-01-07T14:00:00Z']],
  [time('timeLessThanOrEquals', '17:00:00Z'), ['2026-01-07T17:00:00.999Z', '2026-01-07T00:00:00Z'], ['2026-01-07T17:00:01Z']],
  [time('timeGreaterThan', '09:00:00+00:00'), ['2026-01-07T09:00:01Z'], ['2026-01-07T09:00:00.999Z', '2026-01-08T00:00:00Z']],
  [time('timeGreaterThanOrEquals', '09:00:00+05:30'), ['2026-01-07T03:30:00Z'], ['2026-01-07T03:29:59.999Z', '2026-01-07T18:30:00Z']],
  [date('dateLessThan', '2026-01-07-05:00'), ['2026-01-07T04:59:59Z'], ['2026-01-07T05:00:00Z']],
  [date('dateLessThanOrEquals', '2026-01-07-05:00'), ['2026-01-08T04:59:59.999Z'], ['2026-01-08T05:00:00Z']],
  [date('dateGreaterThan', '2026-01-07+06:00'), ['2026-01-07T18:00:00Z'], ['2026-01-07T17:59:59Z']],
  [date('dateGreaterThanOrEquals', '2026-01-07Z'), ['2026-01-07T00:00:00Z', '2027-01-01T00:00:00Z'], ['2026-01-06T23:59:59.999Z']],
  [dateTime('dateTimeLessThan', '2026-01-07T09:00:00-05:00'), ['2026-01-07T13:59:59.999Z'], ['2026-01-07T14:00:00Z']],
  [dateTime('dateTimeLessThanOrEquals', '2026-01-07T09:00:00Z'), ['2026-01-07T09:00:00.999Z'], ['2026-01-07T09:00:01Z']],
  [dateTime('dateTimeGreaterThan', '2026-01-07T09:00:00Z'), ['2026-01-07T09:00:01Z'], ['2026-01-07T09:00:00.500Z']],
  [dateTime('dateTimeGreaterThanOrEquals', '2026-01-07T09:00:00+01:00'), ['2026-01-07T08:00:00Z'], ['2026-01-07T07:59:59Z']],
  [days('dayOfWeekEquals', 3), ['2026-01-07T00:00:00Z', '2026-01-07T23:59:59.999Z'], ['2026-01-06T23:59:59Z', '2026-01-08T00:00:00Z']],
  [days('dayOfWeekEquals', '3+06:00'), ['2026-01-06T18:00:00Z'], ['2026-01-07T18:00:00Z']],
  [days('dayOfWeekEquals', '7Z'), ['2026-01-11T12:00:00Z', '1969-12-28T12:00:00Z'], ['2026-01-12T00:00:00Z']],
  [days('dayOfWeekAnyOf', ['1', 2, '7-05:00']), ['2026-01-05T12:00:00Z', '2026-01-12T04:59:59Z'], ['2026-01-07T12:00:00Z']],
  [days('dayOfWeekAnyOf', '3+06:00'), ['2026-01-06T18:00:00Z'], ['2026-01-07T18:00:00Z']],
];

describe('conditions on the instant', () => {
  for (const [rule, holding, other] of rows) {
    const { operator, value } = rule as Condition;
    it(`${operator} ${JSON.stringify(value)} counts whole seconds at its own offset`, () => {
      for (const at of holding) assert.equal(holdsAt(rule, at), true, `${at} is within`);
      for (const at of other) assert.equal(holdsAt(rule, at), false, `${at} is not within`);
    });
  }

  it('have a case above for every operator', () => {
    assert.deepEqual(new Set(rows.map(([rule]) => rule.operator)), new Set(timeOperatorNames));
  });
});

describe('a day without an offset', () => {
  const lateMonday = '2026-01-06T02:00:00Z';

  it('is a day at the offset of the times and dates in its group, where they agree', () => {
    const monday = days('dayOfWeekEquals', 1);
    assert.equal(holdsAt(and(monday, time('timeGreaterThanOrEquals', '20:00:00-05:00')), lateMonday), true);
    assert.equal(holdsAt(and(monday, date('dateGreaterThanOrEquals', '2026-01-05-05:00')), lateMonday), true);
    assert.equal(holdsAt(and(days('dayOfWeekAnyOf', ['1', 3]), time('timeLessThan', '23:00:00-05:00')), lateMonday), true);
  });

  it('is a day in UTC otherwise', () => {
    const tuesday = days('dayOfWeekEquals', '2');
    const evening = time('timeGreaterThanOrEquals', '20:00:00-05:00');
    assert.equal(holdsAt(tuesday, lateMonday), true);
    assert.equal(holdsAt(and(tuesday, evening, time('timeGreaterThan', '01:00:00Z')), lateMonday), true);
    assert.equal(holdsAt(or(tuesday, time('timeLessThan', '00:00:01-05:00')), lateMonday), true);
    assert.equal(holdsAt(and(tuesday, or(evening, evening)), lateMonday), true);
  });

  it('keeps an offset of its own in any group', () => {
    assert.equal(holdsAt(and(days('dayOfWeekEquals', '2+00:00'), time('timeGreaterThanOrEquals', '20:00:00-05:00')), lateMonday), true);
  });
});

describe('a rule', () => {
  it('joins all by and, any by or, two deep', () => {
    const isA = attribute('x', 'stringEquals', 'a');
    const isB = attribute('y', 'stringMatch', 'b*');
    const now = '2026-01-07T12:00:00Z';
    for (const [resource, all, any] of [
      [{ x: 'a', y: 'b1' }, true, true],
      [{ x: 'a' }, false, true],
      [{}, false, false],
    ] as const) {
      assert.equal(holdsAt(and(isA, isB), now, resource), all);
      assert.equal(holdsAt(or(isA, isB), now, resource), any);
      assert.equal(holdsAt(and(or(isA, isB), or(isB, isA)), now, resource), any);
    }
  });

  it('reads attributes as clauses do, with what the catalog derives', () => {
    const now = '2026-01-07T12:00:00Z';
    assert.equal(holdsAt(attribute('serviceType', 'stringEquals', 'service'), now, { serviceType: 'platform_service' }), true);
    assert.equal(holdsAt(attribute('serviceName', 'stringEquals', 'kms'), now), true);
    assert.equal(holdsAt(attribute('resource', 'stringExists', false), now), true);
    assert.equal(holdsAt(attribute('__proto__', 'stringExists', true), now), false);
    assert.equal(holdsAt(attribute('prefix', 'stringEqualsAnyOf', ['', 'home/']), now, { prefix: '' }), true);
    assert.equal(holdsAt(attribute('prefix', 'stringEqualsAnyOf', ['', 'home/']), now), false);
    assert.equal(holdsAt(attribute('size', 'stringEquals', 3), now, { size: '3' }), true);
  });

  it('is refused, with the condition named, when it is ill-formed', () => {
    const odd: readonly Condition[] = [
      { ...time('timeLessThan', '09:00:00Z'), key: 'current_time' },
      { ...time('timeLessThan', '09:00:00Z'), key: environment('current_tide') },
      { ...time('timeLessThan', '09:00:00Z'), key: environment('constructor') },
      { ...time('stringEquals', 'x'), key: '{{resource.attributes.}}' },
      { ...time('stringEquals', 'x'), key: '{{resource.attributes.x}' },
      time('dateTimeLessThan', '2026-01-07T09:00:00Z'),
      time('stringEquals', '09:00:00Z'),
      time('__proto__', '09:00:00Z'),
      attribute('x', 'timeLessThan', '09:00:00Z'),
      attribute('x', 'stringEquals', ['a']),
      attribute('x', 'stringExists', 'maybe'),
      ...[
        '09:00:00',
        '9:00:00Z',
        '24:00:00Z',
        '09:60:00Z',
        '09:00:60Z',
        '09:00:00+5:00',
        '09:00:00+24:00',
        '09:00:00+01:60',
        '',
        ' 09:00:00Z',
      ].map((value) => time('timeLessThan', value)),
      time('timeLessThan', 9),
      time('timeLessThan', ['09:00:00Z']),
      ...['2026-01-07', '2026-02-30Z', '2026-13-01Z', '2026-00-10Z', '26-01-01Z'].map((value) => date('dateLessThan', value)),
      ...['2026-01-07T09:00:00', '2026-01-07 09:00:00Z', '2025-02-29T09:00:00Z', '2026-01-07T09:00:00.5Z'].map((value) =>
        dateTime('dateTimeLessThan', value),
      ),
      ...[0, 8, 1.5, '0', '8', '3+6', '3 +06:00', 'Monday', true, ['1']].map((value) => days('dayOfWeekEquals', value)),
      days('dayOfWeekAnyOf', [1, 8]),
      days('dayOfWeekLessThan', 1),
    ];
    for (const condition of odd) {
      const problem = conditionProblem(condition);
      assert.ok(problem?.startsWith(`Condition on ${condition.key}: `) && problem.endsWith('.'), JSON.stringify(condition));
      for (const rule of [condition, and(days('dayOfWeekEquals', 1), condition)]) {
        assert.throws(() => compilePolicy(policy({ id: 'p1', rule })), { name: 'TypeError', message: `Policy p1: ${problem}` });
      }
    }
    for (const [rule] of rows) assert.equal(conditionProblem(rule as Condition), undefined);
    for (const rule of [{ operator: 'and', conditions: [] } as const, { operator: 'not', conditions: [days('dayOfWeekEquals', 1)] }]) {
      assert.throws(() => compilePolicy(policy({ rule: rule as Rule })), { name: 'TypeError', message: /^Policy .+: Rule: .+\.$/ });
    }
  });
});

describe('the check of a clause', () => {
  it('says what is wrong with it, or nothing', () => {
    assert.equal(clauseProblem({ key: 'resource', operator: 'stringEquals', value: 'x' }), undefined);
    assert.equal(clauseProblem({ key: 'resource', operator: 'stringExists', value: 'true' }), undefined);
    assert.equal(clauseProblem({ key: 'resource', operator: 'stringEqualsAnyOf', value: 'x' }), undefined);
    assert.equal(
      clauseProblem({ key: 'resource', operator: 'stringExists', value: 'x' }),
      'Clause on resource: stringExists does not fit its value: true or false was expected.',
    );
    assert.match(
      clauseProblem({ key: 'x', operator: 'timeLessThan' as 'stringMatch', value: 'x' }) ?? '',
      /is not an operator of attributes/,
    );
    assert.match(clauseProblem({ key: 'x', operator: 'stringEqualsAnyOf', value: [{}] as unknown as string[] }) ?? '', /does not fit/);
    assert.match(clauseProblem({ key: 'x', operator: 'stringEquals', value: null as unknown as string }) ?? '', /does not fit/);
  });
});

describe('the warning about a rule', () => {
  const from = time('timeGreaterThanOrEquals', '22:00:00+00:00');
  const until = time('timeLessThanOrEquals', '06:00:00+00:00');

  it('is given for a window across midnight, at whatever depth', () => {
    for (const rule of [and(from, until), or(days('dayOfWeekEquals', 1), and(until, from))]) {
      assert.match(ruleWarning(rule) ?? '', /^The window from 22:00:00\+00:00 to 06:00:00\+00:00 is never open, .+\.$/);
    }
  });

  it('is given for a window that ends before it begins, whatever the offsets', () => {
    const start = dateTime('dateTimeGreaterThanOrEquals', '2026-01-07T09:00:00-05:00');
    assert.match(
      ruleContradiction(and(start, dateTime('dateTimeLessThanOrEquals', '2026-01-07T13:00:00Z'))) ?? '',
      /ends before it begins/,
    );
    assert.equal(ruleContradiction(and(start, dateTime('dateTimeLessThanOrEquals', '2026-01-07T14:00:00Z'))), undefined);
    assert.match(ruleContradiction(and(start, dateTime('dateTimeLessThan', '2026-01-07T14:00:00Z'))) ?? '', /never open/);
    assert.match(
      ruleContradiction(and(date('dateGreaterThan', '2026-01-07Z'), date('dateLessThanOrEquals', '2026-01-07Z'))) ?? '',
      /never open/,
    );
  });

  it('is given for days that exclude each other', () => {
    assert.match(ruleContradiction(and(days('dayOfWeekEquals', 1), days('dayOfWeekEquals', '2'))) ?? '', /exclude each other/);
    assert.match(ruleContradiction(and(days('dayOfWeekAnyOf', ['1Z', '2Z']), days('dayOfWeekEquals', 3))) ?? '', /exclude each other/);
    assert.equal(ruleContradiction(and(days('dayOfWeekAnyOf', [1, 2]), days('dayOfWeekEquals', '2'))), undefined);
    assert.equal(ruleContradiction(and(days('dayOfWeekEquals', '1+06:00'), days('dayOfWeekEquals', '7Z'))), undefined);
  });

  it('is not given for what may hold', () => {
    assert.equal(ruleWarning(from), undefined);
    assert.equal(ruleWarning(or(from, until)), undefined);
    assert.equal(ruleWarning(and(from, time('timeLessThanOrEquals', '06:00:00-05:00'))), undefined);
    assert.equal(ruleWarning(and(from, time('timeLessThanOrEquals', '22:00:00Z'))), undefined);
    assert.match(
      ruleContradiction(and(attribute('x', 'stringEquals', 'a'), attribute('x', 'stringEquals', 'b'))) ?? '',
      /cannot be both 'a' and 'b'/,
    );
    assert.equal(ruleContradiction(and(attribute('x', 'stringEquals', 'a'), attribute('x', 'stringMatch', 'b*'))), undefined);
  });
});
