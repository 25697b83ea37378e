import type { Selectable } from 'kysely';
import type { Preference, PreferenceKey, PreferenceValue } from '../../identity/preferences/preference.ts';
import type { PreferenceReads, PreferenceWrites } from '../../identity/preferences/preference-store.ts';
import type { Db, Schema } from '../schema.ts';
import { countOf } from './history-queries.ts';

const toPreference = ({ preferenceId, value, ...row }: Selectable<Schema['preferences']>): Preference => ({
  ...row,
  id: preferenceId,
  value: JSON.parse(value) as PreferenceValue,
});

const columns = ({ accountId, iamId, service, id }: PreferenceKey) => ({ accountId, iamId, service, preferenceId: id });

export function preferenceReads(db: Db): PreferenceReads {
  const ofIdentity = (accountId: string, iamId: string) =>
    db.selectFrom('preferences').where('accountId', '=', accountId).where('iamId', '=', iamId);
  return {
    async findPreference({ accountId, iamId, service, id }) {
      const row = await ofIdentity(accountId, iamId)
        .selectAll()
        .where('service', '=', service)
        .where('preferenceId', '=', id)
        .executeTakeFirst();
      return row && toPreference(row);
    },
    async listPreferences(accountId, iamId) {
      const rows = await ofIdentity(accountId, iamId).selectAll().orderBy('service').orderBy('preferenceId').execute();
      return rows.map(toPreference);
    },
    countPreferences: (accountId, iamId) => countOf(ofIdentity(accountId, iamId).select((eb) => eb.fn.countAll<number>().as('n'))),
  };
}

export function preferenceWrites(db: Db): PreferenceWrites {
  return {
    async putPreference(preference) {
      const changed = { value: JSON.stringify(preference.value), modifiedAt: preference.modifiedAt };
      await db
        .insertInto('preferences')
        .values({ ...columns(preference), ...changed })
        .onConflict((conflict) => conflict.columns(['accountId', 'iamId', 'service', 'preferenceId']).doUpdateSet(changed))
        .execute();
    },
    async deletePreference({ accountId, iamId, service, id }) {
      await db
        .deleteFrom('preferences')
        .where('accountId', '=', accountId)
        .where('iamId', '=', iamId)
        .where('service', '=', service)
        .where('preferenceId', '=', id)
        .execute();
    },
  };
}
