import type { CompiledPolicy } from './compiled-policy.ts';
import { serviceLineage } from './facts.ts';
import type { SubjectKey } from './subject-key.ts';

/** Policies by the resource that they name literally, and apart from these the ones that name none. */
interface ByResource {
  readonly named: Map<string, Set<CompiledPolicy>>;
  readonly anyResource: Set<CompiledPolicy>;
}

/** One subject's policies: by the service they name, and apart from these the ones that name none literally. */
interface SubjectPolicies {
  readonly byService: Map<string, ByResource>;
  readonly anyService: ByResource;
}

const noPolicies = (): ByResource => ({ named: new Map(), anyResource: new Set() });

/** The set that a policy belongs into, made if there is none yet. */
function placeOf({ named, anyResource }: ByResource, { resource }: CompiledPolicy): Set<CompiledPolicy> {
  if (resource === undefined) return anyResource;
  const place = named.get(resource) ?? new Set();
  named.set(resource, place);
  return place;
}

function takeOut(policies: ByResource, compiled: CompiledPolicy): void {
  const place = placeOf(policies, compiled);
  place.delete(compiled);
  if (place.size === 0 && compiled.resource !== undefined) policies.named.delete(compiled.resource);
}

const isEmpty = ({ named, anyResource }: ByResource): boolean => named.size === 0 && anyResource.size === 0;

function* allOf({ named, anyResource }: ByResource): Generator<CompiledPolicy, void, undefined> {
  yield* anyResource;
  for (const place of named.values()) yield* place;
}

function* thoseFor({ named, anyResource }: ByResource, resource: string | undefined): Generator<CompiledPolicy, void, undefined> {
  yield* anyResource;
  const place = resource === undefined ? undefined : named.get(resource);
  if (place !== undefined) yield* place;
}

/**
 * Compiled policies, found by subject, service and resource, so that a decision looks only at those that could match it: whoever makes
 * thousands of things is given a policy on each of them.
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
      subject = { byService: new Map(), anyService: noPolicies() };
      this.#bySubject.set(compiled.subjectKey, subject);
    }
    if (compiled.serviceName === undefined) {
      placeOf(subject.anyService, compiled).add(compiled);
      return;
    }
    const bucket = subject.byService.get(compiled.serviceName) ?? noPolicies();
    subject.byService.set(compiled.serviceName, bucket);
    placeOf(bucket, compiled).add(compiled);
  }

  /** Removes a policy; false when there was none with this id. */
  remove(policyId: string): boolean {
    const compiled = this.#byId.get(policyId);
    if (compiled === undefined) return false;
    this.#byId.delete(policyId);
    const subject = this.#bySubject.get(compiled.subjectKey);
    if (subject === undefined) return true;
    const bucket = compiled.serviceName === undefined ? subject.anyService : subject.byService.get(compiled.serviceName);
    if (bucket !== undefined) takeOut(bucket, compiled);
    if (compiled.serviceName !== undefined && bucket !== undefined && isEmpty(bucket)) subject.byService.delete(compiled.serviceName);
    if (subject.byService.size === 0 && isEmpty(subject.anyService)) this.#bySubject.delete(compiled.subjectKey);
    return true;
  }

  /**
   * The policies of one subject that could match a resource of the service: those naming the service or a parent of it, then those naming
   * none; of either those that name no resource, and those that name this one.
   */
  *candidates(
    subjectKey: SubjectKey,
    serviceName: string | undefined,
    resource: string | undefined,
  ): Generator<CompiledPolicy, void, undefined> {
    const subject = this.#bySubject.get(subjectKey);
    if (subject === undefined) return;
    for (const name of serviceLineage(serviceName)) {
      const bucket = subject.byService.get(name);
      if (bucket !== undefined) yield* thoseFor(bucket, resource);
    }
    yield* thoseFor(subject.anyService, resource);
  }

  /** All policies of one subject. */
  *ofSubject(subjectKey: SubjectKey): Generator<CompiledPolicy, void, undefined> {
    const subject = this.#bySubject.get(subjectKey);
    if (subject === undefined) return;
    for (const bucket of subject.byService.values()) yield* allOf(bucket);
    yield* allOf(subject.anyService);
  }
}
