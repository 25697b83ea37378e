/**
 * A real Podpass for tests: a store in a temporary directory, a server on a free port of loopback, and the clients,
 * accounts and clusters that a test asks for. Everything is made over the API.
 */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initialise } from '../../src/installation.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import type { Log } from '../../src/kernel/log.ts';
import type { Secret } from '../../src/kernel/secret.ts';
import { readConfig } from '../../src/ops/config.ts';
import { readOrMakeMasterKey } from '../../src/ops/master-key.ts';
import { startServer } from '../../src/server.ts';

export interface Reply<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; an empty object where there is none. */
  readonly body: Body;
}

/** A reply body of any shape, for tests that look into it. */
// biome-ignore lint/suspicious/noExplicitAny: tests read wire bodies member by member and assert on what they find
export type Wire = any;

export interface CallOptions {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface WorldOptions {
  /** Settings by their flag names, e.g. `{ issuer: 'https://iam.cloud.ibm.com/identity' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** Receives what the server logs; silent but for errors where absent. */
  readonly log?: Log;
  /** An existing directory to serve again; it is not removed at the end. */
  readonly dir?: string;
}

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (fields, message) => console.error(message, fields),
};

/** One HTTP call; the reply with its body parsed where it is JSON. */
export async function call(
  url: string,
  method: string,
  path: string,
  { token, body, headers = {} }: CallOptions = {},
): Promise<Reply<Wire>> {
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && typeof body !== 'string' && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : {},
  };
}

