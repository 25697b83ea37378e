import { scopeReaches } from '@podpass/policy';
import type { Caller } from '../../kernel/caller.ts';
import { isUserIamId } from './account.ts';
import type { AccountReads } from './account-store.ts';

/**
 * Whether the caller's token is good for the identity service. A token whose scope names other services only may not do what needs no
 * policy either: whoever was handed it for one service would make an API key that is good for all.
 */
export function reachesIdentity(caller: Caller): boolean {
  return scopeReaches(caller.scope, ['iam-identity']);
}

/** Whether the caller is an active user of the account, with a token of that account. A profile or a service ID never is one. */
export async function isMember(reads: AccountReads, caller: Caller, accountId: string): Promise<boolean> {
  if (caller.accountId !== accountId || !isUserIamId(caller.iamId) || !reachesIdentity(caller)) return false;
  return (await reads.findUser(accountId, caller.iamId))?.state === 'active';
}
