/**
 * The one way to a decision: the decision APIs, the guard in front of Podpass's own operations, the right to manage a policy, `explain`
 * and `what-if` all come here, and from here to the evaluator.
 */
import {
  type AccessRequest,
  accountBoundary,
  canConfer,
  canManagePolicy,
  type Decision,
  type Explanation,
  evaluate,
  explain,
  heldRoles,
  type ManageDecision,
  type ManageRequest,
  type Policy,
  type PolicySource,
  type SubjectContext,
} from '@podpass/policy';
import type { Clock } from '../../kernel/clock.ts';
import { type AccountModel, createAccountCatalogs } from '../catalog/account-catalog.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { type AccessSettingsValues, externalIdentityType } from '../settings/access-settings.ts';

/** The access groups of an identity at an instant, and of those that end by themselves the instant at which they do. */
export interface Memberships {
  readonly groups: readonly string[];
  readonly endAt?: ReadonlyMap<string, number>;
}

/** What a decision needs of the account of the resource. */
export interface AccountAccess {
  readonly accountId: string;
  readonly policies: PolicySource;
  readonly model: AccountModel;
  readonly settings: AccessSettingsValues;
  /** The public access group is among them where the account has it enabled. */
  membershipsOf(iamId: string, at: number): Memberships;
  isOwner(iamId: string): boolean;
  isOperator(serviceName: string, iamId: string): boolean;
  /** The access tags of an instance, which what is below it inherits. */
  tagsOf(serviceName: string, serviceInstance: string): readonly string[];
}

export interface DecisionSubject {
  readonly iamId: string;
  readonly scope?: string;
  /** The account of the token; undefined where it is not known. */
  readonly accountId?: string;
  /** Of a service that asks for itself, the attributes of its CRN. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface Question {
  readonly subject: DecisionSubject;
  readonly action: string;
  readonly resource: Readonly<Record<string, string>>;
  /** Now, where absent. */
  readonly at?: number;
}

/** Answers undefined where there is no such account. */
export type FindAccess = (accountId: string) => Promise<AccountAccess | undefined>;

export interface Decisions {
  decide(access: AccountAccess | undefined, question: Question): Decision;
  /** The same decision with its reasons; undefined where there is no such account. */
  explain(access: AccountAccess, question: Question): Explanation;
  /** The ids of the roles that the subject holds on the resource. */
  rolesOn(access: AccountAccess, question: Omit<Question, 'action'>): readonly string[];
  /** Whether the subject may do `verb` to a policy with this content. */
  manage(access: AccountAccess | undefined, subject: DecisionSubject, verb: ManageRequest['verb'], policy: Policy): ManageDecision;
  /** Whether the subject holds all that these policies of the account grant. */
  holdsAll(access: AccountAccess, subject: DecisionSubject, policies: readonly Policy[]): boolean;
  /** The catalog as the account sees it. */
  catalogOf(access: AccountAccess | undefined): Catalog;
}

const DENIED: Decision = Object.freeze({ permitted: false, reason: 'IAM' });

export function createDecisions(base: Catalog, clock: Clock): Decisions {
  const catalogs = createAccountCatalogs(base);
  const catalogOf = (access: AccountAccess | undefined) => (access === undefined ? base : catalogs(access.model));

  function contextOf(access: AccountAccess, subject: DecisionSubject, at: number): SubjectContext {
    const { iamId, attributes, accountId } = subject;
    const type = attributes === undefined ? externalIdentityType(iamId) : 'service';
    const setting = type === undefined ? undefined : access.settings.external[type];
    const boundary = accountBoundary(setting, access.accountId, accountId ?? attributes?.accountId);
    if (attributes !== undefined) return { groups: [], isOwner: false, boundary };
    const { groups, endAt } = access.membershipsOf(iamId, at);
    return { groups, isOwner: access.isOwner(iamId), boundary, ...(endAt !== undefined && { groupsEndAt: endAt }) };
  }

  function requestOf(access: AccountAccess, { subject, action, resource, at = clock.now() }: Question): AccessRequest {
    const { iamId, scope, attributes } = subject;
    const { serviceName, serviceInstance } = resource;
    const tags = serviceName === undefined || serviceInstance === undefined ? [] : access.tagsOf(serviceName, serviceInstance);
    return {
      subjectId: iamId,
      action,
      resource,
      at,
      ...(tags.length > 0 && { resourceTags: tags }),
      ...(scope !== undefined && { scope }),
      ...(attributes !== undefined && { subjectAttributes: attributes }),
    };
  }

  return {
    catalogOf,
    decide(access, question) {
      if (!access) return DENIED;
      const request = requestOf(access, question);
      return evaluate(access.policies, catalogOf(access), request, contextOf(access, question.subject, request.at));
    },
    explain(access, question) {
      const request = requestOf(access, question);
      return explain(access.policies, catalogOf(access), request, contextOf(access, question.subject, request.at));
    },
    rolesOn(access, question) {
      const { action: _, ...request } = requestOf(access, { ...question, action: '' });
      return heldRoles(access.policies, catalogOf(access), request, contextOf(access, question.subject, request.at));
    },
    manage(access, subject, verb, policy) {
      if (!access) return { permitted: false, reason: 'IAM' };
      const { iamId, scope } = subject;
      const at = clock.now();
      const request = { subjectId: iamId, verb, policy, at, ...(scope !== undefined && { scope }) };
      return canManagePolicy(access.policies, catalogOf(access), request, contextOf(access, subject, at));
    },
    holdsAll(access, subject, policies) {
      const { iamId, scope } = subject;
      const at = clock.now();
      const request = { subjectId: iamId, at, ...(scope !== undefined && { scope }) };
      return canConfer(access.policies, catalogOf(access), request, policies, contextOf(access, subject, at));
    },
  };
}
