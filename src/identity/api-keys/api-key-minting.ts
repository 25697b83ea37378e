/** Making API keys, for whoever may: a new value or a given one, unique in the installation, within the limit of the identity. */
import type { MutationContext } from '../../audit/mutation.ts';
import { DomainError } from '../../kernel/errors.ts';
import { limitWarnings, refuseExcess } from '../../kernel/limits.ts';
import type { Secret } from '../../kernel/secret.ts';
import type { IdentityDeps, Tx } from '../deps.ts';
import { type ApiKey, type NewApiKey, newApiKey } from './api-key.ts';
import { addApiKey, removeApiKeys } from './api-key-record.ts';

/** What a call says of a new key. */
export interface KeyWish extends Pick<ApiKey, 'name' | 'description' | 'supportSessions' | 'actionWhenLeaked' | 'expiresAt'> {
  /** The value, where the caller brings one. */
  readonly value?: Secret<string>;
  /** Whether the value can be read again later; of a service ID's key only. */
  readonly storeValue: boolean;
  readonly locked: boolean;
  readonly disabled: boolean;
}

const KEYS = 'API keys of the identity';

/** A key that expired, and was changed last, this long ago is deleted, whatever its state. */
const LAPSE_MS = 90 * 24 * 3600_000;
const REMOVED_AT_ONCE = 100;

export type MintApiKey = ReturnType<typeof createApiKeyMint>;

export function createApiKeyMint(deps: IdentityDeps) {
  const { hashApiKey, sealApiKey, clock, limits } = deps;

  async function removeLapsed(tx: Tx, accountId: string): Promise<void> {
    const lapsed = await tx.listLapsedApiKeys(accountId, clock.now() - LAPSE_MS, REMOVED_AT_ONCE);
    await removeApiKeys(tx, lapsed, { reason: 'expired and unchanged for 90 days' });
  }

  return async (
    tx: Tx,
    context: MutationContext,
    owner: Pick<ApiKey, 'accountId' | 'iamId'>,
    { value: given, storeValue, ...wish }: KeyWish,
  ): Promise<NewApiKey> => {
    await removeLapsed(tx, owner.accountId);
    if (given && (await tx.findApiKeyByHash(hashApiKey(given.reveal())))) {
      throw new DomainError('conflict', {
        message: "Field 'apikey' is the value of an API key that exists already.",
        details: 'Values are unique in the installation: give another one, or leave the field out to have one made.',
      });
    }
    const count = (await tx.countApiKeys(owner.accountId, owner.iamId)) + 1;
    refuseExcess(KEYS, count, limits.apiKeysPerIdentity);
    const { key: bare, value } = newApiKey(deps, { ...wish, ...owner, createdBy: context.caller.iamId }, given?.reveal());
    const key: ApiKey = { ...bare, sealedValue: storeValue ? sealApiKey(bare.id, value.reveal()) : null };
    await addApiKey(tx, context, key, limitWarnings(KEYS, count, limits.apiKeysPerIdentity));
    return { key, value };
  };
}
