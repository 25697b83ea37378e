/** Access settings: reading them, and changing some of them. */
import type { AuditTarget } from '../../audit/events.ts';
import type { Guard, Mutate, MutationContext } from '../../audit/mutation.ts';
import { guardVisible } from '../../audit/visible.ts';
import type { Clock } from '../../kernel/clock.ts';
import { ifMatchNames, newEntityTag } from '../../kernel/entity-tag.ts';
import { DomainError } from '../../kernel/errors.ts';
import { type Ids, isAccountId } from '../../kernel/ids.ts';
import { type AccessSettings, DEFAULT_ACCESS_SETTINGS, type ExternalIdentityType, type ExternalInteraction } from './access-settings.ts';
import type { AccessSettingsReads, AccessSettingsWrites } from './access-settings-store.ts';

export interface AccessSettingsDeps {
  readonly reads: AccessSettingsReads;
  readonly mutate: Mutate<AccessSettingsWrites>;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What a change says; what it leaves out stays as it is. */
export interface AccessSettingsChange {
  readonly external: Partial<Record<ExternalIdentityType, Partial<ExternalInteraction>>>;
  readonly strictDelegation?: boolean;
}

export type AccessSettingsService = ReturnType<typeof createAccessSettingsService>;

const target = (accountId: string): AuditTarget => ({ id: accountId, typeURI: 'iam-access-management/settings' });

export function createAccessSettingsService({ reads, mutate, guard, clock, ids }: AccessSettingsDeps) {
  async function gate(context: MutationContext, from: AccessSettingsReads, accountId: string, verb: 'read' | 'update') {
    const notFound = () => new DomainError('not_found', { message: `Account '${accountId.slice(0, 60)}' was not found.` });
    if (!isAccountId(accountId)) throw notFound();
    const resource = { accountId, serviceName: 'iam-access-management', resourceType: 'settings' };
    await guardVisible(guard, context, `iam-access-management.settings.${verb}`, resource, target(accountId), notFound);
    return (await from.findAccessSettings(accountId)) ?? initial(accountId);
  }

  return {
    get: (context: MutationContext, accountId: string): Promise<AccessSettings> => gate(context, reads, accountId, 'read'),

    async update(context: MutationContext, accountId: string, ifMatch: string, change: AccessSettingsChange): Promise<AccessSettings> {
      return mutate(context, async (tx) => {
        const before = await gate(context, tx, accountId, 'update');
        if (!ifMatchNames(ifMatch, before.entityTag)) {
          throw new DomainError('etag_mismatch', {
            details: `The current ETag of the settings is ${before.entityTag}.`,
            conflictsWith: { etag: before.entityTag },
          });
        }
        const { external } = before;
        const revision = before.revision + 1;
        const after: AccessSettings = {
          ...before,
          external: {
            user: { ...external.user, ...change.external.user },
            service_id: { ...external.service_id, ...change.external.service_id },
            service: { ...external.service, ...change.external.service },
          },
          strictDelegation: change.strictDelegation ?? before.strictDelegation,
          revision,
          entityTag: newEntityTag(ids, revision),
          modifiedAt: clock.now(),
          modifiedById: context.caller.iamId,
        };
        await tx.putAccessSettings(after);
        tx.changed({ accountId, kind: 'access_settings', id: accountId });
        tx.event({ action: 'iam-am.settings.update', accountId, target: target(accountId), before, after });
        return after;
      });
    },
  };
}

/** The settings of an account that changed none; their entity tag is the same at every reading. */
function initial(accountId: string): AccessSettings {
  return { ...DEFAULT_ACCESS_SETTINGS, accountId, revision: 0, entityTag: `0-${accountId}`, modifiedAt: 0, modifiedById: '' };
}
