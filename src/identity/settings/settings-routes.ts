/** Account settings as a table: what is called, what it takes, which operation answers. */
import { requireIfMatch } from '../../kernel/if-match.ts';
import { guarded, type Route } from '../../kernel/route.ts';
import type { IdentityDeps } from '../deps.ts';
import { tagged } from '../schema.ts';
import * as schema from './account-settings-schema.ts';
import { createSettingsService, type SettingsIncluded } from './settings-service.ts';

const family = 'identity';
const SETTINGS = '/v1/accounts/:account_id/settings/identity';

const readIncluded = (query: (typeof schema.settingsQuery)['_output']): SettingsIncluded => ({
  history: query.include_history ?? false,
  users: query.resolve_user_mfa ?? false,
});

export function settingsRoutes(deps: IdentityDeps): readonly Route[] {
  const settings = createSettingsService(deps);
  return [
    guarded({
      method: 'GET',
      path: SETTINGS,
      family,
      summary: 'Get the identity settings of an account',
      query: schema.settingsQuery,
      async handle({ caller, info, params, query }) {
        const details = await settings.get({ caller, info }, params.account_id ?? '', readIncluded(query));
        return tagged(200, schema.printAccountSettings(details));
      },
    }),
    guarded({
      method: 'PUT',
      path: SETTINGS,
      family,
      summary: 'Update the identity settings of an account',
      body: schema.updateSettingsBody,
      async handle({ caller, info, params, headers, body }) {
        const ifMatch = requireIfMatch(headers);
        const { details, warnings } = await settings.update({ caller, info }, params.account_id ?? '', ifMatch, body);
        return { ...tagged(200, schema.printAccountSettings(details)), warnings };
      },
    }),
    guarded({
      method: 'GET',
      path: '/v1/accounts/:account_id/effective_settings/identity',
      family,
      summary: 'Get the identity settings that hold for an account',
      query: schema.settingsQuery,
      async handle({ caller, info, params, query }) {
        const details = await settings.getEffective({ caller, info }, params.account_id ?? '', readIncluded(query));
        return { status: 200, body: schema.printEffectiveSettings(details) };
      },
    }),
  ];
}
