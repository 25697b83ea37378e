/** Runs a compiled integration suite against a server, in a scratch folder of its own, and reads what it reported. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from '../kube/processes.ts';
import { parseReport, type SuiteReport } from './report.ts';
import type { UpstreamSuite } from './suites.ts';

/** What a suite reads from its property file. */
export interface SuiteProperties {
  /** The server's origin. */
  readonly url: string;
  /** An API key of the user in whose name the suite calls. */
  readonly apiKey: string;
  /** What else this suite asks for, by its names without the prefix: `{ ACCOUNT_ID: '…' }`. */
  readonly others: Readonly<Record<string, string>>;
}

export interface SuiteRun extends SuiteReport {
  /** Whether the suite was stopped because it took too long; the specs after that are then missing. */
  readonly wasStopped: boolean;
}

/** Suites make up names from Go's random numbers; unseeded, these are the same in every run, and the first one below 100,000 is this. */
export const FIRST_RANDOM_NUMBER = 98_081;

const UNSEEDED = 'randautoseed=0';
const LIMIT_MS = 5 * 60 * 1000;
const GRACE_MS = 30_000;
const KEPT_OUTPUT_CHARACTERS = 4_000;

export async function runSuite(suite: UpstreamSuite, binary: string, properties: SuiteProperties): Promise<SuiteRun> {
  const scratch = await mkdtemp(join(tmpdir(), 'podpass-upstream-'));
  try {
    // The suite looks for its property file above its working directory, which `go test` makes that of the package.
    const workingDirectory = join(scratch, suite.packageName);
    await mkdir(workingDirectory);
    await writeFile(join(scratch, suite.propertyFile), propertyFile(suite, properties), { mode: 0o600 });
    const reportFile = join(scratch, 'report.xml');
    const flags = [
      `-ginkgo.focus=${suite.container} `,
      `-ginkgo.reportFile=${reportFile}`,
      '-ginkgo.noColor',
      '-ginkgo.noisySkippings=false',
    ];
    // Nothing else of the environment: proxies and credentials of whoever runs this are none of its business.
    const environment = { HOME: scratch, TMPDIR: scratch, GODEBUG: UNSEEDED };
    const { wasStopped, output } = await runToEnd(binary, flags, workingDirectory, environment);
    const report = await readFile(reportFile, 'utf8').catch((cause: unknown) => {
      const ending = wasStopped ? `was stopped after ${LIMIT_MS / 60_000} minutes and left no report` : 'ended without a report';
      throw new Error(`The suite ${ending}; it said:\n${output.slice(-KEPT_OUTPUT_CHARACTERS)}`, { cause });
    });
    return { ...parseReport(report, suite.container), wasStopped };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

export function propertyFile({ propertyPrefix }: Pick<UpstreamSuite, 'propertyPrefix'>, { url, apiKey, others }: SuiteProperties): string {
  const values = { URL: url, AUTHTYPE: 'iam', AUTH_URL: url, APIKEY: apiKey, ...others };
  return Object.entries(values)
    .map(([name, value]) => `${propertyPrefix}_${name}=${value}\n`)
    .join('');
}

/** Asked to stop, Ginkgo still tears down and writes its report. */
async function runToEnd(
  binary: string,
  flags: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly wasStopped: boolean; readonly output: string }> {
  const child = spawn(binary, flags, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const forgetKill = atExit(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-2 * KEPT_OUTPUT_CHARACTERS);
    });
  }
  let wasStopped = false;
  const stop = setTimeout(() => {
    wasStopped = true;
    child.kill('SIGTERM');
  }, LIMIT_MS);
  const kill = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS + GRACE_MS);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once('error', reject).once('close', () => resolve());
  try {
    await promise;
  } finally {
    clearTimeout(stop);
    clearTimeout(kill);
    forgetKill();
  }
  return { wasStopped, output };
}
