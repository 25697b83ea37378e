/** Members of one access group: one function per operation of the access-groups API. */
import type { MutationContext } from '../audit/mutation.ts';
import { DomainError } from '../kernel/errors.ts';
import type { GroupDeps } from './deps.ts';
import { createGroupGate, groupGrantee, memberNotFound } from './gate.ts';
import type { ItemOutcome, ListedMember } from './member.ts';
import { addMember, type Joining, removeMember } from './member-changes.ts';
import type { MemberFilter, MemberOrder, Page } from './store.ts';

export interface MemberListQuery extends Omit<MemberFilter, 'groupId' | 'at'>, MemberOrder, Page {}

export type MemberService = ReturnType<typeof createMemberService>;

export function createMemberService(deps: GroupDeps) {
  const { reads, mutate, clock, whyNotConfer } = deps;
  const gate = createGroupGate(deps);

  return {
    async add(context: MutationContext, groupId: string, items: readonly Joining[]): Promise<readonly ItemOutcome[]> {
      return mutate(context, async (tx) => {
        const group = await gate(context, tx, groupId, 'iam-groups.members.add');
        const why = await whyNotConfer(context, groupGrantee(group));
        const outcomes: ItemOutcome[] = [];
        for (const item of items) outcomes.push(await addMember(deps, tx, context, group, item, why));
        return outcomes;
      });
    },

    async list(
      context: MutationContext,
      groupId: string,
      query: MemberListQuery,
    ): Promise<{ members: readonly ListedMember[]; total: number }> {
      const group = await gate(context, reads, groupId, 'iam-groups.members.list');
      const { sort, descending, verbose, offset, limit, ...rest } = query;
      const filter: MemberFilter = { ...rest, groupId: group.id, at: clock.now() };
      // Without names there is nothing to sort by.
      const order = { verbose, descending: verbose && descending, ...(verbose && sort && { sort }) };
      return { members: await reads.listMembers(filter, order, { offset, limit }), total: await reads.countListedMembers(filter) };
    },

    async isMember(context: MutationContext, groupId: string, iamId: string): Promise<boolean> {
      const group = await gate(context, reads, groupId, 'iam-groups.members.read');
      return reads.isMember(group.id, iamId, clock.now());
    },

    async remove(context: MutationContext, groupId: string, iamId: string): Promise<void> {
      await mutate(context, async (tx) => {
        const group = await gate(context, tx, groupId, 'iam-groups.members.delete');
        const { statusCode } = await removeMember(tx, group, iamId);
        if (statusCode === 404) throw memberNotFound(group.id, iamId);
      });
    },

    /** Removes several at once; an id that stands twice is removed once and reported each time. */
    async removeMany(context: MutationContext, groupId: string, iamIds: readonly string[]): Promise<readonly ItemOutcome[]> {
      return mutate(context, async (tx) => {
        const group = await gate(context, tx, groupId, 'iam-groups.members.delete');
        const outcomes = new Map<string, ItemOutcome>();
        for (const iamId of new Set(iamIds)) outcomes.set(iamId, await removeMember(tx, group, iamId));
        if ([...outcomes.values()].every((outcome) => outcome.statusCode === 404)) {
          throw new DomainError('not_found', { message: `None of the identities is a member of access group ${group.id}.` });
        }
        return iamIds.flatMap((iamId) => outcomes.get(iamId) ?? []);
      });
    },
  };
}
