/** The decision APIs put together: one point that decides and one log that keeps what was decided. */
import type { Cursors } from '../../kernel/cursor.ts';
import { type AuthzRolesService, createAuthzRolesService } from './authz-roles-service.ts';
import { type AuthzService, createAuthzService } from './authz-service.ts';
import { type AuthzenEvaluationService, createAuthzenEvaluationService } from './authzen-evaluation-service.ts';
import { type AuthzenSearchDeps, type AuthzenSearchService, createAuthzenSearchService } from './authzen-search-service.ts';
import { createDecisionLog, type DecisionLogDeps } from './decision-log.ts';
import { createDecisionPoint, type DecisionPointDeps } from './decision-point.ts';

export interface DecisionApisDeps
  extends Omit<DecisionPointDeps, 'log'>,
    DecisionLogDeps,
    Pick<AuthzenSearchDeps, 'listIdentities' | 'listInstances'> {
  readonly cursors: Cursors;
}

export interface DecisionApis {
  readonly authz: AuthzService;
  readonly authzRoles: AuthzRolesService;
  readonly evaluations: AuthzenEvaluationService;
  readonly searches: AuthzenSearchService;
}

export function createDecisionApis(deps: DecisionApisDeps): DecisionApis {
  const log = createDecisionLog(deps);
  const point = createDecisionPoint({ ...deps, log });
  return {
    authz: createAuthzService(point),
    authzRoles: createAuthzRolesService({ ...deps, point, log }),
    evaluations: createAuthzenEvaluationService(point),
    searches: createAuthzenSearchService({ ...deps, point, log }),
  };
}
