/** Which names a service, its actions, roles and attributes may have. */
import { serviceLineage } from '@podpass/policy';
import type { Catalog } from '../catalog/catalog.ts';
import { platformRoles, roleHome } from '../catalog/roles.ts';

const LONGEST_NAME = 64;
/** A child service is decided about with its parents; further than this the evaluator does not look. */
const DEEPEST_NAME = 8;
const NAME = /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*$/;
const ACTION_WORDS = /^(?:\.[A-Za-z0-9][A-Za-z0-9_-]*)+$/;

export function isServiceName(text: string): boolean {
  return text.length <= LONGEST_NAME && NAME.test(text) && text.split('.').length <= DEEPEST_NAME;
}

export const SERVICE_NAME_RULE = `lower-case letters, digits and hyphens, parts joined by dots, a letter first, at most ${LONGEST_NAME} characters and ${DEEPEST_NAME} parts`;

/** `<service name>.<word>`, with further words joined by dots. */
export function isActionOf(serviceName: string, action: string): boolean {
  return action.startsWith(`${serviceName}.`) && ACTION_WORDS.test(action.slice(serviceName.length));
}

/** First words of the actions in the base sets of roles, and what stands for several services in a list of roles: no service of anybody's. */
const HOMES: ReadonlySet<string> = new Set([
  roleHome,
  'alliamserviceroles',
  ...platformRoles.flatMap(({ baseActions }) => baseActions.map((action) => action.slice(0, action.indexOf('.')))),
]);

/** Why nobody may register a service under this name; undefined where it is free. */
export function reservation(name: string, catalog: Pick<Catalog, 'hasService'>): string | undefined {
  for (const part of serviceLineage(name)) {
    const own = part === name;
    if (catalog.hasService(part)) {
      return own ? `'${part}' is a built-in service` : `it would be a child of '${part}', which is a built-in service`;
    }
    if (HOMES.has(part))
      return own ? `'${part}' is a word of the platform's own` : `it begins with '${part}', a word of the platform's own`;
  }
  return undefined;
}

/** Attributes that every service has, or that are computed: no service's own. */
export const COMMON_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...['accountId', 'serviceName', 'serviceType', 'service_group_id', 'serviceInstance', 'region', 'resourceGroupId', 'resourceType'],
  ...['resource', 'ctype', 'organizationId', 'spaceId', 'iam_id', 'access_group_id'],
]);
