import type { CacheReach, CompiledClause, CompiledPolicy } from './compiled-policy.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { ownAttribute, type ResourceFacts } from './facts.ts';
import type { AccessRequest, Obligation, RoleCatalog, SubjectContext } from './types.ts';

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

/** One for each depth to which a pattern goes below the service. */
const patterns: readonly CacheReach[] = Object.freeze(
  [0, 1, 2, 3].map((depth) =>
    Object.freeze({ kind: 'pattern', attributes: Object.freeze([...serviceAttributes, ...instanceAttributes.slice(0, depth)]) }),
  ),
);

/** How far permits of a policy with these clauses may be generalised. */
export function cacheReachOf(
  clauses: readonly CompiledClause[],
  tags: readonly CompiledClause[],
  subjectClauses: readonly CompiledClause[],
  rule: CompiledRule | undefined,
): CacheReach {
  const isAbsence = (clause: CompiledClause) => clause.reach === 'absence';
  if ([...clauses, ...tags, ...subjectClauses].some(isAbsence) || rule?.conditions.some((condition) => condition.isAbsence)) return exactly;
  if (rule !== undefined || tags.length > 0 || clauses.some((clause) => clause.reach !== 'literal')) return asRequested;
  const keys = new Set(clauses.map((clause) => clause.source.key));
  const depth = instanceAttributes.findLastIndex((attribute) => keys.has(attribute)) + 1;
  const attributes = [...serviceAttributes, ...instanceAttributes.slice(0, depth)];
  const hasGap = attributes.slice(serviceAttributes.length).some((attribute) => !keys.has(attribute));
  const isForeign = [...keys].some((key) => !attributes.includes(key) && !impliedAttributes.includes(key));
  return hasGap || isForeign ? asRequested : (patterns[depth] ?? asRequested);
}

/** What one policy's permit may promise: how much, narrowest number first, and for how long. */
interface Pledge {
  readonly compiled: CompiledPolicy;
  readonly breadth: number;
  readonly ageSeconds: number;
}

/** Fewer attributes cover more; no attributes of our own cover only the request's; no actions cover nothing. */
const breadthOfRequest = Number.MAX_SAFE_INTEGER - 1;
const breadthOfNothing = Number.MAX_SAFE_INTEGER;

/**
 * The obligation of a permit: of the permitting policies' obligations the widest, of equally wide ones the longest, then the one with
 * the most actions; never a mixture of several.
 */
export function obligationOf(
  permitting: readonly CompiledPolicy[],
  facts: ResourceFacts,
  request: AccessRequest,
  subject: SubjectContext,
  catalog: RoleCatalog,
): Obligation {
  let widest: Pledge | undefined;
  for (const compiled of permitting) {
    const pledge = pledgeOf(compiled, facts, request, subject);
    if (widest === undefined || isWider(pledge, widest, facts, catalog)) widest = pledge;
  }
  if (widest === undefined || widest.breadth === breadthOfNothing) return obligation(request, [], widest?.ageSeconds ?? 1);
  const { compiled, breadth, ageSeconds } = widest;
  const { cacheReach } = compiled;
  if (breadth === breadthOfRequest || cacheReach.kind !== 'pattern') return obligation(request, [request.action], ageSeconds);
  const resource: Record<string, string> = {};
  for (const attribute of cacheReach.attributes) resource[attribute] = ownAttribute(facts.attributes, attribute) ?? '';
  return obligation(request, actionsOf(compiled, facts.serviceName ?? '', catalog), ageSeconds, resource);
}

/** The obligation of the owner's permit: the request's own attributes and action. */
export function ownerObligation(request: AccessRequest, { boundary }: SubjectContext): Obligation {
  if (boundary === 'admitted') return obligation(request, [], 1);
  return obligation(request, request.scope ? [request.action] : [], maxCacheAgeSeconds);
}

function pledgeOf(compiled: CompiledPolicy, facts: ResourceFacts, request: AccessRequest, subject: SubjectContext): Pledge {
  // The exact request, which a client may keep all the same, does not say which account the token is from.
  if (subject.boundary === 'admitted') return { compiled, breadth: breadthOfNothing, ageSeconds: 1 };
  // No age is less than a second: what ends sooner is not remembered.
  const lastsSeconds = Math.floor((endOf(compiled, facts, subject) - facts.at) / 1000);
  const ageSeconds = Math.min(maxCacheAgeSeconds, Math.max(1, lastsSeconds));
  return { compiled, breadth: lastsSeconds < 1 ? breadthOfNothing : breadthOf(compiled.cacheReach, facts, request), ageSeconds };
}

function breadthOf(reach: CacheReach, { serviceName }: ResourceFacts, { scope }: AccessRequest): number {
  // A permit remembered without a scope would answer tokens whose scope excludes the service.
  if (reach.kind === 'exact' || !scope) return breadthOfNothing;
  return reach.kind === 'request' || serviceName === undefined ? breadthOfRequest : reach.attributes.length;
}

/** When the policy's rule or the membership that it came from may end. */
function endOf({ rule, accessGroupId }: CompiledPolicy, facts: ResourceFacts, { groupsEndAt }: SubjectContext): number {
  const membership = accessGroupId === undefined ? undefined : groupsEndAt?.get(accessGroupId);
  return Math.min(rule?.holdsUntil(facts) ?? Number.POSITIVE_INFINITY, membership ?? Number.POSITIVE_INFINITY);
}

function isWider(one: Pledge, other: Pledge, { serviceName }: ResourceFacts, catalog: RoleCatalog): boolean {
  if (one.breadth !== other.breadth) return one.breadth < other.breadth;
  if (one.ageSeconds !== other.ageSeconds) return one.ageSeconds > other.ageSeconds;
  return one.breadth < breadthOfRequest && sizeOf(one.compiled, serviceName, catalog) > sizeOf(other.compiled, serviceName, catalog);
}

/** At most how many actions the roles have together; exact enough to choose by, and cheap. */
function sizeOf({ roleIds }: CompiledPolicy, serviceName = '', catalog: RoleCatalog): number {
  return roleIds.reduce((size, roleId) => size + catalog.actions(roleId, serviceName).size, 0);
}

function obligation(
  request: AccessRequest,
  actions: readonly string[],
  ageSeconds: number,
  resource?: Readonly<Record<string, string>>,
): Obligation {
  const subject = request.scope ? { id: request.subjectId, scope: request.scope } : { id: request.subjectId };
  const base = { actions, subject, maxCacheAgeSeconds: ageSeconds };
  return resource === undefined ? base : { ...base, resource };
}

function actionsOf({ roleIds }: CompiledPolicy, serviceName: string, catalog: RoleCatalog): readonly string[] {
  const [first = ''] = roleIds;
  if (roleIds.length === 1) return [...catalog.actions(first, serviceName)];
  const actions = new Set<string>();
  for (const roleId of roleIds) for (const action of catalog.actions(roleId, serviceName)) actions.add(action);
  return [...actions];
}
