import type { AccessRequest, RoleCatalog, ServiceType } from './types.ts';

/** By what the index finds policies: the service, the instance and the resource that a request names. */
export interface ResourcePlace {
  /** The service and the services that it is a child of, nearest first: a clause on `svc` also covers `svc.child`. */
  readonly serviceNames: readonly string[];
  readonly serviceInstance: string | undefined;
  readonly resource: string | undefined;
}

/** A request as clauses see it: what it says of the resource, what the catalog knows of its service, who asks, and when. */
export interface ResourceFacts extends ResourcePlace {
  readonly accountId: string;
  readonly serviceName: string | undefined;
  readonly serviceType: ServiceType | undefined;
  readonly serviceGroups: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** Of a service that asks for itself. */
  readonly subjectAttributes: Readonly<Record<string, string>> | undefined;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
}

/** The value of an attribute; a list where several hold at once; undefined where the resource lacks it. */
export type AttributeValues = string | readonly string[] | undefined;

export type AttributeReader = (facts: ResourceFacts) => AttributeValues;

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

/** How a clause on this key reads an attribute of the service that asks; nothing is computed there. */
export function subjectReader(key: string): AttributeReader {
  return ({ subjectAttributes }) => (subjectAttributes === undefined ? undefined : ownAttribute(subjectAttributes, key));
}

/** Reads an attribute that the record itself carries, so that a key such as `__proto__` or `constructor` finds nothing inherited. */
export function ownAttribute(attributes: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined;
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
    serviceInstance: ownAttribute(request.resource, 'serviceInstance'),
    resource: ownAttribute(request.resource, 'resource'),
    serviceType: serviceName === undefined ? undefined : catalog.serviceType(serviceName),
    serviceGroups: serviceName === undefined ? noNames : catalog.serviceGroups(serviceName),
    attributes: request.resource,
    tags: request.resourceTags ?? noNames,
    subjectAttributes: request.subjectAttributes,
    at: request.at,
  };
}
