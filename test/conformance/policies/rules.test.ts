/** What the rule of a policy must say. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { assertRefused, bodyV2, createPolicyCalls, OFFICE_HOURS, type PolicyCalls, when } from './making.ts';

let world: World;
let account: TestAccount;
let user: TestUser;
let calls: PolicyCalls;

before(async () => {
  world = await startWorld();
  account = await world.account();
  user = await world.user(account.id);
  calls = createPolicyCalls(world, account);
});
after(() => world[Symbol.asyncDispose]());

const WEEKLY = 'time-based-conditions:weekly:custom-hours';
const ONCE = 'time-based-conditions:once';
const RESOURCE = 'attribute-based-condition:resource:literal-and-wildcard';

const and = (...conditions: readonly Wire[]) => ({ operator: 'and', conditions });
const or = (...conditions: readonly Wire[]) => ({ operator: 'or', conditions });
const days = (value: unknown, operator = 'dayOfWeekAnyOf') => when('day_of_week', operator, value);
const from = (value: unknown) => when('current_time', 'timeGreaterThanOrEquals', value);
const until = (value: unknown) => when('current_time', 'timeLessThanOrEquals', value);
const since = (value: unknown) => when('current_date_time', 'dateTimeGreaterThanOrEquals', value);
const up = (value: unknown) => when('current_date_time', 'dateTimeLessThanOrEquals', value);
const of = (name: string, operator: string, value: unknown) => ({ key: `{{resource.attributes.${name}}}`, operator, value });

const ask = (pattern: unknown, rule: unknown) =>
  calls.create(2, bodyV2(account.id, user.iamId, { ...(pattern !== undefined && { pattern }), ...(rule !== undefined && { rule }) }));

async function refused(pattern: unknown, rule: unknown, ...words: readonly string[]): Promise<void> {
  const { message } = assertRefused(await ask(pattern, rule), 400, 'invalid_body');
  for (const word of words) assert.ok(message.includes(word), `'${word}' is not in: ${message}`);
}

async function accepted(pattern: string, rule: unknown): Promise<string | null> {
  const reply = await ask(pattern, rule);
  assert.equal(reply.status, 201, reply.text);
  assert.deepEqual([reply.body.pattern, reply.body.rule], [pattern, rule]);
  return reply.headers.get('podpass-warning');
}

test('W-27: a rule without a pattern is refused, and a pattern without a rule, and one that there is not', async () => {
  await refused(undefined, OFFICE_HOURS.rule, "'pattern'", WEEKLY);
  await refused(WEEKLY, undefined, "'rule'");
  await refused('time-based-conditions:daily', OFFICE_HOURS.rule, "'pattern'", 'time-based-conditions:daily');
});

test('W-28: the days of a week have no place in the pattern of one time, nor the reverse, nor attributes in either', async () => {
  await refused(ONCE, OFFICE_HOURS.rule, 'rule.conditions[0]', 'day_of_week', ONCE);
  await refused(ONCE, and(since('2026-01-01T00:00:00Z'), up('2026-01-02T00:00:00Z'), days(1)), 'rule.conditions[2]');
  await refused(WEEKLY, and(since('2026-01-01T00:00:00Z'), up('2026-01-02T00:00:00Z')), 'current_date_time');
  await refused(WEEKLY, and(days(1), of('path', 'stringMatch', 'x*')), '{{resource.attributes.path}}');
  await refused(RESOURCE, and(of('path', 'stringMatch', 'x*'), days(1)), 'day_of_week');
});

test('W-29: a bound in time without the other one is refused', async () => {
  const begin = since('2026-01-01T09:00:00-05:00');
  await refused(ONCE, begin, "'rule'", 'current_date_time', 'LessThanOrEquals');
  await refused(ONCE, up('2026-01-01T09:00:00-05:00'), 'GreaterThanOrEquals');
  await refused(ONCE, and(begin, since('2026-01-02T09:00:00-05:00')), 'LessThanOrEquals');
  await refused(ONCE, or(begin, up('2026-01-02T09:00:00-05:00')), 'LessThanOrEquals');
  await refused(WEEKLY, and(days(1), from('09:00:00Z')), 'current_time');
  await refused(WEEKLY, or(and(days(1), from('09:00:00Z')), and(days(1), until('10:00:00Z'))), 'rule.conditions[0]');
});

test('a time of the day without days is refused', async () => {
  await refused(WEEKLY, and(from('09:00:00Z'), until('17:00:00Z')), 'day_of_week');
});

test('W-30: a group has ten conditions at most, and two at least', async () => {
  const conditions = (count: number) => Array.from({ length: count }, (_, index) => of(`a${index}`, 'stringEquals', 'x'));
  await refused(RESOURCE, and(...conditions(11)), 'rule.conditions', '11');
  await refused(RESOURCE, or(of('x', 'stringEquals', 'y'), and(...conditions(11))), 'rule.conditions[1].conditions', '11');
  await refused(RESOURCE, and(...conditions(1)), 'rule.conditions');
  await refused(RESOURCE, and(), 'rule.conditions');
  assert.equal(await accepted(RESOURCE, and(...conditions(10))), null);
});

test('W-31: groups are nested two deep and no deeper', async () => {
  const leaf = (name: string) => of(name, 'stringEquals', 'x');
  await refused(RESOURCE, or(leaf('a'), and(leaf('b'), or(leaf('c'), leaf('d')))), 'rule.conditions[1].conditions[1]', 'deep');
  assert.equal(await accepted(RESOURCE, or(leaf('a'), and(leaf('b'), leaf('c')))), null);
  let deep: Wire = leaf('x');
  for (let level = 0; level < 300; level += 1) deep = and(deep);
  const reply = await ask(RESOURCE, deep);
  assertRefused(reply, 400, 'invalid_body');
});

test('a list in a rule has ten values at most, and one value may stand for a list', async () => {
  const many = Array.from({ length: 11 }, (_, index) => `home/${index}/*`);
  await refused(RESOURCE, of('path', 'stringMatchAnyOf', many), 'rule.value');
  assert.equal(await accepted(RESOURCE, of('path', 'stringMatchAnyOf', many.slice(1))), null);
  assert.equal(await accepted(RESOURCE, of('path', 'stringMatchAnyOf', 'home/*')), null);
  assert.equal(await accepted(RESOURCE, of('prefix', 'stringEqualsAnyOf', ['', 'home/'])), null);
  assert.equal(await accepted(RESOURCE, and(of('prefix', 'stringExists', true), of('path', 'stringExists', 'false'))), null);
});

test('a rule may be one condition', async () => {
  assert.equal(await accepted('time-based-conditions:weekly:all-day', days('3+06:00', 'dayOfWeekEquals')), null);
  assert.equal(await accepted('time-based-conditions:weekly:all-day', days([1, 2, '3', '4-05:00'])), null);
});

test('a window for once is a pair of instants, or of dates', async () => {
  assert.equal(await accepted(ONCE, and(since('2022-12-26T09:00:00-05:00'), up('2022-12-27T17:00:00-05:00'))), null);
  const dates = [
    when('current_date', 'dateGreaterThanOrEquals', '2022-12-26-05:00'),
    when('current_date', 'dateLessThanOrEquals', '2022-12-27-05:00'),
  ];
  assert.equal(await accepted(ONCE, and(...dates)), null);
});

test('instants, times and days are written as they must be', async () => {
  for (const value of ['2022-12-26T09:00:00', '2022-02-30T09:00:00Z', '26.12.2022', 5, true, ['2022-12-26T09:00:00Z'], '']) {
    await refused(ONCE, and(since(value), up('2030-01-01T00:00:00Z')), 'rule.conditions[0]');
  }
  for (const value of ['09:00:00', '24:00:00Z', '09:00Z', '9:00:00Z', '09:00:00+25:00', 9]) {
    await refused(WEEKLY, and(days(1), from(value), until('23:59:59Z')), 'rule.conditions[1]');
  }
  for (const value of [0, 8, '0', 'Monday', '3+6', 1.5, true, [1, 8], [], '3+24:00']) {
    await refused('time-based-conditions:weekly:all-day', days(value), 'rule');
  }
  await refused('time-based-conditions:weekly:all-day', days([1, 2], 'dayOfWeekEquals'), 'dayOfWeekAnyOf');
});

test('an operator goes with its key', async () => {
  await refused(WEEKLY, and(when('day_of_week', 'stringEquals', '1'), days(1)), 'rule.conditions[0]', 'dayOfWeekEquals');
  await refused(WEEKLY, and(days(1), when('current_time', 'dateTimeLessThan', '2022-12-26T09:00:00Z')), 'rule.conditions[1]');
  await refused(RESOURCE, of('path', 'timeLessThan', '09:00:00Z'), "'rule'");
  await refused(RESOURCE, of('path', '__proto__', 'x'), "'rule'");
  for (const key of ['path', '{{resource.attributes.}}', '{{environment.attributes.year}}', '{{subject.attributes.id}}', '__proto__']) {
    await refused(RESOURCE, { key, operator: 'stringEquals', value: 'x' }, "'rule'");
  }
});

test('what a rule holds beyond what it may is refused by its name', async () => {
  const leaf = of('path', 'stringEquals', 'x');
  await refused(RESOURCE, { ...leaf, effect: 'deny' }, "'rule'", 'effect');
  await refused(RESOURCE, and(leaf, { ...leaf, effect: 'deny' }), 'rule.conditions[1]', 'effect');
  await refused(RESOURCE, { ...and(leaf, leaf), value: 'x' }, "'rule'", 'value');
  await refused(RESOURCE, { operator: 'not', conditions: [leaf, leaf] }, 'rule.operator', "must be one of and, or, not 'not'");
  await refused(RESOURCE, and(leaf, null), 'rule.conditions[1]', 'must be an object, not null');
  await refused(RESOURCE, and(leaf, [leaf]), 'rule.conditions[1]');
  await refused(RESOURCE, { operator: 'and', conditions: leaf }, 'rule.conditions', 'must be a list');
  await refused(RESOURCE, and(leaf, { key: leaf.key, value: 'x' }), 'rule.conditions[1].operator');
  await refused(RESOURCE, and(leaf, { ...leaf, value: null }), 'rule.conditions[1].value');
  for (const rule of [[], 'x', 5, true, {}]) await refused(RESOURCE, rule, 'rule');
});

test('a window across midnight is accepted, with a warning that it is never open', async () => {
  const night = and(days([1, 2, 3]), from('22:00:00Z'), until('06:00:00Z'));
  assert.match((await accepted(WEEKLY, night)) ?? '', /^rule_never_true; The window from 22:00:00Z to 06:00:00Z .*\.$/);
  const apart = or(and(days(1), from('22:00:00Z'), until('23:59:59Z')), and(days(2), from('00:00:00Z'), until('06:00:00Z')));
  assert.equal(await accepted(WEEKLY, apart), null);
});

test('a window that ends before it begins, and days that exclude each other, are refused', async () => {
  const backwards = and(since('2026-01-02T00:00:00Z'), up('2026-01-01T00:00:00Z'));
  await refused(ONCE, backwards, "'rule'", '2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z');
  const [dateSince, dateUp] = [
    when('current_date', 'dateGreaterThanOrEquals', '2026-01-02Z'),
    when('current_date', 'dateLessThanOrEquals', '2026-01-01Z'),
  ];
  await refused(ONCE, and(dateSince, dateUp), "'rule'");
  await refused(ONCE, or(and(since('2026-01-01T00:00:00Z'), up('2026-01-02T00:00:00Z')), backwards), "'rule'");
  const excluding = and(days(1, 'dayOfWeekEquals'), days(2, 'dayOfWeekEquals'));
  await refused('time-based-conditions:weekly:all-day', excluding, "'rule'", 'day');
  // One instant is a window, and so is one that only its offsets turn around.
  assert.equal(await accepted(ONCE, and(since('2026-01-01T00:00:00Z'), up('2026-01-01T01:00:00+01:00'))), null);
  assert.equal(await accepted(ONCE, and(since('2026-01-01T12:00:00+10:00'), up('2026-01-01T03:00:00Z'))), null);
});

test('a replacement is told the same as a creation', async () => {
  const { id } = await calls.made(2, bodyV2(account.id, user.iamId, OFFICE_HOURS));
  const night = bodyV2(account.id, user.iamId, { pattern: WEEKLY, rule: and(days(1), from('22:00:00Z'), until('06:00:00Z')) });
  const reply = await calls.put(2, id, '*', night);
  assert.deepEqual([reply.status, reply.headers.get('podpass-warning')?.split(';')[0]], [200, 'rule_never_true']);
  assertRefused(await calls.put(2, id, '*', { ...night, pattern: undefined }), 400, 'invalid_body');
});
