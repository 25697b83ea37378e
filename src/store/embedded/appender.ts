/** Commits groups of audit records: one transaction, one flush, one look at what changed meanwhile. */
import type { DatabaseSync } from 'node:sqlite';
import { CHAIN_START, chainHash } from '../../audit/chain.ts';
import type { AppendOutcome, AppendRecord } from '../../audit/recorder.ts';

export interface Appender {
  open(writerId: string, at: number): void;
  append(records: readonly AppendRecord[]): readonly AppendOutcome[];
  close(at: number): void;
}

// SQLite result codes that concern the whole store, not one record: no space, I/O error, read-only, corrupt, cannot open.
const STORE_FAILURES = new Set([8, 10, 11, 13, 14]);

export function createAppender(db: DatabaseSync): Appender {
  let writerId = '';
  let seq = 0;
  let head = CHAIN_START;

  const selectHead = db.prepare('SELECT seq FROM feed_head WHERE id = 1');
  const selectChanged = db.prepare('SELECT account_id AS account, MAX(seq) AS seq FROM changes WHERE seq > ? GROUP BY account_id');
  const insert = db.prepare(
    'INSERT INTO audit_records (writer_id, seq, account_id, request_id, transaction_id, at, record, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const countActivity = db.prepare(
    'INSERT INTO activity (identity, authn_count, last_authn) VALUES (?, ?, ?) ON CONFLICT (identity) DO UPDATE SET authn_count = authn_count + excluded.authn_count, last_authn = excluded.last_authn',
  );

  /** For every account that changed after `position`, the feed position of its last change. */
  function changedSince(position: number): ReadonlyMap<string, number> {
    const current = (selectHead.get() as { seq: number } | undefined)?.seq ?? 0;
    if (current <= position) return new Map();
    return new Map((selectChanged.all(position) as { account: string; seq: number }[]).map((row) => [row.account, row.seq]));
  }

  function writeGroup(records: readonly AppendRecord[]): AppendOutcome[] {
    const rollbackSeq = seq;
    const rollbackHead = head;
    db.exec('BEGIN IMMEDIATE');
    try {
      const changed = changedSince(Math.min(...records.map((record) => record.viewSeq)));
      const isStale = (record: AppendRecord) =>
        changed.size > 0 &&
        [record.accountId, record.alsoAccountId, '*'].some(
          (account) => account !== undefined && (changed.get(account) ?? 0) > record.viewSeq,
        );
      const given = new Map<string, { count: number; at: number }>();
      const outcomes = records.map((record): AppendOutcome => {
        if (isStale(record)) return 'stale';
        head = chainHash(head, record.line);
        seq += 1;
        insert.run(writerId, seq, record.accountId, record.requestId, record.transactionId, record.at, record.line, head);
        for (const identity of record.identities ?? []) {
          given.set(identity, { count: (given.get(identity)?.count ?? 0) + 1, at: record.at });
        }
        return 'stored';
      });
      for (const [identity, { count, at }] of given) countActivity.run(identity, count, at);
      db.exec('COMMIT');
      return outcomes;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      seq = rollbackSeq;
      head = rollbackHead;
      throw error;
    }
  }

  /** Halves a group that fails until the record that makes it fail is alone, so that no other suffers for it. */
  function append(records: readonly AppendRecord[]): readonly AppendOutcome[] {
    try {
      return writeGroup(records);
    } catch (error) {
      const code = ((error as { errcode?: number }).errcode ?? 0) & 0xff;
      if (STORE_FAILURES.has(code)) throw error;
      if (records.length === 1) return ['refused'];
      const half = records.length >> 1;
      return [...append(records.slice(0, half)), ...append(records.slice(half))];
    }
  }

  return {
    open(id, at) {
      writerId = id;
      // A writer that died left its chain open; nobody else can be writing, so it ends where its last record is.
      db.prepare(
        `UPDATE audit_writers SET closed_at = ?,
           last_seq = COALESCE((SELECT MAX(seq) FROM audit_records r WHERE r.writer_id = audit_writers.writer_id), 0),
           last_hash = COALESCE((SELECT hash FROM audit_records r WHERE r.writer_id = audit_writers.writer_id ORDER BY seq DESC LIMIT 1), ?)
         WHERE closed_at IS NULL`,
      ).run(at, CHAIN_START);
      db.prepare('INSERT INTO audit_writers (writer_id, opened_at) VALUES (?, ?)').run(id, at);
    },
    append,
    close(at) {
      db.prepare('UPDATE audit_writers SET closed_at = ?, last_seq = ?, last_hash = ? WHERE writer_id = ? AND closed_at IS NULL').run(
        at,
        seq,
        head,
        writerId,
      );
    },
  };
}
