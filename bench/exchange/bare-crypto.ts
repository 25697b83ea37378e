/**
 * The least that an exchange can cost: one RS256 verification and one RS256 signature with 2048 bits, and nothing else.
 * Measured in processes of their own, in the two ways that Node offers; the one that takes less CPU counts.
 */
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface BareRate {
  readonly pairsPerSecond: number;
  readonly cpuSecondsPerPair: number;
}

/** Both ways at one moment. */
export interface BareRates {
  /** One process; signatures in the thread pool, verification on the event loop. */
  readonly threadPool: BareRate;
  /** Two processes, each verifying and signing on its event loop. */
  readonly twoProcesses: BareRate;
}

export interface WorkerResult {
  readonly pairs: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export const BARE_WAYS = ['pool', 'sync'] as const;
export type BareWay = (typeof BARE_WAYS)[number];

const WORKER = fileURLToPath(new URL('./bare-crypto-worker.ts', import.meta.url));
const run = promisify(execFile);

async function measure(way: BareWay, processes: number, seconds: number): Promise<BareRate> {
  const outputs = await Promise.all(Array.from({ length: processes }, () => run(process.execPath, [WORKER, way, String(seconds)])));
  const results = outputs.map(({ stdout }) => JSON.parse(stdout) as WorkerResult);
  const pairs = results.reduce((sum, result) => sum + result.pairs, 0);
  return {
    pairsPerSecond: results.reduce((sum, result) => sum + result.pairs / result.seconds, 0),
    cpuSecondsPerPair: results.reduce((sum, result) => sum + result.cpuSeconds, 0) / pairs,
  };
}

export async function measureBareCrypto(seconds: number): Promise<BareRates> {
  return { threadPool: await measure('pool', 1, seconds), twoProcesses: await measure('sync', 2, seconds) };
}

/** The best of several measurements: the least CPU for a pair, and the highest rate. */
export function bestOf(measured: readonly BareRates[]): BareRate {
  const rates = measured.flatMap(({ threadPool, twoProcesses }) => [threadPool, twoProcesses]);
  return {
    pairsPerSecond: Math.max(...rates.map((rate) => rate.pairsPerSecond)),
    cpuSecondsPerPair: Math.min(...rates.map((rate) => rate.cpuSecondsPerPair)),
  };
}

/** The figures of the `openssl` command; undefined where it is absent. One process, so one core. */
export function opensslSpeed(): { readonly version: string; readonly line: string } | undefined {
  const version = spawnSync('openssl', ['version'], { encoding: 'utf8' });
  if (version.status !== 0) return undefined;
  const speed = spawnSync('openssl', ['speed', '-seconds', '2', 'rsa2048'], { encoding: 'utf8' });
  const line = speed.stdout?.split('\n').find((text) => /^rsa\s+2048\b/.test(text));
  return line === undefined ? undefined : { version: version.stdout.trim(), line: line.trim() };
}
