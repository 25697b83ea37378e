import { DomainError } from '../../kernel/errors.ts';
import type { Account } from './account.ts';
import type { AccountReads } from './account-store.ts';

/** The account that field `account_id` of a creation names; throws `invalid_field` where there is none. */
export async function requireNamedAccount(reads: Pick<AccountReads, 'findAccount'>, accountId: string): Promise<Account> {
  const account = await reads.findAccount(accountId);
  if (account) return account;
  throw new DomainError('invalid_field', {
    message: `Account '${accountId}' does not exist.`,
    details: "Field 'account_id' must name an account of this installation.",
  });
}
