/** Which roles there are for a purpose, as `GET /v2/roles` asks, and which of them have an action. */
import type { CustomRole } from '../roles/custom-role.ts';
import type { Role } from './roles.ts';

/** A custom role as the catalog lists it, with what the account keeps of it. */
export interface CatalogCustomRole extends Role {
  readonly custom: CustomRole;
}

/** What a listing asks of a catalog. */
export interface RoleSource {
  actions(roleId: string, serviceName: string): ReadonlySet<string>;
  serviceGroups(serviceName: string): readonly string[];
  serviceNames(): readonly string[];
  /** The four platform roles. */
  systemRoles(): readonly Role[];
  /** The service roles that have actions on the service; none for an unknown service. */
  serviceRoles(serviceName: string): readonly Role[];
  /** The service roles that may be assigned on all IAM-enabled services together. */
  allServiceRoles(): readonly Role[];
  /** The custom roles of the account that count on a service, or all of them; none in the built-in catalog. */
  customRoles(serviceName: string | undefined): readonly CatalogCustomRole[];
}

/** The purpose that roles are listed for; `serviceName` and `serviceGroupId` exclude each other. */
export interface RoleQuery {
  /** A service, or `alliamserviceroles` (all IAM-enabled services together), or `resource-controller` (resource groups themselves). */
  readonly serviceName?: string;
  readonly serviceGroupId?: string;
  /** An authorization may give every role of its target, as an access policy may: neither this nor the source takes a role away. */
  readonly policyType?: 'access' | 'authorization';
  readonly sourceServiceName?: string;
}

/** A role with the actions that it gives for the purpose of the listing. */
export type Listed<R extends Role = Role> = R & { readonly actions: readonly string[] };

export interface RoleListing {
  readonly systemRoles: readonly Listed[];
  readonly serviceRoles: readonly Listed[];
  readonly customRoles: readonly Listed<CatalogCustomRole>[];
}

/** The names under which roles are asked for that belong to no single service, and their service roles. */
const PURPOSES: ReadonlyMap<string, (source: RoleSource) => readonly Role[]> = new Map([
  ['alliamserviceroles', (source: RoleSource) => source.allServiceRoles()],
  ['resource-controller', () => []],
]);

/** A service that no catalog lists: what roles give there is their base sets. */
const NO_SERVICE = '';

function once<R extends Role>(roles: readonly R[]): readonly R[] {
  return [...new Map(roles.map((role) => [role.crn, role])).values()];
}

/** Roles with the union of what they give on these services. */
function listed<R extends Role>(source: RoleSource, roles: readonly R[], serviceNames: readonly string[]): readonly Listed<R>[] {
  return roles.map((role) => ({ ...role, actions: [...new Set(serviceNames.flatMap((name) => [...source.actions(role.crn, name)]))] }));
}

/** What a custom role gives on its own service, which is all that it gives. */
function listedCustom(source: RoleSource, roles: readonly CatalogCustomRole[]): readonly Listed<CatalogCustomRole>[] {
  return roles.map((role) => ({ ...role, actions: [...source.actions(role.crn, role.custom.serviceName)] }));
}

/** The roles for a purpose. An unknown service, or an unknown group of services, has the platform roles and no others. */
export function listRoles(source: RoleSource, { serviceName, serviceGroupId }: RoleQuery): RoleListing {
  if (serviceGroupId !== undefined) {
    const members = source.serviceNames().filter((name) => source.serviceGroups(name).includes(serviceGroupId));
    const serviceRoles = once(members.flatMap((name) => source.serviceRoles(name)));
    return {
      systemRoles: listed(source, source.systemRoles(), members.length === 0 ? [NO_SERVICE] : members),
      serviceRoles: listed(source, serviceRoles, members),
      customRoles: listedCustom(source, once(members.flatMap((name) => source.customRoles(name)))),
    };
  }
  const purpose = serviceName === undefined ? () => [] : PURPOSES.get(serviceName);
  if (serviceName === undefined || purpose !== undefined) {
    return {
      systemRoles: listed(source, source.systemRoles(), [NO_SERVICE]),
      serviceRoles: listed(source, purpose?.(source) ?? [], [NO_SERVICE]),
      customRoles: serviceName === undefined ? listedCustom(source, source.customRoles(undefined)) : [],
    };
  }
  return {
    systemRoles: listed(source, source.systemRoles(), [serviceName]),
    serviceRoles: listed(source, source.serviceRoles(serviceName), [serviceName]),
    customRoles: listedCustom(source, source.customRoles(serviceName)),
  };
}

/** The platform, service and custom roles that give the action on the service. */
export function findRolesWithAction(source: RoleSource, action: string, serviceName: string): readonly Role[] {
  const roles = [
    ...source.systemRoles(),
    ...source.allServiceRoles(),
    ...source.serviceRoles(serviceName),
    ...source.customRoles(serviceName),
  ];
  return once<Role>(roles).filter(({ crn }) => source.actions(crn, serviceName).has(action));
}
