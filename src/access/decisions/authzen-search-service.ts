/** The searches of the AuthZEN Authorization API 1.0: who may, on what, and what somebody may. */
import type { Caller, RequestInfo } from '../../kernel/caller.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Cursors } from '../../kernel/cursor.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Attributes } from './asked-attributes.ts';
import { readAction, readAuthzenResource, readAuthzenSubject, readEntity, SUBJECT_TYPES, subjectTypeOf } from './authzen-question.ts';
import type { AuthzenSearchBody } from './authzen-schema.ts';
import type { Decisions } from './decide.ts';
import type { DecisionLog } from './decision-log.ts';
import { type DecisionPoint, type Standing, UNAUTHORIZED } from './decision-point.ts';
import type { DecisionApi } from './decision-records.ts';

export interface AuthzenSearchDeps {
  readonly point: DecisionPoint;
  readonly decisions: Decisions;
  readonly log: DecisionLog;
  /** The identities of an account that may hold something: its users and profiles, members of its groups, subjects of its policies. */
  readonly listIdentities: (accountId: string) => Promise<Iterable<string>>;
  /** The instances of a service in an account; undefined for a service of which no inventory is kept. */
  readonly listInstances: (accountId: string, serviceName: string) => readonly string[] | undefined;
  readonly cursors: Cursors;
  readonly clock: Clock;
}

export type AuthzenSearchService = ReturnType<typeof createAuthzenSearchService>;

const DEFAULT_LIMIT = 100;
/** How many candidates one page looks at, whatever it finds. */
const MAX_EXAMINED = 1000;

function given<T extends object>(value: T | string): T {
  if (typeof value === 'string') throw new DomainError('invalid_field', { message: value });
  return value;
}

export function createAuthzenSearchService(deps: AuthzenSearchDeps) {
  const { point, decisions, log, listIdentities, listInstances, cursors, clock } = deps;

  async function enter(caller: Caller, info: RequestInfo, api: DecisionApi, resource: Attributes): Promise<Standing> {
    await log.reserve();
    const standing = await point.standingOf(caller, resource);
    if (standing !== undefined) return standing;
    log.unauthorized(caller, info, api, new Map([[await point.accountToTell(caller, resource), resource]]));
    throw new DomainError('forbidden', { message: UNAUTHORIZED });
  }

  /** The next candidates in their order for which the answer is yes; the token says where to go on. */
  function page(
    list: string,
    candidates: readonly string[],
    { token, limit = DEFAULT_LIMIT }: PageRequest,
    admits: (id: string) => boolean,
  ) {
    const after = token === undefined ? undefined : String(cursors.open(list, token, 'page.token').after);
    const rest = candidates.filter((id) => after === undefined || id > after).sort();
    const found: string[] = [];
    let examined = 0;
    for (const id of rest) {
      if (found.length === limit || examined === MAX_EXAMINED) break;
      examined += 1;
      if (admits(id)) found.push(id);
    }
    const last = rest[examined - 1];
    const next = examined < rest.length && last !== undefined ? cursors.seal(list, { after: last }) : '';
    return { found, page: { next_token: next, count: found.length } };
  }

  return {
    /** The identities of a type that may do the action on the resource. Only an account's own callers may list its identities. */
    async subjects(caller: Caller, info: RequestInfo, body: AuthzenSearchBody): Promise<unknown> {
      const { type = '' } = given(readEntity(body.subject, 'subject', ['type'])).texts;
      const { name } = given(readAction(body.action));
      const asked = given(readAuthzenResource(body.resource, caller.accountId));
      const standing = await enter(caller, info, 'access/search/subject', asked);
      const { access } = standing;
      if (!access.isOwner(caller.iamId) && caller.accountId !== access.accountId) {
        throw new DomainError('forbidden', {
          message: UNAUTHORIZED,
          details: 'The identities of an account are listed for its own callers.',
        });
      }
      const at = clock.now();
      const identities = SUBJECT_TYPES.has(type) ? [...(await listIdentities(access.accountId))] : [];
      const ofType = identities.filter((iamId) => subjectTypeOf(iamId) === type);
      const list = JSON.stringify(['subjects', type, name, asked]);
      const result = page(list, ofType, body.page ?? {}, (iamId) => {
        const question = point.complete(standing, { subject: { iamId }, resource: asked, at });
        return decisions.decide(access, { ...question, action: name }).permitted;
      });
      log.listed(caller, info, 'access/search/subject', access.accountId, { action: name, resource: asked, count: result.found.length });
      return { page: result.page, results: result.found.map((id) => ({ type, id })) };
    },

    /** The instances of a service on which the subject may do the action, of services whose instances Podpass knows. */
    async resources(caller: Caller, info: RequestInfo, body: AuthzenSearchBody): Promise<unknown> {
      const subject = given(readAuthzenSubject(body.subject));
      const { name } = given(readAction(body.action));
      const { texts } = given(readEntity(body.resource, 'resource', ['type']));
      const type = texts.type ?? '';
      const on = (id: string) => given(readAuthzenResource({ ...(body.resource as object), id }, caller.accountId));
      const { serviceInstance: _, ...asked } = on('any');
      const standing = await enter(caller, info, 'access/search/resource', asked);
      const { access } = standing;
      const instances = listInstances(access.accountId, type);
      if (instances === undefined && decisions.catalogOf(access).listedService(type) !== undefined) {
        throw new DomainError('not_offered', {
          message: `The instances of '${type.slice(0, 100)}' are not known to this server, so it cannot search among them.`,
          details: 'Ask about the instances that the service knows by POST /access/v1/evaluations.',
        });
      }
      const at = clock.now();
      const list = JSON.stringify(['resources', subject, name, asked]);
      const result = page(list, instances ?? [], body.page ?? {}, (id) => {
        const question = point.complete(standing, { subject, resource: on(id), at });
        return decisions.decide(access, { ...question, action: name }).permitted;
      });
      const { iamId } = subject;
      log.listed(caller, info, 'access/search/resource', access.accountId, { subject: iamId, action: name, count: result.found.length });
      return { page: result.page, results: result.found.map((id) => ({ type, id })) };
    },

    /** The actions that the subject may do on the resource: all that its roles give there. */
    async actions(caller: Caller, info: RequestInfo, body: AuthzenSearchBody): Promise<unknown> {
      const subject = given(readAuthzenSubject(body.subject));
      const asked = given(readAuthzenResource(body.resource, caller.accountId));
      const standing = await enter(caller, info, 'access/search/action', asked);
      const { access } = standing;
      const roleIds = decisions.rolesOn(access, point.complete(standing, { subject, resource: asked }));
      const catalog = decisions.catalogOf(access);
      const actions = new Set(roleIds.flatMap((roleId) => [...catalog.actions(roleId, asked.serviceName ?? '')]));
      const { found, page: pageOfActions } = page(JSON.stringify(['actions', subject, asked]), [...actions], body.page ?? {}, () => true);
      const { iamId } = subject;
      log.listed(caller, info, 'access/search/action', access.accountId, { subject: iamId, resource: asked, count: found.length });
      return { page: pageOfActions, results: found.map((name) => ({ name })) };
    },
  };
}

type PageRequest = NonNullable<AuthzenSearchBody['page']>;
