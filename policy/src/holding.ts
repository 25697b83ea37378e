import type { CompiledClause, CompiledPolicy } from './compiled-policy.ts';
import { type ResourceFacts, serviceLineage } from './facts.ts';
import { grantsAction } from './misses.ts';
import type { PolicySource } from './policy-source.ts';
import { isSameRule } from './rule.ts';
import type { SubjectKey } from './subject-key.ts';
import type { AttributeClause, RoleCatalog, ServiceType } from './types.ts';

/** Someone's policies, at an instant, as far as they cover all that another policy could match. */
export interface Holder {
  readonly source: PolicySource;
  readonly catalog: RoleCatalog;
  readonly keys: readonly SubjectKey[];
  readonly at: number;
}

/** How long a right is needed: for this one act, or as long as what the act makes. */
export type Duration = 'now' | 'lasting';

/** The service groups of the contract, by the type of the services in them. */
const groupTypes: ReadonlyMap<string, ServiceType> = new Map<string, ServiceType>([['IAM', 'platform_service']]);
const allServiceTypes: readonly ServiceType[] = Object.freeze(['service', 'platform_service']);

/** The holder's policies whose every clause holds for every resource that the target could match, as far as the facts stand for it. */
export function findCovering(
  { source, keys }: Holder,
  target: CompiledPolicy,
  facts: ResourceFacts,
  duration: Duration,
): readonly CompiledPolicy[] {
  return source
    .candidates(keys, facts)
    .filter(
      (compiled) =>
        compiled.accountId === facts.accountId &&
        compiled.clauses.every((clause) => coversClauses(clause, target.clauses, facts)) &&
        compiled.tags.every((clause) => coversClauses(clause, target.tags, facts)) &&
        coversRule(compiled, target, facts, duration),
    );
}

/** Those of the policies that give the action on the service of the facts. */
export function findGranting(
  covering: readonly CompiledPolicy[],
  action: string,
  facts: ResourceFacts,
  catalog: RoleCatalog,
): readonly CompiledPolicy[] {
  return covering.filter((compiled) => grantsAction(compiled, action, facts, catalog));
}

/**
 * The policies by which the holder has every action of every role of the target on all that the target could match, or undefined when
 * one is lacking. The role itself on all of it is always enough. Where the target names no service its actions cannot be listed, and a
 * role without actions may be given some later: there nothing but the role itself is enough.
 */
export function findHolding(holder: Holder, target: CompiledPolicy, resources: readonly ResourceFacts[]): ReadonlySet<string> | undefined {
  const holding = new Set<string>();
  for (const facts of resources) {
    const covering = findCovering(holder, target, facts, 'lasting');
    for (const roleId of target.roleIds) {
      const having = findRole(covering, roleId, facts, holder.catalog);
      if (having === undefined) return undefined;
      for (const compiled of having) holding.add(compiled.policy.id);
    }
  }
  return holding;
}

function findRole(
  covering: readonly CompiledPolicy[],
  roleId: string,
  facts: ResourceFacts,
  catalog: RoleCatalog,
): readonly CompiledPolicy[] | undefined {
  const withRole = covering.filter((compiled) => compiled.roleIds.includes(roleId));
  if (withRole.length > 0) return withRole;
  const actions = facts.serviceName === undefined ? [] : [...catalog.actions(roleId, facts.serviceName)];
  const byAction = actions.map((action) => findGranting(covering, action, facts, catalog));
  return actions.length > 0 && byAction.every((granting) => granting.length > 0) ? byAction.flat() : undefined;
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

/**
 * Whether the holder's rule lets the policy count for the target. What a right of limited hours makes would outlive its hours, so for
 * something lasting a rule on time covers nothing; for one act it must hold at its instant. A rule on the resource covers what has the
 * identical rule; one on both is not taken apart and covers nothing.
 */
function coversRule({ rule }: CompiledPolicy, target: CompiledPolicy, facts: ResourceFacts, duration: Duration): boolean {
  if (rule === undefined) return true;
  const isTimed = rule.conditions.some((condition) => condition.isTimed);
  const isOnResource = rule.conditions.some((condition) => !condition.isTimed);
  if (isTimed) return duration === 'now' && !isOnResource && rule.holds(facts);
  return target.rule !== undefined && isSameRule(rule.source, target.rule.source);
}

/** The resources that stand for all that the target could match: one, or one for each type of service when its type is open. */
export function virtualResources(
  target: CompiledPolicy,
  { catalog, at }: Pick<Holder, 'catalog' | 'at'>,
  ofInstance: Readonly<Record<string, string>> | undefined,
): readonly ResourceFacts[] {
  const literals = new Map(
    target.clauses.filter((clause) => clause.reach === 'literal').map(({ source }) => [source.key, String(source.value)]),
  );
  const { serviceName, serviceInstance, resource } = target;
  const group = literals.get('service_group_id');
  const base = {
    accountId: target.accountId,
    serviceName,
    serviceNames: serviceLineage(serviceName),
    serviceInstance,
    resource,
    attributes: { ...(serviceInstance === undefined ? {} : ofInstance), ...Object.fromEntries(literals) },
    tags: target.tags.filter((clause) => clause.reach === 'literal').map(({ source }) => `${source.key}:${String(source.value)}`),
    subjectAttributes: undefined,
    at,
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
