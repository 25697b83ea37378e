/** Attributes as decision requests say them: by name, or folded into a CRN. */
import { type Crn, crnAccountId, readCrn } from '../../kernel/crn.ts';

export type Attributes = Readonly<Record<string, string>>;

/** Numbers and booleans compare as texts. */
export type GivenAttributes = Readonly<Record<string, string | number | boolean>>;

export function asTexts(attributes: GivenAttributes | undefined): Attributes {
  return Object.fromEntries(Object.entries(attributes ?? {}).map(([key, value]) => [key, String(value)]));
}

/** What a CRN says of a resource; undefined where the text is no CRN. Empty segments say nothing. */
export function crnAttributes(text: string): Attributes | undefined {
  const crn = readCrn(text);
  return crn && withoutEmpty(segmentsOf(crn));
}

export function segmentsOf(crn: Crn): Attributes {
  const { serviceName, region, serviceInstance, resourceType, resource, ctype } = crn;
  return { serviceName, region, accountId: crnAccountId(crn) ?? '', serviceInstance, resourceType, resource, ctype };
}

export function withoutEmpty(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''));
}

/** The attribute that both name with different values; undefined where they agree. */
export function disagreement(one: Attributes, other: Attributes): string | undefined {
  return Object.keys(one).find((key) => Object.hasOwn(other, key) && other[key] !== one[key]);
}
