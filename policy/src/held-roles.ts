import { ownerRoleIds, subjectKeys } from './evaluate.ts';
import { readFacts } from './facts.ts';
import { coversRequest } from './misses.ts';
import type { PolicySource } from './policy-source.ts';
import { scopeReaches } from './scope.ts';
import type { AccessRequest, RoleCatalog, SubjectContext } from './types.ts';

/**
 * The ids of the roles that the subject holds on the resource, each once: those of the owner rule, then those of every policy that covers
 * it. What they give on the resource's service is what `evaluate` permits there, no action more and none less.
 */
export function heldRoles(
  source: PolicySource,
  catalog: RoleCatalog,
  request: Omit<AccessRequest, 'action'>,
  subject: SubjectContext,
): readonly string[] {
  const facts = readFacts({ ...request, action: '' }, catalog);
  if (facts === undefined || subject.boundary === 'excluded' || !scopeReaches(request.scope, facts.serviceNames)) return [];
  const held = new Set(ownerRoleIds(request, facts, subject));
  for (const candidate of source.candidates(subjectKeys(request, subject), facts)) {
    if (coversRequest(candidate, facts)) for (const roleId of candidate.roleIds) held.add(roleId);
  }
  return [...held];
}
