import type { ExtrasReads, HistoryAction, HistoryRecord } from '../../identity/history.ts';
import type { Db } from '../schema.ts';

export function historyReads(db: Db): ExtrasReads {
  return {
    async historyOf(objectIds) {
      const byObject = new Map<string, HistoryRecord[]>(objectIds.map((id) => [id, []]));
      if (objectIds.length === 0) return byObject;
      const rows = await db.selectFrom('history').selectAll().where('objectId', 'in', objectIds).orderBy('seq').execute();
      for (const { objectId, seq: _, ...row } of rows) {
        byObject.get(objectId)?.push({ ...row, action: row.action as HistoryAction, params: JSON.parse(row.params) as string[] });
      }
      return byObject;
    },
    async activityOf(identity) {
      const row = await db.selectFrom('activity').selectAll().where('identity', '=', identity).executeTakeFirst();
      return { authnCount: row?.authnCount ?? 0, lastAuthn: row?.lastAuthn };
    },
  };
}

/** How many records of an object's history are kept: the newest. An object that changes all day does not fill the store. */
const KEPT = 1000;

export function historyWrites(db: Db) {
  return {
    async insertHistory(objectId: string, record: HistoryRecord): Promise<void> {
      const last = await db
        .selectFrom('history')
        .select((eb) => eb.fn.max('seq').as('seq'))
        .where('objectId', '=', objectId)
        .executeTakeFirst();
      const seq = (last?.seq ?? 0) + 1;
      await db
        .insertInto('history')
        .values({ ...record, objectId, seq, params: JSON.stringify(record.params) })
        .execute();
      await db
        .deleteFrom('history')
        .where('objectId', '=', objectId)
        .where('seq', '<=', seq - KEPT)
        .execute();
    },
  };
}

/** Forgets the history and the activity of objects that are deleted. */
export async function forgetObjects(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db.deleteFrom('history').where('objectId', 'in', ids).execute();
  await db.deleteFrom('activity').where('identity', 'in', ids).execute();
}

export const forgetObject = (db: Db, id: string): Promise<void> => forgetObjects(db, [id]);

/** Takes an identity out of its access groups and deletes its policies and preferences. */
export async function forgetSubject(db: Db, accountId: string, iamId: string): Promise<void> {
  await db.deleteFrom('groupMembers').where('accountId', '=', accountId).where('iamId', '=', iamId).execute();
  await db.deleteFrom('ruleMembers').where('accountId', '=', accountId).where('iamId', '=', iamId).execute();
  await db.deleteFrom('policies').where('accountId', '=', accountId).where('subjectKey', '=', iamId).execute();
  await db.deleteFrom('preferences').where('accountId', '=', accountId).where('iamId', '=', iamId).execute();
}

/** How many rows a query selects. */
export async function countOf(query: { executeTakeFirstOrThrow(): Promise<{ readonly n: number }> }): Promise<number> {
  return (await query.executeTakeFirstOrThrow()).n;
}
