/** The decision APIs as a table. */
import { guarded, type Route } from '../../kernel/route.ts';
import * as schema from './authz-schema.ts';
import type { AuthzService } from './authz-service.ts';

export interface DecisionRouteDeps {
  readonly authz: AuthzService;
}

export function decisionRoutes({ authz }: DecisionRouteDeps): readonly Route[] {
  return [
    guarded({
      method: 'POST',
      path: '/v2/authz',
      family: 'policies',
      summary: 'Decide what subjects may do',
      body: schema.authzBody,
      handle: ({ caller, info, body }) => authz.decide(caller, info, body),
    }),
  ];
}
