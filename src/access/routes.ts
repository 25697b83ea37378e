/** The access slice's addresses: policies, roles, settings, registered services and decisions. */
import type { Route } from '../kernel/route.ts';
import { type DecisionRouteDeps, decisionRoutes } from './decisions/decision-routes.ts';
import { type PolicyRouteDeps, policyRoutes } from './policies/policy-routes.ts';
import { type RoleRouteDeps, roleRoutes } from './roles/role-routes.ts';
import { accessSettingsRoutes } from './settings/access-settings-routes.ts';
import type { AccessSettingsService } from './settings/access-settings-service.ts';

export interface AccessRouteDeps extends PolicyRouteDeps, RoleRouteDeps, DecisionRouteDeps {
  readonly settings: AccessSettingsService;
}

export function accessRoutes(deps: AccessRouteDeps): readonly Route[] {
  return [...policyRoutes(deps), ...roleRoutes(deps), ...accessSettingsRoutes(deps.settings), ...decisionRoutes(deps)];
}
