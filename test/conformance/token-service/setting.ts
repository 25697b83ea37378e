/** What the token-service checks start from: a cluster, and a profile linked to its service account `default`. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import {
  claimsOf,
  type Reply,
  startWorld,
  type TestAccount,
  type TestCluster,
  type Wire,
  type World,
  type WorldOptions,
} from '../../support/world.ts';

export const APIKEY_GRANT = 'urn:ibm:params:oauth:grant-type:apikey';
export const CR_TOKEN_GRANT = 'urn:ibm:params:oauth:grant-type:cr-token';
export const FORM = 'application/x-www-form-urlencoded';

export interface Setting extends AsyncDisposable {
  readonly world: World;
  readonly account: TestAccount;
  readonly cluster: TestCluster;
  readonly profile: Wire;
}

export async function startSetting(options: WorldOptions = {}): Promise<Setting> {
  const world = await startWorld(options);
  const account = await world.account();
  const cluster = await world.cluster(account);
  const profile = await world.profile(account);
  await world.link(account, profile.id, cluster.crn);
  return { world, account, cluster, profile, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Sends exactly these bytes, path and headers, where `fetch` would add or normalise something. */
export function send(url: string, path: string, { method = 'POST', headers = {}, body = '' }: RawRequest = {}): Promise<Reply<Wire>> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: hostname, port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const received = new Headers(Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)]));
        resolve({ status: response.statusCode ?? 0, headers: received, text, body: text.startsWith('{') ? JSON.parse(text) : {} });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** The form of an exchange as text. */
export const formOf = (parameters: Readonly<Record<string, string>>): string => new URLSearchParams(parameters).toString();

export const basic = (credentials: string): string => `Basic ${Buffer.from(credentials).toString('base64')}`;

/** Insists on a token and returns its claims. */
export function assertIssued(reply: Reply<Wire>): Wire {
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.body.token_type, 'Bearer');
  return claimsOf(reply.body.access_token);
}

/** Insists on an error of the token service and returns its body. */
export function assertRefused(reply: Reply<Wire>, status: number, code: string): Wire {
  assert.equal(reply.status, status, reply.text);
  assert.equal(reply.body.errorCode, code, reply.text);
  assert.equal(typeof reply.body.errorMessage, 'string');
  assert.ok(!('access_token' in reply.body));
  return reply.body;
}

/** The refusal of C05, C30 and the like. */
export const assertNotEligible = (reply: Reply<Wire>): Wire => assertRefused(reply, 400, 'BXNIM0398E');
