/** Access groups: one function per operation of the access-groups API. */
import { removePolicy } from '../access/policies/policy-changes.ts';
import type { MutationContext } from '../audit/mutation.ts';
import { newEntityTag, requireEntityTag } from '../kernel/entity-tag.ts';
import { DomainError } from '../kernel/errors.ts';
import { limitWarnings } from '../kernel/limits.ts';
import type { GroupDeps } from './deps.ts';
import { createGroupGate, groupNotFound, groupResource, groupTarget } from './gate.ts';
import { type AccessGroup, foldName, isReservedName, type ListedGroup, PUBLIC_ACCESS_GROUP } from './group.ts';
import { createGroupList, type GroupListQuery, type ListedGroups } from './group-list.ts';
import type { GroupReads } from './store.ts';

export type GroupService = ReturnType<typeof createGroupService>;

const GROUPS = 'access groups in the account';

async function refuseName(reads: GroupReads, accountId: string, name: string, ownId?: string): Promise<void> {
  if (isReservedName(name)) {
    throw new DomainError('reserved_value', {
      message: `The name '${name}' is reserved.`,
      details: 'It is that of the group which everybody is in.',
    });
  }
  const other = await reads.findGroupByFoldedName(accountId, foldName(name));
  if (other && other.id !== ownId) {
    throw new DomainError('conflict', {
      message: `An access group named '${other.name}' already exists in the account.`,
      details: `It is ${other.id}. Names of access groups are unique per account; upper and lower case count as equal.`,
    });
  }
}

export function createGroupService(deps: GroupDeps) {
  const { reads, mutate, guard, clock, ids, limits } = deps;
  const gate = createGroupGate(deps);
  const list = createGroupList(deps);

  /** The public access group of the caller's own account: its id does not say which account is meant. */
  async function publicAccessGroup(context: MutationContext): Promise<AccessGroup> {
    const { accountId } = context.caller;
    const target = { id: PUBLIC_ACCESS_GROUP, typeURI: 'iam-groups/group' };
    await guard(context, 'iam-groups.groups.read', groupResource(accountId, PUBLIC_ACCESS_GROUP), target);
    const group = await reads.findPublicAccessGroup(accountId);
    if (!group) throw groupNotFound(PUBLIC_ACCESS_GROUP);
    return group;
  }

  return {
    async create(
      context: MutationContext,
      accountId: string,
      input: { readonly name: string; readonly description?: string | undefined },
    ): Promise<AccessGroup> {
      return mutate(context, async (tx) => {
        const target = { id: '', name: input.name, typeURI: 'iam-groups/group' };
        await guard(context, 'iam-groups.groups.create', groupResource(accountId), target);
        await refuseName(tx, accountId, input.name);
        const wanted = (await tx.countGroups(accountId)) + 1;
        if (wanted > limits.groupsPerAccount) {
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
        const warnings = limitWarnings(GROUPS, wanted, limits.groupsPerAccount);
        tx.event({
          action: 'iam-groups.group.create',
          accountId,
          target: groupTarget(group),
          after: group,
          ...(warnings.length > 0 && { warnings }),
        });
        return group;
      });
    },

    /** The groups of an account that the caller may read. */
    list: (context: MutationContext, query: GroupListQuery): Promise<ListedGroups> => list(context, query),

    async get(context: MutationContext, id: string): Promise<ListedGroup> {
      if (id === PUBLIC_ACCESS_GROUP) return { ...(await publicAccessGroup(context)), isFederated: false };
      const group = await gate(context, reads, id, 'iam-groups.groups.read');
      return { ...group, isFederated: (await reads.countGroupRules(group.id)) > 0 };
    },

    async update(
      context: MutationContext,
      id: string,
      ifMatch: string,
      input: { readonly name?: string | undefined; readonly description?: string | undefined },
    ): Promise<AccessGroup> {
      return mutate(context, async (tx) => {
        const before = await gate(context, tx, id, 'iam-groups.groups.update');
        requireEntityTag(ifMatch, before);
        const name = input.name ?? before.name;
        const description = input.description ?? before.description;
        if (name === before.name && description === before.description) return before;
        if (name !== before.name) await refuseName(tx, before.accountId, name, before.id);
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

    /** Deletes the group, its members, rules and policies; without `force` only a group that nobody is in and nobody can come into. */
    async remove(context: MutationContext, id: string, force: boolean): Promise<void> {
      await mutate(context, async (tx) => {
        const group = await gate(context, tx, id, 'iam-groups.groups.delete');
        const members = await tx.countMembers(group.id);
        const rules = await tx.countGroupRules(group.id);
        if (members + rules > 0 && !force) {
          throw new DomainError('group_not_empty', {
            message: `Access group ${group.id} has ${members} members and ${rules} rules; remove them first, or delete with force=true.`,
          });
        }
        const policies = await tx.listActivePoliciesOf(group.accountId, group.id);
        for (const policy of policies) await removePolicy(deps, tx, policy, context.caller.iamId);
        await tx.deleteGroup(group);
        tx.changed({ accountId: group.accountId, kind: 'group', id: group.id });
        tx.event({
          action: 'iam-groups.group.delete',
          accountId: group.accountId,
          target: groupTarget(group),
          before: group,
          requestData: { force, members, rules, policies: policies.length },
        });
      });
    },
  };
}
