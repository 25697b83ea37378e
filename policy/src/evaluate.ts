import type { CompiledPolicy } from './compiled-policy.ts';
import { ownAttribute, type ResourceFacts, readFacts } from './facts.ts';
import { countMisses, coversRequest, inOrderOfPromise, missesOf } from './misses.ts';
import { obligationOf, ownerObligation } from './obligation.ts';
import type { PolicySource } from './policy-source.ts';
import { scopeReaches } from './scope.ts';
import { groupKey, iamKey, type SubjectKey, serviceKey } from './subject-key.ts';
import type { RoleFilter } from './subject-policies.ts';
import type { AccessRequest, Decision, NearestMiss, RoleCatalog, ServiceType, SubjectContext } from './types.ts';

/** Stands in `permittedBy` where the account owner needs no policy. */
export const ownerMarker = 'owner';

const administrator = 'crn:v1:bluemix:public:iam::::role:Administrator';
const manager = 'crn:v1:bluemix:public:iam::::serviceRole:Manager';
const templateAdministrator = 'crn:v1:bluemix:public:iam::::serviceRole:TemplateAdministrator';
const assignmentAdministrator = 'crn:v1:bluemix:public:iam::::serviceRole:AssignmentAdministrator';

/** The roles that an account owner holds everywhere in the account, by the type of the service. */
const ownerRoles: ReadonlyMap<ServiceType, readonly string[]> = new Map<ServiceType, readonly string[]>([
  ['platform_service', [administrator, templateAdministrator, assignmentAdministrator]],
  ['service', [administrator, manager]],
]);

const noRoles: readonly string[] = Object.freeze([]);

const denied: Decision = Object.freeze({ permitted: false, reason: 'IAM' });

// A deny must stay cheap for a subject with a thousand policies; `explain` looks at more.
const maxExamined = 16;

/**
 * Decides one request: denied unless the owner rule or a policy of the subject or one of its groups permits; permits add up, and roles
 * of one policy never combine with the resources of another. The same input always gives the same answer.
 */
export function evaluate(source: PolicySource, catalog: RoleCatalog, request: AccessRequest, subject: SubjectContext): Decision {
  const facts = readFacts(request, catalog);
  if (facts === undefined || subject.boundary === 'excluded' || !scopeReaches(request.scope, facts.serviceNames)) return denied;
  if (ownerHolds(request, facts, catalog, subject)) {
    return { permitted: true, permittedBy: [ownerMarker], obligation: ownerObligation(request, subject) };
  }
  const keys = subjectKeys(request, subject);
  const grants = grantsOf(request.action, facts, catalog);
  const permitting: CompiledPolicy[] = [];
  for (const candidate of source.candidates(keys, facts, grants)) if (coversRequest(candidate, facts)) permitting.push(candidate);
  if (permitting.length > 0) {
    const permittedBy = permitting.map((compiled) => compiled.policy.id);
    return { permitted: true, permittedBy, obligation: obligationOf(permitting, facts, request, subject, catalog) };
  }
  const nearest = findNearest(source, keys, request.action, facts, catalog);
  return nearest === undefined ? denied : { permitted: false, reason: 'IAM', nearest: nearestMiss(nearest, request, facts, catalog) };
}

/** Whether the owner rule permits. */
export function ownerHolds(request: AccessRequest, facts: ResourceFacts, catalog: RoleCatalog, subject: SubjectContext): boolean {
  const { serviceName = '' } = facts;
  return ownerRoleIds(request, facts, subject).some((roleId) => catalog.actions(roleId, serviceName).has(request.action));
}

/** The roles that the subject holds by owning the account; none for anyone else. Services never own an account. */
export function ownerRoleIds(
  { subjectAttributes }: Pick<AccessRequest, 'subjectAttributes'>,
  { serviceName, serviceType }: ResourceFacts,
  { isOwner }: SubjectContext,
): readonly string[] {
  if (!isOwner || subjectAttributes !== undefined || serviceName === undefined || serviceType === undefined) return noRoles;
  return ownerRoles.get(serviceType) ?? noRoles;
}

/**
 * Under which keys the policies lie that a request may use, each once: those of a service are the authorization policies and no
 * others, those of anyone else the policies of the identity and of the groups in which its membership has not ended.
 */
export function subjectKeys(request: Pick<AccessRequest, 'subjectId' | 'subjectAttributes' | 'at'>, subject: SubjectContext): SubjectKey[] {
  if (request.subjectAttributes !== undefined) {
    const serviceName = ownAttribute(request.subjectAttributes, 'serviceName');
    return serviceName === undefined ? [serviceKey(undefined)] : [serviceKey(serviceName), serviceKey(undefined)];
  }
  const keys = [iamKey(request.subjectId)];
  const { groups, groupsEndAt } = subject;
  for (const group of eachOnce(groups)) {
    const endsAt = groupsEndAt?.get(group);
    if (endsAt === undefined || endsAt > request.at) keys.push(groupKey(group));
  }
  return keys;
}

// Of few groups a look back is cheaper than a set.
const fewGroups = 8;

function eachOnce(groups: readonly string[]): Iterable<string> {
  return groups.length > fewGroups ? new Set(groups) : groups.filter((group, at) => groups.indexOf(group) === at);
}

/** Whether one of the roles has the action. Many policies share few roles, and each role is asked about once. */
function grantsOf(action: string, { serviceName = '' }: ResourceFacts, catalog: RoleCatalog): RoleFilter {
  const known = new Map<string, boolean>();
  const has = (roleId: string): boolean => {
    const before = known.get(roleId);
    if (before !== undefined) return before;
    const found = catalog.actions(roleId, serviceName).has(action);
    known.set(roleId, found);
    return found;
  };
  return (roleIds) => {
    for (const roleId of roleIds) if (has(roleId)) return true;
    return false;
  };
}

/** The policy that failed on the fewest clauses, the first of equals, of the few that are looked at. */
function findNearest(
  source: PolicySource,
  keys: readonly SubjectKey[],
  action: string,
  facts: ResourceFacts,
  catalog: RoleCatalog,
): CompiledPolicy | undefined {
  let nearest: CompiledPolicy | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  let examined = 0;
  for (const compiled of inOrderOfPromise(source, keys, facts)) {
    const missed = countMisses(compiled, action, facts, catalog);
    if (missed < fewest) [nearest, fewest] = [compiled, missed];
    examined += 1;
    if (missed === 1 || examined === maxExamined) break;
  }
  return nearest;
}

function nearestMiss(compiled: CompiledPolicy, { action }: AccessRequest, facts: ResourceFacts, catalog: RoleCatalog): NearestMiss {
  return { policyId: compiled.policy.id, missed: missesOf(compiled, action, facts, catalog) };
}
