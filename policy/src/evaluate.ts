import { coversResource } from './compile.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import { findNearestMiss, grantsAction } from './explain.ts';
import { type ResourceFacts, readFacts, resourceOf, scopeReaches } from './facts.ts';
import { obligationOf, requestedObligation } from './obligation.ts';
import type { PolicyIndex } from './policy-index.ts';
import { subjectKeys } from './subject-key.ts';
import type { AccessRequest, Decision, RoleCatalog, ServiceType, SubjectContext } from './types.ts';

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

const denied: Decision = Object.freeze({ permitted: false, reason: 'IAM' });

/**
 * Decides one request: denied unless the owner rule or a policy of the subject or one of its groups permits; permits add up, and roles
 * of one policy never combine with the resources of another. The same input always gives the same answer.
 */
export function evaluate(index: PolicyIndex, catalog: RoleCatalog, request: AccessRequest, subject: SubjectContext): Decision {
  const facts = readFacts(request, catalog);
  if (facts === undefined || !scopeReaches(request.scope, facts.serviceNames)) return denied;
  if (subject.isOwner && ownerHolds(request.action, facts, catalog)) {
    return { permitted: true, permittedBy: [ownerMarker], obligation: requestedObligation(request) };
  }
  const keys = subjectKeys(request.subjectId, subject.groups);
  const permitting: CompiledPolicy[] = [];
  for (const key of keys) {
    for (const compiled of index.candidates(key, facts.serviceName, resourceOf(facts))) {
      if (coversResource(compiled, facts) && grantsAction(compiled, request.action, facts, catalog)) permitting.push(compiled);
    }
  }
  if (permitting.length > 0) {
    const permittedBy = permitting.map((compiled) => compiled.policy.id);
    return { permitted: true, permittedBy, obligation: obligationOf(permitting, facts, request, catalog) };
  }
  const nearest = findNearestMiss(index, keys, request.action, facts, catalog);
  return nearest === undefined ? denied : { permitted: false, reason: 'IAM', nearest };
}

function ownerHolds(action: string, { serviceName, serviceType }: ResourceFacts, catalog: RoleCatalog): boolean {
  if (serviceName === undefined || serviceType === undefined) return false;
  return (ownerRoles.get(serviceType) ?? []).some((roleId) => catalog.actions(roleId, serviceName).has(action));
}
