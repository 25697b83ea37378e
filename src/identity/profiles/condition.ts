/**
 * Conditions on what a token or a sign-in says of an identity: of claim rules and of the rules of access groups. Comparisons are bytewise
 * and nothing in a condition is a pattern.
 */

export const CONDITION_OPERATORS = ['EQUALS', 'NOT_EQUALS', 'EQUALS_IGNORE_CASE', 'NOT_EQUALS_IGNORE_CASE', 'CONTAINS', 'IN'] as const;
export type ConditionOperator = (typeof CONDITION_OPERATORS)[number];

export interface Condition {
  readonly claim: string;
  readonly operator: ConditionOperator;
  /** Text that holds JSON, or bare text; kept and shown as it was sent. */
  readonly value: string;
}

export type ClaimScalar = string | number | boolean;

/** What a claim may hold; numbers and booleans are compared as their text. */
export type ClaimValue = ClaimScalar | readonly ClaimScalar[];

export type TextTest = (actual: string) => boolean;

interface Operator {
  /** The test that it makes of a condition's value for a claim that is one text. */
  readonly ofText: (value: string) => TextTest;
  /** The same for a claim that is a list; without it no list passes, not even a comparison that asks for a difference. */
  readonly ofList?: (value: string) => (actual: readonly string[]) => boolean;
}

/** The letters of ASCII alone: other letters fold in ways that make two names one. */
const foldAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const OPERATORS: Readonly<Record<ConditionOperator, Operator>> = Object.freeze({
  EQUALS: {
    ofText(value) {
      const wanted = readText(value);
      return (actual) => actual === wanted;
    },
  },
  NOT_EQUALS: {
    ofText(value) {
      const unwanted = readText(value);
      return (actual) => actual !== unwanted;
    },
  },
  EQUALS_IGNORE_CASE: {
    ofText(value) {
      const wanted = foldAscii(readText(value));
      // Folding keeps the length, so most values need none.
      return (actual) => actual.length === wanted.length && foldAscii(actual) === wanted;
    },
  },
  NOT_EQUALS_IGNORE_CASE: {
    ofText(value) {
      const unwanted = foldAscii(readText(value));
      return (actual) => actual.length !== unwanted.length || foldAscii(actual) !== unwanted;
    },
  },
  CONTAINS: {
    ofText(value) {
      const part = readText(value);
      // Every text contains the empty one, so it would be no condition.
      return (actual) => part !== '' && actual.includes(part);
    },
    ofList(value) {
      const element = readText(value);
      return (actual) => element !== '' && actual.includes(element);
    },
  },
  IN: {
    ofText(value) {
      const wanted = new Set(readList(value));
      return (actual) => wanted.has(actual);
    },
  },
});

/** The test that a condition makes of a claim that is one text. */
export function testOfText({ operator, value }: Pick<Condition, 'operator' | 'value'>): TextTest {
  return OPERATORS[operator].ofText(value);
}

/** Whether a condition holds for a claim; for one that is absent it never does, not even `NOT_EQUALS`. */
export function conditionHolds({ operator, value }: Pick<Condition, 'operator' | 'value'>, actual: ClaimValue | undefined): boolean {
  if (actual === undefined) return false;
  const { ofText, ofList } = OPERATORS[operator];
  if (isScalar(actual)) return ofText(value)(String(actual));
  return ofList?.(value)(actual.map(String)) ?? false;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: bare text, as the command line and hand-written configuration send it.
    return undefined;
  }
}

const isScalar = (value: unknown): value is ClaimScalar =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** A condition's value as one text: one level of JSON quoting is taken off; what is no JSON text is meant literally. */
export function readText(value: string): string {
  const parsed = parseJson(value);
  return typeof parsed === 'string' ? parsed : value;
}

/** A condition's value as a list: a JSON array, or texts separated by commas. */
export function readList(value: string): readonly string[] {
  const parsed = parseJson(value);
  if (Array.isArray(parsed)) return parsed.filter(isScalar).map(String);
  return (typeof parsed === 'string' ? parsed : value)
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
