/** The way into every operation on an account as such. */
import type { AuditTarget } from '../../audit/events.ts';
import type { MutationContext } from '../../audit/mutation.ts';
import { DomainError } from '../../kernel/errors.ts';
import { isAccountId } from '../../kernel/ids.ts';
import type { IdentityDeps } from '../deps.ts';
import { createGate } from '../gate.ts';
import type { AccountReads } from './account-store.ts';

function accountNotFound(id: string): DomainError {
  return new DomainError('not_found', {
    message: `Account '${id.slice(0, 60)}' was not found.`,
    details: 'Expected the id of an account that you may see: 32 lower-case hexadecimal digits.',
  });
}

/**
 * Finds the account that a path names and lets the caller pass for `action` on `target`; 404 for an account that it may not know of.
 * `requirePart` throws where the account lacks what the path names besides: in the caller's own account that comes before a missing right.
 */
export type AccountGate = (
  context: MutationContext,
  reads: Pick<AccountReads, 'findAccount'>,
  accountId: string,
  action: string,
  target: AuditTarget,
  requirePart?: () => Promise<unknown>,
) => Promise<void>;

export function createAccountGate({ guard }: Pick<IdentityDeps, 'guard'>): AccountGate {
  return async (context, reads, accountId, action, target, requirePart) => {
    const gate = createGate(guard, {
      async find(from: Pick<AccountReads, 'findAccount'>, id) {
        return isAccountId(id) && (await from.findAccount(id)) ? { accountId: id } : undefined;
      },
      resource: () => ({ accountId, serviceName: 'iam-identity' }),
      target: () => target,
      notFound: accountNotFound,
    });
    await gate(context, reads, accountId, action, requirePart);
  };
}
