/** The catalog as one account sees it: the built-in services, the services that it registered, and its custom roles. */
import { serviceLineage } from '@podpass/policy';
import { type CustomRole, customRoleCrn } from '../roles/custom-role.ts';
import { actionId, commonRole, otherSpelling, type RegisteredService, registeredRoleCrn } from '../services/service-registration.ts';
import { type Catalog, completeCatalog, type Role } from './catalog.ts';
import { frozenSet } from './frozen-set.ts';
import type { CatalogCustomRole } from './role-listing.ts';

/** What an account adds to the built-in catalog. Replaced as a whole when any of it changes, never altered. */
export interface AccountModel {
  readonly customRoles: readonly CustomRole[];
  readonly services: readonly RegisteredService[];
}

export const EMPTY_MODEL: AccountModel = Object.freeze({ customRoles: Object.freeze([]), services: Object.freeze([]) });

const nothing: ReadonlySet<string> = frozenSet([]);

/** A registered service as the catalog answers about it. */
interface ServiceEntry {
  readonly actions: ReadonlySet<string>;
  /** The service roles that have actions here: the generic ones, then the service's own. */
  readonly roles: readonly Role[];
  /** All that a role gives here, by role id; of a role that is not listed, its base set. */
  readonly byRole: ReadonlyMap<string, ReadonlySet<string>>;
}

function createEntry(base: Catalog, { name, actions, roles }: RegisteredService, own: readonly Role[]): ServiceEntry {
  const byRole = new Map<string, ReadonlySet<string>>();
  for (const role of roles) {
    const crn = registeredRoleCrn(name, role.name);
    const granted = frozenSet([...base.actions(crn, name), ...role.actions]);
    byRole.set(crn, granted);
    if (commonRole(role.name) === undefined) byRole.set(otherSpelling(crn), granted);
  }
  const generic = base.allServiceRoles().filter(({ crn }) => byRole.has(crn));
  return { actions: frozenSet(actions.map(actionId)), roles: Object.freeze([...generic, ...own]), byRole };
}

function ownRolesOf({ name, roles }: RegisteredService): readonly Role[] {
  return roles
    .filter((role) => commonRole(role.name) === undefined)
    .map(({ name: last, displayName, description }) =>
      Object.freeze({ crn: registeredRoleCrn(name, last), displayName: displayName ?? last, description: description ?? '' }),
    );
}

function computedOnce<T>(compute: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: compute() };
    return made.value;
  };
}

/** Registered services laid over the built-in ones. A name that is built in stays so: what was registered under it before is dormant. */
function withServices(base: Catalog, registered: readonly RegisteredService[]): Catalog {
  // An account may have a thousand services and ask about three: the sets of a service are computed when it is first asked about.
  const services = new Map<string, () => ServiceEntry>();
  const ownRoles = new Map<string, Role>();
  for (const service of registered) {
    if (base.listedService(service.name) !== undefined) continue;
    const own = ownRolesOf(service);
    for (const role of own) ownRoles.set(role.crn, role).set(otherSpelling(role.crn), role);
    services.set(
      service.name,
      computedOnce(() => createEntry(base, service, own)),
    );
  }
  if (services.size === 0) return base;
  const listedHere = (serviceName: string) => serviceLineage(serviceName).find((name) => services.has(name));
  // Most requests name a listed service itself, and those need no list of its parents.
  const find = (serviceName: string) => (services.get(serviceName) ?? services.get(listedHere(serviceName) ?? ''))?.();
  const serviceNames = Object.freeze([...base.serviceNames(), ...services.keys()]);
  return completeCatalog({
    ...base,
    actions(roleId: string, serviceName: string) {
      const found = find(serviceName)?.byRole.get(roleId);
      if (found !== undefined) return found;
      return ownRoles.has(roleId) ? nothing : base.actions(roleId, serviceName);
    },
    role: (roleId: string) => ownRoles.get(roleId) ?? base.role(roleId),
    serviceType: (serviceName: string) => (find(serviceName) === undefined ? base.serviceType(serviceName) : 'service'),
    serviceRoles: (serviceName: string) => find(serviceName)?.roles ?? base.serviceRoles(serviceName),
    hasService: (serviceName: string) => services.has(serviceName) || base.hasService(serviceName),
    listedService: (serviceName: string) => listedHere(serviceName) ?? base.listedService(serviceName),
    serviceNames: () => serviceNames,
    serviceActions: (serviceName: string) => find(serviceName)?.actions ?? base.serviceActions(serviceName),
  });
}

interface CustomEntry {
  readonly role: CatalogCustomRole;
  readonly actions: ReadonlySet<string>;
}

/** An action that the service no longer defines is given by no custom role either; actions of the platform stay. */
function createCustomEntry(catalog: Catalog, custom: CustomRole): CustomEntry {
  const { accountId, name, displayName, description, serviceName, actions } = custom;
  const defined = catalog.serviceActions(serviceName);
  const given = actions.filter((action) => defined.has(action) || !action.startsWith(`${serviceName}.`));
  const role = Object.freeze({ crn: customRoleCrn(accountId, name), displayName, description: description ?? '', custom });
  return { role, actions: frozenSet(given) };
}

function withCustomRoles(catalog: Catalog, customRoles: readonly CustomRole[]): Catalog {
  if (customRoles.length === 0) return catalog;
  const entries = new Map(
    customRoles.map((custom) => {
      const entry = createCustomEntry(catalog, custom);
      return [entry.role.crn, entry];
    }),
  );
  const all = Object.freeze([...entries.values()].map(({ role }) => role));
  const isFor = ({ custom }: CatalogCustomRole, serviceName: string) =>
    custom.serviceName === (catalog.listedService(serviceName) ?? serviceName);
  return completeCatalog({
    ...catalog,
    actions(roleId: string, serviceName: string) {
      const entry = entries.get(roleId);
      if (entry === undefined) return catalog.actions(roleId, serviceName);
      return isFor(entry.role, serviceName) ? entry.actions : nothing;
    },
    role: (roleId: string) => entries.get(roleId)?.role ?? catalog.role(roleId),
    customRoles: (serviceName: string | undefined) => (serviceName === undefined ? all : all.filter((role) => isFor(role, serviceName))),
  });
}

/** The catalog of an account; `base` itself where the account adds nothing. */
export function accountCatalog(base: Catalog, { customRoles, services }: AccountModel): Catalog {
  return withCustomRoles(withServices(base, services), customRoles);
}

/** Hands out the catalog of an account, computed once for each of its models, and what its services add once for each list of them. */
export function createAccountCatalogs(base: Catalog): (model: AccountModel) => Catalog {
  const known = new WeakMap<AccountModel, Catalog>();
  const byServices = new WeakMap<readonly RegisteredService[], Catalog>();
  return (model) => {
    const found = known.get(model);
    if (found !== undefined) return found;
    const registered = byServices.get(model.services) ?? withServices(base, model.services);
    byServices.set(model.services, registered);
    const made = withCustomRoles(registered, model.customRoles);
    known.set(model, made);
    return made;
  };
}
