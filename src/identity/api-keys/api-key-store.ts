import type { EpochMs } from '../../kernel/clock.ts';
import type { Filter } from '../filter.ts';
import type { ApiKey, KeyOwner } from './api-key.ts';

export interface ApiKeyListQuery {
  readonly accountId: string;
  /** The owner; the keys of all owners where absent. */
  readonly iamId?: string;
  readonly type?: KeyOwner['type'];
  /** Only keys of the service IDs in this group. */
  readonly groupId?: string;
  readonly filter?: Filter;
  readonly sort: 'name' | 'description' | 'created_at' | 'created_by';
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

export interface ApiKeyReads {
  findApiKey(id: string): Promise<ApiKey | undefined>;
  findApiKeyByHash(keyHash: string): Promise<ApiKey | undefined>;
  /** At most `limit` keys from `offset` on, in the order asked for, ties broken by id. */
  listApiKeys(query: ApiKeyListQuery): Promise<readonly ApiKey[]>;
  /** All keys of an identity of the account. */
  listApiKeysOf(accountId: string, iamId: string): Promise<readonly ApiKey[]>;
  countApiKeys(accountId: string, iamId: string): Promise<number>;
  /** At most `limit` keys of the account that have neither been valid nor been changed since `before`, the oldest first. */
  listLapsedApiKeys(accountId: string, before: EpochMs, limit: number): Promise<readonly ApiKey[]>;
}

export interface ApiKeyWrites {
  insertApiKey(key: ApiKey): Promise<void>;
  updateApiKey(key: ApiKey): Promise<void>;
  /** Deletes keys with their history and activity. */
  deleteApiKeys(ids: readonly string[]): Promise<void>;
}
