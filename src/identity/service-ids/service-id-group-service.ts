/** Groups of service IDs: one function per operation of the identity API. */
import type { MutationContext } from '../../audit/mutation.ts';
import { newEntityTag, requireEntityTag } from '../../kernel/entity-tag.ts';
import { DomainError } from '../../kernel/errors.ts';
import { limitWarnings, refuseExcess } from '../../kernel/limits.ts';
import { requireNamedAccount } from '../accounts/named-account.ts';
import type { IdentityDeps } from '../deps.ts';
import { nextRevision } from '../revision.ts';
import type { IdentityReads } from '../store.ts';
import { DEFAULT_GROUP_NAME, defaultGroup, defaultGroupId, isDefaultGroup, type ServiceIdGroup } from './service-id.ts';
import { createServiceIdGroupGate, serviceIdGroupResource, serviceIdGroupTarget } from './service-id-gate.ts';

export type ServiceIdGroupService = ReturnType<typeof createServiceIdGroupService>;

const GROUPS = 'service ID groups in the account';

function refuseDefault(group: ServiceIdGroup): void {
  if (!isDefaultGroup(group)) return;
  throw new DomainError('invalid_state', {
    message: 'The default group of an account can neither be changed nor deleted.',
    details: `${group.id} is the default group of account ${group.accountId}.`,
  });
}

export function createServiceIdGroupService(deps: IdentityDeps) {
  const { reads, mutate, guard, clock, ids, limits } = deps;
  const gate = createServiceIdGroupGate(guard);

  async function refuseTakenName(tx: IdentityReads, accountId: string, name: string, ownId?: string): Promise<void> {
    const otherId = name === DEFAULT_GROUP_NAME ? defaultGroupId(accountId) : (await tx.findServiceIdGroupByName(accountId, name))?.id;
    if (otherId === undefined || otherId === ownId) return;
    throw new DomainError('conflict', {
      message: `A service ID group named '${name}' already exists in the account.`,
      details: `It is ${otherId}. Names of service ID groups are unique per account.`,
    });
  }

  return {
    async create(
      context: MutationContext,
      input: { readonly accountId: string; readonly name: string; readonly description?: string | undefined },
    ): Promise<ServiceIdGroup> {
      return mutate(context, async (tx) => {
        const { accountId, name } = input;
        await requireNamedAccount(tx, accountId);
        const target = serviceIdGroupTarget({ id: '', accountId, name });
        await guard(context, 'iam-identity.serviceid-group.create', serviceIdGroupResource(accountId), target);
        await refuseTakenName(tx, accountId, name);
        const count = (await tx.countServiceIdGroups(accountId)) + 1;
        refuseExcess(GROUPS, count, limits.serviceIdGroupsPerAccount);
        const at = clock.now();
        const group: ServiceIdGroup = {
          id: `ServiceIdGroup-${ids.uuid()}`,
          accountId,
          name,
          description: input.description || null,
          revision: 1,
          entityTag: newEntityTag(ids, 1),
          createdBy: context.caller.iamId,
          createdAt: at,
          modifiedAt: at,
        };
        await tx.insertServiceIdGroup(group);
        const warnings = limitWarnings(GROUPS, count, limits.serviceIdGroupsPerAccount);
        tx.event({
          action: 'iam-identity.serviceid-group.create',
          accountId,
          target: serviceIdGroupTarget(group),
          after: group,
          ...(warnings.length > 0 && { warnings }),
        });
        return group;
      });
    },

    /** The default group, then those that were made, the oldest first. */
    async list(context: MutationContext, accountId: string): Promise<readonly ServiceIdGroup[]> {
      const target = { id: accountId, typeURI: 'iam-identity/serviceid-groups' };
      await guard(context, 'iam-identity.serviceid-group.list', serviceIdGroupResource(accountId), target);
      const account = await reads.findAccount(accountId);
      return account ? [defaultGroup(account), ...(await reads.listServiceIdGroups(accountId))] : [];
    },

    get: (context: MutationContext, id: string): Promise<ServiceIdGroup> => gate(context, reads, id, 'iam-identity.serviceid-group.get'),

    async update(
      context: MutationContext,
      id: string,
      ifMatch: string,
      input: { readonly name: string; readonly description?: string | undefined },
    ): Promise<ServiceIdGroup> {
      return mutate(context, async (tx) => {
        const before = await gate(context, tx, id, 'iam-identity.serviceid-group.update');
        requireEntityTag(ifMatch, before);
        refuseDefault(before);
        const { name } = input;
        const description = input.description === undefined ? before.description : input.description || null;
        if (name === before.name && description === before.description) return before;
        await refuseTakenName(tx, before.accountId, name, before.id);
        const after = nextRevision(deps, before, { name, description });
        await tx.updateServiceIdGroup(after);
        const target = serviceIdGroupTarget(after);
        tx.event({ action: 'iam-identity.serviceid-group.update', accountId: after.accountId, target, before, after });
        return after;
      });
    },

    async remove(context: MutationContext, id: string): Promise<void> {
      await mutate(context, async (tx) => {
        const group = await gate(context, tx, id, 'iam-identity.serviceid-group.delete');
        refuseDefault(group);
        const count = await tx.countServiceIdsOfGroup(group.id);
        if (count > 0) {
          throw new DomainError('invalid_state', {
            message: `The group holds ${count} service IDs: only an empty group can be deleted.`,
            details: `Delete the service IDs of ${group.id} first; a service ID stays in its group for good.`,
          });
        }
        await tx.deleteServiceIdGroup(group);
        const target = serviceIdGroupTarget(group);
        tx.event({ action: 'iam-identity.serviceid-group.delete', accountId: group.accountId, target, before: group });
      });
    },
  };
}
