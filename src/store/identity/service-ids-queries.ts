import type { Selectable } from 'kysely';
import type { ServiceId } from '../../identity/service-ids/service-id.ts';
import type { ServiceIdReads, ServiceIdWrites } from '../../identity/service-ids/service-id-store.ts';
import type { Db, Schema } from '../schema.ts';

export const toServiceId = (row: Selectable<Schema['serviceIds']>): ServiceId => ({
  ...row,
  locked: row.locked === 1,
  uniqueInstanceCrns: JSON.parse(row.uniqueInstanceCrns) as string[],
});

export function serviceIdReads(db: Db): ServiceIdReads {
  return {
    async findServiceId(id) {
      const row = await db.selectFrom('serviceIds').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toServiceId(row);
    },
  };
}

export function serviceIdWrites(_db: Db): ServiceIdWrites {
  return {};
}
