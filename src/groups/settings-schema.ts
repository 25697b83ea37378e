/** Wire forms of the settings of an account's access groups. */
import { z } from 'zod';
import { printInstant } from '../kernel/times.ts';
import type { GroupSettings } from './group-settings.ts';

export const updateSettingsBody = z.object({ public_access_enabled: z.boolean().optional() });

export function printGroupSettings(settings: GroupSettings) {
  return {
    account_id: settings.accountId,
    last_modified_at: printInstant(settings.lastModifiedAt),
    last_modified_by_id: settings.lastModifiedById,
    public_access_enabled: settings.publicAccessEnabled,
  };
}
