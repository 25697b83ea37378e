/**
 * Questions of the OpenID AuthZEN Authorization API 1.0 as questions of ours. A subject's type says what kind of identity its id is; a
 * resource is an instance of the service that its type names, or what the CRN in its id names (type `crn`). Attributes are properties;
 * a resource without an account is of the caller's. Returned texts say what is wrong. Context is accepted and not looked at: the time of
 * a decision is the server's, and no policy asks for anything else of it.
 */
import type { GivenAttributes } from './asked-attributes.ts';
import { readResource } from './asked-resource.ts';
import { readSubject } from './asked-subject.ts';
import type { DecisionSubject } from './decide.ts';
import type { AskedQuestion } from './decision-point.ts';

export type Members = Readonly<Record<string, unknown>>;

const LONGEST_TEXT = 2000;
const MAX_PROPERTIES = 100;
const LONGEST_NAME = 100;

const isService = (id: string) => /^(?:crn-)?crn:/.test(id);
const isProfile = (id: string) => id.startsWith('iam-Profile-');
const isServiceId = (id: string) => id.startsWith('iam-ServiceId-');

/** The types of subjects, each with which ids are of it. */
export const SUBJECT_TYPES: ReadonlyMap<string, (id: string) => boolean> = new Map([
  ['user', (id: string) => !isService(id) && !isProfile(id) && !isServiceId(id)],
  ['service_id', isServiceId],
  ['profile', isProfile],
  ['service', isService],
  ['anonymous', () => true],
]);

/** The type under which an identity is found. */
export function subjectTypeOf(iamId: string): string {
  return isProfile(iamId) ? 'profile' : isServiceId(iamId) ? 'service_id' : isService(iamId) ? 'service' : 'user';
}

/** The type of resources that their CRN names. */
const BY_CRN = 'crn';

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads `subject`, `action` and `resource` of a request. */
export function readEvaluation(body: Members, homeAccountId: string): AskedQuestion | string {
  const subject = readAuthzenSubject(body.subject);
  if (typeof subject === 'string') return subject;
  const action = readAction(body.action);
  if (!isMembers(action)) return action;
  const resource = readAuthzenResource(body.resource, homeAccountId);
  return typeof resource === 'string' ? resource : { subject, action: action.name, resource };
}

export function readAction(given: unknown): { readonly name: string } | string {
  const action = readEntity(given, 'action', ['name']);
  return typeof action === 'string' ? action : { name: action.texts.name ?? '' };
}

export function readAuthzenSubject(given: unknown): DecisionSubject | string {
  const entity = readEntity(given, 'subject', ['type', 'id']);
  if (typeof entity === 'string') return entity;
  const { type = '', id = '' } = entity.texts;
  const fits = SUBJECT_TYPES.get(type);
  if (fits === undefined) return `Field 'subject.type' is not acceptable: must be one of ${[...SUBJECT_TYPES.keys()].join(', ')}.`;
  if (!fits(id)) return `Field 'subject.id' is not acceptable: it is no id of the type '${type}'.`;
  const { scope, accessTokenBody } = entity.properties;
  const attributes = type === 'anonymous' ? { anonymous: true } : { id, ...(scope !== undefined && { scope }) };
  return readSubject({ attributes, ...(accessTokenBody !== undefined && { accessTokenBody: String(accessTokenBody) }) });
}

export function readAuthzenResource(given: unknown, homeAccountId: string): Readonly<Record<string, string>> | string {
  const entity = readEntity(given, 'resource', ['type', 'id']);
  if (typeof entity === 'string') return entity;
  const { type = '', id = '' } = entity.texts;
  const said = entity.properties;
  if (type === BY_CRN) {
    const resource = readResource({ attributes: said, crn: id });
    return typeof resource === 'string' || resource.accountId ? resource : { ...resource, accountId: homeAccountId };
  }
  const twice = ['serviceName', 'serviceInstance'].find((key) => Object.hasOwn(said, key));
  if (twice !== undefined) return `Field 'resource.properties.${twice}' is not acceptable: the resource's type and id say it.`;
  return readResource({ attributes: { accountId: homeAccountId, ...said, serviceName: type, serviceInstance: id } });
}

interface ReadEntity {
  readonly texts: Readonly<Record<string, string>>;
  readonly properties: GivenAttributes;
}

/** Reads an entity whose members of these names are texts; `properties` may stand beside them, and whatever else is ignored. */
export function readEntity(given: unknown, name: string, required: readonly string[]): ReadEntity | string {
  if (given === undefined) return `Field '${name}' is missing.`;
  if (!isMembers(given)) return `Field '${name}' is not acceptable: must be an object.`;
  const texts: Record<string, string> = {};
  for (const member of required) {
    const value = given[member];
    if (value === undefined || value === '') return `Field '${name}.${member}' is missing or empty.`;
    if (typeof value !== 'string') return `Field '${name}.${member}' is not acceptable: must be a text.`;
    if (value.length > LONGEST_TEXT) return `Field '${name}.${member}' is not acceptable: must have at most ${LONGEST_TEXT} characters.`;
    texts[member] = value;
  }
  const properties = readProperties(given.properties, name);
  return typeof properties === 'string' ? properties : { texts, properties };
}

function readProperties(given: unknown, name: string): GivenAttributes | string {
  if (given === undefined || given === null) return {};
  if (!isMembers(given)) return `Field '${name}.properties' is not acceptable: must be an object.`;
  const entries = Object.entries(given);
  if (entries.length > MAX_PROPERTIES) return `Field '${name}.properties' is not acceptable: must have at most ${MAX_PROPERTIES} members.`;
  const properties: [string, string | number | boolean][] = [];
  for (const [key, value] of entries) {
    // What is no text is compared as JSON: it is there, and equals nothing that a policy says.
    const scalar = ['string', 'number', 'boolean'].includes(typeof value) ? (value as string | number | boolean) : JSON.stringify(value);
    const limit = key === 'accessTokenBody' ? 16_384 : LONGEST_TEXT;
    if (key.length > LONGEST_NAME || String(scalar).length > limit) {
      return `Field '${name}.properties.${key.slice(0, LONGEST_NAME)}' is not acceptable: names have at most ${LONGEST_NAME} characters, values ${limit}.`;
    }
    properties.push([key, scalar]);
  }
  return Object.fromEntries(properties);
}
