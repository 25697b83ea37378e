import { z } from 'zod';

export const findEventsQuery = z.object({
  account_id: z.string().regex(/^[0-9a-f]{32}$/, 'must be an account id: 32 lower-case hexadecimal digits'),
  request_id: z.string().max(128).optional(),
  transaction_id: z.string().max(128).optional(),
  limit: z
    .string()
    .refine((text) => /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 1000, 'must be a whole number from 1 to 1000')
    .transform(Number)
    .optional(),
});
