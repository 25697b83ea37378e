/** What the wire forms of the access-groups API share. */
import { z } from 'zod';
import { isAccountId } from '../kernel/ids.ts';

export const accountId = z.string().min(1).refine(isAccountId, 'must be an account id: 32 lower-case hexadecimal digits');
export const accountQuery = z.object({ account_id: accountId });

export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

const wholeNumber = (max: number) =>
  z
    .string()
    .refine((text) => /^\d{1,10}$/.test(text) && Number(text) <= max, `must be a whole number from 0 to ${max}`)
    .transform(Number);

export const MAX_PER_CALL = 50;
const LARGEST_PAGE = 100;

/** The members of a query that every list of this API takes. */
export const page = { limit: wholeNumber(LARGEST_PAGE).default(LARGEST_PAGE), offset: wholeNumber(1_000_000_000).default(0) };

/** `name` or, for the other way about, `-name`. */
export function readSort<Field extends string>(sort: Field | `-${Field}`): { readonly sort: Field; readonly descending: boolean } {
  const descending = sort.startsWith('-');
  return { sort: (descending ? sort.slice(1) : sort) as Field, descending };
}

/** The fields that a list can be sorted by, each in both directions. */
export function sortable<const Field extends string>(fields: readonly Field[]) {
  const both = fields.flatMap((field): (Field | `-${Field}`)[] => [field, `-${field}`]);
  return z.enum(both as [Field | `-${Field}`, ...(Field | `-${Field}`)[]]);
}

export const groupHref = (publicUrl: string, groupId: string): string => `${publicUrl}/v2/groups/${encodeURIComponent(groupId)}`;
