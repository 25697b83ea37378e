import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AppendOutcome, type AppendRecord, createRecorder } from '../../src/audit/recorder.ts';
import { DomainError } from '../../src/kernel/errors.ts';

const record = (line = '{}'): AppendRecord => ({ accountId: 'a', viewSeq: 0, requestId: 'r', transactionId: 't', at: 0, line });

/** A store that commits when it is told to. */
function heldStore() {
  const waiting: { records: readonly AppendRecord[]; settle: (outcomes: readonly AppendOutcome[] | Error) => void }[] = [];
  return {
    waiting,
    append: (records: readonly AppendRecord[]) =>
      new Promise<readonly AppendOutcome[]>((resolve, reject) => {
        waiting.push({ records, settle: (outcomes) => (outcomes instanceof Error ? reject(outcomes) : resolve(outcomes)) });
      }),
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const isUnavailable = (error: unknown) => error instanceof DomainError && error.code === 'unavailable';

test('records that arrive together share one commit, and each is told its own outcome', async () => {
  const store = heldStore();
  const recorder = createRecorder(store);
  const outcomes = Promise.allSettled([recorder.record(record('1')), recorder.record(record('2')), recorder.record(record('3'))]);
  await turn();
  assert.equal(store.waiting.length, 1);
  assert.deepEqual(
    store.waiting[0]?.records.map(({ line }) => line),
    ['1', '2', '3'],
  );
  store.waiting[0]?.settle(['stored', 'stale', 'refused']);
  const [stored, stale, refused] = await outcomes;
  assert.deepEqual(stored, { status: 'fulfilled', value: 'stored' });
  assert.deepEqual(stale, { status: 'fulfilled', value: 'stale' });
  assert.ok(refused?.status === 'rejected' && isUnavailable(refused.reason));
});

test('a record that arrives during a commit waits for the next one', async () => {
  const store = heldStore();
  const recorder = createRecorder(store);
  const first = recorder.record(record('1'));
  await turn();
  const second = recorder.record(record('2'));
  await turn();
  assert.equal(store.waiting.length, 1);
  store.waiting[0]?.settle(['stored']);
  await first;
  await turn();
  store.waiting[1]?.settle(['stored']);
  assert.equal(await second, 'stored');
});

test('a commit that fails refuses its records, tells the operator, and does not stop the next one', async () => {
  const store = heldStore();
  const failures: number[] = [];
  const recorder = createRecorder(store, (_error, records) => void failures.push(records));
  const failed = recorder.record(record());
  await turn();
  store.waiting[0]?.settle(new Error('disk full'));
  await assert.rejects(failed, isUnavailable);
  assert.deepEqual(failures, [1]);
  const next = recorder.record(record());
  await turn();
  store.waiting[1]?.settle(['stored']);
  assert.equal(await next, 'stored');
});

test('a full queue refuses before any work is done, by records and by bytes', async () => {
  for (const [line, count] of [
    ['{}', 4096],
    ['x'.repeat(1024 * 1024), 8],
  ] as const) {
    const store = heldStore();
    const recorder = createRecorder(store);
    recorder.reserve();
    const pending = Array.from({ length: count }, () => recorder.record(record(line)));
    assert.throws(() => recorder.reserve(), isUnavailable);
    const drained = recorder.drain();
    const settled = Promise.all(pending);
    while (recorder.depth > 0) {
      await turn();
      for (const { records, settle } of store.waiting.splice(0)) settle(records.map(() => 'stored'));
    }
    await settled;
    await drained;
    recorder.reserve();
  }
});

test('what is not waited for is let in while the queue is less than half full, and then one after the other', async () => {
  const store = heldStore();
  const recorder = createRecorder(store);
  await recorder.room();
  const settled: Promise<unknown>[] = Array.from({ length: 2048 }, () => recorder.record(record()));
  recorder.reserve();
  let admitted = 0;
  const waiting = [1, 2, 3].map(async () => {
    await recorder.room();
    admitted += 1;
    assert.ok(recorder.depth < 2048 + admitted);
    settled.push(recorder.record(record()));
  });
  await turn();
  assert.equal(admitted, 0, 'it waits while the queue is half full');
  while (recorder.depth > 0 || admitted < waiting.length) {
    await turn();
    for (const { records, settle } of store.waiting.splice(0)) settle(records.map(() => 'stored'));
  }
  await Promise.all([...waiting, ...settled]);
  await recorder.room();
});
