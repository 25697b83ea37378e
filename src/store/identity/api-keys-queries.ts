import { type Selectable, sql } from 'kysely';
import type { ApiKey, LeakAction } from '../../identity/api-keys/api-key.ts';
import type { ApiKeyReads, ApiKeyWrites } from '../../identity/api-keys/api-key-store.ts';
import type { Db, Schema } from '../schema.ts';
import { filterExpression } from './filter-expression.ts';
import { countOf, forgetObjects } from './history-queries.ts';
import { selectPage } from './list-page.ts';

const toApiKey = (row: Selectable<Schema['apiKeys']>): ApiKey => ({
  ...row,
  locked: row.locked === 1,
  disabled: row.disabled === 1,
  supportSessions: row.supportSessions === 1,
  actionWhenLeaked: row.actionWhenLeaked as LeakAction,
});

const apiKeyRow = ({ locked, disabled, supportSessions, ...key }: ApiKey): Schema['apiKeys'] => ({
  ...key,
  locked: Number(locked),
  disabled: Number(disabled),
  supportSessions: Number(supportSessions),
});

const SORT_COLUMNS = { name: 'name', description: 'description', created_at: 'createdAt', created_by: 'createdBy' } as const;

/** How the ids begin that sign service IDs in, and those of no user. */
const SERVICE_ID_PREFIX = 'iam-ServiceId-';
const OF_SERVICE_ID = sql<boolean>`substr(${sql.ref('iamId')}, 1, ${SERVICE_ID_PREFIX.length}) = ${SERVICE_ID_PREFIX}`;
const TYPES = { user: sql<boolean>`NOT ${OF_SERVICE_ID}`, serviceid: OF_SERVICE_ID } as const;

export function apiKeyReads(db: Db): ApiKeyReads {
  return {
    async findApiKey(id) {
      const row = await db.selectFrom('apiKeys').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toApiKey(row);
    },
    async findApiKeyByHash(keyHash) {
      const row = await db.selectFrom('apiKeys').selectAll().where('keyHash', '=', keyHash).executeTakeFirst();
      return row && toApiKey(row);
    },
    async listApiKeys({ accountId, iamId, type, groupId, filter, ...query }) {
      let select = db.selectFrom('apiKeys').selectAll().where('accountId', '=', accountId);
      if (iamId !== undefined) select = select.where('iamId', '=', iamId);
      if (type !== undefined) select = select.where(TYPES[type]);
      if (groupId !== undefined) {
        const members = db.selectFrom('serviceIds').select(sql<string>`'iam-' || id`.as('iamId')).where('groupId', '=', groupId);
        select = select.where('iamId', 'in', members);
      }
      if (filter) select = select.where(filterExpression(filter));
      const rows = await selectPage(select, SORT_COLUMNS[query.sort], query).execute();
      return rows.map(toApiKey);
    },
    async listApiKeysOf(accountId, iamId) {
      const rows = await db.selectFrom('apiKeys').selectAll().where('accountId', '=', accountId).where('iamId', '=', iamId).execute();
      return rows.map(toApiKey);
    },
    countApiKeys: (accountId, iamId) =>
      countOf(
        db
          .selectFrom('apiKeys')
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .where('accountId', '=', accountId)
          .where('iamId', '=', iamId),
      ),
    async listLapsedApiKeys(accountId, before, limit) {
      const rows = await db
        .selectFrom('apiKeys')
        .selectAll()
        .where('accountId', '=', accountId)
        .where('expiresAt', '<', before)
        .where('modifiedAt', '<', before)
        .orderBy('expiresAt')
        .limit(limit)
        .execute();
      return rows.map(toApiKey);
    },
  };
}

export function apiKeyWrites(db: Db): ApiKeyWrites {
  return {
    async insertApiKey(key) {
      await db.insertInto('apiKeys').values(apiKeyRow(key)).execute();
    },
    async updateApiKey(key) {
      const { id, ...row } = apiKeyRow(key);
      await db.updateTable('apiKeys').set(row).where('id', '=', id).execute();
    },
    async deleteApiKeys(ids) {
      await forgetObjects(db, ids);
      if (ids.length > 0) await db.deleteFrom('apiKeys').where('id', 'in', ids).execute();
    },
  };
}
