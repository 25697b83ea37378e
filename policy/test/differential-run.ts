/**
 * The differential property over many cases:
 *
 *     node policy/test/differential-run.ts [--cases 1000000] [--seed S]
 *
 * The number of cases is rounded up to whole runs. Progress goes to standard error. The last line of standard output says how many requests were decided, how many were permitted and
 * how many differed; with a difference, the smallest case that shows it stands above it and the exit code is 1.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { casesPerRun, differentialProperty, newTally } from './differential.ts';

const { values } = parseArgs({ options: { cases: { type: 'string', default: '1000000' }, seed: { type: 'string' } } });
const wanted = readNumber('cases', values.cases);
const seed = readNumber('seed', values.seed ?? String(Date.now() % 2 ** 31));
const runsPerBatch = 500;

const tally = newTally();
process.stderr.write(`seed ${seed}\n`);
for (let batch = 0; tally.cases < wanted; batch += 1) {
  const numRuns = Math.min(runsPerBatch, Math.ceil((wanted - tally.cases) / casesPerRun));
  const details = fc.check(differentialProperty(tally), { numRuns, seed: seed + batch });
  if (details.failed) {
    process.stdout.write(`${fc.defaultReportMessage(details)}\n${summary(1)}\n`);
    process.exit(1);
  }
  process.stderr.write(`${tally.cases} of ${wanted} cases, ${tally.permits} permits\n`);
}
process.stdout.write(`${summary(0)}\n`);

function summary(differences: number): string {
  return `${tally.cases} cases, ${tally.permits} permits, ${differences} differences`;
}

function readNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`--${name} takes a whole number, and ${text} is none.`);
  return value;
}
