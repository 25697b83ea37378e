import type { AttributeValues, ResourceFacts } from './facts.ts';
import type { Reach } from './operators.ts';
import type { SubjectKey } from './subject-key.ts';
import type { AttributeClause, Policy } from './types.ts';

/**
 * How far a permit of a policy may be generalised: to every resource that shares the attributes of one cache-key pattern, to requests
 * that say the same and more, or not at all.
 */
export type CacheReach =
  | { readonly kind: 'pattern'; readonly attributes: readonly string[] }
  | { readonly kind: 'request' }
  | { readonly kind: 'exact' };

/** A clause made ready: what it says, how it behaves, and whether it holds for a resource. */
export interface CompiledClause {
  readonly source: AttributeClause;
  readonly reach: Reach;
  holds(facts: ResourceFacts): boolean;
  read(facts: ResourceFacts): AttributeValues;
}

/** A policy made ready for evaluation. */
export interface CompiledPolicy {
  readonly policy: Policy;
  readonly subjectKey: SubjectKey;
  /** The service that a literal clause names; undefined when the policy may cover several. */
  readonly serviceName: string | undefined;
  /** The one resource that a literal clause names; undefined when the policy may cover several. */
  readonly resource: string | undefined;
  readonly clauses: readonly CompiledClause[];
  readonly tags: readonly CompiledClause[];
  readonly cacheReach: CacheReach;
}
