import type { ClauseValue, OperatorName } from './types.ts';
import { compileWildcard } from './wildcard.ts';

/** Does the attribute, undefined when the resource lacks it, satisfy the clause? */
export type AttributeTest = (actual: string | undefined) => boolean;

/**
 * How a clause behaves when attributes are added to a request: a `literal` names the one value that satisfies it, a `monotone` clause
 * stays satisfied, an `absence` clause may stop being satisfied.
 */
export type Reach = 'literal' | 'monotone' | 'absence';

/** Everything that is known about one operator. */
export interface Operator {
  /** Throws `TypeError` when the value does not fit the operator. */
  compile(value: ClauseValue): AttributeTest;
  reach(value: ClauseValue): Reach;
}

const rows = {
  stringEquals: {
    compile(value) {
      const expected = readText(value);
      return (actual) => actual === expected;
    },
    reach: () => 'literal',
  },
  stringMatch: {
    compile(value) {
      const matches = compileWildcard(readText(value));
      return (actual) => actual !== undefined && matches(actual);
    },
    reach: () => 'monotone',
  },
  stringExists: {
    compile(value) {
      const expected = readBoolean(value);
      return (actual) => (actual !== undefined) === expected;
    },
    reach: (value) => (readBoolean(value) ? 'monotone' : 'absence'),
  },
  stringEqualsAnyOf: {
    compile(value) {
      const expected = new Set(readList(value));
      return (actual) => actual !== undefined && expected.has(actual);
    },
    reach: () => 'monotone',
  },
  stringMatchAnyOf: {
    compile(value) {
      const patterns = readList(value).map(compileWildcard);
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

function readText(value: ClauseValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  throw new TypeError('one value was expected, a list came; lists belong to the AnyOf operators');
}

function readBoolean(value: ClauseValue): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new TypeError('true or false was expected');
}

function readList(value: ClauseValue): readonly string[] {
  // Terraform sends a scalar for a list of one.
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
