/** Listing access groups: the database pages for callers who may see every group; for others the groups that they may read are picked out. */
import type { MutationContext } from '../audit/mutation.ts';
import type { Caller } from '../kernel/caller.ts';
import { DomainError } from '../kernel/errors.ts';
import type { GroupDeps } from './deps.ts';
import { accountTarget, groupResource } from './gate.ts';
import { foldName, type ListedGroup } from './group.ts';
import { memberTypeOf } from './member.ts';
import type { GroupFilter, GroupOrder, Page } from './store.ts';

export interface GroupListQuery extends Omit<GroupFilter, 'at'>, GroupOrder, Page {}

export interface ListedGroups {
  readonly groups: readonly ListedGroup[];
  /** How many there are on all pages. */
  readonly total: number;
}

const READING = ['iam-groups.groups.list', 'iam-groups.groups.read'] as const;

export function createGroupList({ reads, guard, mayDo, clock }: Pick<GroupDeps, 'reads' | 'guard' | 'mayDo' | 'clock'>) {
  async function maySee(caller: Caller, accountId: string, groupId?: string): Promise<boolean> {
    for (const action of READING) if (await mayDo(caller, action, groupResource(accountId, groupId))) return true;
    return false;
  }

  /** A service ID or a profile belongs to the account; of a user only the caller's own account tells. */
  async function refuseForeign(caller: Caller, accountId: string, iamId: string): Promise<void> {
    const isUser = memberTypeOf(iamId) === 'user';
    if (isUser ? accountId === caller.accountId : await reads.findIdentity(accountId, iamId)) return;
    throw new DomainError('forbidden', {
      details: isUser
        ? "Query parameter 'iam_id' names a user, so 'account_id' must be the account of your token."
        : "Query parameter 'iam_id' must name a service ID or a profile of the account that 'account_id' names.",
    });
  }

  async function visible(caller: Caller, groups: readonly ListedGroup[]): Promise<readonly ListedGroup[]> {
    const seen: ListedGroup[] = [];
    for (const group of groups) if (await maySee(caller, group.accountId, group.id)) seen.push(group);
    return seen;
  }

  return async (context: MutationContext, query: GroupListQuery): Promise<ListedGroups> => {
    const { caller } = context;
    const { sort, descending, offset, limit, search, ...rest } = query;
    const text = search?.field === 'name' ? foldName(search.text) : search?.text;
    const filter: GroupFilter = { ...rest, ...(search && text !== undefined && { search: { ...search, text } }), at: clock.now() };
    const order: GroupOrder = { sort, descending };
    const { accountId, memberships } = filter;
    const seesAll = await maySee(caller, accountId);
    const picked = seesAll ? [] : await visible(caller, await reads.listGroups(filter, order));
    if (!seesAll && picked.length === 0) {
      // Nothing that the query asks for: a caller who may see some other group is told so, and one who may see none is refused.
      const others = await visible(caller, await reads.listGroups({ accountId, withPublicAccess: true, at: filter.at }, order));
      if (others.length === 0) await guard(context, READING[0], groupResource(accountId), accountTarget(accountId));
    }
    if (memberships) await refuseForeign(caller, accountId, memberships.iamId);
    if (!seesAll) return { groups: picked.slice(offset, offset + limit), total: picked.length };
    return { groups: await reads.listGroups(filter, order, { offset, limit }), total: await reads.countListedGroups(filter) };
  };
}
