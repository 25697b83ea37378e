/** What explaining and asking what-if have in common: whose questions somebody may look into, and where the answers are. */
import type { AccountAccess, Decisions } from '../access/decisions/decide.ts';
import type { Guard, MayDo, MutationContext } from '../audit/mutation.ts';
import type { AuditReads } from '../audit/query.ts';
import { guardVisible } from '../audit/visible.ts';
import type { ClusterDirectory } from '../clusters/directory.ts';
import type { Clock } from '../kernel/clock.ts';
import { DomainError } from '../kernel/errors.ts';
import type { MatchView } from '../token/match-checks.ts';
import type { VisibilityDeps } from './visibility.ts';

/** An account as exchanges and decisions see it. */
export type InspectedView = MatchView & AccountAccess;

export interface InspectionDeps extends VisibilityDeps {
  readonly audit: AuditReads;
  readonly guard: Guard;
  readonly decisions: Decisions;
  readonly findView: (accountId: string) => Promise<InspectedView | undefined>;
  readonly clusters: Pick<ClusterDirectory, 'findByCrn' | 'ofAccount'>;
  readonly clock: Clock;
}

export const accountNotFound = (accountId: string): DomainError =>
  new DomainError('not_found', {
    message: `Account '${accountId}' was not found.`,
    details: 'Expected an account whose audit log you may read: iam-identity.report.get.',
  });

const ACTION = 'iam-identity.report.get';
const auditOf = (accountId: string) => ({ accountId, serviceName: 'iam-identity' });

/** The gate of everything that is told of an account's questions: whoever may read its audit log. */
export function createAuditGate({ guard, mayDo }: { readonly guard: Guard; readonly mayDo: MayDo }) {
  return {
    async enter(context: MutationContext, accountId: string): Promise<void> {
      const target = { id: accountId, typeURI: 'podpass/audit' };
      await guardVisible(guard, context, ACTION, auditOf(accountId), target, () => accountNotFound(accountId));
    },
    passes: ({ caller }: MutationContext, accountId: string): Promise<boolean> => mayDo(caller, ACTION, auditOf(accountId)),
  };
}
