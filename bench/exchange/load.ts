/** The parent's side of the load generator: starts it, waits for its result. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Usage } from './process-usage.ts';

export interface LoadOptions {
  readonly port: number;
  readonly serverPid: number;
  /** File with one form body a line. */
  readonly bodiesFile: string;
  readonly concurrency: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface LoadResult {
  /** Exchanges that were answered within the measured window. */
  readonly exchanges: number;
  /** Every exchange that was answered with 200, the warm-up and the run-out included. */
  readonly exchangesInAll: number;
  readonly errors: number;
  readonly firstError?: string;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** What the server had used at both ends of the window. */
  readonly before: Usage;
  readonly after: Usage;
  readonly generatorCpuSeconds: number;
}

const PROCESS = fileURLToPath(new URL('./load-process.ts', import.meta.url));

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROCESS, JSON.stringify(options)]);
  return JSON.parse(stdout) as LoadResult;
}
