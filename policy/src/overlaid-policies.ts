import type { CompiledPolicy } from './compiled-policy.ts';
import type { ResourcePlace } from './facts.ts';
import { PolicyIndex } from './policy-index.ts';
import type { PolicySource } from './policy-source.ts';
import type { SubjectKey } from './subject-key.ts';
import type { RoleFilter } from './subject-policies.ts';

/** What is different from the policies beneath. A policy that is added takes the place of the one with the same id. */
export interface PolicyChanges {
  readonly added?: readonly CompiledPolicy[];
  /** Ids; one that is not there changes nothing. */
  readonly removed?: readonly string[];
}

/** Policies as they would be after changes: what is beneath is neither copied nor changed, and what changes there is seen here. */
export class OverlaidPolicies implements PolicySource {
  readonly #base: PolicySource;
  readonly #added = new PolicyIndex();
  readonly #hidden: ReadonlySet<string>;

  constructor(base: PolicySource, { added = [], removed = [] }: PolicyChanges) {
    this.#base = base;
    for (const compiled of added) this.#added.put(compiled);
    this.#hidden = new Set([...removed, ...added.map((compiled) => compiled.policy.id)]);
  }

  get(policyId: string): CompiledPolicy | undefined {
    return this.#added.get(policyId) ?? (this.#hidden.has(policyId) ? undefined : this.#base.get(policyId));
  }

  candidates(keys: readonly SubjectKey[], place: ResourcePlace, grants?: RoleFilter): readonly CompiledPolicy[] {
    const kept = this.#base.candidates(keys, place, grants).filter((compiled) => !this.#hidden.has(compiled.policy.id));
    return kept.concat(this.#added.candidates(keys, place, grants));
  }

  *ofSubject(subjectKey: SubjectKey, serviceNames?: readonly string[]): Generator<CompiledPolicy, void, undefined> {
    yield* this.#added.ofSubject(subjectKey, serviceNames);
    for (const compiled of this.#base.ofSubject(subjectKey, serviceNames)) {
      if (!this.#hidden.has(compiled.policy.id)) yield compiled;
    }
  }
}
