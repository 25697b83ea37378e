/** The embedded store as the rest of Podpass sees it: reads, mutations in one order, and the audit log's appends. */
import type { Kysely } from 'kysely';
import type { AccessWrites } from '../../access/store.ts';
import { chainHash } from '../../audit/chain.ts';
import { printEvent } from '../../audit/events.ts';
import type { Change, MutationContext, Recording } from '../../audit/mutation.ts';
import type { AppendOutcome, AppendPort } from '../../audit/recorder.ts';
import type { ClusterWrites } from '../../clusters/store.ts';
import type { GroupWrites } from '../../groups/store.ts';
import type { IdentityWrites } from '../../identity/store.ts';
import type { Clock } from '../../kernel/clock.ts';
import { DomainError } from '../../kernel/errors.ts';
import { addPermits } from '../access/policies-queries.ts';
import { accessReads, accessWrites } from '../access-queries.ts';
import { clusterReads, clusterWrites } from '../clusters-queries.ts';
import { groupReads, groupWrites } from '../groups/groups-queries.ts';
import { inChunks } from '../identity/in-chunks.ts';
import { identityReads, identityWrites } from '../identity-queries.ts';
import { auditReads, findInstallation, insertInstallation, insertSigningKey, listSigningKeys } from '../installation-queries.ts';
import type { Schema } from '../schema.ts';
import { viewReads } from '../view-queries.ts';
import { StoreError, startStoreThread } from './client.ts';
import { createKysely } from './dialect.ts';
import type { StoreThreadOptions } from './protocol.ts';

/** Everything a transaction can write, for all slices; each slice sees its own part of it. */
export interface AllWrites extends IdentityWrites, GroupWrites, AccessWrites, ClusterWrites {
  insertInstallation(...args: Parameters<typeof insertInstallation> extends [unknown, ...infer Rest] ? Rest : never): Promise<void>;
  insertSigningKey(...args: Parameters<typeof insertSigningKey> extends [unknown, ...infer Rest] ? Rest : never): Promise<void>;
}

export type Store = Awaited<ReturnType<typeof openEmbeddedStore>>;

type RecordedEvent = Parameters<Recording['event']>[0];

export async function openEmbeddedStore(options: StoreThreadOptions & { readonly clock: Clock }) {
  const { clock } = options;
  const client = await startStoreThread({ dataDir: options.dataDir, mode: options.mode });
  const read = createKysely(client, 'read');
  const write = createKysely(client, 'write');
  const writes: AllWrites = {
    ...identityWrites(write),
    ...groupWrites(write),
    ...accessWrites(write),
    ...clusterWrites(write),
    insertInstallation: (installation, feed) => insertInstallation(write, installation, feed),
    insertSigningKey: (key) => insertSigningKey(write, key),
  };
  // Changes are ordered by one lock; the other keeps two transactions from meeting on the one connection that writes.
  const changeLock = createLock();
  const connectionLock = createLock();
  let onCommit: () => Promise<void> = async () => undefined;

  const statement = (sql: string) => client.send({ kind: 'query', lane: 'write', sql, parameters: [] });

  /** Runs `work` between BEGIN and COMMIT; nothing else writes meanwhile. */
  async function transaction<T>(work: (recording: Recording) => Promise<T>, context: MutationContext): Promise<T> {
    const changes: Change[] = [];
    const events: RecordedEvent[] = [];
    await statement('BEGIN IMMEDIATE');
    let result: T;
    try {
      result = await work({ changed: (change) => void changes.push(change), event: (event) => void events.push(event) });
      if (changes.length > 0 || events.length > 0) await recordChanges(write, changes, events, context, clock);
      await statement('COMMIT');
    } catch (error) {
      // A rollback that fails leaves nothing to do: the first error is the one to tell.
      await statement('ROLLBACK').catch(() => undefined);
      throw explain(error);
    }
    // What fails here has dropped the views, which load themselves anew; the change itself is committed and is answered so.
    if (changes.length > 0 || events.length > 0) await onCommit().catch(() => undefined);
    return result;
  }

  let pause: (() => Promise<unknown>)[] | undefined;

  /** Runs `work` while no change commits. `work` may append, and must not change anything itself. */
  function undisturbed<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = () => work().then(resolve, reject);
      if (pause) {
        pause.push(run);
        return;
      }
      // All who come before the pause begins share it.
      const sharers = [run];
      pause = sharers;
      void changeLock(() => {
        pause = undefined;
        return Promise.all(sharers.map((start) => start()));
      });
    });
  }

  const append: AppendPort['append'] = (records) =>
    connectionLock(() => client.send<readonly AppendOutcome[]>({ kind: 'append', records }));

  return {
    reads: { ...identityReads(read), ...groupReads(read), ...accessReads(read), ...clusterReads(read) },
    views: viewReads(read),
    audit: auditReads(read),
    findInstallation: () => findInstallation(read),
    listSigningKeys: () => listSigningKeys(read),
    mutate: <T>(context: MutationContext, work: (tx: AllWrites & Recording) => Promise<T>): Promise<T> =>
      changeLock(() => connectionLock(() => transaction((recording) => work({ ...writes, ...recording }), context))),
    append,
    /** Adds to the counts of permits, outside of every change. */
    addPermits: (rows: Parameters<typeof addPermits>[1]) => connectionLock(() => addPermits(write, rows)),
    undisturbed,
    /** What must have happened, after a commit that changed something, before its caller is answered. */
    afterCommit(follow: () => Promise<void>): void {
      onCommit = follow;
    },
    openChain: (writerId: string) => client.send<void>({ kind: 'open_chain', writerId, at: clock.now() }),
    async close(): Promise<void> {
      await changeLock(() =>
        connectionLock(async () => {
          await client.send({ kind: 'close_chain', at: clock.now() });
          await client.close();
        }),
      );
    },
  };
}

