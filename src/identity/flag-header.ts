import { DomainError } from '../kernel/errors.ts';

/** A header that says `true` or `false`; false where it is absent. `name` is the header's name as documentation writes it. */
export function readFlagHeader(headers: Readonly<Record<string, string | undefined>>, name: string): boolean {
  const value = headers[name.toLowerCase()];
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  throw new DomainError('invalid_field', { message: `Header '${name}' must be 'true' or 'false'.` });
}
