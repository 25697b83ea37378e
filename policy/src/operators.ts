import type { AttributeClause, ClauseValue, OperatorName } from './types.ts';
import { compileWildcard } from './wildcard.ts';

/** Does the attribute, undefined when the resource lacks it, satisfy the clause? */
export type AttributeTest = (actual: string | undefined) => boolean;

/**
 * How a clause behaves when attributes are added to a request: a `literal` names the one value that satisfies it, a `monotone` clause
 * stays satisfied, an `absence` clause may stop being satisfied.
 */
export type Reach = 'literal' | 'monotone' | 'absence';

/** Everything that is known about one operator. `compile` and `reach` expect a value in which `valueProblem` finds nothing. */
export interface Operator {
  /** What is wrong with the value, as the end of a sentence. */
  valueProblem(value: ClauseValue): string | undefined;
  compile(value: ClauseValue): AttributeTest;
  reach(value: ClauseValue): Reach;
}

const rows = {
  stringEquals: {
    valueProblem: textProblem,
    compile(value) {
      const expected = String(value);
      return (actual) => actual === expected;
    },
    reach: () => 'literal',
  },
  stringMatch: {
    valueProblem: textProblem,
    compile(value) {
      const matches = compileWildcard(String(value));
      return (actual) => actual !== undefined && matches(actual);
    },
    reach: () => 'monotone',
  },
  stringExists: {
    valueProblem: (value) => (['true', 'false'].includes(String(value)) ? undefined : 'true or false was expected'),
    compile(value) {
      const expected = isTrue(value);
      return (actual) => (actual !== undefined) === expected;
    },
    reach: (value) => (isTrue(value) ? 'monotone' : 'absence'),
  },
  stringEqualsAnyOf: {
    valueProblem: listProblem,
    compile(value) {
      const expected = new Set(readList(value).map(String));
      return (actual) => actual !== undefined && expected.has(actual);
    },
    reach: () => 'monotone',
  },
  stringMatchAnyOf: {
    valueProblem: listProblem,
    compile(value) {
      const patterns = readList(value).map((pattern) => compileWildcard(String(pattern)));
      return (actual) => actual !== undefined && patterns.some((matches) => matches(actual));
    },
    reach: () => 'monotone',
  },
} as const satisfies Record<OperatorName, Operator>;

const operators: ReadonlyMap<string, Operator> = new Map(Object.entries(rows));

/** All operators of resource attributes and access tags, in the order of the contract. */
export const operatorNames: readonly OperatorName[] = Object.freeze(Object.keys(rows) as OperatorName[]);

/** The row of an operator, or undefined for a name that is none. */
export function findOperator(name: string): Operator | undefined {
  return operators.get(name);
}

/** A sentence that says why the clause is ill-formed: an operator that is none, or a value that does not fit it. */
export function clauseProblem(clause: AttributeClause): string | undefined {
  return describeProblem(
    'Clause',
    clause,
    findOperator(clause.operator),
    `is not an operator of attributes: ${operatorNames.join(', ')} are`,
  );
}

/** The sentence on one clause or condition, by the row of its operator. */
export function describeProblem(
  noun: 'Clause' | 'Condition',
  { key, operator, value }: { readonly key: string; readonly operator: string; readonly value: ClauseValue },
  row: Pick<Operator, 'valueProblem'> | undefined,
  unknownOperator: string,
): string | undefined {
  if (row === undefined) return `${noun} on ${key}: ${operator} ${unknownOperator}.`;
  const problem = row.valueProblem(value);
  return problem === undefined ? undefined : `${noun} on ${key}: ${operator} does not fit its value: ${problem}.`;
}

function textProblem(value: ClauseValue): string | undefined {
  return isOne(value) ? undefined : 'one value was expected, and lists belong to the AnyOf operators';
}

function listProblem(value: ClauseValue): string | undefined {
  return isOne(value) || (Array.isArray(value) && value.every(isOne)) ? undefined : 'a list of values was expected';
}

const isOne = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
const isTrue = (value: ClauseValue): boolean => String(value) === 'true';

/** The values of a list. Terraform sends a scalar for a list of one. */
export function readList(value: ClauseValue): readonly (string | number | boolean)[] {
  return Array.isArray(value) ? value : [value as string | number | boolean];
}
