/** The access-groups API as a table. */
import { requireIfMatch } from '../kernel/if-match.ts';
import { pageLink } from '../kernel/page-links.ts';
import { guarded, type Route } from '../kernel/route.ts';
import { printInstant } from '../kernel/times.ts';
import type { AccessGroup } from './group.ts';
import * as schema from './schema.ts';
import type { GroupService, ItemOutcome } from './service.ts';

export interface GroupRouteDeps {
  readonly groups: GroupService;
  readonly publicUrl: () => string;
}

const family = 'groups';
const DEFAULT_PAGE = 100;

const printItem = (item: ItemOutcome, trace: string) => ({
  iam_id: item.iamId,
  ...(item.type && { type: item.type }),
  ...(item.member && { created_at: printInstant(item.member.createdAt), created_by_id: item.member.createdById }),
  status_code: item.statusCode,
  trace,
  ...(item.error && { errors: [item.error] }),
});

/** The members that every list of this API carries around its items. */
function paged(
  publicUrl: string,
  path: string,
  query: Readonly<Record<string, unknown>>,
  page: { offset: number; limit: number; total: number },
) {
  const filters = Object.fromEntries(Object.entries(query).map(([key, value]) => [key, value === undefined ? undefined : String(value)]));
  const at = (offset: number) => ({ href: pageLink(publicUrl, path, { ...filters, limit: page.limit, offset }) });
  const { offset, limit, total } = page;
  const lastOffset = limit === 0 || total === 0 ? 0 : Math.floor((total - 1) / limit) * limit;
  return {
    limit,
    offset,
    total_count: total,
    first: at(0),
    last: at(lastOffset),
    ...(limit > 0 && offset + limit < total && { next: at(offset + limit) }),
    ...(offset > 0 && { previous: at(Math.max(0, offset - limit)) }),
  };
}

function readSearch(search: string | undefined): { field: 'id' | 'name' | 'description'; text: string } | undefined {
  if (search === undefined) return undefined;
  const colon = search.indexOf(':');
  return { field: search.slice(0, colon) as 'id' | 'name' | 'description', text: search.slice(colon + 1) };
}

