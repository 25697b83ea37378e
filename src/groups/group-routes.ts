/** Access groups as a table. */
import { requireIfMatch } from '../kernel/if-match.ts';
import { guarded, type Route } from '../kernel/route.ts';
import type { AccessGroup } from './group.ts';
import * as schema from './group-schema.ts';
import type { GroupService } from './group-service.ts';
import { pagedReply } from './paged-reply.ts';
import { accountQuery, readSort } from './schema.ts';

const family = 'groups';
const GROUPS = '/v2/groups';
const GROUP = `${GROUPS}/:group_id`;

export function oneGroupRoutes(groups: GroupService, publicUrl: () => string): readonly Route[] {
  const reply = (status: number, group: AccessGroup, extras?: schema.GroupExtras) => ({
    status,
    body: schema.printGroup(group, publicUrl(), extras),
    headers: { etag: group.entityTag },
  });
  return [
    guarded({
      method: 'POST',
      path: GROUPS,
      family,
      summary: 'Create an access group',
      query: accountQuery,
      body: schema.createGroupBody,
      handle: async ({ caller, info, query, body }) => reply(201, await groups.create({ caller, info }, query.account_id, body)),
    }),
    guarded({
      method: 'GET',
      path: GROUPS,
      family,
      summary: 'List access groups',
      query: schema.listGroupsQuery,
      async handle({ caller, info, query }) {
        const { limit, offset, ...filters } = query;
        const { iam_id: iamId, membership_type: type = 'static', search, hide_public_access: isHidden, show_crn: crn } = filters;
        const { groups: found, total } = await groups.list(
          { caller, info },
          {
            accountId: filters.account_id,
            ...(iamId !== undefined && { memberships: { iamId, type } }),
            ...(search !== undefined && { search: schema.readSearch(search) }),
            // Everybody is in that group, so it says nothing of the identity that is asked about.
            withPublicAccess: !isHidden && iamId === undefined,
            ...readSort(filters.sort ?? 'name'),
            offset,
            limit,
          },
        );
        const print = ({ isFederated, ...group }: (typeof found)[number]) =>
          schema.printGroup(group, publicUrl(), { crn, ...(filters.show_federated && { isFederated }) });
        return {
          status: 200,
          body: { ...pagedReply(publicUrl(), { path: GROUPS, filters, limit, offset, total }), groups: found.map(print) },
        };
      },
    }),
    guarded({
      method: 'GET',
      path: GROUP,
      family,
      summary: 'Get an access group',
      query: schema.getGroupQuery,
      async handle({ caller, info, params, query }) {
        const { isFederated, ...group } = await groups.get({ caller, info }, params.group_id ?? '');
        return reply(200, group, { crn: query.show_crn, ...(query.show_federated && { isFederated }) });
      },
    }),
    guarded({
      method: 'PATCH',
      path: GROUP,
      family,
      summary: 'Update an access group',
      body: schema.updateGroupBody,
      handle: async ({ caller, info, params, headers, body }) =>
        reply(200, await groups.update({ caller, info }, params.group_id ?? '', requireIfMatch(headers), body)),
    }),
    guarded({
      method: 'DELETE',
      path: GROUP,
      family,
      summary: 'Delete an access group',
      query: schema.deleteGroupQuery,
      async handle({ caller, info, params, query }) {
        await groups.remove({ caller, info }, params.group_id ?? '', query.force ?? false);
        return { status: 204 };
      },
    }),
  ];
}
