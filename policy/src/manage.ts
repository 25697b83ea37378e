import { compilePolicy } from './compile.ts';
import type { CompiledClause, CompiledPolicy } from './compiled-policy.ts';
import { ownerMarker } from './evaluate.ts';
import { grantsAction } from './explain.ts';
import { type ResourceFacts, resourceOf, scopeReaches, serviceLineage } from './facts.ts';
import type { PolicyIndex } from './policy-index.ts';
import { type SubjectKey, subjectKeys } from './subject-key.ts';
import type { AttributeClause, Policy, RoleCatalog, ServiceType, SubjectContext } from './types.ts';

/** May this subject do this to that policy? For a replacement, ask `update` for the old and for the new content. */
export interface ManageRequest {
  readonly subjectId: string;
  readonly scope?: string;
  readonly verb: 'create' | 'read' | 'update' | 'delete';
  readonly policy: Policy;
  /** What the inventory knows of the instance that the policy names literally, such as its `resourceGroupId`. */
  readonly instanceAttributes?: Readonly<Record<string, string>>;
}

export type ManageDecision =
  | { readonly permitted: true; readonly permittedBy: readonly string[] }
  | { readonly permitted: false; readonly reason: 'IAM' };

/** The service groups of the contract, by the type of the services in them. */
const groupTypes: ReadonlyMap<string, ServiceType> = new Map<string, ServiceType>([['IAM', 'platform_service']]);
const allServiceTypes: readonly ServiceType[] = Object.freeze(['service', 'platform_service']);

/**
 * Decides who may create, read, change or delete a policy: whoever holds `iam.policy.<verb>` on every resource that the policy could
 * match. Its literal clauses become the attributes of a virtual resource; where it has another clause, the permitting policy must have
 * no clause or the same; where it has none, the permitting policy must have none. A policy on no particular type of service needs the
 * right on both types. The owner of the policy's account always may, and `subject.isOwner` speaks of that account.
 */
export function canManagePolicy(index: PolicyIndex, catalog: RoleCatalog, request: ManageRequest, subject: SubjectContext): ManageDecision {
  const target = compilePolicy(request.policy);
  const lineage = serviceLineage(target.serviceName);
  if (!scopeReaches(request.scope, lineage)) return { permitted: false, reason: 'IAM' };
  if (subject.isOwner) return { permitted: true, permittedBy: [ownerMarker] };

  const keys = subjectKeys(request.subjectId, subject.groups);
  const permittedBy = new Set<string>();
  for (const facts of virtualResources(target, catalog, request.instanceAttributes)) {
    const permitting = findPermitting(index, catalog, keys, `iam.policy.${request.verb}`, target, facts);
    if (permitting.length === 0) return { permitted: false, reason: 'IAM' };
    for (const compiled of permitting) permittedBy.add(compiled.policy.id);
  }
  return { permitted: true, permittedBy: [...permittedBy] };
}

function findPermitting(
  index: PolicyIndex,
  catalog: RoleCatalog,
  keys: Iterable<SubjectKey>,
  action: string,
  target: CompiledPolicy,
  facts: ResourceFacts,
): readonly CompiledPolicy[] {
  const permitting: CompiledPolicy[] = [];
  for (const key of keys) {
    for (const compiled of index.candidates(key, facts.serviceName, resourceOf(facts))) {
      const covers =
        compiled.policy.accountId === facts.accountId &&
        compiled.clauses.every((clause) => coversClauses(clause, target.clauses, facts)) &&
        compiled.tags.every((clause) => coversClauses(clause, target.tags, facts));
      if (covers && grantsAction(compiled, action, facts, catalog)) permitting.push(compiled);
    }
  }
  return permitting;
}

/** Whether the clause holds for every resource that satisfies the target's clauses. */
function coversClauses(clause: CompiledClause, target: readonly CompiledClause[], facts: ResourceFacts): boolean {
  if (clause.source.key === 'accountId') return clause.holds(facts);
  const open = target.filter((other) => other.source.key === clause.source.key && other.reach !== 'literal');
  if (open.length > 0) return open.some((other) => isSameClause(other.source, clause.source));
  // The target matches resources with and without an attribute that it does not mention.
  return clause.reach !== 'absence' && clause.holds(facts);
}

function isSameClause(one: AttributeClause, other: AttributeClause): boolean {
  return one.operator === other.operator && JSON.stringify(one.value) === JSON.stringify(other.value);
}

/** The resources that stand for all that the target could match: one, or one for each type of service when its type is open. */
function virtualResources(
  target: CompiledPolicy,
  catalog: RoleCatalog,
  instanceAttributes: ManageRequest['instanceAttributes'],
): readonly ResourceFacts[] {
  const literals = new Map(
    target.clauses.filter((clause) => clause.reach === 'literal').map(({ source }) => [source.key, String(source.value)]),
  );
  const { serviceName } = target;
  const group = literals.get('service_group_id');
  const base = {
    accountId: target.policy.accountId,
    serviceName,
    serviceNames: serviceLineage(serviceName),
    attributes: { ...(literals.has('serviceInstance') ? instanceAttributes : {}), ...Object.fromEntries(literals) },
    tags: target.tags.filter((clause) => clause.reach === 'literal').map(({ source }) => `${source.key}:${String(source.value)}`),
  };
  if (serviceName !== undefined) {
    return [{ ...base, serviceType: catalog.serviceType(serviceName), serviceGroups: catalog.serviceGroups(serviceName) }];
  }
  const serviceGroups = group === undefined ? [] : [group];
  return serviceTypesOf(literals).map((serviceType) => ({ ...base, serviceType, serviceGroups }));
}

function serviceTypesOf(literals: ReadonlyMap<string, string>): readonly ServiceType[] {
  const named = allServiceTypes.filter((type) => type === literals.get('serviceType'));
  if (named.length > 0) return named;
  const byGroup = groupTypes.get(literals.get('service_group_id') ?? '');
  return byGroup === undefined ? allServiceTypes : [byGroup];
}
