/** Decisions as an enforcement point asks for them: a real server with a filled store, and a load process with keep-alive connections. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { login, makeAccount } from '../account-owner.ts';
import { type LoadRequest, type LoadResult, runLoad, writeRequests } from '../load.ts';
import { dataDirIn, initInstallation, type ServerProcess, startServerProcess } from '../server-process.ts';
import { type AccountPlan, planAccount } from './account.ts';
import { fillStore } from './fill-store.ts';
import { makeBulkQuestions, makeQuestions } from './questions.ts';

const SINGLE_REQUESTS = 20_000;
const BULK_REQUESTS = 1000;
export const BULK_SIZE = 100;

/** Everything that is known about one way to ask. */
interface AskingWay {
  readonly name: string;
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly decisionsPerCall: number;
  /** Finds the outcomes in a reply. */
  readonly outcome: string;
  requests(plan: AccountPlan): readonly LoadRequest[];
}

export const ASKING_WAYS: readonly AskingWay[] = [
  {
    name: 'POST /v2/authz',
    method: 'POST',
    path: '/v2/authz',
    decisionsPerCall: 1,
    outcome: '"permitted":(true|false)',
    requests: (plan) =>
      makeQuestions(plan, SINGLE_REQUESTS, { anyTime: true }).map(({ question: { subject, action, resource }, permitted }) => ({
        body: JSON.stringify([
          { subject: { attributes: { id: subject.iamId, scope: subject.scope } }, action, resource: { attributes: resource } },
        ]),
        expected: String(permitted),
      })),
  },
  {
    name: 'PUT /v2/authz/bulk',
    method: 'PUT',
    path: '/v2/authz/bulk',
    decisionsPerCall: BULK_SIZE,
    outcome: '"decision":"(\\w+)"',
    requests: (plan) =>
      makeBulkQuestions(plan, BULK_REQUESTS, BULK_SIZE).map(({ iamId, scope, action, serviceName, instances, permitted }) => ({
        body: JSON.stringify({
          subject: { attributes: { id: iamId, scope } },
          action,
          resources: {
            sharedAttributes: { serviceName, accountId: plan.accountId },
            uniqueAttributes: instances.map((serviceInstance) => ({ serviceInstance })),
          },
        }),
        expected: permitted.map((one) => (one ? 'Permit' : 'Deny')).join(),
      })),
  },
];

export interface HttpRow {
  readonly policies: number;
  readonly way: string;
  readonly decisionsPerCall: number;
  readonly calls: number;
  readonly decisionsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly serverCpuUsPerDecision: number;
  readonly generatorCpuUsPerDecision: number;
  readonly serverRssMiB: number;
}

export interface HttpOptions {
  readonly concurrency: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly profileDir: string | undefined;
}

/** A directory with a store that holds the planned account. */
async function prepare(dir: string, policies: number): Promise<{ readonly plan: AccountPlan; readonly ownerApiKey: string }> {
  mkdirSync(dir, { recursive: true });
  const firstApiKey = await initInstallation(dir);
  const server = await startServerProcess(dir);
  try {
    const { id, ownerApiKey } = await makeAccount(server.url, firstApiKey);
    const plan = planAccount(id, policies);
    await server.stop();
    await fillStore(dataDirIn(dir), plan);
    return { plan, ownerApiKey };
  } finally {
    await server.stop();
  }
}

function rowOf(policies: number, { name, decisionsPerCall }: AskingWay, load: LoadResult): HttpRow {
  const decisions = load.calls * decisionsPerCall;
  const { before, after } = load;
  const serverSeconds = after.userSeconds + after.systemSeconds - before.userSeconds - before.systemSeconds;
  return {
    policies,
    way: name,
    decisionsPerCall,
    calls: load.calls,
    decisionsPerSecond: decisions / load.seconds,
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    maxMs: load.maxMs,
    serverCpuUsPerDecision: (serverSeconds * 1e6) / decisions,
    generatorCpuUsPerDecision: (load.generatorCpuSeconds * 1e6) / decisions,
    serverRssMiB: after.rssBytes / 2 ** 20,
  };
}

async function measureWay(server: ServerProcess, way: AskingWay, plan: AccountPlan, token: string, options: HttpOptions, file: string) {
  writeRequests(file, way.requests(plan));
  const load = await runLoad({
    port: Number(new URL(server.url).port),
    serverPid: server.pid,
    method: way.method,
    path: way.path,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    requestsFile: file,
    outcome: way.outcome,
    concurrency: options.concurrency,
    warmUpSeconds: options.warmUpSeconds,
    seconds: options.seconds,
  });
  if (load.errors > 0) throw new Error(`${way.name}: ${load.errors} replies were wrong; the first: ${load.firstError}`);
  if (load.calls === 0) throw new Error(`${way.name}: no call was answered within the measured window.`);
  return rowOf(plan.policyCount, way, load);
}

/** Measures every way to ask, on a server whose store holds an account of so many policies. */
export async function measureOverHttp(dir: string, policies: number, options: HttpOptions): Promise<readonly HttpRow[]> {
  const { plan, ownerApiKey } = await prepare(dir, policies);
  const server = await startServerProcess(dir, options.profileDir);
  try {
    const token = await login(server.url, ownerApiKey);
    const rows: HttpRow[] = [];
    for (const way of ASKING_WAYS) rows.push(await measureWay(server, way, plan, token, options, join(dir, 'requests')));
    return rows;
  } finally {
    await server.stop();
  }
}