/** Writes the entries of the change feed and of the audit chain, under the lock on the feed's head. */
async function recordChanges(
  db: Kysely<Schema>,
  changes: readonly Change[],
  events: readonly RecordedEvent[],
  context: MutationContext,
  clock: Clock,
): Promise<void> {
  const head = await db
    .updateTable('feedHead')
    .set((eb) => ({ seq: eb('seq', '+', 1), chainSeq: eb('chainSeq', '+', events.length) }))
    .where('id', '=', 1)
    .returning(['seq', 'chainSeq', 'chainHash'])
    .executeTakeFirstOrThrow();
  // A mutation that changes no view still takes its place in the feed: the feed has no holes.
  const touched = changes.length > 0 ? changes : [{ accountId: events[0]?.accountId ?? '*', kind: 'signing_key', id: '' }];
  const feedRows = touched.map(({ accountId, kind, id }) => ({ seq: head.seq, accountId, kind, objectId: id }));
  // A change may touch thousands of accounts: those that the links of one profile name.
  await inChunks(feedRows, (some) =>
    db
      .insertInto('changes')
      .values(some)
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  );
  if (events.length === 0) return;

  const at = clock.now();
  const { caller, info } = context;
  let hash = head.chainHash;
  let seq = head.chainSeq - events.length;
  const rows = events.map((event) => {
    const initiator = { id: caller.iamId, name: caller.name, credential: caller.tokenId === '' ? 'system' : 'token' } as const;
    const record = printEvent({ ...event, outcome: 'success', initiator }, info, at);
    hash = chainHash(hash, record);
    seq += 1;
    return {
      seq,
      feedSeq: head.seq,
      accountId: event.accountId,
      requestId: info.requestId,
      transactionId: info.transactionId,
      at,
      record,
      hash,
    };
  });
  await inChunks(rows, (some) => db.insertInto('auditChanges').values(some).execute());
  await db.updateTable('feedHead').set({ chainHash: hash }).where('id', '=', 1).execute();
}

function explain(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  if (error.isConstraint) return new DomainError('conflict', { detail: error.message, cause: error });
  return new DomainError('unavailable', {
    message: 'The store cannot take the change right now; nothing was changed.',
    retryAfterSeconds: 1,
    detail: `${error.code}: ${error.message}`,
    cause: error,
  });
}

/** Runs one piece of work at a time, in the order of the calls. */
function createLock(): <T>(work: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = tail.then(work, work);
    tail = result.catch(() => undefined);
    return result;
  };
}
