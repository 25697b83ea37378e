/** One identity and many groups of an account at once: a caller acts on the groups that it may act on, and is refused where these are none. */
import type { MutationContext } from '../audit/mutation.ts';
import { DomainError } from '../kernel/errors.ts';
import type { GroupDeps } from './deps.ts';
import { accountTarget, groupGrantee, groupNotFound, groupResource, publicAccessReserved } from './gate.ts';
import { type AccessGroup, PUBLIC_ACCESS_GROUP } from './group.ts';
import { type ItemOutcome, refused } from './member.ts';
import { addMember, type Joining, removeMember } from './member-changes.ts';
import type { GroupReads } from './store.ts';

/** What became of one group of a call with several. */
export interface GroupOutcome extends ItemOutcome {
  readonly groupId: string;
}

export type AllGroupsService = ReturnType<typeof createAllGroupsService>;

export function createAllGroupsService(deps: GroupDeps) {
  const { mutate, guard, mayDo, whyNotConfer } = deps;

  /** The groups among these that the caller may do `action` to, and why each of the others is left alone. */
  async function sortOut(
    context: MutationContext,
    from: GroupReads,
    accountId: string,
    groupIds: ReadonlySet<string>,
    action: string,
  ): Promise<{ open: readonly AccessGroup[]; outcomes: Map<string, ItemOutcome> }> {
    const open: AccessGroup[] = [];
    const outcomes = new Map<string, ItemOutcome>();
    for (const id of groupIds) {
      const group = await from.findGroup(id);
      if (id === PUBLIC_ACCESS_GROUP) outcomes.set(id, refused(publicAccessReserved()));
      else if (group?.accountId !== accountId) outcomes.set(id, refused(groupNotFound(id)));
      else if (await mayDo(context.caller, action, groupResource(accountId, id))) open.push(group);
      else outcomes.set(id, refused(new DomainError('forbidden', { message: `The action ${action} is needed on access group ${id}.` })));
    }
    if (open.length === 0) await guard(context, action, groupResource(accountId), accountTarget(accountId));
    return { open, outcomes };
  }

  const inOrder = (groupIds: readonly string[], outcomes: ReadonlyMap<string, ItemOutcome>): readonly GroupOutcome[] =>
    groupIds.flatMap((groupId) => {
      const outcome = outcomes.get(groupId);
      return outcome ? [{ groupId, ...outcome }] : [];
    });

  return {
    /** Adds the identity to every group named; a group that stands twice is joined once and reported each time. */
    async add(
      context: MutationContext,
      accountId: string,
      joining: Joining,
      groupIds: readonly string[],
    ): Promise<readonly GroupOutcome[]> {
      return mutate(context, async (tx) => {
        const { open, outcomes } = await sortOut(context, tx, accountId, new Set(groupIds), 'iam-groups.members.add');
        for (const group of open) {
          const why = await whyNotConfer(context, groupGrantee(group));
          outcomes.set(group.id, await addMember(deps, tx, context, group, joining, why));
        }
        return inOrder(groupIds, outcomes);
      });
    },

    /** Takes the identity out of every group of the account that it was added to. */
    async remove(context: MutationContext, accountId: string, iamId: string): Promise<readonly GroupOutcome[]> {
      return mutate(context, async (tx) => {
        const groupIds = await tx.groupIdsOf(accountId, iamId);
        const { open, outcomes } = await sortOut(context, tx, accountId, new Set(groupIds), 'iam-groups.members.delete');
        if (groupIds.length === 0) {
          throw new DomainError('not_found', { message: `${iamId.slice(0, 160)} is in no access group of account ${accountId}.` });
        }
        for (const group of open) outcomes.set(group.id, await removeMember(tx, group, iamId));
        return inOrder(groupIds, outcomes);
      });
    },
  };
}
