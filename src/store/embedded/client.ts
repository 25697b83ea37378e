/** The event loop's side of the store thread: commands go out by message, answers settle promises. */
import { Worker } from 'node:worker_threads';
import { DomainError } from '../../kernel/errors.ts';
import type { StoreCommand, StoreReply, StoreRequest, StoreThreadOptions } from './protocol.ts';

/** A refusal to open the store; `message` is a sentence for the operator. */
export class StoreOpenError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface StoreClient {
  send<T>(command: StoreCommand): Promise<T>;
  close(): Promise<void>;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** An SQL failure as the store thread saw it; `code` is `sqlite_<primary result code>`. */
export class StoreError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }

  /** SQLITE_CONSTRAINT: a unique key was taken. */
  get isConstraint(): boolean {
    return this.code === 'sqlite_19';
  }
}

export async function startStoreThread(options: StoreThreadOptions): Promise<StoreClient> {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: options,
    name: 'podpass-store',
    // Early releases of Node 24 warn about node:sqlite, which is no news to an operator.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let gone: Error | undefined;

  await new Promise<void>((resolve, reject) => {
    pending.set(0, {
      resolve: () => resolve(),
      reject: (error) => reject(error instanceof StoreError ? new StoreOpenError(error.code, error.message) : error),
    });
    const fail = (error: Error) => {
      gone = error;
      for (const waiting of pending.values()) waiting.reject(error);
      pending.clear();
    };
    worker.on('message', (reply: StoreReply) => {
      const waiting = pending.get(reply.id);
      pending.delete(reply.id);
      if (reply.ok) waiting?.resolve(reply.value);
      else waiting?.reject(new StoreError(reply.code, reply.message));
    });
    worker.on('error', (error) => fail(new Error(`The store thread failed: ${(error as Error).message}`, { cause: error })));
    worker.on('exit', () => fail(new Error('The store thread has ended.')));
  });

  const send = <T>(command: StoreCommand): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (gone) {
        reject(new DomainError('unavailable', { retryAfterSeconds: 1, detail: 'the store thread is gone', cause: gone }));
        return;
      }
      const id = nextId++;
      pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      worker.postMessage({ id, command } satisfies StoreRequest);
    });

  return {
    send,
    async close() {
      if (gone) return;
      const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      await send({ kind: 'close' });
      await ended;
    },
  };
}
