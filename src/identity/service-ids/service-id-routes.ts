/** Service IDs as a table; their groups have one of their own. */
import { requireIfMatch } from '../../kernel/if-match.ts';
import { guarded, type Route } from '../../kernel/route.ts';
import { printApiKey } from '../api-keys/api-key-schema.ts';
import type { IdentityDeps } from '../deps.ts';
import { readFlagHeader } from '../flag-header.ts';
import { firstPage, type PagedList, type Pager, requireAccountId } from '../pages.ts';
import { tagged, withoutUndefined } from '../schema.ts';
import { defaultGroupId } from './service-id.ts';
import { serviceIdGroupRoutes } from './service-id-group-routes.ts';
import { createServiceIdGroupService } from './service-id-group-service.ts';
import * as schema from './service-id-schema.ts';
import { createServiceIdService, type ServiceIdPage } from './service-id-service.ts';

const family = 'identity';
const LIST: PagedList = { name: 'serviceids', path: '/v1/serviceids', member: 'serviceids' };
const SERVICE_ID = `${LIST.path}/:service_id`;

/** The calls that switch the lock. */
const LOCK_CALLS = [
  ['POST', 'lock', 'Lock a service ID'],
  ['DELETE', 'unlock', 'Unlock a service ID'],
] as const;

function readPage(query: (typeof schema.listServiceIdsQuery)['_output'], pager: Pager): ServiceIdPage {
  if (query.pagetoken !== undefined) return pager.open<ServiceIdPage>(LIST, query.pagetoken);
  const accountId = requireAccountId(query.account_id);
  return {
    accountId,
    groupId: query.group_id ?? defaultGroupId(accountId),
    ...withoutUndefined({ name: query.name, filter: query.filter }),
    ...firstPage(query),
    showGroupId: query.show_group_id ?? false,
  };
}

export function serviceIdRoutes(deps: IdentityDeps, pager: Pager): readonly Route[] {
  const serviceIds = createServiceIdService(deps);
  return [
    guarded({
      method: 'POST',
      path: LIST.path,
      family,
      summary: 'Create a service ID, with an API key where one is asked for',
      query: schema.showGroupQuery,
      body: schema.createServiceIdBody,
      async handle({ caller, info, query, headers, body }) {
        const wish = schema.readServiceIdWish(body, readFlagHeader(headers, 'Entity-Lock'));
        const { serviceId, apiKey } = await serviceIds.create({ caller, info }, wish);
        const printed = schema.printServiceId(serviceId, query.show_group_id ?? false);
        return tagged(201, { ...printed, ...(apiKey && { apikey: printApiKey(apiKey.key, apiKey.value.reveal()) }) });
      },
    }),
    guarded({
      method: 'GET',
      path: LIST.path,
      family,
      summary: 'List the service IDs of a group',
      query: schema.listServiceIdsQuery,
      async handle({ caller, info, query }) {
        const page = readPage(query, pager);
        const { items, hasMore } = await serviceIds.list({ caller, info }, page);
        const printed = items.map(({ serviceId, ...extra }) => schema.printServiceId(serviceId, page.showGroupId, extra));
        return { status: 200, body: pager.reply(LIST, page, hasMore, printed) };
      },
    }),
    guarded({
      method: 'GET',
      path: SERVICE_ID,
      family,
      summary: 'Get a service ID',
      query: schema.getServiceIdQuery,
      async handle({ caller, info, params, query }) {
        const included = { history: query.include_history ?? false, activity: query.include_activity ?? false };
        const { serviceId, ...extra } = await serviceIds.get({ caller, info }, params.service_id ?? '', included);
        return tagged(200, schema.printServiceId(serviceId, query.show_group_id ?? false, extra));
      },
    }),
    guarded({
      method: 'PUT',
      path: SERVICE_ID,
      family,
      summary: 'Update a service ID',
      query: schema.showGroupQuery,
      body: schema.updateServiceIdBody,
      async handle({ caller, info, params, query, headers, body }) {
        const { unique_instance_crns: uniqueInstanceCrns, ...rest } = body;
        const input = { ...rest, uniqueInstanceCrns };
        const serviceId = await serviceIds.update({ caller, info }, params.service_id ?? '', requireIfMatch(headers), input);
        return tagged(200, schema.printServiceId(serviceId, query.show_group_id ?? false));
      },
    }),
    guarded({
      method: 'DELETE',
      path: SERVICE_ID,
      family,
      summary: 'Delete a service ID with its API keys, memberships and policies',
      async handle({ caller, info, params }) {
        await serviceIds.remove({ caller, info }, params.service_id ?? '');
        return { status: 204 };
      },
    }),
    ...LOCK_CALLS.map(([method, name, summary]) =>
      guarded({
        method,
        path: `${SERVICE_ID}/lock`,
        family,
        summary,
        async handle({ caller, info, params }) {
          await serviceIds.turn({ caller, info }, params.service_id ?? '', name);
          return { status: 204 };
        },
      }),
    ),
    ...serviceIdGroupRoutes(createServiceIdGroupService(deps)),
  ];
}