/** The claims of a token, without verification. */
export function claimsOf(token: string): Wire {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

export interface PodTokenOptions {
  readonly namespace?: string;
  readonly serviceAccount?: string;
  /** `null` for a token that is bound to no pod. */
  readonly pod?: string | null;
  readonly audience?: string | readonly string[];
  readonly expiresIn?: number;
  readonly issuedAt?: number;
  /** Members of the header, over the usual ones. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** Members of the claims, over the usual ones; `undefined` takes one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Signs with another key than the cluster's. */
  readonly key?: KeyObject;
}

/** A cluster's issuer with its signing key, as far as tokens are concerned. */
export class TestIssuer {
  readonly issuer: string;
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;

  constructor(issuer = `https://issuer-${randomUUID()}.example`, kid: string = randomUUID()) {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.issuer = issuer;
    this.kid = kid;
    this.privateKey = privateKey;
    this.publicKey = publicKey;
  }

  get jwks(): { keys: Record<string, unknown>[] } {
    return { keys: [{ ...this.publicKey.export({ format: 'jwk' }), kid: this.kid, alg: 'RS256', use: 'sig' }] };
  }

  /** A pod's token; by default of service account `default` in namespace `default`, audience `vault`, 7200 s. */
  token(options: PodTokenOptions = {}): string {
    const { namespace = 'default', serviceAccount = 'default', pod = 'web-0', audience = 'vault', expiresIn = 7200 } = options;
    const issuedAt = options.issuedAt ?? Math.floor(Date.now() / 1000);
    const claims = {
      aud: typeof audience === 'string' ? [audience] : audience,
      exp: issuedAt + expiresIn,
      iat: issuedAt,
      iss: this.issuer,
      jti: randomUUID(),
      'kubernetes.io': {
        namespace,
        ...(pod !== null && { pod: { name: pod, uid: '11111111-2222-4333-8444-555555555555' } }),
        serviceaccount: { name: serviceAccount, uid: '66666666-7777-4888-9999-000000000000' },
      },
      nbf: issuedAt,
      sub: `system:serviceaccount:${namespace}:${serviceAccount}`,
      ...options.claims,
    };
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${encode({ alg: 'RS256', kid: this.kid, ...options.header })}.${encode(claims)}`;
    return `${input}.${sign('sha256', Buffer.from(input), options.key ?? this.privateKey).toString('base64url')}`;
  }
}

export interface TestAccount {
  readonly id: string;
  readonly ownerIamId: string;
  /** Access token of the account's owner. */
  readonly owner: string;
  readonly ownerApiKey: string;
}

export interface TestUser {
  readonly iamId: string;
  readonly apikey: string;
  readonly token: string;
}

export interface TestCluster {
  readonly id: string;
  readonly crn: string;
  readonly name: string;
  readonly issuer: TestIssuer;
  readonly body: Wire;
}

export const ROLE = (name: string): string => `crn:v1:bluemix:public:iam::::role:${name}`;
export const SERVICE_ROLE = (name: string): string => `crn:v1:bluemix:public:iam::::serviceRole:${name}`;

export class World implements AsyncDisposable {
  readonly dir: string;
  readonly url: string;
  readonly server: Awaited<ReturnType<typeof startServer>>;
  readonly #keep: boolean;
  /** Access token of an administrator of the installation. */
  admin = '';
  /** Access token of the installation's first API key; empty where an existing directory is served again. */
  bootstrap = '';

  constructor(dir: string, server: Awaited<ReturnType<typeof startServer>>, keep: boolean) {
    this.dir = dir;
    this.server = server;
    this.url = server.url;
    this.#keep = keep;
  }

  call(method: string, path: string, options: CallOptions = {}): Promise<Reply<Wire>> {
    return call(this.url, method, path, options);
  }

  /** Calls and insists on a status, saying what came instead. */
  async expect(status: number, method: string, path: string, options: CallOptions = {}): Promise<Reply<Wire>> {
    const reply = await this.call(method, path, options);
    if (reply.status !== status) throw new Error(`${method} ${path}: expected ${status}, got ${reply.status}: ${reply.text}`);
    return reply;
  }

  /** `POST /identity/token` with a form, sent exactly as given where it is text. */
  exchange(form: Readonly<Record<string, string>> | string, headers: Readonly<Record<string, string>> = {}): Promise<Reply<Wire>> {
    const body = typeof form === 'string' ? form : new URLSearchParams(form).toString();
    return this.call('POST', '/identity/token', { body, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } });
  }

  crToken(
    crToken: string,
    selector: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply<Wire>> {
    return this.exchange({ grant_type: 'urn:ibm:params:oauth:grant-type:cr-token', cr_token: crToken, ...selector }, headers);
  }

  async login(apikey: string): Promise<string> {
    const reply = await this.exchange({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey });
    if (reply.status !== 200) throw new Error(`login failed: ${reply.text}`);
    return reply.body.access_token;
  }

  async account(name = `account ${randomUUID().slice(0, 8)}`): Promise<TestAccount> {
    const ownerIamId = `IBMid-owner-${randomUUID().slice(0, 8)}`;
    const { body } = await this.expect(201, 'POST', '/podpass/v1/accounts', {
      token: this.admin,
      body: { name, owner_iam_id: ownerIamId },
    });
    const ownerApiKey = await this.apiKey(body.id, ownerIamId);
    return { id: body.id, ownerIamId, ownerApiKey, owner: await this.login(ownerApiKey) };
  }

  async apiKey(accountId: string, iamId: string): Promise<string> {
    const path = `/podpass/v1/accounts/${accountId}/users/${iamId}/apikeys`;
    return (await this.expect(201, 'POST', path, { token: this.admin, body: { name: 'test' } })).body.apikey;
  }

  /** A user of the account without any policy. */
  async user(accountId: string, iamId = `IBMid-${randomUUID().slice(0, 8)}`): Promise<TestUser> {
    const body = { iam_id: iamId, name: 'Test User', email: `${iamId}@example.com` };
    await this.expect(201, 'POST', `/podpass/v1/accounts/${accountId}/users`, { token: this.admin, body });
    const apikey = await this.apiKey(accountId, iamId);
    return { iamId, apikey, token: await this.login(apikey) };
  }

  /** Gives a user, profile or group roles; `resource` are attributes beside the account. */
  async policy(account: TestAccount, subject: string, roles: readonly string[], resource: Readonly<Record<string, string>>): Promise<Wire> {
    const name = subject.startsWith('AccessGroupId-') ? 'access_group_id' : 'iam_id';
    const attributes = Object.entries({ accountId: account.id, ...resource }).map(([key, value]) => ({ name: key, value }));
    const body = {
      type: 'access',
      subjects: [{ attributes: [{ name, value: subject }] }],
      roles: roles.map((role_id) => ({ role_id })),
      resources: [{ attributes }],
    };
    return (await this.expect(201, 'POST', '/v1/policies', { token: account.owner, body })).body;
  }

  async profile(account: TestAccount, name = `profile ${randomUUID().slice(0, 8)}`): Promise<Wire> {
    return (await this.expect(201, 'POST', '/v1/profiles', { token: account.owner, body: { name, account_id: account.id } })).body;
  }

  async group(account: TestAccount, name = `group ${randomUUID().slice(0, 8)}`): Promise<Wire> {
    return (await this.expect(201, 'POST', `/v2/groups?account_id=${account.id}`, { token: account.owner, body: { name } })).body;
  }

  /** Registers a cluster with uploaded keys; `overrides` are members of the registration's body. */
  async cluster(account: TestAccount, overrides: Readonly<Record<string, unknown>> = {}, issuer = new TestIssuer()): Promise<TestCluster> {
    const body = await this.clusterBody(account, overrides, issuer);
    const reply = await this.expect(201, 'POST', '/podpass/v1/clusters', { token: account.owner, body });
    return { id: reply.body.id, crn: reply.body.crn, name: reply.body.name, issuer, body: reply.body };
  }

  /** The body of a registration, with a proof for a fresh nonce. */
  async clusterBody(
    account: TestAccount,
    overrides: Readonly<Record<string, unknown>> = {},
    issuer = new TestIssuer(),
  ): Promise<Record<string, unknown>> {
    const registration = await this.expect(201, 'POST', '/podpass/v1/clusters/registrations', {
      token: account.owner,
      body: { account_id: account.id },
    });
    return {
      account_id: account.id,
      name: `c-${randomUUID().slice(0, 8)}`,
      type: 'openshift',
      version: '4.16.2_1544_openshift',
      created_version: '4.16.2',
      region: 'eu-de',
      issuers: [{ issuer: issuer.issuer, audiences: ['vault', 'iam'] }],
      trust: { mode: 'jwks', jwks: issuer.jwks },
      proofs: [issuer.token({ audience: registration.body.audience, expiresIn: 600 })],
      ...overrides,
    };
  }

  /** Links a profile to a service account of a cluster. */
  async link(account: TestAccount, profileId: string, crn: string, namespace = 'default', name = 'default'): Promise<Reply<Wire>> {
    return this.expect(201, 'POST', `/v1/profiles/${profileId}/links`, {
      token: account.owner,
      body: { cr_type: 'ROKS_SA', link: { crn, namespace, name } },
    });
  }

  /** Audit events under a request id, read by the account's owner. */
  async events(account: TestAccount, requestId: string): Promise<Wire[]> {
    const path = `/podpass/v1/audit/events?account_id=${account.id}&request_id=${requestId}`;
    return (await this.expect(200, 'GET', path, { token: account.owner })).body.events;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
    if (!this.#keep) rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Starts a world; dispose of it with `await using`, or call its `Symbol.asyncDispose` in an `after` hook. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'podpass-test-'));
  const dataDir = join(dir, 'data');
  const masterKeyFile = join(dir, 'master.key');
  const masterKey = readOrMakeMasterKey(masterKeyFile, dataDir);
  const firstKey: Secret<string> | undefined = options.dir ? undefined : await initialise({ dataDir, masterKey });
  const config = readConfig({
    flags: { listen: '127.0.0.1:0', 'data-dir': dataDir, 'master-key-file': masterKeyFile, ...options.settings },
    environment: {},
  });
  const server = await startServer({ config, masterKey, log: options.log ?? silent, ...(options.clock && { clock: options.clock }) });
  const world = new World(dir, server, options.dir !== undefined);
  if (firstKey) {
    const first = await world.login(firstKey.reveal());
    world.bootstrap = first;
    const body = { iam_id: 'IBMid-admin', name: 'Administrator' };
    const made = await world.expect(201, 'POST', '/podpass/v1/administrators', { token: first, body });
    world.admin = await world.login(made.body.apikey);
  }
  return world;
}
