import type { Selectable } from 'kysely';
import type { ApiKey, LeakAction } from '../../identity/api-keys/api-key.ts';
import type { ApiKeyReads, ApiKeyWrites } from '../../identity/api-keys/api-key-store.ts';
import type { Db, Schema } from '../schema.ts';

export const toApiKey = (row: Selectable<Schema['apiKeys']>): ApiKey => ({
  ...row,
  locked: row.locked === 1,
  disabled: row.disabled === 1,
  supportSessions: row.supportSessions === 1,
  actionWhenLeaked: row.actionWhenLeaked as LeakAction,
});

export const apiKeyRow = ({ locked, disabled, supportSessions, ...key }: ApiKey): Schema['apiKeys'] => ({
  ...key,
  locked: Number(locked),
  disabled: Number(disabled),
  supportSessions: Number(supportSessions),
});

export function apiKeyReads(db: Db): ApiKeyReads {
  return {
    async findApiKeyByHash(keyHash) {
      const row = await db.selectFrom('apiKeys').selectAll().where('keyHash', '=', keyHash).executeTakeFirst();
      return row && toApiKey(row);
    },
  };
}

export function apiKeyWrites(db: Db): ApiKeyWrites {
  return {
    async insertApiKey(key) {
      await db.insertInto('apiKeys').values(apiKeyRow(key)).execute();
    },
  };
}