export function groupRoutes({ groups, publicUrl }: GroupRouteDeps): readonly Route[] {
  const reply = (status: number, group: AccessGroup, extras?: schema.GroupExtras) => ({
    status,
    body: schema.printGroup(group, publicUrl(), extras),
    headers: { etag: group.entityTag },
  });
  return [
    guarded({
      method: 'POST',
      path: '/v2/groups',
      family,
      summary: 'Create an access group',
      query: schema.createGroupQuery,
      body: schema.createGroupBody,
      handle: async ({ caller, info, query, body }) => reply(201, await groups.create({ caller, info }, query.account_id, body)),
    }),
    guarded({
      method: 'GET',
      path: '/v2/groups',
      family,
      summary: 'List access groups',
      query: schema.listGroupsQuery,
      async handle({ caller, info, query }) {
        const { limit = DEFAULT_PAGE, offset = 0, ...filters } = query;
        const sort = (filters.sort ?? 'name').replace('is_federated', 'name');
        const search = readSearch(filters.search);
        const found = await groups.list(
          { caller, info },
          {
            accountId: filters.account_id,
            // Membership by dynamic rules does not exist yet, so nobody has it.
            ...(filters.iam_id !== undefined && { iamId: filters.membership_type === 'dynamic' ? '' : filters.iam_id }),
            ...(search && { search }),
            sort: sort.replace('-', '') as 'id' | 'name' | 'description',
            descending: sort.startsWith('-'),
          },
        );
        const extras = { showCrn: filters.show_crn, showFederated: filters.show_federated };
        return {
          status: 200,
          body: {
            ...paged(publicUrl(), '/v2/groups', filters, { offset, limit, total: found.length }),
            groups: found.slice(offset, offset + limit).map((group) => schema.printGroup(group, publicUrl(), extras)),
          },
        };
      },
    }),
    guarded({
      method: 'GET',
      path: '/v2/groups/:group_id',
      family,
      summary: 'Get an access group',
      query: schema.getGroupQuery,
      async handle({ caller, info, params, query }) {
        const group = await groups.get({ caller, info }, params.group_id ?? '');
        return reply(200, group, { showCrn: query.show_crn, showFederated: query.show_federated });
      },
    }),
    guarded({
      method: 'PATCH',
      path: '/v2/groups/:group_id',
      family,
      summary: 'Update an access group',
      body: schema.updateGroupBody,
      handle: async ({ caller, info, params, headers, body }) =>
        reply(200, await groups.update({ caller, info }, params.group_id ?? '', requireIfMatch(headers), body)),
    }),
    guarded({
      method: 'DELETE',
      path: '/v2/groups/:group_id',
      family,
      summary: 'Delete an access group',
      query: schema.deleteGroupQuery,
      async handle({ caller, info, params, query }) {
        await groups.remove({ caller, info }, params.group_id ?? '', query.force ?? false);
        return { status: 204 };
      },
    }),
    guarded({
      method: 'PUT',
      path: '/v2/groups/:group_id/members',
      family,
      summary: 'Add members to an access group',
      body: schema.addMembersBody,
      async handle({ caller, info, params, body }) {
        const items = body.members.map((member) => ({ iamId: member.iam_id, type: member.type }));
        const outcomes = await groups.addMembers({ caller, info }, params.group_id ?? '', items);
        return { status: 207, body: { members: outcomes.map((item) => printItem(item, info.transactionId)) } };
      },
    }),
    guarded({
      method: 'GET',
      path: '/v2/groups/:group_id/members',
      family,
      summary: 'List the members of an access group',
      query: schema.listMembersQuery,
      async handle({ caller, info, params, query }) {
        const groupId = params.group_id ?? '';
        const { limit = DEFAULT_PAGE, offset = 0, ...filters } = query;
        const sort = filters.sort?.replace('-', '') as 'id' | 'name' | 'email' | undefined;
        const { items, total } =
          filters.membership_type === 'dynamic'
            ? { items: [], total: 0 }
            : await groups.listMembers({ caller, info }, groupId, {
                ...(filters.type && { type: filters.type }),
                ...(sort && { sort }),
                verbose: filters.verbose ?? false,
                descending: filters.sort?.startsWith('-') ?? false,
                offset,
                limit,
              });
        return {
          status: 200,
          body: {
            ...paged(publicUrl(), `/v2/groups/${encodeURIComponent(groupId)}/members`, filters, { offset, limit, total }),
            members: items.map(({ member, identity }) => schema.printMember(member, publicUrl(), identity)),
          },
        };
      },
    }),
    guarded({
      method: 'HEAD',
      path: '/v2/groups/:group_id/members/:iam_id',
      family,
      summary: 'Check whether an identity is a member of an access group',
      async handle({ caller, info, params }) {
        const member = await groups.hasMember({ caller, info }, params.group_id ?? '', params.iam_id ?? '');
        return { status: member ? 204 : 404 };
      },
    }),
    guarded({
      method: 'DELETE',
      path: '/v2/groups/:group_id/members/:iam_id',
      family,
      summary: 'Remove a member from an access group',
      async handle({ caller, info, params }) {
        await groups.removeMember({ caller, info }, params.group_id ?? '', params.iam_id ?? '');
        return { status: 204 };
      },
    }),
    guarded({
      method: 'POST',
      path: '/v2/groups/:group_id/members/delete',
      family,
      summary: 'Remove members from an access group',
      body: schema.removeMembersBody,
      async handle({ caller, info, params, body }) {
        const outcomes = await groups.removeMembers({ caller, info }, params.group_id ?? '', body.members);
        return {
          status: 207,
          body: { access_group_id: params.group_id, members: outcomes.map((item) => printItem(item, info.transactionId)) },
        };
      },
    }),
  ];
}
