/** The load generator: a process of its own that keeps its connections busy and prints what it saw as one line of JSON. */
import { readFileSync } from 'node:fs';
import { type ClientReply, drive } from './client-connection.ts';
import type { LoadOptions, LoadResult } from './load.ts';
import { type Usage, usageOf } from './process-usage.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as LoadOptions;
const requests = readFileSync(options.bodiesFile, 'utf8').trim().split('\n').map(printRequest);

function printRequest(body: string): Buffer {
  const head = [
    'POST /identity/token HTTP/1.1',
    `Host: 127.0.0.1:${options.port}`,
    'Accept: application/json',
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

const latencies: number[] = [];
let sent = 0;
let exchangesInAll = 0;
let errors = 0;
let firstError: string | undefined;
let measuring = false;
let stopped = false;

function count(reply: ClientReply, latencyMs: number): void {
  if (reply.status === 200) exchangesInAll += 1;
  else {
    errors += 1;
    firstError ??= `${reply.status} ${reply.body()}`;
  }
  if (measuring) latencies.push(latencyMs);
}

function runConnection(): Promise<void> {
  let sentAt = 0;
  const next = () => {
    if (stopped) return undefined;
    sentAt = performance.now();
    return requests[sent++ % requests.length];
  };
  return drive(options.port, next, (reply) => count(reply, performance.now() - sentAt));
}

interface Moment {
  readonly at: number;
  readonly server: Usage;
  readonly own: NodeJS.CpuUsage;
}

const takeMoment = (): Moment => ({ at: performance.now(), server: usageOf(options.serverPid), own: process.cpuUsage() });
const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function measureWindow(): Promise<{ start: Moment; end: Moment }> {
  await pause(options.warmUpSeconds);
  const start = takeMoment();
  measuring = true;
  await pause(options.seconds);
  measuring = false;
  const end = takeMoment();
  stopped = true;
  return { start, end };
}

const [{ start, end }] = await Promise.all([measureWindow(), ...Array.from({ length: options.concurrency }, runConnection)]);
const sorted = Float64Array.from(latencies).sort();
const quantile = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
const result: LoadResult = {
  exchanges: latencies.length,
  exchangesInAll,
  errors,
  ...(firstError !== undefined && { firstError }),
  seconds: (end.at - start.at) / 1000,
  p50Ms: quantile(0.5),
  p99Ms: quantile(0.99),
  maxMs: quantile(1),
  before: start.server,
  after: end.server,
  generatorCpuSeconds: (end.own.user + end.own.system - start.own.user - start.own.system) / 1e6,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
