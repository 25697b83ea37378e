/** Registered services, operators and access tags as a table. */
import { createPager, DEFAULT_PAGE, type Page, type PagedList, requireAccountId } from '../../identity/pages.ts';
import { tagged } from '../../identity/schema.ts';
import type { Cursors } from '../../kernel/cursor.ts';
import { guarded, type Route } from '../../kernel/route.ts';
import { createRegistrationService, type RegistrationDeps } from './registration-service.ts';
import type { KnownService } from './service-gate.ts';
import * as schema from './service-schema.ts';
import { createTagService, readInstance } from './tag-service.ts';

export interface ServiceRouteDeps extends RegistrationDeps {
  readonly cursors: Cursors;
  readonly publicUrl: () => string;
}

const family = 'identity';
const SERVICE = '/podpass/v1/services/:name';
const OPERATORS = '/podpass/v1/services/:name/operators';
const TAGS = '/podpass/v1/resource_tags';
const LIST: PagedList = { name: 'services', path: '/podpass/v1/services', member: 'services' };

/** Of a registration: 500 actions and the roles that share them out. */
const BODY_LIMIT = 128 * 1024;

const listOf = ({ accountId, name, entityTag, operators }: KnownService): schema.OperatorList => ({
  accountId,
  serviceName: name,
  entityTag,
  operators,
});

const printKnown = (known: KnownService) =>
  known.registered === undefined ? schema.printBuiltIn(listOf(known)) : schema.printService(known.registered, known.operators);

export function serviceRoutes(deps: ServiceRouteDeps): readonly Route[] {
  const services = createRegistrationService(deps);
  const tags = createTagService(deps);
  const pager = createPager(deps);
  return [
    guarded({
      method: 'PUT',
      path: SERVICE,
      family,
      summary: 'Register a service, or replace its registration',
      body: schema.putServiceBody,
      bodyLimit: BODY_LIMIT,
      async handle({ caller, info, params, headers, body }) {
        const input = { content: schema.contentOfBody(body), operators: body.operators, ifMatch: headers['if-match'] };
        const { service, operators, isNew, warnings } = await services.put({ caller, info }, body.account_id, params.name ?? '', input);
        return {
          ...tagged(isNew ? 201 : 200, schema.printService(service, operators)),
          warnings: warnings.map((text) => ({ code: 'role_in_use', text })),
        };
      },
    }),
    guarded({
      method: 'GET',
      path: LIST.path,
      family,
      summary: 'List the services that an account registered, and those that it named operators of',
      query: schema.listServicesQuery,
      async handle({ caller, info, query }) {
        const page =
          query.pagetoken === undefined
            ? { accountId: requireAccountId(query.account_id), offset: 0, limit: query.pagesize ?? DEFAULT_PAGE }
            : pager.open<Page>(LIST, query.pagetoken);
        const { items, hasMore } = await services.list({ caller, info }, page);
        return { status: 200, body: pager.reply(LIST, page, hasMore, items.map(printKnown)) };
      },
    }),
    guarded({
      method: 'GET',
      path: SERVICE,
      family,
      summary: 'Get a service as an account knows it',
      query: schema.accountQuery,
      handle: async ({ caller, info, params, query }) =>
        tagged(200, printKnown(await services.get({ caller, info }, query.account_id, params.name ?? ''))),
    }),
    guarded({
      method: 'DELETE',
      path: SERVICE,
      family,
      summary: 'Take the registration of a service back',
      query: schema.deleteServiceQuery,
      async handle({ caller, info, params, headers, query }) {
        const options = { force: query.force ?? false, ifMatch: headers['if-match'] };
        await services.remove({ caller, info }, query.account_id, params.name ?? '', options);
        return { status: 204 };
      },
    }),
    guarded({
      method: 'GET',
      path: OPERATORS,
      family,
      summary: 'List the operators of a service',
      query: schema.accountQuery,
      handle: async ({ caller, info, params, query }) =>
        tagged(200, schema.printOperators(listOf(await services.get({ caller, info }, query.account_id, params.name ?? '')))),
    }),
    guarded({
      method: 'PUT',
      path: OPERATORS,
      family,
      summary: 'Replace the operators of a service',
      body: schema.putOperatorsBody,
      async handle({ caller, info, params, headers, body }) {
        const input = { operators: body.operators, ifMatch: headers['if-match'] };
        const known = await services.putOperators({ caller, info }, body.account_id, params.name ?? '', input);
        return tagged(200, schema.printOperators(listOf(known)));
      },
    }),
    guarded({
      method: 'GET',
      path: TAGS,
      family,
      summary: 'Get the access tags of an instance',
      query: schema.tagsQuery,
      async handle({ caller, info, query }) {
        const instance = readInstance('Query parameter', query);
        return { status: 200, body: schema.printTags(instance.accountId, await tags.get({ caller, info }, instance)) };
      },
    }),
    guarded({
      method: 'PUT',
      path: TAGS,
      family,
      summary: 'Replace the access tags of an instance',
      body: schema.putTagsBody,
      async handle({ caller, info, body }) {
        const instance = readInstance('Field', body);
        return { status: 200, body: schema.printTags(instance.accountId, await tags.put({ caller, info }, instance, body.tags)) };
      },
    }),
  ];
}
