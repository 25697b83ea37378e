/** Runs the compiled integration suite against a server, in a scratch folder of its own, and reads what it reported. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from '../kube/processes.ts';
import type { CompiledSuite } from './module.ts';
import { parseReport, type SuiteReport } from './report.ts';

/** What the suite reads from its property file, without the prefix `IAM_IDENTITY_`. */
export interface SuiteProperties {
  /** The server's origin. */
  readonly url: string;
  /** An API key of the user in the account. */
  readonly apiKey: string;
  readonly accountId: string;
  /** The user; has to own all three accounts. */
  readonly iamId: string;
  readonly enterpriseAccountId: string;
  /** A child of the enterprise account, which templates are assigned to. */
  readonly enterpriseSubaccountId: string;
}

export interface SuiteRun extends SuiteReport {
  /** Whether the suite was stopped because it took too long; the specs after that are then missing. */
  readonly wasStopped: boolean;
}

/** The container of the integration specs; the unit specs, which are compiled into the same binary, stand in another. */
const CONTAINER = 'IamIdentityV1 Integration Tests';
const LIMIT_MS = 15 * 60 * 1000;
const GRACE_MS = 30_000;
const KEPT_OUTPUT_CHARACTERS = 4_000;

export async function runSuite({ binary }: CompiledSuite, properties: SuiteProperties): Promise<SuiteRun> {
  const scratch = await mkdtemp(join(tmpdir(), 'podpass-upstream-'));
  try {
    // The suite looks for its property file above its working directory, which `go test` makes that of the package.
    const workingDirectory = join(scratch, 'iamidentityv1');
    await mkdir(workingDirectory);
    await writeFile(join(scratch, 'iam_identity.env'), propertyFile(properties), { mode: 0o600 });
    const reportFile = join(scratch, 'report.xml');
    const flags = [`-ginkgo.focus=${CONTAINER} `, `-ginkgo.reportFile=${reportFile}`, '-ginkgo.noColor', '-ginkgo.noisySkippings=false'];
    // Of the environment it gets nothing: proxies and credentials of whoever runs this are none of its business.
    const { wasStopped, output } = await runToEnd(binary, flags, workingDirectory, { HOME: scratch, TMPDIR: scratch });
    const report = await readFile(reportFile, 'utf8').catch((cause: unknown) => {
      const ending = wasStopped ? `was stopped after ${LIMIT_MS / 60_000} minutes and left no report` : 'ended without a report';
      throw new Error(`The suite ${ending}; it said:\n${output.slice(-KEPT_OUTPUT_CHARACTERS)}`, { cause });
    });
    return { ...parseReport(report, CONTAINER), wasStopped };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

export function propertyFile(properties: SuiteProperties): string {
  const values = {
    URL: properties.url,
    AUTHTYPE: 'iam',
    AUTH_URL: properties.url,
    APIKEY: properties.apiKey,
    ACCOUNT_ID: properties.accountId,
    IAM_ID: properties.iamId,
    ENTERPRISE_ACCOUNT_ID: properties.enterpriseAccountId,
    ENTERPRISE_SUBACCOUNT_ID: properties.enterpriseSubaccountId,
  };
  return Object.entries(values)
    .map(([name, value]) => `IAM_IDENTITY_${name}=${value}\n`)
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
