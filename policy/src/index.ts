/**
 * The one policy evaluator: what an access request may do, by the policies of its subject. Pure and synchronous; it reads no clock and
 * does no I/O, and leaves storing policies, resolving groups and listing services to its callers.
 */
export { compilePolicy } from './compile.ts';
export type { CompiledPolicy } from './compiled-policy.ts';
export { evaluate, ownerMarker } from './evaluate.ts';
export { scopeReaches, serviceLineage } from './facts.ts';
export { canManagePolicy, type ManageDecision, type ManageRequest } from './manage.ts';
export { cacheKeyPattern, maxCacheAgeSeconds } from './obligation.ts';
export { operatorNames } from './operators.ts';
export { PolicyIndex } from './policy-index.ts';
export { groupKey, iamKey, type SubjectKey } from './subject-key.ts';
export type * from './types.ts';
export { compileWildcard, type WildcardTest } from './wildcard.ts';
