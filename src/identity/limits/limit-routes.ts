/** The limits of an account as a table: few ids fit into a query, many go into a body. */
import { guarded, type Route } from '../../kernel/route.ts';
import type { IdentityDeps } from '../deps.ts';
import * as schema from './limit-schema.ts';
import { createLimitService } from './limit-service.ts';

const family = 'identity';
const LIMITS = '/v1/accounts/:account_id/limits/identity';

export function limitRoutes(deps: IdentityDeps): readonly Route[] {
  const limits = createLimitService(deps);
  return [
    guarded({
      method: 'GET',
      path: LIMITS,
      family,
      summary: 'Get the identity limits of an account, and what is used of them',
      query: schema.limitsQuery,
      async handle({ caller, info, params, query }) {
        return { status: 200, body: Object.fromEntries(await limits.tell({ caller, info }, params.account_id ?? '', query)) };
      },
    }),
    guarded({
      method: 'POST',
      path: LIMITS,
      family,
      summary: 'Get what is used of the identity limits of an account, for long lists of ids',
      body: schema.limitsBody,
      async handle({ caller, info, params, body }) {
        return { status: 200, body: Object.fromEntries(await limits.tell({ caller, info }, params.account_id ?? '', body)) };
      },
    }),
  ];
}
