import { compilePolicy } from './compile.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import { ownerMarker, subjectKeys } from './evaluate.ts';
import { serviceLineage } from './facts.ts';
import { type Duration, findCovering, findGranting, findHolding, type Holder, virtualResources } from './holding.ts';
import type { PolicySource } from './policy-source.ts';
import { scopeReaches } from './scope.ts';
import type { Policy, RoleCatalog, SubjectContext } from './types.ts';

/** May this subject do this to that policy? For a replacement, ask `update` for the old and for the new content. */
export interface ManageRequest {
  readonly subjectId: string;
  readonly scope?: string;
  readonly verb: ManageVerb;
  readonly policy: Policy;
  /** What the inventory knows of the instance that the policy names literally, such as its `resourceGroupId`. */
  readonly instanceAttributes?: Readonly<Record<string, string>>;
  /** The instant of the decision, milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
}

export type ManageVerb = 'create' | 'read' | 'update' | 'delete';

/** May this subject confer what these policies grant? */
export type ConferRequest = Pick<ManageRequest, 'subjectId' | 'scope' | 'at'>;

export type ManageDecision =
  | { readonly permitted: true; readonly permittedBy: readonly string[] }
  | { readonly permitted: false; readonly reason: 'IAM' };

/** What is known about each verb: how long its effect lasts, and which rights suffice for an authorization policy. */
interface VerbRow {
  readonly duration: Duration;
  readonly authorization: readonly ('holding' | 'action')[];
}

const verbs: Readonly<Record<ManageVerb, VerbRow>> = Object.freeze({
  create: { duration: 'lasting', authorization: ['holding'] },
  update: { duration: 'lasting', authorization: ['holding'] },
  read: { duration: 'now', authorization: ['action'] },
  delete: { duration: 'now', authorization: ['action', 'holding'] },
});

const denied: ManageDecision = Object.freeze({ permitted: false, reason: 'IAM' });

/**
 * Decides who may create, read, change or delete a policy: whoever holds `iam.policy.<verb>` on every resource that the policy could
 * match. Its literal clauses become the attributes of a virtual resource; where it has another clause, the permitting policy must have
 * no clause or the same; where it has none, the permitting policy must have none. A policy on no particular type of service needs the
 * right on both types. An authorization policy is made and changed by whoever holds, on all of it, every action that it grants.
 * The owner of the policy's account always may, and `subject` speaks of that account.
 */
export function canManagePolicy(
  source: PolicySource,
  catalog: RoleCatalog,
  request: ManageRequest,
  subject: SubjectContext,
): ManageDecision {
  const target = compilePolicy(request.policy);
  if (!mayReach(target, request, subject)) return denied;
  if (subject.isOwner) return { permitted: true, permittedBy: [ownerMarker] };

  const holder = { source, catalog, keys: subjectKeys(request, subject), at: request.at };
  const resources = virtualResources(target, holder, request.instanceAttributes);
  const { duration, authorization } = verbs[request.verb];
  const ways = 'serviceAttributes' in request.policy.subject ? authorization : (['action'] as const);
  for (const way of ways) {
    const permittedBy =
      way === 'holding'
        ? findHolding(holder, target, resources)
        : findRight(holder, target, resources, `iam.policy.${request.verb}`, duration);
    if (permittedBy !== undefined) return { permitted: true, permittedBy: [...permittedBy] };
  }
  return denied;
}

/**
 * Whether the subject holds every action of every role of each of these policies on all that each could match. All of them are of the
 * account that `subject` speaks of; its owner holds everything. The policies' own subjects and rules do not matter: a rule only narrows.
 */
export function canConfer(
  source: PolicySource,
  catalog: RoleCatalog,
  request: ConferRequest,
  policies: readonly Policy[],
  subject: SubjectContext,
): boolean {
  const holder = { source, catalog, keys: subjectKeys(request, subject), at: request.at };
  return policies.every((policy) => {
    const target = compilePolicy(policy);
    if (!mayReach(target, request, subject)) return false;
    return subject.isOwner || findHolding(holder, target, virtualResources(target, holder, undefined)) !== undefined;
  });
}

/** Whether the account's boundary and the scope of the token let the subject reach what the target covers. */
function mayReach(target: CompiledPolicy, { scope }: ConferRequest, { boundary }: SubjectContext): boolean {
  return boundary !== 'excluded' && scopeReaches(scope, serviceLineage(target.serviceName));
}

/** The policies that give the action on every one of the resources, or undefined when one lacks it. */
function findRight(
  holder: Holder,
  target: CompiledPolicy,
  resources: ReturnType<typeof virtualResources>,
  action: string,
  duration: Duration,
): ReadonlySet<string> | undefined {
  const permittedBy = new Set<string>();
  for (const facts of resources) {
    const granting = findGranting(findCovering(holder, target, facts, duration), action, facts, holder.catalog);
    if (granting.length === 0) return undefined;
    for (const compiled of granting) permittedBy.add(compiled.policy.id);
  }
  return permittedBy;
}
