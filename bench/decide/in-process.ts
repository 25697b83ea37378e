/** The parent's side of the decisions in a process: starts one for an account and waits for what it found. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Microseconds of single decisions, each measured by itself. */
export interface Latencies {
  readonly p50Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

export interface InProcessResult {
  readonly policies: number;
  readonly groups: number;
  readonly profiles: number;
  /** All questions, and of these the ones that are permitted and the ones that are denied. */
  readonly all: Latencies;
  readonly permitted: Latencies;
  readonly denied: Latencies;
  /** CPU of the thread for one decision, without the timer. */
  readonly cpuNsPerDecision: number;
  /** The same where ten profiles ask: what a decision is in steps, with nearly all it reads at hand. */
  readonly cpuNsOfTenProfiles: number;
  /** What reading the timer adds to each single decision. */
  readonly timerUs: number;
  readonly heapBytesPerPolicy: number;
  readonly viewHeapBytes: number;
}

export interface InProcessOptions {
  readonly policies: number;
  readonly questions: number;
  readonly rounds: number;
}

const PROCESS = fileURLToPath(new URL('./in-process-worker.ts', import.meta.url));

/** A process of its own for each account: none finds code that another account's shapes have made slower, or that account's garbage. */
export async function measureInProcess(options: InProcessOptions, profileDir: string | undefined): Promise<InProcessResult> {
  const profiling = profileDir === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profileDir];
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', ...profiling, PROCESS, JSON.stringify(options)]);
  return JSON.parse(stdout) as InProcessResult;
}
