import type { CompiledPolicy } from './compiled-policy.ts';
import type { ResourcePlace } from './facts.ts';
import { codesOf } from './place-codes.ts';
import type { PolicySource } from './policy-source.ts';
import { ShelvedPolicies } from './shelved-policies.ts';
import { type SubjectKey, type SubjectKind, subjectKinds } from './subject-key.ts';
import { FewPolicies, type RoleFilter, type SubjectPolicies } from './subject-policies.ts';

/** Up to how many policies of one subject are looked through one by one. */
const few = 32;

const noPolicies: readonly CompiledPolicy[] = Object.freeze([]);

/**
 * Compiled policies, found by subject, service, instance and resource, so that a decision looks only at those that could match it.
 * One index holds the active policies of one account; several accounts in one index stay apart all the same.
 */
export class PolicyIndex implements PolicySource {
  readonly #byId = new Map<string, CompiledPolicy>();
  readonly #bySubject: Readonly<Record<SubjectKind, Map<string, SubjectPolicies>>> = {
    identity: new Map(),
    group: new Map(),
    service: new Map(),
    anyService: new Map(),
  };

  get size(): number {
    return this.#byId.size;
  }

  /** How many subjects have policies here. */
  get subjectCount(): number {
    return subjectKinds.reduce((count, kind) => count + this.#bySubject[kind].size, 0);
  }

  get(policyId: string): CompiledPolicy | undefined {
    return this.#byId.get(policyId);
  }

  /** Adds a policy, in place of the one with the same id. */
  put(compiled: CompiledPolicy): void {
    this.remove(compiled.policy.id);
    this.#byId.set(compiled.policy.id, compiled);
    const { kind, id } = compiled.subjectKey;
    const policies = this.#bySubject[kind].get(id);
    if (policies === undefined || (policies instanceof FewPolicies && policies.size >= few)) {
      const more = policies === undefined ? new FewPolicies() : new ShelvedPolicies();
      for (const other of policies?.all() ?? noPolicies) more.add(other);
      more.add(compiled);
      this.#bySubject[kind].set(id, more);
    } else policies.add(compiled);
  }

  /** Removes a policy; false when there was none with this id. */
  remove(policyId: string): boolean {
    const compiled = this.#byId.get(policyId);
    if (compiled === undefined) return false;
    this.#byId.delete(policyId);
    const { kind, id } = compiled.subjectKey;
    const policies = this.#bySubject[kind].get(id);
    policies?.remove(compiled);
    if (policies?.size === 0) this.#bySubject[kind].delete(id);
    return true;
  }

  /**
   * The policies of these subjects that could match a resource there: those naming the service or a parent of it, and those naming none; of
   * either those that name no instance or this one, and no resource or this one. With a filter, of these the ones with such roles.
   */
  candidates(keys: readonly SubjectKey[], place: ResourcePlace, grants?: RoleFilter): readonly CompiledPolicy[] {
    const sought = { place, codes: codesOf(place), grants };
    const found: CompiledPolicy[] = [];
    for (const { kind, id } of keys) this.#bySubject[kind].get(id)?.collect(sought, found);
    return found;
  }

  ofSubject({ kind, id }: SubjectKey, serviceNames?: readonly string[]): Iterable<CompiledPolicy> {
    const policies = this.#bySubject[kind].get(id);
    if (policies === undefined) return noPolicies;
    return serviceNames === undefined ? policies.all() : policies.ofServices(serviceNames);
  }
}
