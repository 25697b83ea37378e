/** The settings of an account's access groups as a table. */
import { guarded, type Route } from '../kernel/route.ts';
import { accountQuery } from './schema.ts';
import { printGroupSettings, updateSettingsBody } from './settings-schema.ts';
import type { GroupSettingsService } from './settings-service.ts';

const family = 'groups';
const SETTINGS = '/v2/groups/settings';

export function groupSettingsRoutes(settings: GroupSettingsService): readonly Route[] {
  return [
    guarded({
      method: 'GET',
      path: SETTINGS,
      family,
      summary: "Get the settings of an account's access groups",
      query: accountQuery,
      async handle({ caller, info, query }) {
        return { status: 200, body: printGroupSettings(await settings.get({ caller, info }, query.account_id)) };
      },
    }),
    guarded({
      method: 'PATCH',
      path: SETTINGS,
      family,
      summary: "Update the settings of an account's access groups",
      query: accountQuery,
      body: updateSettingsBody,
      async handle({ caller, info, query, body }) {
        const input = { publicAccessEnabled: body.public_access_enabled };
        return { status: 200, body: printGroupSettings(await settings.update({ caller, info }, query.account_id, input)) };
      },
    }),
  ];
}
