/** The wire forms of access settings. */
import { z } from 'zod';
import { isAccountId } from '../../kernel/ids.ts';
import type { AccessSettingsValues, ExternalInteraction } from './access-settings.ts';

const interaction = z.strictObject({
  state: z.enum(['enabled', 'monitor', 'limited']),
  external_allowed_accounts: z
    .array(z.string().refine(isAccountId, 'must be an account id: 32 lower-case hexadecimal digits'))
    .max(100)
    .optional(),
});

export const updateAccessSettingsBody = z.object({
  external_account_identity_interaction: z
    .strictObject({
      identity_types: z
        .strictObject({
          user: interaction.optional(),
          service_id: interaction.optional(),
          service: interaction.optional(),
        })
        .optional(),
    })
    .optional(),
  strict_delegation: z.boolean().optional(),
});

const printInteraction = ({ state, allowedAccounts }: ExternalInteraction) => ({ state, external_allowed_accounts: allowedAccounts });

export function printAccessSettings({ external, strictDelegation }: AccessSettingsValues) {
  return {
    external_account_identity_interaction: {
      identity_types: {
        user: printInteraction(external.user),
        service_id: printInteraction(external.service_id),
        service: printInteraction(external.service),
      },
    },
    strict_delegation: strictDelegation,
  };
}
