/** Wire forms of accounts, users and administrators. */
import { z } from 'zod';
import { accountId, name } from '../schema.ts';

export const createAccountBody = z.object({
  name,
  owner_iam_id: z.string().min(1),
  parent_account_id: accountId.optional(),
});

export const createUserBody = z.object({ iam_id: z.string().min(1), email: z.string().max(300).default(''), name });

export const createUserApiKeyBody = z.object({ name, expires_at: z.string().optional() });

export const createAdministratorBody = createUserBody;
