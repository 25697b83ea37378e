import { DomainError } from './errors.ts';

/** The value of `If-Match`, which every replacing call must bring. */
export function requireIfMatch(headers: Readonly<Record<string, string | undefined>>): string {
  const value = headers['if-match'];
  if (value) return value;
  throw new DomainError('missing_field', {
    message: "Header 'If-Match' is missing.",
    details: "Send the entity tag of the object as you last read it, or '*' to replace whatever is there.",
  });
}
