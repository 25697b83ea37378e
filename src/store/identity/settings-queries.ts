import type { AccountSettings, AssignedSettings, TemplateSettings } from '../../identity/settings/account-settings.ts';
import type { SettingsReads, SettingsWrites } from '../../identity/settings/settings-store.ts';
import type { Db } from '../schema.ts';
import { inChunks } from './in-chunks.ts';
import { limitReads } from './limits-queries.ts';
import { preferenceReads, preferenceWrites } from './preferences-queries.ts';

export function settingsReads(db: Db): SettingsReads {
  const assignedTemplates = (accountIds: readonly string[]) =>
    db
      .selectFrom('templateAssignments')
      .innerJoin('templateVersions', (join) =>
        join
          .onRef('templateVersions.templateId', '=', 'templateAssignments.templateId')
          .onRef('templateVersions.version', '=', 'templateAssignments.templateVersion'),
      )
      .select(['templateAssignments.target', 'templateVersions.templateId', 'templateVersions.version', 'templateVersions.document'])
      .where('templateAssignments.target', 'in', accountIds)
      .where('templateAssignments.kind', '=', 'account_settings')
      .where('templateAssignments.status', '=', 'succeeded')
      .orderBy('templateAssignments.createdAt')
      .orderBy('templateAssignments.id');

  async function listAssignedSettings(accountIds: readonly string[]): Promise<ReadonlyMap<string, AssignedSettings>> {
    const own = await inChunks(accountIds, (ids) =>
      db.selectFrom('accountSettings').select(['accountId', 'settings']).where('accountId', 'in', ids).execute(),
    );
    const ownOf = new Map(own.map((row) => [row.accountId, JSON.parse(row.settings) as AccountSettings]));
    const templates = await inChunks(accountIds, (ids) => assignedTemplates(ids).execute());
    const templatesOf = Map.groupBy(templates, ({ target }) => target);
    const settingsOf = (accountId: string): AssignedSettings => ({
      own: ownOf.get(accountId),
      templates: (templatesOf.get(accountId) ?? []).map(({ document }) => JSON.parse(document) as TemplateSettings),
    });
    return new Map(accountIds.map((accountId) => [accountId, settingsOf(accountId)]));
  }

  return {
    ...limitReads(db),
    ...preferenceReads(db),
    listAssignedSettings,
    async findAssignedSettings(accountId) {
      return (await listAssignedSettings([accountId])).get(accountId) ?? { own: undefined, templates: [] };
    },
    async findSettings(accountId) {
      const row = await db.selectFrom('accountSettings').selectAll().where('accountId', '=', accountId).executeTakeFirst();
      return row && { ...row, settings: JSON.parse(row.settings) as AccountSettings };
    },
    findUsers: (accountId, iamIds) =>
      inChunks(iamIds, (ids) => db.selectFrom('users').selectAll().where('accountId', '=', accountId).where('iamId', 'in', ids).execute()),
    async listAssignedTemplates(accountId) {
      const rows = await assignedTemplates([accountId])
        .innerJoin('templates', 'templates.id', 'templateAssignments.templateId')
        .select('templates.name')
        .execute();
      return rows.map(({ templateId, version, name, document }) => ({
        templateId,
        version,
        name,
        settings: JSON.parse(document) as TemplateSettings,
      }));
    },
  };
}

export function settingsWrites(db: Db): SettingsWrites {
  return {
    ...preferenceWrites(db),
    async putSettings({ settings, ...row }) {
      const values = { ...row, settings: JSON.stringify(settings) };
      await db
        .insertInto('accountSettings')
        .values(values)
        .onConflict((conflict) => conflict.column('accountId').doUpdateSet(values))
        .execute();
    },
  };
}
