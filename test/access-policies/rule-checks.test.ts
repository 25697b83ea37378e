/** Which rules go with which pattern, beyond what the checks of the contract ask. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition, Rule } from '@podpass/policy';
import { checkRule } from '../../src/access/policies/rule-checks.ts';
import { DomainError } from '../../src/kernel/errors.ts';

const environment = (name: string, operator: string, value: Condition['value']): Rule =>
  ({ key: `{{environment.attributes.${name}}}`, operator, value }) as Rule;
const [nine, five] = [
  environment('current_time', 'timeGreaterThanOrEquals', '09:00:00+01:00'),
  environment('current_time', 'timeLessThanOrEquals', '17:00:00+01:00'),
];
const monday = environment('day_of_week', 'dayOfWeekEquals', 1);
const and = (...conditions: readonly Rule[]): Rule => ({ operator: 'and', conditions });
const or = (...conditions: readonly Rule[]): Rule => ({ operator: 'or', conditions });
const WEEKLY = 'time-based-conditions:weekly';

function messageOf(pattern: string | undefined, rule: Rule | undefined): string | undefined {
  try {
    checkRule({ ...(pattern !== undefined && { pattern }), ...(rule !== undefined && { rule }) });
    return undefined;
  } catch (error) {
    assert.ok(error instanceof DomainError && error.code === 'invalid_body');
    return error.message;
  }
}

test('neither rule nor pattern is a policy without conditions', () => {
  assert.equal(messageOf(undefined, undefined), undefined);
});

test('the bounds of a window stand in one group, whatever else stands there', () => {
  assert.equal(messageOf(WEEKLY, and(monday, nine, five)), undefined);
  assert.equal(messageOf(WEEKLY, or(and(monday, nine, five), monday)), undefined);
  assert.equal(messageOf(WEEKLY, and(monday, or(and(nine, five), monday)))?.includes('deep'), true);
  assert.match(messageOf(WEEKLY, and(monday, nine, or(five, monday))) ?? '', /'rule' bounds .*current_time/);
  assert.match(messageOf(WEEKLY, or(and(monday, nine), and(monday, five))) ?? '', /'rule\.conditions\[0\]'/);
  assert.match(messageOf(WEEKLY, nine) ?? '', /LessThanOrEquals/);
});

test('bounds that leave out their limits pair as well, and two of one kind do not', () => {
  const [after, before] = [
    environment('current_time', 'timeGreaterThan', '09:00:00Z'),
    environment('current_time', 'timeLessThan', '17:00:00Z'),
  ];
  assert.equal(messageOf(WEEKLY, and(monday, after, before)), undefined);
  assert.equal(messageOf(WEEKLY, and(monday, after, five)), undefined);
  assert.match(messageOf(WEEKLY, and(monday, after, nine)) ?? '', /one side only/);
});

test('a pattern that an object has by nature is none', () => {
  for (const pattern of ['__proto__', 'constructor', 'toString', ''])
    assert.match(messageOf(pattern, monday) ?? '', /'pattern' must be one of/);
});

test('a key that looks like one of a resource is checked to its end', () => {
  const leaf = (key: string): Rule => ({ key, operator: 'stringEquals', value: 'x' });
  const RESOURCE = 'attribute-based-condition:resource:literal-and-wildcard';
  assert.equal(messageOf(RESOURCE, leaf('{{resource.attributes.path}}')), undefined);
  for (const key of [
    '{{resource.attributes.path',
    '{{resource.attributes.}}',
    ' {{resource.attributes.path}}',
    '{{environment.attributes.day_of_week}}',
  ]) {
    assert.match(messageOf(RESOURCE, leaf(key)) ?? '', /^Field 'rule'/);
  }
});
