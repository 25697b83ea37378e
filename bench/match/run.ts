/**
 * What it costs to find out whether a pod may become a profile, in an account of 10, 1,000 and 100,000 links, next to one
 * look into a `Map` of as many entries, which is the least it can cost. `bench/README.md` says how to read it.
 */
import { parseArgs } from 'node:util';
import { matchProfile } from '../../src/token/match.ts';
import { describeMachine, type Machine } from '../machine.ts';
import { readNewestResult, saveResult } from '../saved-results.ts';
import { type Asking, type BenchAccount, makeAccount } from './account.ts';

const SIZES = [10, 1000, 100_000] as const;
const ROUNDS = 9;
const ROUND_MS = 100;
const USAGE = `npm run bench:match -- [options]
  --save    write bench/results/match-<date>.json`;

/** Nanoseconds of CPU for one match, by what lets the pod in. */
interface Row {
  readonly links: number;
  readonly profiles: number;
  readonly rules: number;
  /** Ten pods that ask in turn: what a match is in steps, with everything it reads at hand. */
  readonly hotNs: number;
  /** Pods of all links in a random order, which waits for memory. */
  readonly byLinkNs: number;
  readonly byRuleNs: number;
  readonly refusedNs: number;
  readonly bareLookNs: number;
}

interface Report {
  readonly date: string;
  readonly machine: Machine;
  readonly rows: readonly Row[];
  /** Time of a match of ten pods in an account of 10 links ÷ of the same in an account of 100,000. */
  readonly ratio: number;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** CPU time of this thread in milliseconds: what other work on the machine does not count in. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

const BATCH = 500;

/** The batch as an exchange meets its pods: parsed a moment ago, with texts that nothing has looked at yet. */
function justParsed(batch: readonly Asking[]): readonly Asking[] {
  return batch.map(({ profileId, pod: { cluster, ...pod } }) => {
    const parsed = JSON.parse(JSON.stringify({ profileId, pod })) as Asking;
    return { ...parsed, pod: { ...parsed.pod, cluster } };
  });
}

/** Runs `work` over the items again and again; the median of several rounds, in nanoseconds of CPU an item. */
async function timePerItem(items: readonly Asking[], work: (item: Asking) => Promise<unknown>): Promise<number> {
  const rounds: number[] = [];
  let next = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    let spentMs = 0;
    let done = 0;
    while (spentMs < ROUND_MS) {
      const batch = justParsed(Array.from({ length: BATCH }, () => items[next++ % items.length] as Asking));
      const began = cpuMs();
      for (const item of batch) await work(item);
      spentMs += cpuMs() - began;
      done += BATCH;
    }
    // The first round warms up.
    if (round > 0) rounds.push((spentMs * 1e6) / done);
  }
  return median(rounds);
}

/** A match that turns out otherwise than it must makes the figures worthless. */
async function insist({ view }: BenchAccount, asking: readonly Asking[], expected: 'link' | 'rule' | 'refused'): Promise<void> {
  for (const { profileId, pod } of asking) {
    const match = await matchProfile({ id: profileId, name: undefined, crn: undefined }, pod, view, async () => undefined);
    const outcome = match.matched ? ('link' in match.by ? 'link' : 'rule') : 'refused';
    if (outcome !== expected) throw new Error(`A pod of ${profileId} was matched as '${outcome}', not as '${expected}'.`);
  }
}

async function measure(links: number): Promise<Row> {
  const account = makeAccount(links);
  const { view, linked, ruled, strangers } = account;
  await insist(account, linked, 'link');
  await insist(account, ruled, 'rule');
  await insist(account, strangers, 'refused');
  const noOther = async () => undefined;
  const match = ({ profileId, pod }: Asking) => matchProfile({ id: profileId, name: undefined, crn: undefined }, pod, view, noOther);
  const keyOf = ({ profileId, pod }: Asking) => `${profileId}\n${pod.cluster.crn}\n${pod.namespace}\n${pod.serviceAccount}`;
  const bare = new Map(linked.map((asking) => [keyOf(asking), asking]));
  return {
    links,
    profiles: strangers.length,
    rules: ruled.length * 2,
    hotNs: await timePerItem(linked.slice(0, 10), match),
    byLinkNs: await timePerItem(linked, match),
    byRuleNs: await timePerItem(ruled, match),
    refusedNs: await timePerItem(strangers, match),
    bareLookNs: await timePerItem(linked, async (asking) => bare.get(keyOf(asking))),
  };
}

const COLUMNS: readonly (readonly [title: string, text: (row: Row) => string])[] = [
  ['links', (row) => row.links.toLocaleString('en')],
  ['profiles', (row) => row.profiles.toLocaleString('en')],
  ['rules', (row) => row.rules.toLocaleString('en')],
  ['ten pods', (row) => `${row.hotNs.toFixed(0)} ns`],
  ['by link', (row) => `${row.byLinkNs.toFixed(0)} ns`],
  ['by rule', (row) => `${row.byRuleNs.toFixed(0)} ns`],
  ['refused', (row) => `${row.refusedNs.toFixed(0)} ns`],
  ['bare look', (row) => `${row.bareLookNs.toFixed(0)} ns`],
  ['bare ÷ by link', (row) => (row.bareLookNs / row.byLinkNs).toFixed(2)],
];

function printRows(rows: readonly Row[]): string {
  const table = [COLUMNS.map(([title]) => title), ...rows.map((row) => COLUMNS.map(([, text]) => text(row)))];
  return table.map((cells) => cells.map((cell, column) => cell.padStart(column < 3 ? 9 : 15)).join('')).join('\n');
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { save: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } });
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  if (values.help) return say(USAGE);
  const machine = describeMachine(process.cwd());
  say(`${machine.cpu}, ${machine.cores} cores, node ${machine.node}, load ${machine.loadBefore.toFixed(2)}; median of ${ROUNDS} rounds`);
  const rows: Row[] = [];
  for (const size of SIZES) rows.push(await measure(size));
  say(printRows(rows));
  const [smallest, largest] = [rows[0], rows.at(-1)];
  const ratio = (smallest?.hotNs ?? Number.NaN) / (largest?.hotNs ?? Number.NaN);
  const report: Report = { date: new Date().toISOString(), machine, rows, ratio };
  const saved = readNewestResult<Report>('match');
  say(
    saved
      ? `saved on ${saved.date.slice(0, 10)}: ratio ${saved.ratio.toFixed(2)}\n${printRows(saved.rows)}`
      : 'There is no saved result to compare with.',
  );
  if (values.save) say(`saved as bench/results/${saveResult('match', report)}`);
  say(`ratio ${ratio.toFixed(2)}`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
