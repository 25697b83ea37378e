/**
 * Owns the child processes of a test cluster: starting them with a log file, waiting until they answer, ending them and no others,
 * and finding them ports. What the processes are is left to `etcd.ts` and `apiserver.ts`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessDescription {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
}

export interface ReadinessCheck {
  readonly deadlineMs: number;
  /** Resolves to `true` when the process serves; anything else, a rejection included, means "ask again". */
  readonly isReady: () => Promise<boolean>;
}

const POLL_MS = 50;
const LOG_TAIL_LINES = 30;
const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Below Linux's ephemeral range (32768 and up), so that no outgoing connection takes a port while its server restarts. */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
const PORT_ATTEMPTS = 200;

/** One running child; it does not outlive this process. */
export class ServerProcess {
  readonly name: string;
  readonly #logFile: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #failure: Error | undefined;

  private constructor(description: ProcessDescription, child: ChildProcess) {
    this.name = description.name;
    this.#logFile = description.logFile;
    this.#child = child;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = promise;
    const forgetKill = atExit(() => child.kill('SIGKILL'));
    const forget = () => {
      forgetKill();
      resolve();
    };
    child.once('exit', forget).once('error', (cause) => {
      this.#failure = new Error(`Could not start ${description.command}.`, { cause });
      forget();
    });
  }

  static async start(description: ProcessDescription): Promise<ServerProcess> {
    const log = await open(description.logFile, 'a');
    try {
      const child = spawn(description.command, description.args, { stdio: ['ignore', log.fd, log.fd] });
      return new ServerProcess(description, child);
    } finally {
      await log.close();
    }
  }

  /** Waits until the process serves; fails with the tail of its log when it ends first or the deadline passes. */
  async untilReady({ deadlineMs, isReady }: ReadinessCheck): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    while (!this.#hasEnded()) {
      if (await isReady().catch(() => false)) return;
      if (performance.now() > deadline) throw await this.#error(`was not ready within ${deadlineMs} ms`);
      await sleep(POLL_MS);
    }
    throw this.#failure ?? (await this.#error(`ended with ${this.#child.exitCode ?? this.#child.signalCode} before it was ready`));
  }

  /** Asks the process to end, and ends it when it has not done so after the grace period. */
  async stop(graceMs: number): Promise<void> {
    if (this.#hasEnded()) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    await this.#ended;
    clearTimeout(timer);
  }

  #hasEnded(): boolean {
    return this.#failure !== undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async #error(what: string): Promise<Error> {
    const log = await readFile(this.#logFile, 'utf8');
    const tail = log.trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
    return new Error(`${this.name} ${what}; the last lines of its log:\n${tail}`);
  }
}

/**
 * Runs the action, which must be synchronous, when this process exits or is told to by a signal; returns how to call that off.
 * Only SIGKILL goes unnoticed.
 */
export function atExit(action: () => void): () => void {
  const obeySignal = (signal: NodeJS.Signals) => {
    action();
    process.kill(process.pid, signal); // no listener of ours is left by now: the signal does what it would have done
  };
  process.once('exit', action);
  for (const signal of SIGNALS) process.once(signal, obeySignal);
  return () => {
    process.removeListener('exit', action);
    for (const signal of SIGNALS) process.removeListener(signal, obeySignal);
  };
}

/** Finds distinct loopback ports on which nothing listens. They are not reserved: use them at once. */
export async function findFreePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let attempt = 0; attempt < PORT_ATTEMPTS && found.size < count; attempt += 1) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    if (await isFree(port)) found.add(port);
  }
  if (found.size < count) throw new Error(`Found no ${count} free ports between ${LOWEST_PORT} and ${HIGHEST_PORT} on 127.0.0.1.`);
  return [...found];
}

async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}
