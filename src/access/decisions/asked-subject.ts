/**
 * Who a decision is asked about. What a request says of its subject is the asker's word: the payload of a token arrives without its
 * signature and proves nothing, which is why only those who may ask are listened to.
 */
import { JwtError, parseJsonObject } from '@podpass/jwt';
import { type Crn, formatCrn, readCrn } from '../../kernel/crn.ts';
import { type Attributes, asTexts, disagreement, type GivenAttributes, segmentsOf, withoutEmpty } from './asked-attributes.ts';
import type { DecisionSubject } from './decide.ts';

export interface GivenSubject {
  readonly attributes?: GivenAttributes | undefined;
  /** The payload segment of an access token. */
  readonly accessTokenBody?: string | undefined;
}

/** Whoever presents no credential. No identity has an empty id, so no policy is for it and no group was given it. */
export const ANONYMOUS: DecisionSubject = Object.freeze({ iamId: '' });

const NO_SUBJECT = 'A subject needs to be provided for a valid request';

const CRN_IDENTITY = /^(?:crn-)?(?=crn:)/;
const PAYLOAD = /^[A-Za-z0-9_-]+={0,2}$/;
const LONGEST_ID = 1100;
const LONGEST_SCOPE = 2000;
/** Scopes of a CRN other than an account, by their letter. */
const OTHER_SCOPES: ReadonlyMap<string, string> = new Map([
  ['o', 'organizationId'],
  ['s', 'spaceId'],
  ['p', 'projectId'],
]);

/**
 * Reads a subject: an identity by `id` and `scope`, a service by its CRN or its attributes, anyone by the payload of a token, or nobody in
 * particular by `anonymous`. Returns a sentence where it names none, or contradicts itself. `repeats` says whether an attribute that
 * the token says too may stand beside it: where it is equal, or never.
 */
export function readSubject(given: GivenSubject | undefined, repeats: 'equal' | 'never' = 'equal'): DecisionSubject | string {
  const said = asTexts(given?.attributes);
  if (given?.accessTokenBody === undefined) return readAttributes(said);
  const token = readTokenBody(given.accessTokenBody);
  if (typeof token === 'string') return token;
  const { subject, says } = token;
  const repeated = repeats === 'never' ? Object.keys(says).find((key) => Object.hasOwn(said, key)) : disagreement(says, said);
  if (repeated === undefined) return subject;
  const rule = repeats === 'never' ? 'which the access token says already' : 'which the access token says differently';
  return `${NO_SUBJECT}: its attribute '${repeated}' repeats one ${rule}.`;
}

function readAttributes(said: Attributes): DecisionSubject | string {
  const { id = '', crn = id, scope, anonymous } = said;
  if (anonymous === 'true') {
    const other = ['id', 'crn', 'serviceName'].find((key) => Object.hasOwn(said, key));
    return other === undefined ? ANONYMOUS : `${NO_SUBJECT}: 'anonymous' excludes '${other}'.`;
  }
  if (CRN_IDENTITY.test(crn)) {
    const found = readCrn(crn.replace(CRN_IDENTITY, ''));
    if (!found) return `${NO_SUBJECT}: its CRN is not well-formed.`;
    const says = attributesOfService(found);
    const other = disagreement(withoutEmpty(says), said);
    if (other !== undefined) return `${NO_SUBJECT}: its attribute '${other}' is not what its CRN says.`;
    return service(found, { ...withoutIdentity(said), ...withoutEmpty(says) }, scope);
  }
  if (id.length > LONGEST_ID) return `${NO_SUBJECT}: its id has more than ${LONGEST_ID} characters.`;
  if (id !== '') return { iamId: id, ...(scope !== undefined && { scope }) };
  return said.serviceName ? service(crnOf(said), withoutIdentity(said), scope) : `${NO_SUBJECT}.`;
}

/** What the payload of a token says, as a subject and as attributes; of a service it says all that a CRN can, empty segments included. */
function readTokenBody(body: string): { readonly subject: DecisionSubject; readonly says: Attributes } | string {
  const malformed = `${NO_SUBJECT}: 'accessTokenBody' must be the payload of an access token, in base64url`;
  if (!PAYLOAD.test(body)) return `${malformed}.`;
  try {
    const { iam_id: iamId, scope = '', account } = parseJsonObject(Buffer.from(body, 'base64url'));
    if (typeof iamId !== 'string' || iamId === '' || iamId.length > LONGEST_ID) return `${malformed}, with the claim 'iam_id'.`;
    if (typeof scope !== 'string' || scope.length > LONGEST_SCOPE) return `${malformed}; its claim 'scope' must be a text.`;
    const bss = typeof account === 'object' && account !== null && 'bss' in account ? account.bss : undefined;
    const more = { ...(scope !== '' && { scope }), ...(typeof bss === 'string' && bss !== '' && { accountId: bss }) };
    if (!CRN_IDENTITY.test(iamId)) return { subject: { iamId, ...more }, says: { id: iamId, ...(scope !== '' && { scope }) } };
    const crn = readCrn(iamId.replace(CRN_IDENTITY, ''));
    if (!crn) return `${malformed}; the CRN in its claim 'iam_id' is not well-formed.`;
    const says = attributesOfService(crn);
    return { subject: { ...service(crn, withoutEmpty(says), undefined), ...more }, says: { ...says, scope } };
  } catch (error) {
    if (error instanceof JwtError) return `${malformed}.`;
    throw error;
  }
}

/** All attributes of a service that asks for itself (contract of decisions, 3.4). */
function attributesOfService(crn: Crn): Attributes {
  const [letter = '', id = ''] = crn.scope.split('/');
  const other = OTHER_SCOPES.get(letter);
  const { cname } = crn;
  return { realmid: 'crn', crn: formatCrn(crn), version: 'v1', cname, ...segmentsOf(crn), ...(other !== undefined && { [other]: id }) };
}

function service(crn: Crn, attributes: Attributes, scope: string | undefined): DecisionSubject {
  return { iamId: `crn-${formatCrn(crn)}`, attributes, ...(scope !== undefined && { scope }) };
}

function crnOf({ serviceName = '', region = '', accountId, serviceInstance = '', resourceType = '', resource = '' }: Attributes): Crn {
  const scope = accountId ? `a/${accountId}` : '';
  return { cname: 'bluemix', ctype: 'public', serviceName, region, scope, serviceInstance, resourceType, resource };
}

/** What is left of a service's attributes is what policies may speak of; its resource group is looked up, never believed. */
function withoutIdentity({ id: _, scope: __, resourceGroupId: ___, ...rest }: Attributes): Attributes {
  return rest;
}
