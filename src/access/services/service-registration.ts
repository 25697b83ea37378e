/** Services that an account registered, so that policies, roles and decisions treat them as they treat the built-in ones. */
import type { EpochMs } from '../../kernel/clock.ts';
import { genericServiceRoles, platformRoleCrn, platformRoles, roleHome, serviceRoleCrn } from '../catalog/roles.ts';

/** An action of a service, `<service name>.<words>`, bare or with words for people: as it was sent. */
export type RegisteredAction = string | { readonly id: string; readonly displayName?: string; readonly description?: string };

export interface RegisteredRole {
  /** A platform or generic role (`Viewer`, `Reader`, …), or the last part of the CRN of a role of the service's own. */
  readonly name: string;
  /** Always there of a role of the service's own. */
  readonly displayName?: string;
  readonly description?: string;
  /** The actions that the role has on the service beside its base set. */
  readonly actions: readonly string[];
}

export interface RegisteredAttribute {
  /** The name under which policies and decisions say it. */
  readonly key: string;
  readonly displayName?: string;
}

/** What the account says of a service. */
export interface ServiceContent {
  readonly displayName: string | null;
  readonly description: string | null;
  readonly actions: readonly RegisteredAction[];
  readonly roles: readonly RegisteredRole[];
  readonly attributes: readonly RegisteredAttribute[];
}

export interface RegisteredService extends ServiceContent {
  readonly accountId: string;
  readonly name: string;
  readonly revision: number;
  readonly entityTag: string;
  readonly createdAt: EpochMs;
  readonly createdById: string;
  readonly modifiedAt: EpochMs;
  readonly modifiedById: string;
}

export const actionId = (action: RegisteredAction): string => (typeof action === 'string' ? action : action.id);

/** The roles that are the same for all services, by the name under which a service gives them actions. */
const COMMON_ROLES: ReadonlyMap<string, { readonly crn: string; readonly displayName: string }> = new Map([
  ...platformRoles.map(({ name, displayName }) => [name, { crn: platformRoleCrn(name), displayName }] as const),
  ...genericServiceRoles.map(({ name, displayName }) => [name, { crn: serviceRoleCrn(roleHome, name), displayName }] as const),
]);

/** The role of all services that goes by this name; undefined for a role of the service's own. */
export const commonRole = (name: string) => COMMON_ROLES.get(name);

export const commonDisplayNames: readonly string[] = [...COMMON_ROLES.values()].map(({ displayName }) => displayName);

/** The role id of a role of a registered service. */
export function registeredRoleCrn(serviceName: string, roleName: string): string {
  return commonRole(roleName)?.crn ?? serviceRoleCrn(serviceName, roleName);
}

/** Documents write roles of a service's own as `role:` and as `serviceRole:`; both are accepted, the latter is listed. */
export const otherSpelling = (crn: string): string => crn.replace('::::serviceRole:', '::::role:');
