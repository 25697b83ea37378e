/** The decision APIs as a table. */
import { DomainError } from '../../kernel/errors.ts';
import { guarded, open, type Route } from '../../kernel/route.ts';
import type { AuthzRolesService } from './authz-roles-service.ts';
import * as authz from './authz-schema.ts';
import type { AuthzService } from './authz-service.ts';
import type { AuthzenEvaluationService } from './authzen-evaluation-service.ts';
import * as authzen from './authzen-schema.ts';
import type { AuthzenSearchService } from './authzen-search-service.ts';

export interface DecisionRouteDeps {
  readonly authz: AuthzService;
  readonly authzRoles: AuthzRolesService;
  readonly evaluations: AuthzenEvaluationService;
  readonly searches: AuthzenSearchService;
  readonly publicUrl: () => string;
}

const BULK = '/v2/authz/bulk';

/** Where AuthZEN says that its calls are, unless the metadata says otherwise. */
const ACCESS = '/access/v1';

export function decisionRoutes({ authz: service, authzRoles, evaluations, searches, publicUrl }: DecisionRouteDeps): readonly Route[] {
  const search = (entity: keyof AuthzenSearchService, path: string, summary: string): Route =>
    guarded({
      method: 'POST',
      path: `${ACCESS}/search/${path}`,
      family: 'authzen',
      summary,
      body: authzen.authzenSearchBody,
      handle: async ({ caller, info, body }) => ({ status: 200, body: await searches[entity](caller, info, body) }),
    });
  return [
    guarded({
      method: 'POST',
      path: '/v2/authz',
      family: 'policies',
      summary: 'Decide what subjects may do',
      body: authz.authzBody,
      handle: ({ caller, info, body }) => service.decide(caller, info, body),
    }),
    guarded({
      method: 'PUT',
      path: BULK,
      family: 'policies',
      summary: 'Decide what a subject may do on many resources',
      body: authz.authzBulkBody,
      handle: ({ caller, info, body }) => service.decideBulk(caller, info, body),
    }),
    ...(['GET', 'POST', 'PATCH', 'DELETE'] as const).map((method) =>
      guarded({
        method,
        path: BULK,
        family: 'policies',
        summary: 'Refused: the call is a PUT',
        handle: () => {
          throw new DomainError('method_not_allowed', { message: `${method} is not allowed here: the call is PUT ${BULK}.`, allow: 'PUT' });
        },
      }),
    ),
    guarded({
      method: 'POST',
      path: '/v2/authz/roles',
      family: 'policies',
      summary: 'List the roles that subjects hold on resources',
      body: authz.authzRolesBody,
      handle: ({ caller, info, body }) => authzRoles.list(caller, info, body),
    }),
    guarded({
      method: 'POST',
      path: `${ACCESS}/evaluation`,
      family: 'authzen',
      summary: 'Decide one access (AuthZEN)',
      body: authzen.authzenEvaluationBody,
      handle: async ({ caller, info, body }) => ({ status: 200, body: await evaluations.evaluate(caller, info, body) }),
    }),
    guarded({
      method: 'POST',
      path: `${ACCESS}/evaluations`,
      family: 'authzen',
      summary: 'Decide several accesses (AuthZEN)',
      body: authzen.authzenEvaluationsBody,
      handle: async ({ caller, info, body }) => ({ status: 200, body: await evaluations.evaluateAll(caller, info, body) }),
    }),
    search('subjects', 'subject', 'Search who may do an action on a resource (AuthZEN)'),
    search('resources', 'resource', 'Search on what a subject may do an action (AuthZEN)'),
    search('actions', 'action', 'Search what a subject may do on a resource (AuthZEN)'),
    open({
      method: 'GET',
      path: '/.well-known/authzen-configuration',
      family: 'authzen',
      summary: 'Where the calls of AuthZEN are',
      handle: () => ({ status: 200, body: metadata(publicUrl()) }),
    }),
  ];
}

function metadata(url: string) {
  return {
    policy_decision_point: url,
    access_evaluation_endpoint: `${url}${ACCESS}/evaluation`,
    access_evaluations_endpoint: `${url}${ACCESS}/evaluations`,
    search_subject_endpoint: `${url}${ACCESS}/search/subject`,
    search_resource_endpoint: `${url}${ACCESS}/search/resource`,
    search_action_endpoint: `${url}${ACCESS}/search/action`,
  };
}
