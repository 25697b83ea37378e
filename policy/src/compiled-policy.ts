import type { CompiledRule } from './compiled-rule.ts';
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
  readonly accountId: string;
  readonly roleIds: readonly string[];
  readonly subjectKey: SubjectKey;
  /** The access group that it is for, where it is for one. */
  readonly accessGroupId: string | undefined;
  /** The service that a literal clause names; undefined when the policy may cover several. So too the instance and the resource. */
  readonly serviceName: string | undefined;
  readonly serviceInstance: string | undefined;
  readonly resource: string | undefined;
  readonly clauses: readonly CompiledClause[];
  readonly tags: readonly CompiledClause[];
  /** Of an authorization policy, what it says of the service that asks; none for any other. */
  readonly subjectClauses: readonly CompiledClause[];
  readonly rule: CompiledRule | undefined;
  readonly cacheReach: CacheReach;
  /**
   * What must hold besides what `PolicySource.candidates` finds it by (account, service, instance and resource, where it names them
   * literally): the other clauses, its tags and its rule.
   */
  readonly remaining: readonly Requirement[];
}

/** Something that a policy asks of a request. */
export interface Requirement {
  holds(facts: ResourceFacts): boolean;
}
