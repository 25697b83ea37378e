/**
 * How much CPU an exchange costs, next to the signature check and the signature that it cannot do without.
 * `bench/README.md` says what is measured and how to read it.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadResult, runLoad, writeRequests } from '../load.ts';
import { describeMachine, diskDirectory } from '../machine.ts';
import { readNewestResult, saveResult } from '../saved-results.ts';
import { initInstallation, startServerProcess } from '../server-process.ts';
import { type ExchangeSubject, setUpSubject } from './account-set-up.ts';
import { measureBareCrypto, opensslSpeed } from './bare-crypto.ts';
import { type BenchOptions, readOptions, USAGE } from './options.ts';
import { makeReport, printComparison, printReport, type Report } from './report.ts';

const CR_TOKEN_GRANT = 'urn:ibm:params:oauth:grant-type:cr-token';
const BARE_SECONDS = 3;

const say = (text: string) => process.stdout.write(`${text}\n`);

function makeRequests({ profileId, mintPodToken }: ExchangeSubject, count: number): readonly { readonly body: string }[] {
  return Array.from({ length: count }, (_, number) => ({
    body: new URLSearchParams({ grant_type: CR_TOKEN_GRANT, cr_token: mintPodToken(number), profile_id: profileId }).toString(),
  }));
}

async function measureExchanges(dir: string, options: BenchOptions): Promise<{ load: LoadResult; auditRecords: number }> {
  const firstApiKey = await initInstallation(dir);
  const server = await startServerProcess(dir, options.profileDir);
  try {
    const requestsFile = join(dir, 'requests');
    writeRequests(requestsFile, makeRequests(await setUpSubject(server.url, firstApiKey), options.tokens));
    const { concurrency, warmUpSeconds, seconds } = options;
    const load = await runLoad({
      port: Number(new URL(server.url).port),
      serverPid: server.pid,
      method: 'POST',
      path: '/identity/token',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      requestsFile,
      concurrency,
      warmUpSeconds,
      seconds,
    });
    await server.stop();
    return { load, auditRecords: server.countAuditRecords() };
  } finally {
    await server.stop();
  }
}

/** Why the run is worth nothing, or undefined where it is sound. */
function problemOf({ load, auditRecords }: { readonly load: LoadResult; readonly auditRecords: number }): string | undefined {
  if (load.errors > 0) return `${load.errors} exchanges were not answered with 200; the first: ${load.firstError}`;
  if (load.calls === 0) return 'No exchange was answered within the measured window.';
  if (auditRecords < load.callsInAll) return `${load.callsInAll} tokens were issued, but only ${auditRecords} records are on the disk.`;
  return undefined;
}

async function runBench(options: BenchOptions): Promise<number> {
  const parent = options.dir ?? diskDirectory();
  mkdirSync(parent, { recursive: true });
  const dir = mkdtempSync(join(parent, 'podpass-bench-'));
  try {
    const machine = describeMachine(dir);
    const bareBefore = await measureBareCrypto(BARE_SECONDS);
    const measured = await measureExchanges(dir, options);
    const bareAfter = await measureBareCrypto(BARE_SECONDS);
    const problem = problemOf(measured);
    if (problem !== undefined) throw new Error(problem);
    const openssl = opensslSpeed();
    const report = makeReport({
      date: new Date(),
      machine,
      options,
      ...measured,
      bareMeasurements: [bareBefore, bareAfter],
      opensslSpeed: openssl ? `${openssl.line} (sign, verify, sign/s, verify/s on one core; ${openssl.version})` : null,
    });
    say(printReport(report));
    const saved = readNewestResult<Report>('exchange');
    say(saved ? printComparison(report, saved) : 'There is no saved result to compare with.');
    if (options.save) say(`saved as bench/results/${saveResult('exchange', report)}`);
    say(`ratio ${report.ratio.toFixed(2)}`);
    return 0;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    say(USAGE);
    return 0;
  }
  if (process.platform !== 'linux') throw new Error('This bench reads proc(5) and runs on Linux only.');
  return runBench(readOptions(args));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
