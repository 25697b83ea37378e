/** What a change of an API key leaves behind: its history, the entry in the change feed and the audit event. Never its value. */
import type { AuditTarget } from '../../audit/events.ts';
import type { MutationContext } from '../../audit/mutation.ts';
import type { Tx } from '../deps.ts';
import { historyRecord } from '../history.ts';
import { type ApiKey, changedFields, ownerOf, shownApiKey } from './api-key.ts';

export function apiKeyTarget(key: Pick<ApiKey, 'id' | 'name'>): AuditTarget {
  return { id: key.id, name: key.name, typeURI: 'iam-identity/apikey' };
}

/** What is said of a change in its audit event. */
export interface ApiKeyEvent {
  readonly operation: 'create' | 'update' | 'delete';
  readonly before?: ApiKey;
  readonly after?: ApiKey;
  readonly requestData?: Readonly<Record<string, string>>;
  readonly warnings?: readonly string[];
}

/** Tells the change feed and the audit log. Whoever signs in with a key is told by its owner's entry in the feed. */
export function recordApiKey(tx: Tx, key: ApiKey, event: ApiKeyEvent): void {
  const { operation, before, after, requestData, warnings = [] } = event;
  const owner = ownerOf(key.iamId);
  tx.changed({ accountId: key.accountId, ...owner.change });
  tx.event({
    action: `iam-identity.${owner.event}.${operation}`,
    accountId: key.accountId,
    target: apiKeyTarget(key),
    ...(before && { before: shownApiKey(before) }),
    ...(after && { after: shownApiKey(after) }),
    ...(requestData && { requestData }),
    ...(warnings.length > 0 && { warnings }),
  });
}

/** Stores a new key with all that it leaves behind. */
export async function addApiKey(tx: Tx, context: MutationContext, key: ApiKey, warnings: readonly string[] = []): Promise<void> {
  await tx.insertApiKey(key);
  await tx.insertHistory(key.id, historyRecord(context, key.createdAt, 'CREATE', changedFields(key), 'The API key was created.'));
  recordApiKey(tx, key, { operation: 'create', after: key, warnings });
}

/** Deletes keys with their history; each has an audit event of its own. */
export async function removeApiKeys(tx: Tx, keys: readonly ApiKey[], requestData?: Readonly<Record<string, string>>): Promise<void> {
  await tx.deleteApiKeys(keys.map(({ id }) => id));
  for (const key of keys) recordApiKey(tx, key, { operation: 'delete', before: key, ...(requestData && { requestData }) });
}
