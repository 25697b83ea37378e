/** Making an installation, once: its account, its keys, and the first API key, which may only make an administrator. */
import { createHmac } from 'node:crypto';
import { administrationPolicy } from './access/policies/administration.ts';
import { CHAIN_START } from './audit/chain.ts';
import type { Account } from './identity/accounts/account.ts';
import { newApiKey } from './identity/api-keys/api-key.ts';
import { historyRecord } from './identity/history.ts';
import { systemContext } from './identity/system-caller.ts';
import { createSystemClock } from './kernel/clock.ts';
import { newEntityTag } from './kernel/entity-tag.ts';
import { createIds } from './kernel/ids.ts';
import type { Secret } from './kernel/secret.ts';
import { openEmbeddedStore } from './store/embedded/store.ts';
import { createSealer } from './token/sealing.ts';
import { createSigningKey, nextKid } from './token/signing-keys.ts';

/** The user whose only right is to make the first administrator. */
const BOOTSTRAP_IAM_ID = 'podpass-bootstrap';
const FIRST_KEY_TTL_MS = 24 * 3600_000;
const SECRET_BYTES = 32;

/** What an installation's own secret is sealed under. */
export const SECRET_PURPOSE = 'installation-secret';

/** What the value of an API key is sealed under, where it is stored at all. */
export const API_KEY_PURPOSE = 'api-key';

/** The keyed hash under which the value of an API key is stored. */
export function apiKeyHasher(secret: Buffer): (value: string) => string {
  return (value) => createHmac('sha256', secret).update('apikey\0').update(value).digest('hex');
}

/** Makes the installation in `dataDir`; returns the value of its first API key. Throws where there is one already. */
export async function initialise(options: { readonly dataDir: string; readonly masterKey: Secret<Buffer> }): Promise<Secret<string>> {
  const clock = createSystemClock();
  const ids = createIds();
  const store = await openEmbeddedStore({ dataDir: options.dataDir, mode: 'create', clock });
  try {
    const id = ids.uuid();
    const accountId = ids.hex(16);
    const sealer = createSealer(options.masterKey, id);
    const secret = Buffer.from(ids.hex(SECRET_BYTES), 'hex');
    const now = clock.now();
    const activeKid = nextKid(now, new Set());
    const keys = [
      await createSigningKey(sealer, activeKid, 'active', now),
      await createSigningKey(sealer, nextKid(now, new Set([activeKid])), 'standby', now),
    ];
    const context = systemContext(ids, accountId);
    return await store.mutate(context, async (tx) => {
      await tx.insertInstallation(
        { id, accountId, masterKeyCheck: sealer.makeCheck(), wrappedSecret: sealer.seal(SECRET_PURPOSE, id, secret), createdAt: now },
        { epoch: ids.uuid(), chainHash: CHAIN_START },
      );
      for (const key of keys) await tx.insertSigningKey(key);
      const account: Account = {
        id: accountId,
        name: 'Podpass installation',
        ownerIamId: 'podpass',
        parentAccountId: null,
        state: 'active',
        entityTag: newEntityTag(ids, 1),
        createdAt: now,
      };
      await tx.insertAccount(account);
      await tx.insertUser({ accountId, iamId: BOOTSTRAP_IAM_ID, email: '', name: 'Bootstrap', state: 'active', createdAt: now });
      await tx.insertPolicy(administrationPolicy({ clock, ids }, accountId, BOOTSTRAP_IAM_ID, 'bootstrap', 'podpass'));
      const made = newApiKey(
        { clock, ids, hashApiKey: apiKeyHasher(secret) },
        { accountId, iamId: BOOTSTRAP_IAM_ID, name: 'first key', createdBy: 'podpass', expiresAt: now + FIRST_KEY_TTL_MS },
      );
      await tx.insertApiKey(made.key);
      await tx.insertHistory(made.key.id, historyRecord(context, now, 'CREATE', ['name', 'expires_at'], 'The API key was created.'));
      tx.changed({ accountId, kind: 'account', id: accountId });
      tx.event({ action: 'podpass.installation.create', accountId, target: { id, typeURI: 'podpass/installation' } });
      return made.value;
    });
  } finally {
    await store.close();
  }
}
