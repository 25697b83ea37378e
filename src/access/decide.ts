/**
 * The one way to a decision: the API's `/v2/authz`, the guard in front of Podpass's own operations and the right to
 * manage a policy all come here, and from here to the evaluator.
 */
import {
  canManagePolicy,
  type Decision,
  evaluate,
  type ManageDecision,
  type Policy,
  type PolicyIndex,
  type RoleCatalog,
} from '@podpass/policy';

/** What a decision needs of the account of the resource. */
export interface AccountAccess {
  readonly policies: PolicyIndex;
  groupsOf(iamId: string): readonly string[];
  isOwner(iamId: string): boolean;
  isOperator(serviceName: string, iamId: string): boolean;
}

export interface DecisionSubject {
  readonly iamId: string;
  readonly scope?: string;
}

/** Answers undefined where there is no such account. */
export type FindAccess = (accountId: string) => Promise<AccountAccess | undefined>;

export interface Decisions {
  decide(access: AccountAccess | undefined, subject: DecisionSubject, action: string, resource: Readonly<Record<string, string>>): Decision;
  /** Whether the subject may do `verb` to a policy with this content. */
  manage(access: AccountAccess | undefined, subject: DecisionSubject, verb: 'create' | 'read' | 'delete', policy: Policy): ManageDecision;
}

export function createDecisions(catalog: RoleCatalog): Decisions {
  const contextOf = (access: AccountAccess, iamId: string) => ({ groups: access.groupsOf(iamId), isOwner: access.isOwner(iamId) });
  return {
    decide(access, { iamId, scope }, action, resource) {
      if (!access) return { permitted: false, reason: 'IAM' };
      const request = { subjectId: iamId, action, resource, ...(scope !== undefined && { scope }) };
      return evaluate(access.policies, catalog, request, contextOf(access, iamId));
    },
    manage(access, { iamId, scope }, verb, policy) {
      if (!access) return { permitted: false, reason: 'IAM' };
      return canManagePolicy(
        access.policies,
        catalog,
        { subjectId: iamId, verb, policy, ...(scope !== undefined && { scope }) },
        contextOf(access, iamId),
      );
    },
  };
}
