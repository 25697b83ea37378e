import type { CompiledPolicy } from './compiled-policy.ts';
import type { ResourcePlace } from './facts.ts';
import { codeOfNames, instanceMask, type PlaceCodes, resourceMask, serviceMask } from './place-codes.ts';

/** Whether policies with these roles are of interest. */
export type RoleFilter = (roleIds: readonly string[]) => boolean;

/** What is looked for among a subject's policies. */
export interface Sought {
  readonly place: ResourcePlace;
  readonly codes: PlaceCodes;
  readonly grants: RoleFilter | undefined;
}

/** The policies of one subject. */
export interface SubjectPolicies {
  readonly size: number;
  add(compiled: CompiledPolicy): void;
  remove(compiled: CompiledPolicy): void;
  /** Adds to `found` those that could match the place and have roles of interest. */
  collect(sought: Sought, found: CompiledPolicy[]): void;
  all(): Iterable<CompiledPolicy>;
  /** Those that name one of the services literally. */
  ofServices(serviceNames: readonly string[]): Iterable<CompiledPolicy>;
}

/**
 * A few policies side by side: a number a policy says which service, instance and resource it names, so that most of those that cannot
 * match are passed over without being read. What a decision waits for is memory.
 */
export class FewPolicies implements SubjectPolicies {
  #policies: readonly CompiledPolicy[] = [];
  #codes: readonly number[] = [];
  #roles: readonly (readonly string[])[] = [];

  get size(): number {
    return this.#policies.length;
  }

  add(compiled: CompiledPolicy): void {
    this.#policies = [...this.#policies, compiled];
    this.#codes = [...this.#codes, codeOfNames(compiled.serviceName, compiled.serviceInstance, compiled.resource)];
    this.#roles = [...this.#roles, compiled.roleIds];
  }

  remove(compiled: CompiledPolicy): void {
    const place = this.#policies.indexOf(compiled);
    if (place < 0) return;
    this.#policies = this.#policies.toSpliced(place, 1);
    this.#codes = this.#codes.toSpliced(place, 1);
    this.#roles = this.#roles.toSpliced(place, 1);
  }

  collect({ place, codes, grants }: Sought, found: CompiledPolicy[]): void {
    const all = this.#codes;
    const { services, instance, resource } = codes;
    for (let policy = 0; policy < all.length; policy += 1) {
      const code = all[policy] as number;
      const onService = code & serviceMask;
      if (onService !== 0 && !services.includes(onService)) continue;
      const onInstance = code & instanceMask;
      if (onInstance !== 0 && onInstance !== instance) continue;
      const onResource = code & resourceMask;
      if (onResource !== 0 && onResource !== resource) continue;
      if (grants !== undefined && !grants(this.#roles[policy] as readonly string[])) continue;
      const compiled = this.#policies[policy] as CompiledPolicy;
      if (liesAt(compiled, place)) found.push(compiled);
    }
  }

  all(): Iterable<CompiledPolicy> {
    return this.#policies;
  }

  ofServices(serviceNames: readonly string[]): Iterable<CompiledPolicy> {
    return this.#policies.filter(({ serviceName }) => serviceName !== undefined && serviceNames.includes(serviceName));
  }
}

/** Two names may share their bits: a policy counts where its names are the same. */
function liesAt({ serviceName, serviceInstance, resource }: CompiledPolicy, place: ResourcePlace): boolean {
  return (
    (serviceName === undefined || place.serviceNames.includes(serviceName)) &&
    (serviceInstance === undefined || serviceInstance === place.serviceInstance) &&
    (resource === undefined || resource === place.resource)
  );
}
