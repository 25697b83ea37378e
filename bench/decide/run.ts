/**
 * What a decision costs in accounts of 300, 3,000 and 30,000 policies: in a process, over HTTP, and in memory. `bench/README.md` says what
 * is measured and how to read it.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine, diskDirectory } from '../machine.ts';
import { readNewestResult, saveResult } from '../saved-results.ts';
import { type InProcessResult, measureInProcess } from './in-process.ts';
import { type DecideOptions, readOptions, USAGE } from './options.ts';
import { type HttpRow, measureOverHttp } from './over-http.ts';
import { printRows, printTargets, type Report } from './report.ts';

const SIZES = [300, 3000, 30_000] as const;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function overHttp(options: DecideOptions): Promise<readonly HttpRow[]> {
  const parent = options.dir ?? diskDirectory();
  mkdirSync(parent, { recursive: true });
  const dir = mkdtempSync(join(parent, 'podpass-bench-'));
  try {
    const rows: HttpRow[] = [];
    for (const policies of SIZES) rows.push(...(await measureOverHttp(join(dir, String(policies)), policies, options)));
    return rows;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) return say(USAGE);
  const options = readOptions(args);
  if (process.platform !== 'linux' && !options.inProcessOnly) {
    throw new Error('The part over HTTP reads proc(5) and runs on Linux only: leave it out with --in-process.');
  }
  const machine = describeMachine(options.dir ?? diskDirectory());
  const { questions, rounds, concurrency, seconds } = options;
  say(`${machine.cpu}, ${machine.cores} cores, node ${machine.node}, ${machine.fileSystem}, load ${machine.loadBefore.toFixed(2)}`);
  const inProcess: InProcessResult[] = [];
  for (const policies of SIZES) inProcess.push(await measureInProcess({ policies, questions, rounds }, options.profileDir));
  const [smallest, largest] = [inProcess[0], inProcess.at(-1)];
  const report: Report = {
    date: new Date().toISOString(),
    machine,
    inProcess,
    overHttp: options.inProcessOnly ? [] : await overHttp(options),
    ratio: (smallest?.cpuNsPerDecision ?? Number.NaN) / (largest?.cpuNsPerDecision ?? Number.NaN),
  };
  const timerNs = ((largest?.timerUs ?? Number.NaN) * 1000).toFixed(0);
  say(
    `${questions} questions, median of ${rounds} rounds, reading the timer costs ${timerNs} ns of each; ${concurrency} connections, ${seconds} s`,
  );
  say(printRows(report));
  const saved = readNewestResult<Report>('decide');
  say(
    saved
      ? `saved on ${saved.date.slice(0, 10)}: ratio ${saved.ratio.toFixed(2)}\n${printRows(saved)}`
      : 'There is no saved result to compare with.',
  );
  if (options.save) say(`saved as bench/results/${saveResult('decide', report)}`);
  say(printTargets(report));
  say(`ratio ${report.ratio.toFixed(2)}`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
