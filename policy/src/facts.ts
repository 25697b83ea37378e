import type { AccessRequest, RoleCatalog, ServiceType } from './types.ts';

/** A resource as clauses see it: what the request says, and what the catalog knows of its service. */
export interface ResourceFacts {
  readonly accountId: string;
  readonly serviceName: string | undefined;
  /** The service and the services that it is a child of, nearest first: a clause on `svc` also covers `svc.child`. */
  readonly serviceNames: readonly string[];
  readonly serviceType: ServiceType | undefined;
  readonly serviceGroups: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
}

/** The value of an attribute; a list where several hold at once; undefined where the resource lacks it. */
export type AttributeValues = string | readonly string[] | undefined;

type AttributeReader = (facts: ResourceFacts) => AttributeValues;

/** Attributes that are computed; a request that carries them is not believed. */
const derivedAttributes: ReadonlyMap<string, AttributeReader> = new Map<string, AttributeReader>([
  ['accountId', (facts) => facts.accountId],
  ['serviceName', (facts) => facts.serviceNames],
  ['serviceType', (facts) => facts.serviceType],
  ['service_group_id', (facts) => facts.serviceGroups],
]);

/** How a clause on this key reads its attribute. */
export function attributeReader(key: string): AttributeReader {
  return derivedAttributes.get(key) ?? ((facts) => ownAttribute(facts.attributes, key));
}

/** Reads an attribute that the record itself carries, so that a key such as `__proto__` or `constructor` finds nothing inherited. */
export function ownAttribute(attributes: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined;
}

/** The resource itself, where the request names it. */
export function resourceOf({ attributes }: ResourceFacts): string | undefined {
  return ownAttribute(attributes, 'resource');
}

// Child services are one or two levels deep; the bound keeps a name made of dots cheap.
const maxServiceDepth = 8;
const noNames: readonly string[] = Object.freeze([]);

/** `['a.b.c', 'a.b', 'a']` for `a.b.c`, and nothing for no service. */
export function serviceLineage(serviceName: string | undefined): readonly string[] {
  if (serviceName === undefined) return noNames;
  const names = [serviceName];
  let dot = serviceName.lastIndexOf('.');
  while (dot > 0 && names.length < maxServiceDepth) {
    names.push(serviceName.slice(0, dot));
    dot = serviceName.lastIndexOf('.', dot - 1);
  }
  return names;
}

/** The facts of a request, or undefined when it names no account: every policy carries one, so nothing can match. */
export function readFacts(request: AccessRequest, catalog: RoleCatalog): ResourceFacts | undefined {
  const accountId = ownAttribute(request.resource, 'accountId');
  if (!accountId) return undefined;
  const serviceName = ownAttribute(request.resource, 'serviceName');
  return {
    accountId,
    serviceName,
    serviceNames: serviceLineage(serviceName),
    serviceType: serviceName === undefined ? undefined : catalog.serviceType(serviceName),
    serviceGroups: serviceName === undefined ? noNames : catalog.serviceGroups(serviceName),
    attributes: request.resource,
    tags: request.resourceTags ?? noNames,
  };
}

// Scope words that say who the token is for, not which services it reaches.
const identityScopes: ReadonlySet<string> = new Set(['ibm', 'openid', 'email', 'profile', 'roles']);

/** Whether the token's scope lets it reach the service: true unless the scope lists services and this is none of them. */
export function scopeReaches(scope: string | undefined, serviceNames: readonly string[]): boolean {
  if (scope === undefined) return true;
  const services = scope.split(' ').filter((word) => word !== '' && !identityScopes.has(word));
  return services.length === 0 || services.some((service) => serviceNames.includes(service));
}
