import type { CacheReach, CompiledClause, CompiledPolicy } from './compiled-policy.ts';
import { ownAttribute, type ResourceFacts } from './facts.ts';
import type { AccessRequest, Obligation, RoleCatalog } from './types.ts';

/** Which attributes make a cache key at an enforcement point; a permit kept for a prefix answers every narrower request. */
export const cacheKeyPattern = Object.freeze({
  order: Object.freeze(['subject', 'resource', 'action']),
  subject: Object.freeze([Object.freeze(['id']), Object.freeze(['id', 'scope'])]),
  resource: Object.freeze([
    Object.freeze([]),
    Object.freeze(['serviceName']),
    Object.freeze(['serviceName', 'accountId']),
    Object.freeze(['serviceName', 'accountId', 'serviceInstance']),
    Object.freeze(['serviceName', 'accountId', 'serviceInstance', 'resourceType']),
    Object.freeze(['serviceName', 'accountId', 'serviceInstance', 'resourceType', 'resource']),
  ]),
}) satisfies {
  readonly order: readonly string[];
  readonly subject: readonly (readonly string[])[];
  readonly resource: readonly (readonly string[])[];
};

/** Decisions are remembered at most this long; what ends sooner shortens it. */
export const maxCacheAgeSeconds = 600;

const asRequested: CacheReach = Object.freeze({ kind: 'request' });
const exactly: CacheReach = Object.freeze({ kind: 'exact' });
const serviceAttributes: readonly string[] = Object.freeze(['serviceName', 'accountId']);
const instanceAttributes: readonly string[] = Object.freeze(['serviceInstance', 'resourceType', 'resource']);
/** A function of the service, which every pattern that we emit contains. */
const impliedAttributes: readonly string[] = Object.freeze(['serviceType', 'service_group_id']);

/** How far permits of a policy with these clauses may be generalised. */
export function cacheReachOf(clauses: readonly CompiledClause[], tags: readonly CompiledClause[]): CacheReach {
  if ([...clauses, ...tags].some((clause) => clause.reach === 'absence')) return exactly;
  if (tags.length > 0 || clauses.some((clause) => clause.reach !== 'literal')) return asRequested;
  const keys = new Set(clauses.map((clause) => clause.source.key));
  const depth = instanceAttributes.findLastIndex((attribute) => keys.has(attribute)) + 1;
  const attributes = [...serviceAttributes, ...instanceAttributes.slice(0, depth)];
  const hasGap = attributes.slice(serviceAttributes.length).some((attribute) => !keys.has(attribute));
  const isForeign = [...keys].some((key) => !attributes.includes(key) && !impliedAttributes.includes(key));
  return hasGap || isForeign ? asRequested : Object.freeze({ kind: 'pattern', attributes: Object.freeze(attributes) });
}

/** The obligation of a permit: of the permitting policies' obligations the widest, never a mixture of several. */
export function obligationOf(
  permitting: readonly CompiledPolicy[],
  facts: ResourceFacts,
  request: AccessRequest,
  catalog: RoleCatalog,
): Obligation {
  let widest: { breadth: number; obligation: Obligation } | undefined;
  for (const compiled of permitting) {
    const obligation = obligationOfPolicy(compiled, facts, request, catalog);
    const breadth = breadthOf(obligation);
    const isWider =
      widest === undefined ||
      breadth < widest.breadth ||
      (breadth === widest.breadth && obligation.actions.length > widest.obligation.actions.length);
    if (isWider) widest = { breadth, obligation };
  }
  return widest?.obligation ?? requestedObligation(request);
}

/** The obligation of a permit that is not generalised beyond the request's own attributes and action, as for the owner. */
export function requestedObligation(request: AccessRequest): Obligation {
  return request.scope ? obligation(request, [request.action]) : obligation(request, []);
}

function obligationOfPolicy(compiled: CompiledPolicy, facts: ResourceFacts, request: AccessRequest, catalog: RoleCatalog): Obligation {
  // A permit remembered without a scope would answer tokens whose scope excludes the service.
  if (compiled.cacheReach.kind === 'exact' || !request.scope) return obligation(request, []);
  if (compiled.cacheReach.kind === 'request' || facts.serviceName === undefined) return requestedObligation(request);
  const resource: Record<string, string> = {};
  for (const attribute of compiled.cacheReach.attributes) {
    const value = ownAttribute(facts.attributes, attribute);
    if (value === undefined) return requestedObligation(request);
    resource[attribute] = value;
  }
  return obligation(request, actionsOf(compiled, facts.serviceName, catalog), resource);
}

function obligation(request: AccessRequest, actions: readonly string[], resource?: Readonly<Record<string, string>>): Obligation {
  const subject = request.scope ? { id: request.subjectId, scope: request.scope } : { id: request.subjectId };
  return resource === undefined ? { actions, subject, maxCacheAgeSeconds } : { actions, subject, resource, maxCacheAgeSeconds };
}

/** Fewer attributes cover more; no attributes of our own cover only the request's; no actions cover nothing. */
function breadthOf({ resource, actions }: Obligation): number {
  if (resource !== undefined) return Object.keys(resource).length;
  return actions.length > 0 ? Number.MAX_SAFE_INTEGER - 1 : Number.MAX_SAFE_INTEGER;
}

function actionsOf(compiled: CompiledPolicy, serviceName: string, catalog: RoleCatalog): readonly string[] {
  const actions = new Set<string>();
  for (const roleId of compiled.policy.roleIds) for (const action of catalog.actions(roleId, serviceName)) actions.add(action);
  return [...actions];
}
