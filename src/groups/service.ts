/** Access groups and their members: one function per operation of the access-groups API. */
import { holdReason } from '../access/access-hold.ts';
import type { AuditTarget } from '../audit/events.ts';
import type { Guard, MayDo, Mutate, MutationContext, Recording } from '../audit/mutation.ts';
import { guardVisible } from '../audit/visible.ts';
import type { Clock } from '../kernel/clock.ts';
import { ifMatchNames, newEntityTag } from '../kernel/entity-tag.ts';
import { DomainError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Limits } from '../kernel/limits.ts';
import { type AccessGroup, foldName, type GroupMember, type MemberType, memberTypeOf, PUBLIC_ACCESS_GROUP } from './group.ts';
import type { GroupListQuery, GroupReads, GroupWrites } from './store.ts';

export interface GroupDeps {
  readonly reads: GroupReads;
  readonly mutate: Mutate<GroupWrites>;
  readonly guard: Guard;
  readonly mayDo: MayDo;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly limits: Limits;
}

/** What became of one item of a call with several. */
export interface ItemOutcome {
  readonly iamId: string;
  readonly type?: MemberType;
  readonly statusCode: number;
  readonly member?: GroupMember;
  readonly error?: { readonly code: string; readonly message: string };
}

/** A member as a list shows it; the identity's words only where they were asked for. */
export interface ListedMember {
  readonly member: GroupMember;
  readonly identity?: { readonly name: string; readonly email?: string } | undefined;
}

