import type { Caller } from '../../kernel/caller.ts';
import { isUserIamId } from './account.ts';
import type { AccountReads } from './account-store.ts';

/** Whether the caller is an active user of the account, with a token of that account. A profile or a service ID never is one. */
export async function isMember(reads: AccountReads, caller: Caller, accountId: string): Promise<boolean> {
  if (caller.accountId !== accountId || !isUserIamId(caller.iamId)) return false;
  return (await reads.findUser(accountId, caller.iamId))?.state === 'active';
}
