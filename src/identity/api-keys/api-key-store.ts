import type { ApiKey } from './api-key.ts';

export interface ApiKeyReads {
  findApiKeyByHash(keyHash: string): Promise<ApiKey | undefined>;
}

export interface ApiKeyWrites {
  insertApiKey(key: ApiKey): Promise<void>;
}
