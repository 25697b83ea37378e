/** Checks input against a route's schema and turns the first problem into an error that names the field and what was expected. */
import type { ZodType } from 'zod';
import { DomainError, type ErrorCode } from '../kernel/errors.ts';

interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly params?: { readonly code?: string };
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
    message: missing ? `${subject} is missing or empty.` : `${subject} is not acceptable: ${lowerFirst(issue.message)}.`,
    ...(missing && { details: lowerFirst(issue.message) }),
  });
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