export interface MemberListQuery {
  readonly type?: MemberType;
  /** With the name and e-mail of each; without them there is nothing to sort by. */
  readonly verbose: boolean;
  readonly sort?: 'id' | 'name' | 'email';
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

export type GroupService = ReturnType<typeof createGroupService>;
type Tx = GroupWrites & Recording;

const EVERY_MEMBER = { offset: 0, limit: 1_000_000_000 };
const RESERVED_NAME = foldName('Public Access');

const groupTarget = (group: AccessGroup): AuditTarget => ({ id: group.id, name: group.name, typeURI: 'iam-groups/group' });

const groupResource = (accountId: string, groupId?: string): Record<string, string> => ({
  accountId,
  serviceName: 'iam-groups',
  ...(groupId !== undefined && { resourceType: 'access-group', resource: groupId }),
});

const groupNotFound = (id: string) => new DomainError('not_found', { message: `Access group ${id.slice(0, 80)} was not found.` });
const memberNotFound = (groupId: string, iamId: string) =>
  new DomainError('not_found', { message: `${iamId.slice(0, 140)} is not a member of access group ${groupId}.` });

/** Bytewise by the member named, then by id, so that pages never overlap. */
function sortMembers(items: readonly ListedMember[], sort: 'id' | 'name' | 'email', descending: boolean): readonly ListedMember[] {
  const keyOf = ({ member, identity }: ListedMember) => (sort === 'id' ? member.iamId : (identity?.[sort] ?? ''));
  const compare = (a: string, b: string) => Number(a > b) - Number(a < b);
  const sign = descending ? -1 : 1;
  return items.toSorted((a, b) => sign * (compare(keyOf(a), keyOf(b)) || compare(a.member.iamId, b.member.iamId)));
}

export function createGroupService(deps: GroupDeps) {
  const { reads, mutate, guard, mayDo, clock, ids, limits } = deps;

  /** Finds the group that a path names and lets the caller pass for `action`; 404 for what it may not know of. */
  async function gate(context: MutationContext, from: GroupReads, id: string, action: string): Promise<AccessGroup> {
    if (id === PUBLIC_ACCESS_GROUP)
      throw new DomainError('reserved_value', { message: `${PUBLIC_ACCESS_GROUP} cannot be used in this call.` });
    const group = await from.findGroup(id);
    if (!group) throw groupNotFound(id);
    await guardVisible(guard, context, action, groupResource(group.accountId, group.id), groupTarget(group), () => groupNotFound(id));
    return group;
  }

  async function refuseName(tx: GroupReads, accountId: string, name: string, ownId?: string): Promise<void> {
    const folded = foldName(name);
    if (folded === RESERVED_NAME) throw new DomainError('reserved_value', { message: `The name '${name}' is reserved.` });
    const other = await tx.findGroupByFoldedName(accountId, folded);
    if (other && other.id !== ownId) {
      throw new DomainError('conflict', {
        message: `An access group named '${other.name}' already exists in the account.`,
        details: `It is ${other.id}. Names of access groups are unique per account; upper and lower case count as equal.`,
      });
    }
  }

  async function addOne(
    tx: Tx,
    context: MutationContext,
    group: AccessGroup,
    item: { iamId: string; type: MemberType },
  ): Promise<ItemOutcome> {
    const refuse = (statusCode: number, code: string, message: string): ItemOutcome => ({ ...item, statusCode, error: { code, message } });
    if (memberTypeOf(item.iamId) !== item.type) {
      return refuse(400, 'invalid_field', `'${item.iamId}' is not the id of a member of type '${item.type}'.`);
    }
    if (!(await tx.findIdentity(group.accountId, item.iamId))) {
      return refuse(404, 'not_found', `The account has no identity '${item.iamId}'.`);
    }
    const existing = await tx.findMember(group.id, item.iamId);
    if (existing) return { ...item, statusCode: 200, member: existing };
    const held = holdReason(await tx.findAccessHold(group.accountId, item.iamId), item.iamId, 'add');
    if (held !== undefined) return refuse(422, 'invalid_state', held);
    if ((await tx.countGroupsOf(group.accountId, item.iamId)) >= limits.groupsPerIdentity) {
      return refuse(422, 'quota_exceeded', `'${item.iamId}' is in ${limits.groupsPerIdentity} groups already, which is the limit.`);
    }
    const member: GroupMember = {
      groupId: group.id,
      accountId: group.accountId,
      iamId: item.iamId,
      type: item.type,
      createdAt: clock.now(),
      createdById: context.caller.iamId,
    };
    await tx.insertMember(member);
    recordMembership(tx, group, member.iamId, 'iam-groups.member.add');
    return { ...item, statusCode: 200, member };
  }

  async function removeOne(tx: Tx, group: AccessGroup, iamId: string): Promise<ItemOutcome> {
    if (!(await tx.findMember(group.id, iamId))) {
      return { iamId, statusCode: 404, error: { code: 'not_found', message: memberNotFound(group.id, iamId).message } };
    }
    await tx.deleteMember(group.id, iamId);
    recordMembership(tx, group, iamId, 'iam-groups.member.delete');
    return { iamId, statusCode: 204 };
  }

  function recordMembership(tx: Tx, group: AccessGroup, iamId: string, action: string): void {
    tx.changed({ accountId: group.accountId, kind: 'members', id: iamId });
    tx.event({ action, accountId: group.accountId, target: groupTarget(group), requestData: { iam_id: iamId } });
  }

  return {
    async create(
      context: MutationContext,
      accountId: string,
      input: { readonly name: string; readonly description?: string | undefined },
    ): Promise<AccessGroup> {
      return mutate(context, async (tx) => {
        await guard(context, 'iam-groups.groups.create', groupResource(accountId), {
          id: '',
          name: input.name,
          typeURI: 'iam-groups/group',
        });
        await refuseName(tx, accountId, input.name);
        if ((await tx.countGroups(accountId)) >= limits.groupsPerAccount) {
          throw new DomainError('limit_exceeded', {
            message: `The account holds ${limits.groupsPerAccount} access groups already, which is its limit.`,
          });
        }
        const at = clock.now();
        const group: AccessGroup = {
          id: `AccessGroupId-${ids.uuid()}`,
          accountId,
          name: input.name,
          description: input.description ?? '',
          revision: 1,
          entityTag: newEntityTag(ids, 1),
          createdAt: at,
          createdById: context.caller.iamId,
          lastModifiedAt: at,
          lastModifiedById: context.caller.iamId,
        };
        await tx.insertGroup(group, foldName(group.name));
        tx.event({ action: 'iam-groups.group.create', accountId, target: groupTarget(group), after: group });
        return group;
      });
    },

    /** Every group of the account that the caller may read. */
    async list(context: MutationContext, query: GroupListQuery): Promise<readonly AccessGroup[]> {
      const { caller } = context;
      const wholeAccount = groupResource(query.accountId);
      const groups = await reads.listGroups(query);
      const maySeeAll =
        (await mayDo(caller, 'iam-groups.groups.list', wholeAccount)) || (await mayDo(caller, 'iam-groups.groups.read', wholeAccount));
      if (maySeeAll) return groups;
      const visible: AccessGroup[] = [];
      for (const group of groups) {
        if (await mayDo(caller, 'iam-groups.groups.read', groupResource(group.accountId, group.id))) visible.push(group);
      }
      if (visible.length === 0) {
        await guard(context, 'iam-groups.groups.list', wholeAccount, { id: query.accountId, typeURI: 'iam-groups/groups' });
      }
      return visible;
    },

    get: (context: MutationContext, id: string): Promise<AccessGroup> => gate(context, reads, id, 'iam-groups.groups.read'),

    async update(
      context: MutationContext,
      id: string,
      ifMatch: string,
      input: { readonly name?: string | undefined; readonly description?: string | undefined },
    ): Promise<AccessGroup> {
      return mutate(context, async (tx) => {
        const before = await gate(context, tx, id, 'iam-groups.groups.update');
        if (!ifMatchNames(ifMatch, before.entityTag)) {
          throw new DomainError('etag_mismatch', { details: `The current ETag of ${before.id} is ${before.entityTag}.` });
        }
        const name = input.name ?? before.name;
        const description = input.description ?? before.description;
        if (name === before.name && description === before.description) return before;
        await refuseName(tx, before.accountId, name, before.id);
        const revision = before.revision + 1;
        const after: AccessGroup = {
          ...before,
          name,
          description,
          revision,
          entityTag: newEntityTag(ids, revision),
          lastModifiedAt: clock.now(),
          lastModifiedById: context.caller.iamId,
        };
        await tx.updateGroup(after, foldName(after.name));
        tx.event({ action: 'iam-groups.group.update', accountId: after.accountId, target: groupTarget(after), before, after });
        return after;
      });
    },

    async remove(context: MutationContext, id: string, force: boolean): Promise<void> {
      await mutate(context, async (tx) => {
        const group = await gate(context, tx, id, 'iam-groups.groups.delete');
        const { total } = await tx.listMembers({ groupId: group.id, offset: 0, limit: 1 });
        if (total > 0 && !force) {
          throw new DomainError('group_not_empty', {
            message: `Access group ${group.id} has ${total} members; remove them first, or delete with force=true.`,
          });
        }
        await tx.deleteGroup(group);
        tx.changed({ accountId: group.accountId, kind: 'group', id: group.id });
        tx.event({ action: 'iam-groups.group.delete', accountId: group.accountId, target: groupTarget(group), before: group });
      });
    },

    async addMembers(
      context: MutationContext,
      groupId: string,
      items: readonly { readonly iamId: string; readonly type: MemberType }[],
    ): Promise<readonly ItemOutcome[]> {
      return mutate(context, async (tx) => {
        const group = await gate(context, tx, groupId, 'iam-groups.members.add');
        const outcomes: ItemOutcome[] = [];
        for (const item of items) outcomes.push(await addOne(tx, context, group, item));
        return outcomes;
      });
    },

    async listMembers(
      context: MutationContext,
      groupId: string,
      query: MemberListQuery,
    ): Promise<{ items: readonly ListedMember[]; total: number }> {
      const group = await gate(context, reads, groupId, 'iam-groups.members.list');
      const { verbose, sort, descending, offset, limit, ...filter } = query;
      const sorted = verbose && sort !== undefined;
      const page = sorted ? EVERY_MEMBER : { offset, limit };
      const { members, total } = await reads.listMembers({ groupId: group.id, ...filter, ...page });
      if (!verbose) return { items: members.map((member) => ({ member })), total };
      const items = await Promise.all(
        members.map(async (member) => ({ member, identity: await reads.findIdentity(member.accountId, member.iamId) })),
      );
      return sorted ? { items: sortMembers(items, sort, descending).slice(offset, offset + limit), total } : { items, total };
    },

    async hasMember(context: MutationContext, groupId: string, iamId: string): Promise<boolean> {
      const group = await gate(context, reads, groupId, 'iam-groups.members.read');
      return (await reads.findMember(group.id, iamId)) !== undefined;
    },

    async removeMember(context: MutationContext, groupId: string, iamId: string): Promise<void> {
      await mutate(context, async (tx) => {
        const group = await gate(context, tx, groupId, 'iam-groups.members.delete');
        if (!(await tx.findMember(group.id, iamId))) throw memberNotFound(group.id, iamId);
        await tx.deleteMember(group.id, iamId);
        recordMembership(tx, group, iamId, 'iam-groups.member.delete');
      });
    },

    async removeMembers(context: MutationContext, groupId: string, iamIds: readonly string[]): Promise<readonly ItemOutcome[]> {
      return mutate(context, async (tx) => {
        const group = await gate(context, tx, groupId, 'iam-groups.members.delete');
        // An id that stands twice is removed once and reported each time.
        const outcomes = new Map<string, ItemOutcome>();
        for (const iamId of new Set(iamIds)) outcomes.set(iamId, await removeOne(tx, group, iamId));
        if ([...outcomes.values()].every((outcome) => outcome.statusCode === 404)) {
          throw new DomainError('not_found', { message: `None of the identities is a member of access group ${group.id}.` });
        }
        return iamIds.flatMap((iamId) => outcomes.get(iamId) ?? []);
      });
    },
  };
}
