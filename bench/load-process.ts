/** The load generator: a process of its own that keeps its connections busy and prints what it saw as one line of JSON. */
import { readFileSync } from 'node:fs';
import { type ClientReply, drive } from './client-connection.ts';
import type { LoadOptions, LoadRequest, LoadResult } from './load.ts';
import { type Usage, usageOf } from './process-usage.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as LoadOptions;
const outcome = options.outcome === undefined ? undefined : new RegExp(options.outcome, 'g');
const requests = readFileSync(options.requestsFile, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as LoadRequest)
  .map((request) => ({ ...request, bytes: printRequest(request.body) }));

function printRequest(body: string): Buffer {
  const head = [
    `${options.method} ${options.path} HTTP/1.1`,
    `Host: 127.0.0.1:${options.port}`,
    'Accept: application/json',
    ...Object.entries(options.headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

const latencies: number[] = [];
let sent = 0;
let callsInAll = 0;
let errors = 0;
let firstError: string | undefined;
let measuring = false;
let stopped = false;

/** What is wrong with a reply; undefined where it is as it must be. */
function problemOf(reply: ClientReply, expected: string | undefined): string | undefined {
  if (reply.status !== 200) return `${reply.status} ${reply.body()}`;
  if (outcome === undefined || expected === undefined) return undefined;
  const found = Array.from(reply.body().matchAll(outcome), ([, text]) => text).join();
  return found === expected ? undefined : `The outcomes ${expected} were expected, and ${found} came.`;
}

function count(reply: ClientReply, expected: string | undefined, latencyMs: number): void {
  const problem = problemOf(reply, expected);
  if (problem === undefined) callsInAll += 1;
  else {
    errors += 1;
    firstError ??= problem;
  }
  if (measuring) latencies.push(latencyMs);
}

function runConnection(): Promise<void> {
  let sentAt = 0;
  let current: (typeof requests)[number] | undefined;
  const next = () => {
    if (stopped) return undefined;
    current = requests[sent++ % requests.length];
    sentAt = performance.now();
    return current?.bytes;
  };
  return drive(options.port, next, (reply) => count(reply, current?.expected, performance.now() - sentAt));
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
  calls: latencies.length,
  callsInAll,
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
