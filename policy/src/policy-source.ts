import type { CompiledPolicy } from './compiled-policy.ts';
import type { ResourcePlace } from './facts.ts';
import type { SubjectKey } from './subject-key.ts';
import type { RoleFilter } from './subject-policies.ts';

/** Where compiled policies are found: `PolicyIndex`, or one with changes laid over it. What it returns is valid until it changes. */
export interface PolicySource {
  get(policyId: string): CompiledPolicy | undefined;
  /** The policies of these subjects that could match a resource at this place; with a filter, those of them that have such roles. */
  candidates(keys: readonly SubjectKey[], place: ResourcePlace, grants?: RoleFilter): readonly CompiledPolicy[];
  /** All policies of one subject; with names of services, those of them that name one of these literally. */
  ofSubject(subjectKey: SubjectKey, serviceNames?: readonly string[]): Iterable<CompiledPolicy>;
}
