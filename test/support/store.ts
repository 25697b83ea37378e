/** An installation's store without a server, for tests of the store and of what rests on it. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppendRecord } from '../../src/audit/recorder.ts';
import type { Account } from '../../src/identity/accounts/account.ts';
import type { Profile } from '../../src/identity/profiles/profile.ts';
import { systemContext } from '../../src/identity/system-caller.ts';
import { initialise } from '../../src/installation.ts';
import { createSystemClock } from '../../src/kernel/clock.ts';
import { createIds } from '../../src/kernel/ids.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { openEmbeddedStore, type Store } from '../../src/store/embedded/store.ts';

const ids = createIds();

export class TestStore implements AsyncDisposable {
  readonly store: Store;
  readonly database: string;
  readonly #dir: string;
  #closed = false;

  constructor(dir: string, store: Store) {
    this.#dir = dir;
    this.store = store;
    this.database = join(dir, 'data', 'podpass.db');
  }

  /** On whose behalf the changes of a test are made. */
  context(accountId = '0'.repeat(32)) {
    return systemContext(ids, accountId);
  }

  async accounts(count: number): Promise<readonly Account[]> {
    const accounts = Array.from({ length: count }, () => newAccount());
    await this.store.mutate(this.context(), async (tx) => {
      for (const account of accounts) {
        await tx.insertAccount(account);
        tx.changed({ accountId: account.id, kind: 'account', id: account.id });
      }
    });
    return accounts;
  }

  async account(): Promise<Account> {
    const [account] = await this.accounts(1);
    if (!account) throw new Error('No account was made.');
    return account;
  }

  async profile(accountId: string, name = `profile ${randomUUID()}`): Promise<Profile> {
    const profile = newProfile(accountId, name);
    await this.store.mutate(this.context(accountId), async (tx) => {
      await tx.insertProfile(profile);
      tx.changed({ accountId, kind: 'profile', id: profile.id });
      tx.event({ action: 'iam-identity.profile.create', accountId, target: { id: profile.id, typeURI: 'iam-identity/profile' } });
    });
    return profile;
  }

  /** A change of the account that changes nothing. */
  async touch(accountId: string): Promise<void> {
    await this.store.mutate(this.context(), async (tx) => tx.changed({ accountId, kind: 'signing_key', id: '' }));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

function newAccount(): Account {
  const id = ids.hex(16);
  return { id, name: id, ownerIamId: `IBMid-${id}`, parentAccountId: null, state: 'active', entityTag: '1-test', createdAt: Date.now() };
}

export function newProfile(accountId: string, name: string): Profile {
  const now = Date.now();
  return {
    id: `Profile-${randomUUID()}`,
    accountId,
    name,
    description: null,
    email: null,
    managedBy: null,
    revision: 1,
    entityTag: '1-test',
    createdAt: now,
    modifiedAt: now,
  };
}

/** A record of an exchange that rests on an account at a position of the change feed. */
export function newRecord(accountId: string, viewSeq: number, more: Partial<AppendRecord> = {}): AppendRecord {
  const requestId = randomUUID();
  const line = JSON.stringify({ id: requestId, data: { responseData: { token_id: requestId } } });
  return { accountId, viewSeq, requestId, transactionId: requestId, at: Date.now(), line, ...more };
}

/** Opens a new store, its chain of exchanges included. */
export async function openTestStore(): Promise<TestStore> {
  const dir = mkdtempSync(join(tmpdir(), 'podpass-store-'));
  const dataDir = join(dir, 'data');
  await initialise({ dataDir, masterKey: new Secret(randomBytes(32)) });
  const store = await openEmbeddedStore({ dataDir, mode: 'open', clock: createSystemClock() });
  await store.openChain(randomUUID());
  return new TestStore(dir, store);
}
