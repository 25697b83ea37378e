import { DomainError, isForbidden } from '../kernel/errors.ts';
import type { AuditTarget } from './events.ts';
import type { Guard, MutationContext } from './mutation.ts';

/**
 * The guard in front of an object that a path names. In the caller's own account a missing right is 403; an object of another
 * account answers as if it did not exist.
 */
export async function guardVisible(
  guard: Guard,
  context: MutationContext,
  action: string,
  resource: Readonly<Record<string, string>>,
  target: AuditTarget,
  notFound: () => DomainError,
): Promise<void> {
  try {
    await guard(context, action, resource, target);
  } catch (error) {
    if (resource.accountId !== context.caller.accountId && isForbidden(error)) throw notFound();
    throw error;
  }
}

/** The guard where the caller is told in other words than the action's name what it takes. */
export async function guardSaying(
  details: string,
  guard: Guard,
  context: MutationContext,
  action: string,
  resource: Readonly<Record<string, string>>,
  target: AuditTarget,
): Promise<void> {
  try {
    await guard(context, action, resource, target);
  } catch (error) {
    throw isForbidden(error) ? new DomainError('forbidden', { details, cause: error }) : error;
  }
}
