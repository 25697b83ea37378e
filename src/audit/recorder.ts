/**
 * The recorder collects high-rate records (exchanges, refusals) and commits them in groups. A caller's promise
 * settles when its record is durable; only then may the answer leave. The same commit finds out whether anything
 * the answer rests on has changed meanwhile.
 */
import type { RequestInfo } from '../kernel/caller.ts';
import { DomainError } from '../kernel/errors.ts';
import { type AuditEvent, printEvent } from './events.ts';

/** A record on its way into the store; `line` is the text that is stored and hashed. */
export interface AppendRecord {
  /** The account whose view the answer rests on. */
  readonly accountId: string;
  /** Feed position of the oldest view that the answer rests on; a change after it makes the answer stale. */
  readonly viewSeq: number;
  /** Other accounts that the answer rests on (a cross-account link). */
  readonly alsoAccountId?: string;
  readonly requestId: string;
  readonly transactionId: string;
  readonly at: number;
  readonly line: string;
  /** The identities whose activity counts the token: who is given it, and the key that got it. */
  readonly identities?: readonly string[];
}

/** The record of what was answered already and rests on nothing that could be taken back: it never becomes stale. */
export function lastingRecord(event: AuditEvent, info: RequestInfo, at: number): AppendRecord {
  const { requestId, transactionId } = info;
  return { accountId: event.accountId, viewSeq: Number.MAX_SAFE_INTEGER, requestId, transactionId, at, line: printEvent(event, info, at) };
}

/** `stored`: durable. `stale`: not stored, decide again. `refused`: the store cannot take this record. */
export type AppendOutcome = 'stored' | 'stale' | 'refused';

/** The part of the store that the recorder needs. */
export interface AppendPort {
  append(records: readonly AppendRecord[]): Promise<readonly AppendOutcome[]>;
}

export interface Recorder {
  /** Throws `unavailable` where the queue is full. Call it before the work that a record would be needed for. */
  reserve(): void;
  /**
   * Resolves once the queue is less than half full: what is recorded and not waited for leaves the other half to exchanges. Who has to wait
   * is let in one after the other; throws `unavailable` to whoever has waited five seconds.
   */
  room(): Promise<void>;
  /** Resolves once the record is durable (`stored`) or must be decided again (`stale`); throws `unavailable` otherwise. */
  record(record: AppendRecord): Promise<'stored' | 'stale'>;
  /** Waits until everything handed in so far has been settled. */
  drain(): Promise<void>;
  readonly depth: number;
}

const MAX_RECORDS = 4096;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_BATCH = 512;
const DURABLE_WITHIN_MS = 5000;
const LOOK_AGAIN_MS = 2;

interface Waiting {
  readonly record: AppendRecord;
  resolve(outcome: 'stored' | 'stale'): void;
  reject(error: Error): void;
}

const unavailable = (detail: string, cause?: unknown) =>
  new DomainError('unavailable', {
    message: 'The audit log cannot take records right now, so nothing is issued.',
    retryAfterSeconds: 1,
    detail,
    cause,
  });

/** `onFailure` is told of every group that could not be made durable: what an operator has to see. */
export function createRecorder(port: AppendPort, onFailure: (error: Error, records: number) => void = () => undefined): Recorder {
  let queue: Waiting[] = [];
  let bytes = 0;
  let inFlight = 0;
  let running: Promise<void> | undefined;

  async function commit(batch: readonly Waiting[]): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(unavailable(`a batch of ${batch.length} records was not durable in ${DURABLE_WITHIN_MS} ms`)),
        DURABLE_WITHIN_MS,
      );
      timer.unref();
    });
    try {
      const outcomes = await Promise.race([port.append(batch.map((waiting) => waiting.record)), late]);
      for (const [index, waiting] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome === 'stored' || outcome === 'stale') waiting.resolve(outcome);
        else waiting.reject(unavailable('the store refused this record'));
      }
    } catch (error) {
      const failure = error instanceof DomainError ? error : unavailable('the commit of a batch failed', error);
      onFailure(failure, batch.length);
      for (const waiting of batch) waiting.reject(failure);
    } finally {
      clearTimeout(timer);
    }
  }

  async function run(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.length <= MAX_BATCH ? queue : queue.slice(0, MAX_BATCH);
      queue = queue.length <= MAX_BATCH ? [] : queue.slice(MAX_BATCH);
      for (const waiting of batch) bytes -= waiting.record.line.length;
      inFlight = batch.length;
      await commit(batch);
      inFlight = 0;
    }
    running = undefined;
  }

  const isHalfFull = () => queue.length >= MAX_RECORDS / 2 || bytes >= MAX_BYTES / 2;
  let turn: Promise<void> = Promise.resolve();
  let inTurn = 0;

  async function waitForRoom(since: number): Promise<void> {
    while (isHalfFull()) {
      if (performance.now() - since > DURABLE_WITHIN_MS)
        throw unavailable(`the audit queue stayed half full: ${queue.length} records, ${bytes} bytes`);
      // A group that is under way ends within the time that it may take; the next look is after that.
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS).unref());
    }
    // Whoever is let in hands its record in before the next one looks.
    await new Promise((resolve) => setImmediate(resolve));
  }

  return {
    async room() {
      if (inTurn === 0 && !isHalfFull()) return;
      const since = performance.now();
      inTurn += 1;
      const mine = turn.then(() => waitForRoom(since));
      turn = mine.catch(() => undefined);
      try {
        await mine;
      } finally {
        inTurn -= 1;
      }
    },
    reserve() {
      if (queue.length >= MAX_RECORDS || bytes >= MAX_BYTES)
        throw unavailable(`the audit queue is full: ${queue.length} records, ${bytes} bytes`);
    },
    record(record) {
      return new Promise((resolve, reject) => {
        queue.push({ record, resolve, reject });
        bytes += record.line.length;
        // A turn of the loop later, so that requests that arrive together share the commit.
        running ??= new Promise<void>((done) => setImmediate(done)).then(run);
      });
    },
    async drain() {
      while (running) await running;
    },
    get depth() {
      return queue.length + inFlight;
    },
  };
}
