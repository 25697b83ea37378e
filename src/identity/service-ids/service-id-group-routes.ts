/** Groups of service IDs as a table. */
import { requireIfMatch } from '../../kernel/if-match.ts';
import { guarded, type Route } from '../../kernel/route.ts';
import { tagged } from '../schema.ts';
import type { ServiceIdGroupService } from './service-id-group-service.ts';
import * as schema from './service-id-schema.ts';

const family = 'identity';
const GROUPS = '/v1/serviceid_groups';
const GROUP = `${GROUPS}/:group_id`;

export function serviceIdGroupRoutes(groups: ServiceIdGroupService): readonly Route[] {
  return [
    guarded({
      method: 'POST',
      path: GROUPS,
      family,
      summary: 'Create a service ID group',
      body: schema.createServiceIdGroupBody,
      async handle({ caller, info, body }) {
        const { account_id: accountId, ...rest } = body;
        return tagged(201, schema.printServiceIdGroup(await groups.create({ caller, info }, { ...rest, accountId })));
      },
    }),
    guarded({
      method: 'GET',
      path: GROUPS,
      family,
      summary: 'List the service ID groups of an account',
      query: schema.listServiceIdGroupsQuery,
      async handle({ caller, info, query }) {
        const found = await groups.list({ caller, info }, query.account_id);
        return { status: 200, body: { serviceid_groups: found.map(schema.printServiceIdGroup) } };
      },
    }),
    guarded({
      method: 'GET',
      path: GROUP,
      family,
      summary: 'Get a service ID group',
      async handle({ caller, info, params }) {
        return tagged(200, schema.printServiceIdGroup(await groups.get({ caller, info }, params.group_id ?? '')));
      },
    }),
    guarded({
      method: 'PUT',
      path: GROUP,
      family,
      summary: 'Update a service ID group',
      body: schema.updateServiceIdGroupBody,
      async handle({ caller, info, params, headers, body }) {
        const group = await groups.update({ caller, info }, params.group_id ?? '', requireIfMatch(headers), body);
        return tagged(200, schema.printServiceIdGroup(group));
      },
    }),
    guarded({
      method: 'DELETE',
      path: GROUP,
      family,
      summary: 'Delete an empty service ID group',
      async handle({ caller, info, params }) {
        await groups.remove({ caller, info }, params.group_id ?? '');
        return { status: 204 };
      },
    }),
  ];
}
