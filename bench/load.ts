/** The parent's side of the load generator: starts it, waits for its result. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Usage } from './process-usage.ts';

export interface LoadOptions {
  readonly port: number;
  readonly serverPid: number;
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** File that `writeRequests` wrote; the requests are sent in turn. */
  readonly requestsFile: string;
  /** What to look at in a reply: a regular expression whose group 1 is an outcome; a reply may have several. */
  readonly outcome?: string;
  readonly concurrency: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface LoadRequest {
  readonly body: string;
  /** The outcomes that the reply must have, in order and joined by commas; where absent only its status counts. */
  readonly expected?: string;
}

export interface LoadResult {
  /** Requests that were answered within the measured window. */
  readonly calls: number;
  /** Every request that was answered as it must be, the warm-up and the run-out included. */
  readonly callsInAll: number;
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

export function writeRequests(file: string, requests: readonly LoadRequest[]): void {
  writeFileSync(file, requests.map((request) => JSON.stringify(request)).join('\n'));
}

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROCESS, JSON.stringify(options)]);
  return JSON.parse(stdout) as LoadResult;
}
