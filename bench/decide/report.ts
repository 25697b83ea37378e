/** What a run found: the figures, and their printed form. */
import type { Machine } from '../machine.ts';
import type { InProcessResult, Latencies } from './in-process.ts';
import type { HttpRow } from './over-http.ts';

export interface Report {
  readonly date: string;
  readonly machine: Machine;
  readonly inProcess: readonly InProcessResult[];
  /** None where that part was left out. */
  readonly overHttp: readonly HttpRow[];
  /** CPU of a decision in the smallest account ÷ of one in the largest. */
  readonly ratio: number;
}

type Columns<Row> = readonly (readonly [title: string, text: (row: Row) => string])[];

const count = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 0 });
const us = (value: number): string => `${value.toFixed(1)} µs`;
const both = ({ p50Us, p99Us }: Latencies): string => `${p50Us.toFixed(1)} / ${p99Us.toFixed(1)}`;

const IN_PROCESS: Columns<InProcessResult> = [
  ['policies', (row) => count(row.policies)],
  ['groups', (row) => count(row.groups)],
  ['profiles', (row) => count(row.profiles)],
  ['p50', (row) => us(row.all.p50Us)],
  ['p99', (row) => us(row.all.p99Us)],
  ['max', (row) => us(row.all.maxUs)],
  ['permit 50/99', (row) => both(row.permitted)],
  ['deny 50/99', (row) => both(row.denied)],
  ['CPU', (row) => `${count(row.cpuNsPerDecision)} ns`],
  ['ten profiles', (row) => `${count(row.cpuNsOfTenProfiles)} ns`],
  ['heap/policy', (row) => `${count(row.heapBytesPerPolicy)} B`],
  ['view', (row) => `${(row.viewHeapBytes / 2 ** 20).toFixed(1)} MiB`],
];

const OVER_HTTP: Columns<HttpRow> = [
  ['policies', (row) => count(row.policies)],
  ['asked by', (row) => row.way],
  ['of each', (row) => count(row.decisionsPerCall)],
  ['decisions/s', (row) => count(row.decisionsPerSecond)],
  ['p50', (row) => `${row.p50Ms.toFixed(2)} ms`],
  ['p99', (row) => `${row.p99Ms.toFixed(2)} ms`],
  ['max', (row) => `${row.maxMs.toFixed(2)} ms`],
  ['CPU/decision', (row) => us(row.serverCpuUsPerDecision)],
  ['generator', (row) => us(row.generatorCpuUsPerDecision)],
  ['RSS', (row) => `${count(row.serverRssMiB)} MiB`],
];

function table<Row>(columns: Columns<Row>, rows: readonly Row[]): string {
  const cells = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, text]) => text(row)))];
  const widths = columns.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells.map((line) => line.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ')).join('\n');
}

export function printRows({ inProcess, overHttp }: Pick<Report, 'inProcess' | 'overHttp'>): string {
  const parts = [`in a process\n${table(IN_PROCESS, inProcess)}`];
  if (overHttp.length > 0) parts.push(`over HTTP\n${table(OVER_HTTP, overHttp)}`);
  return parts.join('\n');
}

const P50_TARGET_US = 10;
const P99_TARGET_US = 100;
const GROWTH_TARGET = 2;

/** What is aimed at in the largest account, and what was found. */
export function printTargets({ inProcess, ratio }: Report): string {
  const largest = inProcess.at(-1);
  if (largest === undefined) return 'Nothing was measured.';
  const { p50Us, p99Us } = largest.all;
  const targets = [
    { name: 'p50', found: p50Us, target: P50_TARGET_US, unit: ' µs' },
    { name: 'p99', found: p99Us, target: P99_TARGET_US, unit: ' µs' },
    { name: 'growth', found: 1 / ratio, target: GROWTH_TARGET, unit: ' times' },
  ];
  const texts = targets.map(
    ({ name, found, target, unit }) => `${name} ${found.toFixed(1)} of at most ${target}${unit}${found <= target ? '' : ', missed'}`,
  );
  return `targets at ${count(largest.policies)} policies: ${texts.join('; ')}`;
}
