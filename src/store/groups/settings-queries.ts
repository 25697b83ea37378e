import type { GroupReads, GroupWrites } from '../../groups/store.ts';
import type { Db } from '../schema.ts';

export function groupSettingsReads(db: Db): Pick<GroupReads, 'findGroupSettings'> {
  return {
    async findGroupSettings(accountId) {
      const row = await db
        .selectFrom('accounts')
        .leftJoin('groupSettings', 'groupSettings.accountId', 'accounts.id')
        .select(['accounts.createdAt', 'accounts.ownerIamId', 'publicAccessEnabled', 'lastModifiedAt', 'lastModifiedById'])
        .where('accounts.id', '=', accountId)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      // Settings that were never changed are as old as the account.
      return {
        accountId,
        publicAccessEnabled: row.publicAccessEnabled !== 0,
        lastModifiedAt: row.lastModifiedAt ?? row.createdAt,
        lastModifiedById: row.lastModifiedById ?? row.ownerIamId,
      };
    },
  };
}

export function groupSettingsWrites(db: Db): Pick<GroupWrites, 'putGroupSettings'> {
  return {
    async putGroupSettings({ publicAccessEnabled, ...settings }) {
      const row = { ...settings, publicAccessEnabled: Number(publicAccessEnabled) };
      await db
        .insertInto('groupSettings')
        .values(row)
        .onConflict((conflict) => conflict.column('accountId').doUpdateSet(row))
        .execute();
    },
  };
}
