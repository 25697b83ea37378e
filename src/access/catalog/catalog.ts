/**
 * The service catalog: which services exist, which roles they have, and which actions a role gives on a service. It is data, computed
 * once; custom roles belong to an account and are added by whoever holds the account's view.
 */
import { type RoleCatalog, type ServiceType, serviceLineage } from '@podpass/policy';
import { frozenSet } from './frozen-set.ts';
import { findRolesWithAction, listRoles, type RoleListing, type RoleQuery, type RoleSource } from './role-listing.ts';
import {
  enterpriseRoles,
  genericServiceRoles,
  platformRoleCrn,
  platformRoles,
  prefixed,
  type Role,
  type RoleRow,
  roleHome,
  serviceRoleCrn,
  sharedServiceRoles,
} from './roles.ts';
import { builtInServices, type ServiceRow } from './services.ts';

export type { Role } from './roles.ts';
export type { ServiceRow } from './services.ts';

/** All that a catalog says, but for what follows from the rest. */
export interface CatalogTables extends RoleCatalog, RoleSource {
  /** The role with this id, in either spelling; its `crn` is the canonical one. */
  role(roleId: string): Role | undefined;
  /** Whether the service itself, not merely its parent, is listed. */
  hasService(serviceName: string): boolean;
  /** The service itself where it is listed, else the nearest listed service that it is a child of. */
  listedService(serviceName: string): string | undefined;
  /** The actions that the service itself defines. */
  serviceActions(serviceName: string): ReadonlySet<string>;
}

export interface Catalog extends CatalogTables {
  /** The roles for a purpose, each with the actions that it gives there. */
  rolesOf(query: RoleQuery): RoleListing;
  /** The platform, service and custom roles that give the action on the service. */
  rolesWithAction(action: string, serviceName: string): readonly Role[];
}

export function completeCatalog(tables: CatalogTables): Catalog {
  return Object.freeze({
    ...tables,
    rolesOf: (query: RoleQuery) => listRoles(tables, query),
    rolesWithAction: (action: string, serviceName: string) => findRolesWithAction(tables, action, serviceName),
  });
}

/** A role with all it gives: its base set wherever it applies, and more on services that name it. */
interface RoleEntry {
  readonly role: Role;
  readonly baseActions: ReadonlySet<string>;
  readonly byService: Map<string, ReadonlySet<string>>;
}

interface ServiceEntry {
  readonly type: ServiceType;
  readonly groups: readonly string[];
  readonly roles: readonly Role[];
  readonly actions: ReadonlySet<string>;
}

const nothing: ReadonlySet<string> = frozenSet([]);
const noRoles: readonly never[] = Object.freeze([]);
const noGroups: readonly string[] = Object.freeze([]);

/** Computes the catalog of these services. Throws when a row names a role that does not exist. */
export function createCatalog(rows: readonly ServiceRow[] = builtInServices): Catalog {
  const platform = platformRoles.map((row) => createEntry(row, platformRoleCrn(row.name)));
  const generic = genericServiceRoles.map((row) => createEntry(row, serviceRoleCrn(roleHome, row.name)));
  const shared = sharedServiceRoles.map((row) => createEntry(row, serviceRoleCrn(roleHome, row.name)));
  const enterprise = enterpriseRoles.map((row) => createEntry(row, serviceRoleCrn(roleHome, row.name)));
  const entries = new Map([...platform, ...generic, ...shared, ...enterprise].map((entry) => [entry.role.crn, entry]));
  for (const { role } of [...shared, ...enterprise]) addOtherSpelling(entries, role.crn);

  const services = new Map<string, ServiceEntry>();
  for (const row of rows) services.set(row.name, addService(row, entries, new Set(platform)));

  const allServiceRoles = Object.freeze([...generic, ...shared].map((entry) => entry.role));
  const systemRoles = Object.freeze(platform.map((entry) => entry.role));
  const serviceNames = Object.freeze([...services.keys()]);
  const find = (serviceName: string) => findService(services, serviceName);
  return completeCatalog({
    actions(roleId: string, serviceName: string) {
      const entry = entries.get(roleId);
      if (entry === undefined) return nothing;
      return entry.byService.get(serviceName) ?? entry.byService.get(find(serviceName)?.name ?? '') ?? entry.baseActions;
    },
    serviceType: (serviceName: string) => find(serviceName)?.entry.type,
    serviceGroups: (serviceName: string) => find(serviceName)?.entry.groups ?? noGroups,
    role: (roleId: string) => entries.get(roleId)?.role,
    systemRoles: () => systemRoles,
    serviceRoles: (serviceName: string) => find(serviceName)?.entry.roles ?? noRoles,
    allServiceRoles: () => allServiceRoles,
    customRoles: () => noRoles,
    hasService: (serviceName: string) => services.has(serviceName),
    listedService: (serviceName: string) => find(serviceName)?.name,
    serviceNames: () => serviceNames,
    serviceActions: (serviceName: string) => find(serviceName)?.entry.actions ?? nothing,
  });
}

/** The service, or the nearest listed service that it is a child of. */
function findService(services: ReadonlyMap<string, ServiceEntry>, serviceName: string): { name: string; entry: ServiceEntry } | undefined {
  for (const name of serviceLineage(serviceName)) {
    const entry = services.get(name);
    if (entry !== undefined) return { name, entry };
  }
  return undefined;
}

function createEntry(row: RoleRow, crn: string): RoleEntry {
  const role = Object.freeze({ crn, displayName: row.displayName, description: row.description });
  return { role, baseActions: frozenSet(row.baseActions), byService: new Map() };
}

function addService(row: ServiceRow, entries: Map<string, RoleEntry>, platform: ReadonlySet<RoleEntry>): ServiceEntry {
  for (const [name, displayName, description] of row.roles) {
    const crn = serviceRoleCrn(row.name, name);
    entries.set(crn, createEntry({ name, displayName, description, baseActions: [] }, crn));
    addOtherSpelling(entries, crn);
  }
  const actionsByRole = new Map<RoleEntry, Set<string>>();
  for (const [roles, actions] of row.grants) {
    for (const name of roles.split(' ')) {
      const entry = findRole(row, name, entries);
      const granted = actionsByRole.get(entry) ?? new Set(entry.baseActions);
      for (const action of prefixed(row.name, actions)) granted.add(action);
      actionsByRole.set(entry, granted);
    }
  }
  for (const [entry, actions] of actionsByRole) entry.byService.set(row.name, frozenSet(actions));
  return {
    type: row.type,
    groups: Object.freeze([...row.groups]),
    roles: Object.freeze(
      [...new Set(entries.values())].filter((entry) => actionsByRole.has(entry) && !platform.has(entry)).map((entry) => entry.role),
    ),
    actions: frozenSet(row.grants.flatMap(([, actions]) => prefixed(row.name, actions))),
  };
}

function findRole(row: ServiceRow, name: string, entries: ReadonlyMap<string, RoleEntry>): RoleEntry {
  const crns = [serviceRoleCrn(row.name, name), platformRoleCrn(name), serviceRoleCrn(roleHome, name)];
  const entry = crns.map((crn) => entries.get(crn)).find((found) => found !== undefined);
  if (entry === undefined) throw new TypeError(`Service ${row.name} gives actions to the role ${name}, which does not exist.`);
  return entry;
}

/** Documents write service-specific roles as `role:` and as `serviceRole:`; both are accepted, the latter is listed. */
function addOtherSpelling(entries: Map<string, RoleEntry>, crn: string): void {
  const entry = entries.get(crn);
  if (entry !== undefined) entries.set(crn.replace('::::serviceRole:', '::::role:'), entry);
}
