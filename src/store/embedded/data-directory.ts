/** The directory of an embedded store: what may be opened, by whom, and the sentences for when it may not. */
import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StoreThreadOptions } from './protocol.ts';

/** A reason not to open a store, worded for the operator. */
export class StoreRefusal extends Error {
  readonly code:
    | 'not_initialised'
    | 'already_initialised'
    | 'in_use'
    | 'not_writable'
    | 'network_file_system'
    | 'disk_full'
    | 'newer_schema';

  constructor(code: StoreRefusal['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface DataDirectory {
  readonly database: DatabaseSync;
  openReader(): DatabaseSync;
  release(): void;
}

const DATABASE = 'podpass.db';
const LOCK = 'podpass.lock';

// Magic numbers of statfs(2) for file systems on which SQLite's locks and write-ahead log are not dependable.
const NETWORK_FILE_SYSTEMS = new Map<number, string>([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x517b, 'SMB'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x01021997, '9P'],
  [0x0bd00bd0, 'Lustre'],
]);

export function databaseFile(dataDir: string): string {
  return join(dataDir, DATABASE);
}

export function openDataDirectory({ dataDir, mode }: StoreThreadOptions): DataDirectory {
  const file = databaseFile(dataDir);
  if (mode === 'open' && !existsSync(file)) {
    throw new StoreRefusal(
      'not_initialised',
      `There is no Podpass installation in ${dataDir}. Make one with 'podpass init --data-dir ${dataDir} …'.`,
    );
  }
  try {
    if (mode === 'create') mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StoreRefusal('not_writable', `The data directory ${dataDir} cannot be written: ${(error as Error).message}.`);
  }
  const fileSystem = NETWORK_FILE_SYSTEMS.get(Number(statfsSync(dataDir).type) >>> 0);
  if (fileSystem) {
    throw new StoreRefusal(
      'network_file_system',
      `The data directory ${dataDir} is on a network file system (${fileSystem}), where an embedded store is not safe. Use a local disk.`,
    );
  }
  const lock = takeLock(dataDir);
  try {
    if (mode === 'create' && holdsInstallation(file)) {
      throw new StoreRefusal('already_initialised', `${dataDir} already holds a Podpass installation; it is left as it is.`);
    }
    return { database: openWriter(file), openReader: () => openReader(file), release: () => lock.close() };
  } catch (error) {
    lock.close();
    throw error instanceof StoreRefusal ? error : explainOpenFailure(dataDir, error);
  }
}

/** Whether there is more than a database that was never finished: an installation is whole when its row is committed. */
function holdsInstallation(file: string): boolean {
  if (!existsSync(file)) return false;
  const db = new DatabaseSync(file);
  try {
    const table = db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'installation'").get();
    return table !== undefined && db.prepare('SELECT 1 FROM installation').get() !== undefined;
  } finally {
    db.close();
  }
}

/** An operating-system lock on a file of its own: it ends with the process, however that ends. */
function takeLock(dataDir: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(dataDir, LOCK));
    // Of two that come at the same moment each sees the other for an instant; who waits that long gets it.
    lock.exec('PRAGMA busy_timeout = 250; PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    const code = (error as { errcode?: number }).errcode ?? 0;
    if ((code & 0xff) === 5) {
      throw new StoreRefusal(
        'in_use',
        `Another Podpass process is using ${dataDir}. An embedded store serves one process; stop the other one first.`,
      );
    }
    throw explainOpenFailure(dataDir, error);
  }
}

function openWriter(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = 4000',
  );
  // Proves that the disk takes a write before anything is promised.
  db.exec('BEGIN IMMEDIATE; PRAGMA user_version = 1; COMMIT');
  return db;
}

function openReader(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { readOnly: true });
  db.exec('PRAGMA busy_timeout = 5000; PRAGMA query_only = ON');
  return db;
}

function explainOpenFailure(dataDir: string, error: unknown): StoreRefusal {
  const message = (error as Error).message;
  const code = ((error as { errcode?: number }).errcode ?? 0) & 0xff;
  if (code === 13)
    return new StoreRefusal('disk_full', `The disk of the data directory ${dataDir} is full. Free some space, then start again.`);
  return new StoreRefusal(
    'not_writable',
    `The data directory ${dataDir} cannot be written: ${message}. Check its owner, its mode and the disk.`,
  );
}
