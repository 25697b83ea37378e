import type { CompiledPolicy } from './compiled-policy.ts';
import { serviceLineage } from './facts.ts';
import type { SubjectKey } from './subject-key.ts';

/** One subject's policies: by the service they name, and apart from these the ones that name none literally. */
interface SubjectPolicies {
  readonly byService: Map<string, Set<CompiledPolicy>>;
  readonly anyService: Set<CompiledPolicy>;
}

/**
 * Compiled policies, found by subject and service, so that a decision looks only at those that could match it.
 * One index holds the active access policies of one account; several accounts in one index stay apart all the same.
 */
export class PolicyIndex {
  readonly #byId = new Map<string, CompiledPolicy>();
  readonly #bySubject = new Map<SubjectKey, SubjectPolicies>();

  get size(): number {
    return this.#byId.size;
  }

  get(policyId: string): CompiledPolicy | undefined {
    return this.#byId.get(policyId);
  }

  /** Adds a policy, in place of the one with the same id. */
  put(compiled: CompiledPolicy): void {
    this.remove(compiled.policy.id);
    this.#byId.set(compiled.policy.id, compiled);
    let subject = this.#bySubject.get(compiled.subjectKey);
    if (subject === undefined) {
      subject = { byService: new Map(), anyService: new Set() };
      this.#bySubject.set(compiled.subjectKey, subject);
    }
    if (compiled.serviceName === undefined) {
      subject.anyService.add(compiled);
      return;
    }
    const bucket = subject.byService.get(compiled.serviceName);
    if (bucket === undefined) subject.byService.set(compiled.serviceName, new Set([compiled]));
    else bucket.add(compiled);
  }

  /** Removes a policy; false when there was none with this id. */
  remove(policyId: string): boolean {
    const compiled = this.#byId.get(policyId);
    if (compiled === undefined) return false;
    this.#byId.delete(policyId);
    const subject = this.#bySubject.get(compiled.subjectKey);
    if (subject === undefined) return true;
    if (compiled.serviceName === undefined) subject.anyService.delete(compiled);
    else {
      const bucket = subject.byService.get(compiled.serviceName);
      bucket?.delete(compiled);
      if (bucket?.size === 0) subject.byService.delete(compiled.serviceName);
    }
    if (subject.byService.size === 0 && subject.anyService.size === 0) this.#bySubject.delete(compiled.subjectKey);
    return true;
  }

  /** The policies of one subject that could match a resource of the service: those naming it or a parent of it, then those naming none. */
  *candidates(subjectKey: SubjectKey, serviceName: string | undefined): Generator<CompiledPolicy, void, undefined> {
    const subject = this.#bySubject.get(subjectKey);
    if (subject === undefined) return;
    for (const name of serviceLineage(serviceName)) {
      const bucket = subject.byService.get(name);
      if (bucket !== undefined) yield* bucket;
    }
    yield* subject.anyService;
  }

  /** All policies of one subject. */
  *ofSubject(subjectKey: SubjectKey): Generator<CompiledPolicy, void, undefined> {
    const subject = this.#bySubject.get(subjectKey);
    if (subject === undefined) return;
    for (const bucket of subject.byService.values()) yield* bucket;
    yield* subject.anyService;
  }
}
