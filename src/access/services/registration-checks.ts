/** What a registration must say beside having the right shape. Throws `invalid_field` or `reserved_value` naming the field. */
import { DomainError } from '../../kernel/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { COMMON_ATTRIBUTES, isActionOf, isServiceName, reservation, SERVICE_NAME_RULE } from './service-names.ts';
import { actionId, commonDisplayNames, commonRole, type RegisteredRole, type ServiceContent } from './service-registration.ts';

const invalid = (message: string, details?: string) =>
  new DomainError('invalid_field', { message, ...(details !== undefined && { details }) });

const shown = (text: string): string => text.slice(0, 120);
const fold = (text: string): string => text.trim().toLowerCase();

/** Refuses a name that is not well-formed or not free. */
export function checkServiceName(name: string, catalog: Catalog): void {
  if (!isServiceName(name)) {
    throw invalid(`The name '${shown(name)}' is not acceptable: a service's name consists of ${SERVICE_NAME_RULE}.`);
  }
  const reason = reservation(name, catalog);
  if (reason === undefined) return;
  throw new DomainError('reserved_value', {
    message: `The name '${name}' is reserved: ${reason}.`,
    details: 'Names of built-in services, their children and the words of the platform itself belong to nobody.',
  });
}

/** Refuses a list that says something twice. */
function refuseRepeated(field: string, values: readonly string[]): void {
  const seen = new Set<string>();
  for (const [index, value] of values.entries()) {
    if (seen.has(value)) throw invalid(`Field '${field}[${index}]' repeats '${shown(value)}'.`);
    seen.add(value);
  }
}

function checkActions(name: string, { actions }: ServiceContent): ReadonlySet<string> {
  const ids = actions.map(actionId);
  for (const [index, id] of ids.entries()) {
    if (isActionOf(name, id)) continue;
    throw invalid(
      `Field 'actions[${index}]' is not acceptable: '${shown(id)}' is no action of '${name}'.`,
      `An action is '${name}.' followed by words of letters, digits, '_' and '-', joined by dots: '${name}.item.read'.`,
    );
  }
  refuseRepeated('actions', ids);
  return new Set(ids);
}

const ROLE_NAME = /^[A-Z][A-Za-z0-9]{0,29}$/;

function checkRoleWords(field: string, { name, displayName }: RegisteredRole): void {
  const common = commonRole(name);
  if (common !== undefined) {
    if (displayName === undefined || displayName === common.displayName) return;
    throw invalid(`Field '${field}.display_name' is not acceptable: '${name}' is shown as '${common.displayName}' for every service.`);
  }
  if (!ROLE_NAME.test(name)) {
    throw invalid(
      `Field '${field}.name' is not acceptable: '${shown(name)}' is no name of a role.`,
      'A role has 1 to 30 letters and digits, an upper-case letter first.',
    );
  }
  if (displayName === undefined) {
    throw new DomainError('missing_field', {
      message: `Field '${field}.display_name' is missing or empty.`,
      details: `'${name}' is a role of the service's own, and needs words for people; platform and service roles have theirs.`,
    });
  }
  const taken = commonDisplayNames.find((one) => fold(one) === fold(displayName));
  if (taken !== undefined) throw invalid(`Field '${field}.display_name' is not acceptable: '${taken}' is a role of every service.`);
}

function checkRoles({ roles }: ServiceContent, defined: ReadonlySet<string>): void {
  for (const [index, role] of roles.entries()) {
    const field = `roles[${index}]`;
    checkRoleWords(field, role);
    const unknown = role.actions.findIndex((action) => !defined.has(action));
    if (unknown >= 0) {
      throw invalid(
        `Field '${field}.actions[${unknown}]' is not acceptable: '${shown(role.actions[unknown] ?? '')}' is not among the actions of the service.`,
      );
    }
    refuseRepeated(`${field}.actions`, role.actions);
  }
  refuseRepeated(
    'roles',
    roles.map(({ name }) => name),
  );
  refuseRepeated(
    'roles',
    roles.map(({ name, displayName }) => fold(displayName ?? name)),
  );
}

function checkAttributes({ attributes }: ServiceContent): void {
  for (const [index, { key }] of attributes.entries()) {
    if (!COMMON_ATTRIBUTES.has(key)) continue;
    throw new DomainError('reserved_value', {
      message: `Field 'attributes[${index}].key' is not acceptable: '${key}' is an attribute of every service, or one that is computed.`,
    });
  }
  refuseRepeated(
    'attributes',
    attributes.map(({ key }) => key),
  );
}

/** Checks what is said of a service. */
export function checkContent(name: string, content: ServiceContent): void {
  checkRoles(content, checkActions(name, content));
  checkAttributes(content);
}
