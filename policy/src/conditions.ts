import type { CompiledCondition } from './compiled-rule.ts';
import { attributeReader } from './facts.ts';
import { describeProblem, findOperator, operatorNames } from './operators.ts';
import { boundOperatorNames, findTimeOperator, type TimeTest } from './time-operators.ts';
import type { Condition, Rule, TimeOperatorName } from './types.ts';
import { testValues, textOfValues } from './values.ts';
import { secondOf } from './wall-clock.ts';
import { compileWeekDays, findWeekDayOperator, weekDayKey, weekDayOperatorNames } from './week-days.ts';

/** Of what a condition speaks. */
type Subject = { readonly kind: 'resource'; readonly attribute: string } | { readonly kind: 'environment'; readonly name: string };

const end = '}}';
const subjects = [
  { start: '{{resource.attributes.', read: (name: string): Subject => ({ kind: 'resource', attribute: name }) },
  { start: '{{environment.attributes.', read: (name: string): Subject => ({ kind: 'environment', name }) },
] as const;
const environmentKeys = ['current_date_time', 'current_time', 'current_date', weekDayKey];

/** All operators of conditions on the instant. */
export const timeOperatorNames: readonly TimeOperatorName[] = Object.freeze([
  ...boundOperatorNames.map((name) => name as TimeOperatorName),
  ...weekDayOperatorNames,
]);

/** What a key names, or undefined when it has neither of the two forms or names no environment attribute that there is. */
function readKey(key: string): Subject | undefined {
  const form = subjects.find(({ start }) => key.startsWith(start));
  if (form === undefined || !key.endsWith(end)) return undefined;
  const name = key.slice(form.start.length, -end.length);
  if (name === '') return undefined;
  const subject = form.read(name);
  return subject.kind === 'environment' && !environmentKeys.includes(name) ? undefined : subject;
}

/** A sentence that says why the condition is ill-formed: its key, an operator that does not belong to the key, or a value. */
export function conditionProblem(condition: Condition): string | undefined {
  const subject = readKey(condition.key);
  if (subject === undefined) {
    const keys = environmentKeys.map((name) => `{{environment.attributes.${name}}}`).join(', ');
    return `Condition on ${condition.key}: the key was expected to be {{resource.attributes.<name>}} or one of ${keys}.`;
  }
  const row = rowOf(subject, condition.operator);
  return describeProblem('Condition', condition, row, `is not an operator of this key: ${namesFor(subject)} are`);
}

function rowOf(subject: Subject, operator: string) {
  if (subject.kind === 'resource') return findOperator(operator);
  if (subject.name === weekDayKey) return findWeekDayOperator(operator);
  const row = findTimeOperator(operator);
  return row?.key === subject.name ? row : undefined;
}

function namesFor(subject: Subject): string {
  if (subject.kind === 'resource') return operatorNames.join(', ');
  if (subject.name === weekDayKey) return weekDayOperatorNames.join(', ');
  return boundOperatorNames.filter((name) => findTimeOperator(name)?.key === subject.name).join(', ');
}

/**
 * The offset at which days without one are read, in a group joined by `and`: that of its conditions on times and dates where they all
 * agree, else UTC. Only conditions of the group itself count, not those of groups within it.
 */
export function offsetOfGroup(conditions: readonly Rule[]): number {
  const offsets = new Set<number>();
  for (const condition of conditions) {
    if ('conditions' in condition) continue;
    const bound = findTimeOperator(condition.operator)?.readBound(condition.value);
    if (bound !== undefined) offsets.add(bound.offset);
  }
  const [offset = 0] = offsets;
  return offsets.size === 1 ? offset : 0;
}

/** Compiles one condition. Throws `TypeError` when it is ill-formed. */
export function compileCondition(source: Condition, groupOffset: number): CompiledCondition {
  const problem = conditionProblem(source);
  const subject = readKey(source.key);
  if (problem !== undefined || subject === undefined) throw new TypeError(problem);
  if (subject.kind === 'resource') return compileOnResource(source, subject.attribute);
  if (subject.name === weekDayKey) return timed(source, compileWeekDays(source.value, groupOffset));
  const operator = findTimeOperator(source.operator);
  if (operator === undefined) throw new TypeError(`Condition on ${source.key}: ${source.operator} is not an operator.`);
  return timed(source, operator.compile(source.value));
}

function timed(source: Condition, test: TimeTest): CompiledCondition {
  return Object.freeze({
    source,
    isTimed: true,
    isAbsence: false,
    holds: ({ at }) => test.holds(secondOf(at)),
    holdsUntil: (at) => test.holdsUntil(secondOf(at)) * 1000,
    actual: ({ at }) => test.actual(secondOf(at)),
  } satisfies CompiledCondition);
}

function compileOnResource(source: Condition, attribute: string): CompiledCondition {
  const operator = findOperator(source.operator);
  if (operator === undefined) throw new TypeError(`Condition on ${source.key}: ${source.operator} is not an operator.`);
  const test = operator.compile(source.value);
  const read = attributeReader(attribute);
  return Object.freeze({
    source,
    isTimed: false,
    isAbsence: operator.reach(source.value) === 'absence',
    holds: (facts) => testValues(test, read(facts)),
    holdsUntil: () => Number.POSITIVE_INFINITY,
    actual: (facts) => textOfValues(attribute, read(facts)),
  } satisfies CompiledCondition);
}
