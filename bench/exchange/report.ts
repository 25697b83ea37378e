/** What a run found: the figures, and their printed form. */

import type { LoadResult } from '../load.ts';
import type { Machine } from '../machine.ts';
import { type BareRates, bestOf } from './bare-crypto.ts';
import type { BenchOptions } from './options.ts';

export interface Report {
  readonly date: string;
  readonly machine: Machine;
  readonly options: Pick<BenchOptions, 'seconds' | 'warmUpSeconds' | 'concurrency' | 'tokens'>;
  readonly exchangesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly exchanges: number;
  readonly errors: number;
  readonly auditRecords: number;
  readonly serverRssMiB: number;
  readonly cpuMsPerExchange: number;
  readonly userMsPerExchange: number;
  readonly systemMsPerExchange: number;
  /** CPU of the server's threads by their names; what sums up to less than the whole is the rounding of the two sources. */
  readonly threadMsPerExchange: Readonly<Record<string, number>>;
  readonly generatorCpuMsPerExchange: number;
  readonly bareMeasurements: readonly BareRates[];
  readonly barePairsPerSecond: number;
  readonly bareCpuMsPerPair: number;
  readonly opensslSpeed: string | null;
  readonly ratioOfRates: number;
  readonly ratio: number;
}

export function makeReport(found: {
  readonly date: Date;
  readonly machine: Machine;
  readonly options: BenchOptions;
  readonly load: LoadResult;
  readonly auditRecords: number;
  readonly bareMeasurements: readonly BareRates[];
  readonly opensslSpeed: string | null;
}): Report {
  const { load, bareMeasurements, options } = found;
  const bare = bestOf(bareMeasurements);
  const perExchange = (seconds: number) => (seconds * 1000) / load.calls;
  const userMsPerExchange = perExchange(load.after.userSeconds - load.before.userSeconds);
  const systemMsPerExchange = perExchange(load.after.systemSeconds - load.before.systemSeconds);
  const threadMsPerExchange = Object.fromEntries(
    Object.entries(load.after.secondsByThread).map(([name, seconds]) => [
      name,
      perExchange(seconds - (load.before.secondsByThread[name] ?? 0)),
    ]),
  );
  const cpuMsPerExchange = userMsPerExchange + systemMsPerExchange;
  const exchangesPerSecond = load.calls / load.seconds;
  const { seconds, warmUpSeconds, concurrency, tokens } = options;
  return {
    date: found.date.toISOString(),
    machine: found.machine,
    options: { seconds, warmUpSeconds, concurrency, tokens },
    exchangesPerSecond,
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    maxMs: load.maxMs,
    exchanges: load.calls,
    errors: load.errors,
    auditRecords: found.auditRecords,
    serverRssMiB: load.after.rssBytes / 2 ** 20,
    cpuMsPerExchange,
    userMsPerExchange,
    systemMsPerExchange,
    threadMsPerExchange,
    generatorCpuMsPerExchange: perExchange(load.generatorCpuSeconds),
    bareMeasurements,
    barePairsPerSecond: bare.pairsPerSecond,
    bareCpuMsPerPair: bare.cpuSecondsPerPair * 1000,
    opensslSpeed: found.opensslSpeed,
    ratioOfRates: exchangesPerSecond / bare.pairsPerSecond,
    ratio: (bare.cpuSecondsPerPair * 1000) / cpuMsPerExchange,
  };
}

const ms = (value: number) => `${value.toFixed(3)} ms`;

function printBare({ threadPool, twoProcesses }: BareRates): string {
  const print = (name: string, rate: BareRates['threadPool']) =>
    `${name} ${rate.pairsPerSecond.toFixed(0)}/s, ${ms(rate.cpuSecondsPerPair * 1000)}`;
  return `${print('thread pool', threadPool)}; ${print('two processes', twoProcesses)}`;
}

export function printReport(report: Report): string {
  const { machine, options } = report;
  const rows: readonly (readonly [string, string])[] = [
    ['cpu', `${machine.cpu}, ${machine.cores} cores`],
    ['memory', `${machine.memoryGiB} GiB`],
    ['node', `${machine.node}, OpenSSL ${machine.openssl}`],
    ['file system', machine.fileSystem],
    ['load before', `${machine.loadBefore.toFixed(2)}, the average of the last minute`],
    [
      'load',
      `${options.concurrency} connections, ${options.tokens} tokens, ${options.seconds} s after ${options.warmUpSeconds} s of warm-up`,
    ],
    ['exchanges/s', report.exchangesPerSecond.toFixed(0)],
    ['p50', ms(report.p50Ms)],
    ['p99', ms(report.p99Ms)],
    ['max', ms(report.maxMs)],
    ['errors', String(report.errors)],
    ['audit records', `${report.auditRecords} on the disk after the stop`],
    ['server RSS', `${report.serverRssMiB.toFixed(0)} MiB`],
    ['CPU/exchange', `${ms(report.cpuMsPerExchange)} (user ${ms(report.userMsPerExchange)}, system ${ms(report.systemMsPerExchange)})`],
    ['by thread', printThreads(report.threadMsPerExchange)],
    ['generator', `${ms(report.generatorCpuMsPerExchange)} of CPU an exchange, not counted`],
    ['bare, before', printBareAt(report, 0)],
    ['bare, after', printBareAt(report, 1)],
    ['bare, best', `${report.barePairsPerSecond.toFixed(0)} verify+sign/s, ${ms(report.bareCpuMsPerPair)} of CPU each`],
    ['openssl speed', report.opensslSpeed ?? 'the openssl command is absent'],
    ['rates', `${report.ratioOfRates.toFixed(2)} exchanges for a bare verify+sign`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(14)} ${value}`).join('\n');
}

/** The threads that take a microsecond or more, the busiest first. */
function printThreads(threads: Report['threadMsPerExchange']): string {
  const busy = Object.entries(threads).filter(([, value]) => value >= 0.001);
  return busy
    .sort(([, a], [, b]) => b - a)
    .map(([name, value]) => `${name} ${ms(value)}`)
    .join(', ');
}

function printBareAt(report: Report, index: number): string {
  const rates = report.bareMeasurements[index];
  return rates ? printBare(rates) : 'not measured';
}

const COMPARED = ['exchangesPerSecond', 'p50Ms', 'p99Ms', 'serverRssMiB', 'cpuMsPerExchange', 'bareCpuMsPerPair', 'ratio'] as const;

export function printComparison(report: Report, saved: Report): string {
  const lines = COMPARED.map((name) => {
    const change = ((report[name] / saved[name] - 1) * 100).toFixed(1);
    return `  ${name.padEnd(20)} ${saved[name].toFixed(3).padStart(9)} → ${report[name].toFixed(3).padStart(9)}  ${change.padStart(6)} %`;
  });
  const { cpu, cores } = report.machine;
  const isSame = saved.machine.cpu === cpu && saved.machine.cores === cores;
  const where = isSame ? '' : `, on another machine (${saved.machine.cpu}, ${saved.machine.cores} cores): only the ratio compares`;
  return [`compared with ${saved.date}${where}`, ...lines].join('\n');
}
