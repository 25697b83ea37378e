/**
 * Cloud Resource Names: ten segments joined by colons,
 * `crn:version:cname:ctype:service-name:region:scope:service-instance:resource-type:resource`.
 * The last segment may itself contain colons and slashes.
 */
export interface Crn {
  readonly cname: string;
  readonly ctype: string;
  readonly serviceName: string;
  readonly region: string;
  /** `a/<account id>`, or another scope, or empty. */
  readonly scope: string;
  readonly serviceInstance: string;
  readonly resourceType: string;
  readonly resource: string;
}

const SEGMENTS = 10;
const MAX_LENGTH = 1024;
// Printable ASCII without the space: what every published CRN consists of.
const ALLOWED = /^[\x21-\x7e]+$/;

/** Reads a CRN; trailing empty segments may be left out. Returns undefined where the text is not one. */
export function readCrn(text: string): Crn | undefined {
  if (text.length > MAX_LENGTH || !ALLOWED.test(text)) return undefined;
  const parts = text.split(':');
  if (parts[0]?.toLowerCase() !== 'crn' || parts[1] !== 'v1' || parts.length < 8) return undefined;
  const [, , cname = '', ctype = '', serviceName = '', region = '', scope = '', serviceInstance = '', resourceType = ''] = parts;
  if (cname === '' || ctype === '' || serviceName === '') return undefined;
  return { cname, ctype, serviceName, region, scope, serviceInstance, resourceType, resource: parts.slice(SEGMENTS - 1).join(':') };
}

export function formatCrn(crn: Crn): string {
  const { cname, ctype, serviceName, region, scope, serviceInstance, resourceType, resource } = crn;
  return ['crn', 'v1', cname, ctype, serviceName, region, scope, serviceInstance, resourceType, resource].join(':');
}

/** The one spelling under which CRNs are stored and compared: lower-case scheme, all ten segments. */
export function canonicalCrn(text: string): string | undefined {
  const crn = readCrn(text);
  return crn && formatCrn(crn);
}

/** The account that a CRN's scope names (`a/<account id>`), if it names one. */
export function crnAccountId(crn: Crn): string | undefined {
  return crn.scope.startsWith('a/') ? crn.scope.slice(2) : undefined;
}

/** The CRN of a thing that lives in an account: `crn:v1:bluemix:public:<service>:<region>:a/<account>:<instance>:<type>:<resource>`. */
export function accountCrn(
  serviceName: string,
  accountId: string,
  rest: { region?: string; serviceInstance?: string; resourceType?: string; resource?: string },
): string {
  const { region = '', serviceInstance = '', resourceType = '', resource = '' } = rest;
  return formatCrn({
    cname: 'bluemix',
    ctype: 'public',
    serviceName,
    region,
    scope: `a/${accountId}`,
    serviceInstance,
    resourceType,
    resource,
  });
}
