import type { AccountSettings, TemplateSettings } from '../../identity/settings/account-settings.ts';
import type { SettingsReads, SettingsWrites } from '../../identity/settings/settings-store.ts';
import type { Db } from '../schema.ts';

export function settingsReads(db: Db): SettingsReads {
  return {
    async findAssignedSettings(accountId) {
      const own = await db.selectFrom('accountSettings').select('settings').where('accountId', '=', accountId).executeTakeFirst();
      const templates = await db
        .selectFrom('templateAssignments')
        .innerJoin('templateVersions', (join) =>
          join
            .onRef('templateVersions.templateId', '=', 'templateAssignments.templateId')
            .onRef('templateVersions.version', '=', 'templateAssignments.templateVersion'),
        )
        .select('templateVersions.document')
        .where('templateAssignments.target', '=', accountId)
        .where('templateAssignments.kind', '=', 'account_settings')
        .where('templateAssignments.status', '=', 'succeeded')
        .orderBy('templateAssignments.createdAt')
        .execute();
      return {
        own: own && (JSON.parse(own.settings) as AccountSettings),
        templates: templates.map(({ document }) => JSON.parse(document) as TemplateSettings),
      };
    },
  };
}

export function settingsWrites(_db: Db): SettingsWrites {
  return {};
}
