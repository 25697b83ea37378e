/** Checks input against a route's schema and turns the first problem into an error that names the field and what was expected. */
import type { ZodType } from 'zod';
import { DomainError, type ErrorCode } from '../kernel/errors.ts';

interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly params?: { readonly code?: string };
  /** Of `invalid_type`. */
  readonly expected?: string;
  /** Of `invalid_value`. */
  readonly values?: readonly unknown[];
  /** Of `too_small` and `too_big`. */
  readonly origin?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What JSON values are called. */
const KINDS = new Map([
  ['string', 'a text'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'an object'],
]);
const UNITS = new Map([
  ['string', 'characters'],
  ['array', 'entries'],
]);
const LONGEST_ECHO = 60;

/** A number, `true`, `false` and `null` are themselves; of anything larger, what it is. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' || (typeof value === 'object' && value !== null) ? (KINDS.get(typeof value) ?? '') : String(value);
}

/** The sentences of the schemas themselves begin in lower case; those of their library do not. */
const isOwn = (message: string): boolean => message === lowerFirst(message);

function describeLength(bound: 'least' | 'most', count: number | undefined, origin = ''): string {
  if (bound === 'least' && count === 1) return 'must not be empty';
  return `must have at ${bound} ${count} ${UNITS.get(origin) ?? ''}`.trimEnd();
}

/** What is expected and what came. A text is repeated only where it ought to be one of a few words: elsewhere it may be a secret. */
function describe(issue: Issue, given: unknown): string {
  if (isOwn(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type': {
      const expected = `must be ${KINDS.get(issue.expected ?? '') ?? issue.expected}`;
      return given === undefined ? expected : `${expected}, not ${kindOf(given)}`;
    }
    case 'invalid_value': {
      const values = (issue.values ?? []).join(', ');
      const expected = `must be ${issue.values?.length === 1 ? values : `one of ${values}`}`;
      if (given === undefined || given === '') return expected;
      return `${expected}, not ${typeof given === 'string' ? `'${given.slice(0, LONGEST_ECHO)}'` : kindOf(given)}`;
    }
    case 'too_small':
      return describeLength('least', issue.minimum, issue.origin);
    case 'too_big':
      return describeLength('most', issue.maximum, issue.origin);
    default:
      return lowerFirst(issue.message);
  }
}

const OWN_CODES = new Set<string>(['invalid_crn', 'invalid_field', 'missing_field', 'not_offered']);

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current: unknown = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Readonly<Record<PropertyKey, unknown>>)[key];
  }
  return current;
}

/** `link.crn`, `members[0].type`. */
function printPath(path: readonly PropertyKey[]): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`)).join('');
}

function codeOf(issue: Issue, where: 'query' | 'body', given: unknown): ErrorCode {
  const own = issue.params?.code;
  if (own !== undefined && OWN_CODES.has(own)) return own as ErrorCode;
  if (given === undefined || given === '') return where === 'query' ? 'missing_query' : 'missing_field';
  if (issue.path.length === 0) return 'invalid_body';
  return 'invalid_field';
}

export function validate(schema: ZodType, value: unknown, where: 'query' | 'body'): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0] as Issue | undefined;
  if (!issue) throw new DomainError('invalid_body');
  const given = valueAt(value, issue.path);
  const code = codeOf(issue, where, given);
  const name = printPath(issue.path);
  const subject = where === 'query' ? `Query parameter '${name}'` : name === '' ? 'The body' : `Field '${name}'`;
  const missing = code === 'missing_field' || code === 'missing_query';
  throw new DomainError(code, {
    message: missing ? `${subject} is missing or empty.` : `${subject} is not acceptable: ${describe(issue, given)}.`,
    ...(missing && { details: `It ${describe(issue, given)}.` }),
  });
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
