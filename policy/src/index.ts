/**
 * The one policy evaluator: what an access request may do, by the policies of its subject. Pure and synchronous; it reads no clock and
 * does no I/O, and leaves storing policies, resolving groups and listing services to its callers.
 */
export { accountBoundary, type ExternalIdentitySetting } from './boundary.ts';
export { compilePolicy } from './compile.ts';
export { CompilePool } from './compile-pool.ts';
export type { CompiledPolicy } from './compiled-policy.ts';
export { conditionProblem, timeOperatorNames } from './conditions.ts';
export { evaluate, ownerMarker } from './evaluate.ts';
export { explain } from './explain.ts';
export { type ResourcePlace, serviceLineage } from './facts.ts';
export { heldRoles } from './held-roles.ts';
export { type ConferRequest, canConfer, canManagePolicy, type ManageDecision, type ManageRequest, type ManageVerb } from './manage.ts';
export { cacheKeyPattern, maxCacheAgeSeconds } from './obligation.ts';
export { clauseProblem, operatorNames } from './operators.ts';
export { OverlaidPolicies, type PolicyChanges } from './overlaid-policies.ts';
export { PolicyIndex } from './policy-index.ts';
export type { PolicySource } from './policy-source.ts';
export { type Remedy, type RemedyKind, type RoleWithAction, remedyFor } from './remedy.ts';
export { ruleContradiction, ruleWarning } from './rule-warning.ts';
export { scopeReaches } from './scope.ts';
export { shareText } from './share-text.ts';
export { groupKey, iamKey, type SubjectKey, serviceKey } from './subject-key.ts';
export type * from './types.ts';
export { compileWildcard, type WildcardTest } from './wildcard.ts';
