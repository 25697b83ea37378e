import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Rule, SubjectContext } from '../src/index.ts';
import { decide, type PolicyText, request, stranger } from './world.ts';

const hours: Rule = {
  operator: 'and',
  conditions: [
    { key: '{{environment.attributes.day_of_week}}', operator: 'dayOfWeekAnyOf', value: [1, 2, 3, 4, 5] },
    { key: '{{environment.attributes.current_time}}', operator: 'timeGreaterThanOrEquals', value: '09:00:00+00:00' },
    { key: '{{environment.attributes.current_time}}', operator: 'timeLessThanOrEquals', value: '17:00:00+00:00' },
  ],
};
const leaf = (name: string, operator: string, value: string | number | readonly string[]): Rule =>
  ({ key: `{{environment.attributes.${name}}}`, operator, value }) as Rule;
const onKms = { on: { serviceName: 'kms' } };

function obligationAt(policies: readonly PolicyText[], at: string, context: SubjectContext = stranger) {
  const decision = decide(policies, request({ serviceName: 'kms' }, { at: Date.parse(at) }), context);
  assert.ok(decision.permitted, `denied at ${at}`);
  return decision.obligation;
}
const ageAt = (rule: Rule, at: string) => obligationAt([{ ...onKms, rule }], at).maxCacheAgeSeconds;

