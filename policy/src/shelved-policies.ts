import type { CompiledPolicy } from './compiled-policy.ts';
import type { ResourcePlace } from './facts.ts';
import type { RoleFilter, Sought, SubjectPolicies } from './subject-policies.ts';

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

/** Many policies, found by name, level by level: whoever makes thousands of things is given a policy on each of them. */
export class ShelvedPolicies implements SubjectPolicies {
  readonly #root = new Shelf();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(compiled: CompiledPolicy): void {
    let shelf = this.#root;
    for (const [level, name] of pathOf(compiled)) {
      shelf[level] ??= new Map();
      shelf = childOf(shelf[level], name);
    }
    shelf.policies.push(compiled);
    this.#size += 1;
  }

  remove(compiled: CompiledPolicy): void {
    if (takeOut(this.#root, compiled, pathOf(compiled))) this.#size -= 1;
  }

  collect({ place, grants }: Sought, found: CompiledPolicy[]): void {
    gather(this.#root, place, grants, found);
  }

  all(): Iterable<CompiledPolicy> {
    return allOf(this.#root);
  }

  *ofServices(serviceNames: readonly string[]): Generator<CompiledPolicy, void, undefined> {
    for (const name of serviceNames) {
      const child = this.#root.byService?.get(name);
      if (child !== undefined) yield* allOf(child);
    }
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

function takeOut(shelf: Shelf, compiled: CompiledPolicy, [step, ...further]: ReturnType<typeof pathOf>): boolean {
  if (step === undefined) {
    const place = shelf.policies.indexOf(compiled);
    if (place >= 0) shelf.policies.splice(place, 1);
    return place >= 0;
  }
  const [level, name] = step;
  const child = shelf[level]?.get(name);
  if (child === undefined) return false;
  const isTaken = takeOut(child, compiled, further);
  if (child.isEmpty) shelf[level]?.delete(name);
  if (shelf[level]?.size === 0) shelf[level] = undefined;
  return isTaken;
}

function gather(shelf: Shelf, place: ResourcePlace, grants: RoleFilter | undefined, found: CompiledPolicy[]): void {
  for (const compiled of shelf.policies) if (grants === undefined || grants(compiled.roleIds)) found.push(compiled);
  const { byService, byInstance, byResource } = shelf;
  if (byService !== undefined) {
    for (const name of place.serviceNames) {
      const child = byService.get(name);
      if (child !== undefined) gather(child, place, grants, found);
    }
  }
  const atInstance = place.serviceInstance === undefined ? undefined : byInstance?.get(place.serviceInstance);
  if (atInstance !== undefined) gather(atInstance, place, grants, found);
  const atResource = place.resource === undefined ? undefined : byResource?.get(place.resource);
  if (atResource !== undefined) gather(atResource, place, grants, found);
}

function* allOf(shelf: Shelf): Generator<CompiledPolicy, void, undefined> {
  yield* shelf.policies;
  for (const level of [shelf.byService, shelf.byInstance, shelf.byResource]) {
    if (level !== undefined) for (const child of level.values()) yield* allOf(child);
  }
}
