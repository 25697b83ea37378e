/** What a decision is asked about, as the request says it. */
import { type Attributes, asTexts, crnAttributes, disagreement, type GivenAttributes } from './asked-attributes.ts';

export interface GivenResource {
  readonly attributes?: GivenAttributes | undefined;
  readonly crn?: string | undefined;
}

const PREFIX = 'A resource needs to be provided for a valid request';

export const NO_RESOURCE = `${PREFIX}.`;

/** Reads a resource: its attributes, its CRN, or both where they agree. Returns a sentence where it names none. */
export function readResource(given: GivenResource | undefined): Attributes | string {
  const said = asTexts(given?.attributes);
  const fromCrn = given?.crn === undefined ? {} : crnAttributes(given.crn);
  if (!fromCrn) return `${PREFIX}: its CRN is not well-formed.`;
  const other = disagreement(fromCrn, said);
  if (other !== undefined) return `${PREFIX}: its attribute '${other}' is not what its CRN says.`;
  const resource = { ...said, ...fromCrn };
  return Object.keys(resource).length === 0 ? NO_RESOURCE : resource;
}