describe('how long a permit may be remembered', () => {
  it('is 600 seconds, and shorter up to the end of the window', () => {
    for (const [at, age] of [
      ['2026-01-07T09:00:00Z', 600],
      ['2026-01-07T16:50:00Z', 600],
      ['2026-01-07T16:50:01Z', 599],
      ['2026-01-07T16:59:30Z', 30],
      ['2026-01-07T16:59:30.001Z', 29],
      ['2026-01-07T16:59:59Z', 1],
      ['2026-01-07T17:00:00Z', 1],
    ] as const) {
      assert.equal(ageAt(hours, at), age, at);
    }
  });

  it('ends with the last of the days, the date, the instant, and not at the midnight between two days', () => {
    assert.equal(ageAt(leaf('day_of_week', 'dayOfWeekEquals', 3), '2026-01-07T23:59:00Z'), 60);
    assert.equal(ageAt(leaf('day_of_week', 'dayOfWeekAnyOf', ['3', '4']), '2026-01-07T23:59:00Z'), 600);
    assert.equal(ageAt(leaf('day_of_week', 'dayOfWeekAnyOf', ['3+06:00', '5']), '2026-01-07T17:59:00Z'), 60);
    assert.equal(ageAt(leaf('day_of_week', 'dayOfWeekAnyOf', ['7', '1']), '2026-01-11T23:59:00Z'), 600);
    assert.equal(ageAt(leaf('day_of_week', 'dayOfWeekAnyOf', ['1', '2', '3', '4', '5', '6', '7']), '2026-01-07T23:59:00Z'), 600);
    assert.equal(ageAt(leaf('current_date', 'dateLessThanOrEquals', '2026-01-07-05:00'), '2026-01-08T04:59:20Z'), 40);
    assert.equal(ageAt(leaf('current_date', 'dateLessThan', '2026-01-08Z'), '2026-01-07T23:59:20Z'), 40);
    assert.equal(ageAt(leaf('current_date_time', 'dateTimeLessThan', '2026-01-07T09:00:00Z'), '2026-01-07T08:59:50Z'), 10);
    assert.equal(ageAt(leaf('current_time', 'timeGreaterThan', '20:00:00Z'), '2026-01-07T23:59:50Z'), 10);
    assert.equal(ageAt(leaf('current_time', 'timeLessThan', '20:00:00Z'), '2026-01-07T19:59:50Z'), 10);
  });

  it('is not shortened by a bound that no time ends', () => {
    assert.equal(ageAt(leaf('current_date_time', 'dateTimeGreaterThan', '2026-01-07T09:00:00Z'), '2026-01-07T09:00:01Z'), 600);
    assert.equal(ageAt(leaf('current_date', 'dateGreaterThanOrEquals', '2026-01-07Z'), '2026-01-07T23:59:50Z'), 600);
    assert.equal(ageAt(leaf('current_time', 'timeGreaterThanOrEquals', '00:00:00Z'), '2026-01-07T23:59:50Z'), 600);
    assert.equal(ageAt(leaf('current_time', 'timeLessThanOrEquals', '23:59:59Z'), '2026-01-07T23:59:50Z'), 600);
  });

  it('is the shortest of what is joined by and, the longest that holds of what is joined by or', () => {
    const soon = leaf('current_date_time', 'dateTimeLessThan', '2026-01-07T09:00:10Z');
    const later = leaf('current_date_time', 'dateTimeLessThan', '2026-01-07T09:00:40Z');
    const past = leaf('current_date_time', 'dateTimeGreaterThan', '2026-01-07T10:00:00Z');
    assert.equal(ageAt({ operator: 'and', conditions: [soon, later] }, '2026-01-07T09:00:00Z'), 10);
    assert.equal(ageAt({ operator: 'or', conditions: [soon, later] }, '2026-01-07T09:00:00Z'), 40);
    assert.equal(ageAt({ operator: 'or', conditions: [soon, past] }, '2026-01-07T09:00:00Z'), 10);
  });

  it('ends with the membership that the policy came from, and with no other', () => {
    const at = '2026-01-07T12:00:00Z';
    const context = { groups: ['G', 'H'], isOwner: false, groupsEndAt: new Map([['G', Date.parse(at) + 45_000]]) };
    assert.equal(obligationAt([{ ...onKms, group: 'G' }], at, context).maxCacheAgeSeconds, 45);
    assert.equal(obligationAt([{ ...onKms, group: 'H' }], at, context).maxCacheAgeSeconds, 600);
    assert.equal(obligationAt([onKms], at, context).maxCacheAgeSeconds, 600);
    const ended = { ...context, groupsEndAt: new Map([['G', Date.parse(at)]]) };
    assert.equal(decide([{ ...onKms, group: 'G' }], request({ serviceName: 'kms' }, { at: Date.parse(at) }), ended).permitted, false);
  });

  it('is nothing to rely on in the last second, in which only the exact request may be kept', () => {
    const { actions, maxCacheAgeSeconds } = obligationAt([{ ...onKms, rule: hours }], '2026-01-07T17:00:00.500Z');
    assert.deepEqual([actions, maxCacheAgeSeconds], [[], 1]);
  });

  it('prefers the wider permit, and of equally wide ones the longer', () => {
    const at = '2026-01-07T16:59:30Z';
    const context = { groups: ['G'], isOwner: false, groupsEndAt: new Map([['G', Date.parse(at) + 45_000]]) };
    const ruled = { ...onKms, rule: hours };
    const grouped = { ...onKms, group: 'G' };
    assert.equal(obligationAt([ruled, grouped], at, context).maxCacheAgeSeconds, 45);
    assert.deepEqual(obligationAt([ruled, grouped], at, context).resource, { serviceName: 'kms', accountId: 'A' });
    assert.equal(obligationAt([grouped, onKms], at, context).maxCacheAgeSeconds, 600);
  });
});

describe('a permit by a rule', () => {
  it('is for the request and its action only', () => {
    const { resource, actions } = obligationAt([{ ...onKms, rule: hours }], '2026-01-07T12:00:00Z');
    assert.deepEqual([resource, actions], [undefined, ['instance.view']]);
  });

  it('on the absence of an attribute is for the exact request only', () => {
    const rule = { key: '{{resource.attributes.resource}}', operator: 'stringExists', value: false } as const;
    assert.deepEqual(obligationAt([{ ...onKms, rule }], '2026-01-07T12:00:00Z').actions, []);
  });
});
