/** Wire forms of preferences. */
import { z } from 'zod';
import type { Preference, PreferenceValue } from './preference.ts';

const MAX_TEXTS = 100;
const MAX_LENGTH = 4000;
const texts = z
  .array(z.string())
  .max(MAX_TEXTS)
  .refine((list) => list.join('').length <= MAX_LENGTH, `must have at most ${MAX_LENGTH} characters in all`);
const BOTH = "must not stand beside 'value_string'";

export const putPreferenceBody = z
  .object({ value_string: z.string().max(MAX_LENGTH).optional(), value_list_of_strings: texts.optional() })
  .transform(({ value_string, value_list_of_strings }, context): PreferenceValue => {
    const issue = { code: 'custom', input: undefined } as const;
    if (value_string !== undefined && value_list_of_strings !== undefined) {
      context.addIssue({ ...issue, path: ['value_list_of_strings'], message: BOTH });
    }
    const value = value_string ?? value_list_of_strings;
    if (value !== undefined) return value;
    context.addIssue({ ...issue, path: ['value_string'], message: "give it, or 'value_list_of_strings' in its place" });
    return z.NEVER;
  });

export const printPreference = ({ service, id, accountId, value }: Preference) => ({
  service,
  id,
  account_id: accountId,
  scope: 'account',
  ...(typeof value === 'string' ? { value_string: value } : { value_list_of_strings: value }),
});
