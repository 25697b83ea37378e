import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { CHAIN_START, chainHash, findBrokenLink } from '../../src/audit/chain.ts';
import type { AppendRecord } from '../../src/audit/recorder.ts';
import { createAppender } from '../../src/store/embedded/appender.ts';

/** A database with the real schema, at feed position 5. */
function open() {
  const db = new DatabaseSync(':memory:');
  db.exec(readFileSync(new URL('../../src/store/migrations/0001_initial.sql', import.meta.url), 'utf8'));
  db.exec(`INSERT INTO feed_head (id, epoch, seq, chain_seq, chain_hash) VALUES (1, 'e', 5, 0, '${CHAIN_START}')`);
  const appender = createAppender(db);
  appender.open('w1', 1);
  return { db, appender };
}

const record = (overrides: Partial<AppendRecord> = {}): AppendRecord => ({
  accountId: 'a',
  viewSeq: 5,
  requestId: 'r',
  transactionId: 't',
  at: 7,
  line: '{"n":1}',
  ...overrides,
});

const change = (db: DatabaseSync, seq: number, account: string) => {
  db.prepare('INSERT INTO changes (seq, account_id, kind, object_id) VALUES (?, ?, ?, ?)').run(seq, account, 'link', 'x');
  db.prepare('UPDATE feed_head SET seq = ?').run(seq);
};

const rows = (db: DatabaseSync) =>
  db.prepare('SELECT seq, record, hash FROM audit_records ORDER BY seq').all() as { seq: number; record: string; hash: string }[];

test('records are chained in the order of their sequence, without holes', () => {
  const { db, appender } = open();
  assert.deepEqual(appender.append([record({ line: '1' }), record({ line: '2' })]), ['stored', 'stored']);
  assert.deepEqual(appender.append([record({ line: '3' })]), ['stored']);
  const stored = rows(db);
  assert.deepEqual(
    stored.map(({ seq }) => seq),
    [1, 2, 3],
  );
  assert.equal(findBrokenLink(stored), undefined);
  assert.equal(stored[0]?.hash, chainHash(CHAIN_START, '1'));
});

test('a chain tells a record that was changed, one that was taken out, and two that were exchanged', () => {
  const { db, appender } = open();
  appender.append(['1', '2', '3'].map((line) => record({ line })));
  const stored = rows(db);
  const [first, second, third] = stored as [(typeof stored)[0], (typeof stored)[0], (typeof stored)[0]];
  assert.equal(findBrokenLink([first, { ...second, record: 'x' }, third]), 1);
  assert.equal(findBrokenLink([first, third]), 1);
  assert.equal(findBrokenLink([second, first, third]), 0);
});

test('a record whose account changed after its view is stale and is not stored; others of the group are', () => {
  const { db, appender } = open();
  change(db, 6, 'b');
  const outcomes = appender.append([
    record(),
    record({ accountId: 'b' }),
    record({ alsoAccountId: 'b' }),
    record({ accountId: 'b', viewSeq: 6 }),
  ]);
  assert.deepEqual(outcomes, ['stored', 'stale', 'stale', 'stored']);
  assert.equal(rows(db).length, 2);
});

test('a change that all accounts share makes every older record stale', () => {
  const { db, appender } = open();
  change(db, 6, '*');
  assert.deepEqual(appender.append([record(), record({ accountId: 'b' }), record({ viewSeq: 6 })]), ['stale', 'stale', 'stored']);
});

test('a record that the store cannot take is refused alone, wherever it stands in the group', () => {
  const { db, appender } = open();
  const poison = record({ line: null as unknown as string });
  const outcomes = appender.append([record({ line: '1' }), record({ line: '2' }), poison, record({ line: '3' }), record({ line: '4' })]);
  assert.deepEqual(outcomes, ['stored', 'stored', 'refused', 'stored', 'stored']);
  const stored = rows(db);
  assert.deepEqual(
    stored.map(({ record: line }) => line),
    ['1', '2', '3', '4'],
  );
  assert.equal(findBrokenLink(stored), undefined);
});

test('activity counts the tokens that an identity was given, and not what was stale', () => {
  const { db, appender } = open();
  change(db, 6, 'b');
  appender.append([record({ identities: ['p'] }), record({ identities: ['p'], at: 9 }), record({ identities: ['q'], accountId: 'b' })]);
  assert.deepEqual(
    db
      .prepare('SELECT identity, authn_count, last_authn FROM activity')
      .all()
      .map((row) => ({ ...row })),
    [{ identity: 'p', authn_count: 2, last_authn: 9 }],
  );
});

test('the chain of a writer that died is closed where its last record is, when the next one opens', () => {
  const { db, appender } = open();
  appender.append([record({ line: '1' })]);
  createAppender(db).open('w2', 8);
  const writers = db.prepare('SELECT writer_id, closed_at, last_seq, last_hash FROM audit_writers ORDER BY writer_id').all();
  assert.deepEqual({ ...writers[0] }, { writer_id: 'w1', closed_at: 8, last_seq: 1, last_hash: rows(db)[0]?.hash });
  assert.equal(writers[1]?.closed_at, null);
});
