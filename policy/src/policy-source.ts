import type { CompiledPolicy } from './compiled-policy.ts';
import type { ResourcePlace } from './facts.ts';
import type { SubjectKey } from './subject-key.ts';

/** Where compiled policies are found: `PolicyIndex`, or one with changes laid over it. What it returns is valid until it changes. */
export interface PolicySource {
  get(policyId: string): CompiledPolicy | undefined;
  /** The policies of one subject that could match a resource at this place. */
  candidates(subjectKey: SubjectKey, place: ResourcePlace): readonly CompiledPolicy[];
  /** All policies of one subject; with names of services, those of them that name one of these literally. */
  ofSubject(subjectKey: SubjectKey, serviceNames?: readonly string[]): Iterable<CompiledPolicy>;
}
