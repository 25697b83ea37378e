/** The audit log of a store that nobody serves, read from its file. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { CHAIN_START, findBrokenLink } from '../../src/audit/chain.ts';

interface StoredRecord {
  readonly seq: number;
  readonly account_id: string;
  readonly record: string;
  readonly hash: string;
}

export interface AuditLog {
  /** Records of exchanges and refusals, by the writer that wrote them. */
  readonly records: ReadonlyMap<string, readonly StoredRecord[]>;
  readonly changes: readonly StoredRecord[];
  readonly writers: readonly { writer_id: string; closed_at: number | null; last_seq: number | null; last_hash: string | null }[];
  readonly feed: { readonly seq: number; readonly chain_seq: number; readonly chain_hash: string };
  readonly feedPositions: readonly number[];
}

export function readAuditLog(database: string): AuditLog {
  const db = new DatabaseSync(database, { readOnly: true });
  try {
    const rows = db
      .prepare('SELECT writer_id, seq, account_id, record, hash FROM audit_records ORDER BY writer_id, seq')
      .all() as unknown as (StoredRecord & { writer_id: string })[];
    return {
      records: Map.groupBy(rows, (row) => row.writer_id),
      changes: db.prepare('SELECT seq, account_id, record, hash FROM audit_changes ORDER BY seq').all() as unknown as StoredRecord[],
      writers: db
        .prepare('SELECT writer_id, closed_at, last_seq, last_hash FROM audit_writers ORDER BY opened_at')
        .all() as unknown as AuditLog['writers'],
      feed: db.prepare('SELECT seq, chain_seq, chain_hash FROM feed_head').get() as unknown as AuditLog['feed'],
      feedPositions: db
        .prepare('SELECT DISTINCT seq FROM changes ORDER BY seq')
        .all()
        .map((row) => Number(row.seq)),
    };
  } finally {
    db.close();
  }
}

const count = (length: number) => Array.from({ length }, (_, index) => index + 1);

/** Insists on chains that verify to their recorded ends, and on sequences without holes. */
export function assertWhole(log: AuditLog): void {
  const { records, changes, writers, feed, feedPositions } = log;
  for (const [writer, chain] of records) {
    assert.deepEqual(
      chain.map((row) => row.seq),
      count(chain.length),
      `the chain of writer ${writer} has a hole`,
    );
    assert.equal(findBrokenLink(chain), undefined, `the chain of writer ${writer} does not verify`);
    assert.ok(
      writers.some((row) => row.writer_id === writer),
      `writer ${writer} is not listed`,
    );
  }
  for (const writer of writers) {
    const chain = records.get(writer.writer_id) ?? [];
    assert.notEqual(writer.closed_at, null, `the chain of writer ${writer.writer_id} is open`);
    assert.equal(writer.last_seq, chain.length);
    assert.equal(writer.last_hash, chain.at(-1)?.hash ?? CHAIN_START);
  }
  assert.deepEqual(
    changes.map((row) => row.seq),
    count(changes.length),
    'the chain of changes has a hole',
  );
  assert.equal(findBrokenLink(changes), undefined, 'the chain of changes does not verify');
  assert.equal(feed.chain_seq, changes.length);
  assert.equal(feed.chain_hash, changes.at(-1)?.hash ?? CHAIN_START);
  assert.deepEqual(feedPositions, count(feed.seq), 'the change feed has a hole');
}

/** Ids of the tokens whose issue the log of an account holds. */
export function issuedTokens(log: AuditLog, accountId: string): ReadonlySet<string> {
  const own = [...log.records.values()].flat().filter((row) => row.account_id === accountId);
  const ids = own.map((row) => (JSON.parse(row.record) as { data: { responseData?: { token_id?: string } } }).data.responseData?.token_id);
  return new Set(ids.filter((id) => id !== undefined));
}
