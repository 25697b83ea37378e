import type { Selectable } from 'kysely';
import type { ServiceId } from '../../identity/service-ids/service-id.ts';
import type { ServiceIdReads, ServiceIdWrites } from '../../identity/service-ids/service-id-store.ts';
import type { Db, Schema } from '../schema.ts';
import { filterExpression } from './filter-expression.ts';
import { countOf, forgetObject, forgetSubject } from './history-queries.ts';
import { selectPage } from './list-page.ts';
import { addUsed, countUsed, deletedRows } from './usage-queries.ts';

const toServiceId = (row: Selectable<Schema['serviceIds']>): ServiceId => ({
  ...row,
  locked: row.locked === 1,
  uniqueInstanceCrns: JSON.parse(row.uniqueInstanceCrns) as string[],
});

const serviceIdRow = ({ locked, uniqueInstanceCrns, ...serviceId }: ServiceId): Schema['serviceIds'] => ({
  ...serviceId,
  locked: Number(locked),
  uniqueInstanceCrns: JSON.stringify(uniqueInstanceCrns),
});

const SORT_COLUMNS = { name: 'name', description: 'description', created_at: 'createdAt', modified_at: 'modifiedAt' } as const;

export function serviceIdReads(db: Db): ServiceIdReads {
  return {
    async findServiceId(id) {
      const row = await db.selectFrom('serviceIds').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toServiceId(row);
    },
    async listServiceIds({ accountId, groupId, name, filter, ...query }) {
      let select = db.selectFrom('serviceIds').selectAll().where('accountId', '=', accountId).where('groupId', '=', groupId);
      if (name !== undefined) select = select.where('name', '=', name);
      if (filter) select = select.where(filterExpression(filter));
      const rows = await selectPage(select, SORT_COLUMNS[query.sort], query).execute();
      return rows.map(toServiceId);
    },
    countServiceIds: (accountId) => countUsed(db, accountId, 'service_ids'),
    countServiceIdsOfGroup: (groupId) =>
      countOf(
        db
          .selectFrom('serviceIds')
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .where('groupId', '=', groupId),
      ),
    findServiceIdGroup: (id) => db.selectFrom('serviceIdGroups').selectAll().where('id', '=', id).executeTakeFirst(),
    findServiceIdGroupByName: (accountId, name) =>
      db.selectFrom('serviceIdGroups').selectAll().where('accountId', '=', accountId).where('name', '=', name).executeTakeFirst(),
    listServiceIdGroups: (accountId) =>
      db.selectFrom('serviceIdGroups').selectAll().where('accountId', '=', accountId).orderBy('createdAt').orderBy('id').execute(),
    countServiceIdGroups: (accountId) =>
      countOf(
        db
          .selectFrom('serviceIdGroups')
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .where('accountId', '=', accountId),
      ),
  };
}

export function serviceIdWrites(db: Db): ServiceIdWrites {
  return {
    async insertServiceId(serviceId) {
      await db.insertInto('serviceIds').values(serviceIdRow(serviceId)).execute();
      await addUsed(db, serviceId.accountId, 'service_ids', 1);
    },
    async updateServiceId(serviceId) {
      const { id, ...row } = serviceIdRow(serviceId);
      await db.updateTable('serviceIds').set(row).where('id', '=', id).execute();
    },
    async deleteServiceId({ id, accountId }, iamId) {
      await forgetSubject(db, accountId, iamId);
      await forgetObject(db, id);
      await addUsed(db, accountId, 'service_ids', -(await deletedRows(db.deleteFrom('serviceIds').where('id', '=', id))));
    },
    async insertServiceIdGroup(group) {
      await db.insertInto('serviceIdGroups').values(group).execute();
    },
    async updateServiceIdGroup({ id, ...group }) {
      await db.updateTable('serviceIdGroups').set(group).where('id', '=', id).execute();
    },
    async deleteServiceIdGroup({ id }) {
      await db.deleteFrom('serviceIdGroups').where('id', '=', id).execute();
    },
  };
}
