import type { Kysely } from 'kysely';
import type { AccessSettingsValues } from '../../access/settings/access-settings.ts';
import type { AccessSettingsReads, AccessSettingsWrites } from '../../access/settings/access-settings-store.ts';
import type { Schema } from '../schema.ts';

export function accessSettingsReads(db: Kysely<Schema>): AccessSettingsReads {
  return {
    async findAccessSettings(accountId) {
      const row = await db.selectFrom('accessSettings').selectAll().where('accountId', '=', accountId).executeTakeFirst();
      if (row === undefined) return undefined;
      const { settings, ...members } = row;
      return { ...members, ...(JSON.parse(settings) as AccessSettingsValues) };
    },
  };
}

export function accessSettingsWrites(db: Kysely<Schema>): AccessSettingsWrites {
  return {
    ...accessSettingsReads(db),
    async putAccessSettings({ external, strictDelegation, ...members }) {
      const row = { ...members, settings: JSON.stringify({ external, strictDelegation }) };
      await db
        .insertInto('accessSettings')
        .values(row)
        .onConflict((conflict) => conflict.column('accountId').doUpdateSet(row))
        .execute();
    },
  };
}
