/** The members of access groups as a table. */
import { guarded, type Route } from '../kernel/route.ts';
import type { AllGroupsService, GroupOutcome } from './all-groups-service.ts';
import * as schema from './member-schema.ts';
import type { MemberService } from './member-service.ts';
import { pagedReply } from './paged-reply.ts';
import { accountQuery, readSort } from './schema.ts';

const family = 'groups';
const MEMBERS = '/v2/groups/:group_id/members';
const MEMBER = `${MEMBERS}/:iam_id`;

export function memberRoutes(members: MemberService, publicUrl: () => string): readonly Route[] {
  return [
    guarded({
      method: 'PUT',
      path: MEMBERS,
      family,
      summary: 'Add members to an access group',
      body: schema.addMembersBody,
      async handle({ caller, info, params, body }) {
        const items = body.members.map((member) => ({ iamId: member.iam_id, type: member.type }));
        const outcomes = await members.add({ caller, info }, params.group_id ?? '', items);
        const print = (outcome: (typeof outcomes)[number], at: number) => ({
          iam_id: items[at]?.iamId,
          type: items[at]?.type,
          ...schema.printOutcome(outcome, info.transactionId),
        });
        return { status: 207, body: { members: outcomes.map(print) } };
      },
    }),
    guarded({
      method: 'GET',
      path: MEMBERS,
      family,
      summary: 'List the members of an access group',
      query: schema.listMembersQuery,
      async handle({ caller, info, params, query }) {
        const groupId = params.group_id ?? '';
        const { limit, offset, ...filters } = query;
        const { members: found, total } = await members.list({ caller, info }, groupId, {
          membershipType: filters.membership_type ?? 'static',
          ...(filters.type && { type: filters.type }),
          verbose: filters.verbose ?? false,
          ...(filters.sort ? readSort(filters.sort) : { descending: false }),
          offset,
          limit,
        });
        const path = `/v2/groups/${encodeURIComponent(groupId)}/members`;
        return {
          status: 200,
          body: {
            ...pagedReply(publicUrl(), { path, filters, limit, offset, total }),
            members: found.map((member) => schema.printMember(member, publicUrl())),
          },
        };
      },
    }),
    guarded({
      method: 'HEAD',
      path: MEMBER,
      family,
      summary: 'Check whether an identity is a member of an access group',
      async handle({ caller, info, params }) {
        const isMember = await members.isMember({ caller, info }, params.group_id ?? '', params.iam_id ?? '');
        return { status: isMember ? 204 : 404 };
      },
    }),
    guarded({
      method: 'DELETE',
      path: MEMBER,
      family,
      summary: 'Remove a member from an access group',
      async handle({ caller, info, params }) {
        await members.remove({ caller, info }, params.group_id ?? '', params.iam_id ?? '');
        return { status: 204 };
      },
    }),
    guarded({
      method: 'POST',
      path: `${MEMBERS}/delete`,
      family,
      summary: 'Remove members from an access group',
      body: schema.removeMembersBody,
      async handle({ caller, info, params, body }) {
        const outcomes = await members.removeMany({ caller, info }, params.group_id ?? '', body.members);
        const print = (outcome: (typeof outcomes)[number], at: number) => ({
          iam_id: body.members[at],
          ...schema.printOutcome(outcome, info.transactionId),
        });
        return { status: 207, body: { access_group_id: params.group_id, members: outcomes.map(print) } };
      },
    }),
  ];
}

const IN_ALL_GROUPS = '/v2/groups/_allgroups/members/:iam_id';

/** What concerns one identity and many groups; `_allgroups` stands where the other addresses have a group. */
export function allGroupsRoutes(allGroups: AllGroupsService): readonly Route[] {
  const printGroups = (outcomes: readonly GroupOutcome[], trace: string) =>
    outcomes.map((outcome) => ({ access_group_id: outcome.groupId, ...schema.printOutcome(outcome, trace) }));
  return [
    guarded({
      method: 'PUT',
      path: IN_ALL_GROUPS,
      family,
      summary: 'Add an identity to several access groups',
      query: accountQuery,
      body: schema.addToGroupsBody,
      async handle({ caller, info, params, query, body }) {
        const joining = { iamId: params.iam_id ?? '', type: body.type };
        const outcomes = await allGroups.add({ caller, info }, query.account_id, joining, body.groups);
        return { status: 207, body: { groups: printGroups(outcomes, info.transactionId) } };
      },
    }),
    guarded({
      method: 'DELETE',
      path: IN_ALL_GROUPS,
      family,
      summary: 'Remove an identity from all access groups of an account',
      query: accountQuery,
      async handle({ caller, info, params, query }) {
        const outcomes = await allGroups.remove({ caller, info }, query.account_id, params.iam_id ?? '');
        return { status: 207, body: { iam_id: params.iam_id, groups: printGroups(outcomes, info.transactionId) } };
      },
    }),
  ];
}
