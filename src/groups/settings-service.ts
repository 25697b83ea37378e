/** The settings of an account's access groups: whether there is public access. */
import { removePolicy } from '../access/policies/policy-changes.ts';
import type { MutationContext } from '../audit/mutation.ts';
import { DomainError } from '../kernel/errors.ts';
import type { GroupDeps } from './deps.ts';
import { accountTarget, groupResource } from './gate.ts';
import { PUBLIC_ACCESS_GROUP } from './group.ts';
import type { GroupSettings } from './group-settings.ts';
import type { GroupReads } from './store.ts';

export type GroupSettingsService = ReturnType<typeof createGroupSettingsService>;

export function createGroupSettingsService(deps: GroupDeps) {
  const { reads, mutate, guard, clock } = deps;

  /** The guard comes first: who may not ask does not learn which accounts there are. */
  async function gate(context: MutationContext, from: GroupReads, accountId: string, action: string): Promise<GroupSettings> {
    await guard(context, action, groupResource(accountId), accountTarget(accountId));
    const settings = await from.findGroupSettings(accountId);
    if (!settings) throw new DomainError('not_found', { message: `Account ${accountId} was not found.` });
    return settings;
  }

  return {
    get: (context: MutationContext, accountId: string): Promise<GroupSettings> =>
      gate(context, reads, accountId, 'iam-groups.account-settings.read'),

    /** Switching public access off deletes every policy of the public access group for good: switching it on again brings none back. */
    async update(
      context: MutationContext,
      accountId: string,
      input: { readonly publicAccessEnabled?: boolean | undefined },
    ): Promise<GroupSettings> {
      return mutate(context, async (tx) => {
        const before = await gate(context, tx, accountId, 'iam-groups.account-settings.update');
        const { publicAccessEnabled = before.publicAccessEnabled } = input;
        if (publicAccessEnabled === before.publicAccessEnabled) return before;
        const { iamId } = context.caller;
        const after: GroupSettings = { accountId, publicAccessEnabled, lastModifiedAt: clock.now(), lastModifiedById: iamId };
        const policies = publicAccessEnabled ? [] : await tx.listActivePoliciesOf(accountId, PUBLIC_ACCESS_GROUP);
        for (const policy of policies) await removePolicy(deps, tx, policy, iamId);
        await tx.putGroupSettings(after);
        tx.changed({ accountId, kind: 'group_settings', id: accountId });
        tx.event({
          action: 'iam-groups.account-settings.update',
          accountId,
          target: accountTarget(accountId),
          before,
          after,
          requestData: { deleted_policies: policies.length },
        });
        return after;
      });
    },
  };
}
