/** The access settings of an account as a table. */
import { requireIfMatch } from '../../kernel/if-match.ts';
import { guarded, type Route } from '../../kernel/route.ts';
import { type AccessSettings, type ExternalIdentityType, type ExternalInteraction, IDENTITY_TYPES } from './access-settings.ts';
import { printAccessSettings, updateAccessSettingsBody } from './access-settings-schema.ts';
import type { AccessSettingsService } from './access-settings-service.ts';

const PATH = '/v1/accounts/:account_id/settings/access_management';

export function accessSettingsRoutes(settings: AccessSettingsService): readonly Route[] {
  const reply = (found: AccessSettings) => ({ status: 200, body: printAccessSettings(found), headers: { etag: found.entityTag } });
  return [
    guarded({
      method: 'GET',
      path: PATH,
      family: 'policies',
      summary: 'Get the access settings of an account',
      handle: async ({ caller, info, params }) => reply(await settings.get({ caller, info }, params.account_id ?? '')),
    }),
    guarded({
      method: 'PATCH',
      path: PATH,
      family: 'policies',
      summary: 'Change access settings of an account',
      body: updateAccessSettingsBody,
      async handle({ caller, info, params, headers, body }) {
        const given = body.external_account_identity_interaction?.identity_types ?? {};
        const external: Partial<Record<ExternalIdentityType, Partial<ExternalInteraction>>> = {};
        for (const type of IDENTITY_TYPES) {
          const said = given[type];
          if (said === undefined) continue;
          const allowed = said.external_allowed_accounts;
          external[type] = { state: said.state, ...(allowed && { allowedAccounts: allowed }) };
        }
        const change = { external, ...(body.strict_delegation !== undefined && { strictDelegation: body.strict_delegation }) };
        return reply(await settings.update({ caller, info }, params.account_id ?? '', requireIfMatch(headers), change));
      },
    }),
  ];
}
