/** Numbered SQL files, applied once and in order. A database that knows a later number than this code is refused. */
import { readdirSync, readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { StoreRefusal } from './data-directory.ts';

const FOLDER = fileURLToPath(new URL('../migrations/', import.meta.url));
const FILE = /^(\d{4})_[a-z0-9_]+\.sql$/;

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

function readMigrations(): Migration[] {
  return readdirSync(FOLDER)
    .filter((name) => FILE.test(name))
    .sort()
    .map((name) => ({ number: Number(name.slice(0, 4)), name, sql: readFileSync(`${FOLDER}/${name}`, 'utf8') }));
}

export function migrate(db: DatabaseSync): void {
  const migrations = readMigrations();
  db.exec('CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)');
  const applied = db.prepare('SELECT number, name FROM migrations ORDER BY number').all() as { number: number; name: string }[];
  const newest = migrations.at(-1)?.number ?? 0;
  const ahead = applied.find((row) => row.number > newest);
  if (ahead) {
    throw new StoreRefusal(
      'newer_schema',
      `The store was written by a newer Podpass (migration ${ahead.name}). Start that version or a later one.`,
    );
  }
  const known = new Set(applied.map((row) => row.number));
  for (const migration of migrations) {
    if (known.has(migration.number)) continue;
    db.exec('BEGIN IMMEDIATE');
    try {
      db.prepare('INSERT INTO migrations (number, name) VALUES (?, ?)').run(migration.number, migration.name);
      db.exec(migration.sql);
      db.exec('COMMIT');
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  }
}
