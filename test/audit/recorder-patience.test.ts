/** What the recorder does when records come faster than they are committed, and when a commit does not come back. */
import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import { type AppendOutcome, type AppendRecord, createRecorder } from '../../src/audit/recorder.ts';
import { DomainError } from '../../src/kernel/errors.ts';

const record = (line = '{}'): AppendRecord => ({ accountId: 'a', viewSeq: 0, requestId: 'r', transactionId: 't', at: 0, line });

/** A store whose commits the test lets through, one by one. */
function heldStore() {
  const batches: { records: readonly AppendRecord[]; store(): void }[] = [];
  const watchers: (() => void)[] = [];
  return {
    batches,
    append: (records: readonly AppendRecord[]) =>
      new Promise<readonly AppendOutcome[]>((resolve) => {
        batches.push({ records, store: () => resolve(records.map(() => 'stored')) });
        for (const watcher of watchers.splice(0)) watcher();
      }),
    async batch(index: number) {
      while (batches.length <= index) await new Promise<void>((resolve) => watchers.push(resolve));
      const batch = batches[index];
      if (!batch) throw new Error('There is no such batch.');
      return batch;
    },
  };
}

describe('the recorder', () => {
  afterEach(() => mock.timers.reset());

  it('commits at most 512 records at a time, in the order of their arrival', async () => {
    const store = heldStore();
    const recorder = createRecorder(store);
    const first = recorder.record(record());
    const head = await store.batch(0);
    const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}`);
    const rest = lines.map((line) => recorder.record(record(line)));
    head.store();
    await first;
    for (const index of [1, 2]) (await store.batch(index)).store();
    await Promise.all(rest);
    assert.deepEqual(
      store.batches.map((batch) => batch.records.length),
      [1, 512, 488],
    );
    assert.deepEqual(
      store.batches.slice(1).flatMap((batch) => batch.records.map(({ line }) => line)),
      lines,
    );
  });

  it('gives up a commit that takes longer than five seconds, and takes the next one', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const store = heldStore();
    const recorder = createRecorder(store);
    const late = assert.rejects(recorder.record(record()), (error) => {
      assert.ok(error instanceof DomainError);
      assert.equal(error.code, 'unavailable');
      assert.equal(error.retryAfterSeconds, 1);
      return true;
    });
    const batch = await store.batch(0);
    mock.timers.tick(5000);
    await late;
    batch.store();
    const next = recorder.record(record());
    (await store.batch(1)).store();
    assert.equal(await next, 'stored');
  });

  it('drains what was handed in before', async () => {
    const store = heldStore();
    const recorder = createRecorder(store);
    const settled: string[] = [];
    const recorded = [1, 2, 3].map((number) => recorder.record(record()).then(() => settled.push(`record ${number}`)));
    const drained = recorder.drain().then(() => settled.push('drained'));
    assert.equal(recorder.depth, 3);
    (await store.batch(0)).store();
    await Promise.all([drained, ...recorded]);
    assert.equal(settled.at(-1), 'drained');
    assert.equal(recorder.depth, 0);
  });
});
