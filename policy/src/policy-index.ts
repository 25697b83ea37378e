import type { CompiledPolicy } from './compiled-policy.ts';
import type { ResourcePlace } from './facts.ts';
import type { PolicySource } from './policy-source.ts';
import { type SubjectKey, type SubjectKind, subjectKinds } from './subject-key.ts';

/**
 * Policies at one place, and below it those that name more: a service, an instance, a resource, in this order and literally. A policy
 * that names an instance and no service lies below the subject's own shelf.
 */
class Shelf {
  readonly policies: CompiledPolicy[] = [];
  byService: Map<string, Shelf> | undefined;
  byInstance: Map<string, Shelf> | undefined;
  byResource: Map<string, Shelf> | undefined;

  get isEmpty(): boolean {
    return this.policies.length === 0 && !this.byService && !this.byInstance && !this.byResource;
  }
}

type Level = 'byService' | 'byInstance' | 'byResource';

/** The way to a policy's shelf from that of its subject. */
function pathOf({ serviceName, serviceInstance, resource }: CompiledPolicy): readonly (readonly [Level, string])[] {
  const path: (readonly [Level, string])[] = [];
  if (serviceName !== undefined) path.push(['byService', serviceName]);
  if (serviceInstance !== undefined) path.push(['byInstance', serviceInstance]);
  if (resource !== undefined) path.push(['byResource', resource]);
  return path;
}

const noPolicies: readonly CompiledPolicy[] = Object.freeze([]);

/**
 * Compiled policies, found by subject, service, instance and resource, so that a decision looks only at those that could match it:
 * whoever makes thousands of things is given a policy on each of them.
 * One index holds the active policies of one account; several accounts in one index stay apart all the same.
 */
export class PolicyIndex implements PolicySource {
  readonly #byId = new Map<string, CompiledPolicy>();
  readonly #bySubject: Readonly<Record<SubjectKind, Map<string, Shelf>>> = {
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
    let shelf = childOf(this.#bySubject[kind], id);
    for (const [level, name] of pathOf(compiled)) {
      shelf[level] ??= new Map();
      shelf = childOf(shelf[level], name);
    }
    shelf.policies.push(compiled);
  }

  /** Removes a policy; false when there was none with this id. */
  remove(policyId: string): boolean {
    const compiled = this.#byId.get(policyId);
    if (compiled === undefined) return false;
    this.#byId.delete(policyId);
    const { kind, id } = compiled.subjectKey;
    const root = this.#bySubject[kind].get(id);
    if (root === undefined) return true;
    takeOut(root, compiled, pathOf(compiled));
    if (root.isEmpty) this.#bySubject[kind].delete(id);
    return true;
  }

  /**
   * The policies of one subject that could match a resource there: those naming the service or a parent of it, and those naming none; of
   * either those that name no instance or this one, and no resource or this one.
   */
  candidates({ kind, id }: SubjectKey, place: ResourcePlace): readonly CompiledPolicy[] {
    const shelf = this.#bySubject[kind].get(id);
    return shelf === undefined ? noPolicies : gather(shelf, place, noPolicies);
  }

  ofSubject({ kind, id }: SubjectKey, serviceNames?: readonly string[]): Iterable<CompiledPolicy> {
    const shelf = this.#bySubject[kind].get(id);
    if (shelf === undefined) return noPolicies;
    return serviceNames === undefined ? allOf(shelf) : allOfServices(shelf, serviceNames);
  }
}

function childOf(children: Map<string, Shelf>, name: string): Shelf {
  let child = children.get(name);
  if (child === undefined) {
    child = new Shelf();
    children.set(name, child);
  }
  return child;
}

function takeOut(shelf: Shelf, compiled: CompiledPolicy, [step, ...further]: ReturnType<typeof pathOf>): void {
  if (step === undefined) {
    shelf.policies.splice(shelf.policies.indexOf(compiled), 1);
    return;
  }
  const [level, name] = step;
  const child = shelf[level]?.get(name);
  if (child === undefined) return;
  takeOut(child, compiled, further);
  if (child.isEmpty) shelf[level]?.delete(name);
  if (shelf[level]?.size === 0) shelf[level] = undefined;
}

/** What was found so far, with the policies at the place; the shelf's own list where nothing was found yet. */
function gather(shelf: Shelf, place: ResourcePlace, soFar: readonly CompiledPolicy[]): readonly CompiledPolicy[] {
  let found = soFar;
  if (shelf.policies.length > 0) found = found.length === 0 ? shelf.policies : found.concat(shelf.policies);
  const { byService, byInstance, byResource } = shelf;
  if (byService !== undefined) {
    for (const name of place.serviceNames) {
      const child = byService.get(name);
      if (child !== undefined) found = gather(child, place, found);
    }
  }
  if (byInstance !== undefined && place.serviceInstance !== undefined) {
    const child = byInstance.get(place.serviceInstance);
    if (child !== undefined) found = gather(child, place, found);
  }
  if (byResource !== undefined && place.resource !== undefined) {
    const child = byResource.get(place.resource);
    if (child !== undefined) found = gather(child, place, found);
  }
  return found;
}

function* allOf(shelf: Shelf): Generator<CompiledPolicy, void, undefined> {
  yield* shelf.policies;
  for (const level of [shelf.byService, shelf.byInstance, shelf.byResource]) {
    if (level !== undefined) for (const child of level.values()) yield* allOf(child);
  }
}

function* allOfServices({ byService }: Shelf, names: readonly string[]): Generator<CompiledPolicy, void, undefined> {
  for (const name of names) {
    const child = byService?.get(name);
    if (child !== undefined) yield* allOf(child);
  }
}
