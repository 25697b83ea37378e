/**
 * A real Kubernetes API server for tests: etcd and kube-apiserver on loopback, in a temporary folder, without nodes or controllers.
 * This file owns what a test does with it. Binaries come from `build.ts`, processes and ports from `processes.ts`.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AdminClient,
  type ApiAnswer,
  type ApiClient,
  type ApiRequest,
  createAdminClient,
  createApiClient,
  member,
} from './api-client.ts';
import { Apiserver, type SigningAlgorithm } from './apiserver.ts';
import { ensureKube } from './build.ts';
import { issueLoopbackCertificates } from './certificates.ts';
import { startEtcd } from './etcd.ts';
import { atExit, findFreePorts } from './processes.ts';

export interface KubeOptions {
  /** Hears what the build and the start are doing; standard error by default. */
  readonly log?: (line: string) => void;
  /** How the cluster signs service-account tokens; `RS256` by default, as kubeadm does. */
  readonly signingAlgorithm?: SigningAlgorithm;
  /** How long each process may take to become ready; one minute by default. Building is not counted. */
  readonly deadlineMs?: number;
}

/** The parts of an object's metadata that a binding needs. */
export interface ObjectReference {
  readonly name: string;
  readonly uid: string;
}

export interface TokenOrder {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Binds the token to this pod: the token ends with it. */
  readonly pod?: ObjectReference;
  readonly audiences: readonly string[];
  /** Kubernetes refuses less than 600. */
  readonly expirationSeconds: number;
}

/** A running API server. Every method fails with Kubernetes' own message when the server refuses. */
export interface KubeCluster extends AsyncDisposable {
  /** The `iss` of its tokens; serves `/.well-known/openid-configuration` and `/openid/v1/jwks` to anyone. */
  readonly issuer: string;
  readonly url: string;
  readonly caPem: string;
  /** A token of the group `system:masters`. */
  readonly adminToken: string;
  /** As the server reports it, such as `1.36.4`. */
  readonly version: string;
  createNamespace(name: string): Promise<ObjectReference>;
  createServiceAccount(namespace: string, name: string): Promise<ObjectReference>;
  /** Creates a Pod object that no node will run, and its service account when there is none. */
  createPod(namespace: string, name: string, serviceAccount: string): Promise<ObjectReference>;
  deletePod(namespace: string, name: string): Promise<void>;
  requestToken(order: TokenOrder): Promise<string>;
  /** Restarts the server with a new signing key; the former keys stay published. */
  rotateSigningKey(): Promise<void>;
  /** Any other request, anonymous unless a token is given; answers with the status instead of failing. */
  request(request: ApiRequest): Promise<ApiAnswer>;
  /** Ends both processes and removes their folder. May be called twice. */
  stop(): Promise<void>;
}

interface ClusterParts {
  readonly url: string;
  readonly caPem: string;
  readonly adminToken: string;
  readonly version: string;
  readonly request: ApiClient;
  readonly administer: AdminClient;
  readonly apiserver: Apiserver;
  /** Everything that was started, to be undone in reverse. */
  readonly started: AsyncDisposableStack;
}

const DEADLINE_MS = 60_000;
const POLL_MS = 25;
const ETCD_STOP_GRACE_MS = 5_000;
const FOLDER_REMOVAL = { recursive: true, force: true, maxRetries: 3 };
const DISCOVERY_PATH = '/.well-known/openid-configuration';

/** Builds the binaries when they are absent, then starts a cluster and waits until its issuer's documents can be read by anyone. */
export async function startKube(options: KubeOptions = {}): Promise<KubeCluster> {
  const { log = (line) => process.stderr.write(`${line}\n`), signingAlgorithm = 'RS256', deadlineMs = DEADLINE_MS } = options;
  const binaries = await ensureKube(log);
  const folder = await mkdtemp(join(tmpdir(), 'podpass-kube-'));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(folder, FOLDER_REMOVAL));
  const [port = 0, etcdPort = 0, peerPort = 0] = await findFreePorts(3);
  const certificates = issueLoopbackCertificates();
  const adminToken = randomBytes(24).toString('base64url');
  const url = `https://127.0.0.1:${port}`;
  const request = createApiClient(url, certificates.caPem);
  const etcd = await startEtcd({ binary: binaries.etcd, folder, clientPort: etcdPort, peerPort, deadlineMs });
  cleanup.defer(() => etcd.stop(ETCD_STOP_GRACE_MS));
  const shared = { folder, port, etcdPort, certificates, adminToken, signingAlgorithm, request, deadlineMs };
  const apiserver = new Apiserver({ binary: binaries.apiserver, ...shared });
  cleanup.defer(() => apiserver.stop());
  cleanup.defer(atExit(() => rmSync(folder, FOLDER_REMOVAL)));
  await apiserver.start();
  const administer = createAdminClient(request, adminToken);
  await publishIssuer(request, administer, deadlineMs);
  const { version } = binaries;
  return new RunningCluster({
    url,
    caPem: certificates.caPem,
    adminToken,
    version,
    request,
    administer,
    apiserver,
    started: cleanup.move(),
  });
}

/** Lets anonymous callers read the issuer's documents, as clusters that are trusted by discovery do; waits until RBAC has noticed. */
async function publishIssuer(request: ApiClient, administer: AdminClient, deadlineMs: number): Promise<void> {
  await administer('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'podpass:anonymous-issuer-discovery' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:service-account-issuer-discovery' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:unauthenticated' }],
  });
  const deadline = performance.now() + deadlineMs;
  while ((await request({ method: 'GET', path: DISCOVERY_PATH })).status !== 200) {
    if (performance.now() > deadline) throw new Error(`${DISCOVERY_PATH} was not readable by anyone within ${deadlineMs} ms.`);
    await sleep(POLL_MS);
  }
}

class RunningCluster implements KubeCluster {
  readonly issuer: string;
  readonly url: string;
  readonly caPem: string;
  readonly adminToken: string;
  readonly version: string;
  readonly #parts: ClusterParts;

  constructor(parts: ClusterParts) {
    this.issuer = parts.url;
    this.url = parts.url;
    this.caPem = parts.caPem;
    this.adminToken = parts.adminToken;
    this.version = parts.version;
    this.#parts = parts;
  }

  async createNamespace(name: string): Promise<ObjectReference> {
    return readReference(await this.#parts.administer('POST', '/api/v1/namespaces', { metadata: { name } }));
  }

  async createServiceAccount(namespace: string, name: string): Promise<ObjectReference> {
    return readReference(await this.#parts.administer('POST', serviceAccountsPath(namespace), { metadata: { name } }));
  }

  async createPod(namespace: string, name: string, serviceAccount: string): Promise<ObjectReference> {
    const path = `${serviceAccountsPath(namespace)}/${encodeURIComponent(serviceAccount)}`;
    const { status } = await this.request({ method: 'GET', path, token: this.adminToken });
    if (status === 404) await this.createServiceAccount(namespace, serviceAccount);
    const pod = {
      metadata: { name },
      spec: { serviceAccountName: serviceAccount, containers: [{ name: 'main', image: 'podpass.invalid/none' }] },
    };
    return readReference(await this.#parts.administer('POST', podsPath(namespace), pod));
  }

  async deletePod(namespace: string, name: string): Promise<void> {
    await this.#parts.administer('DELETE', `${podsPath(namespace)}/${encodeURIComponent(name)}`, { gracePeriodSeconds: 0 });
  }

  async requestToken({ namespace, serviceAccount, pod, audiences, expirationSeconds }: TokenOrder): Promise<string> {
    const path = `${serviceAccountsPath(namespace)}/${encodeURIComponent(serviceAccount)}/token`;
    const boundObjectRef = pod && { kind: 'Pod', apiVersion: 'v1', name: pod.name, uid: pod.uid };
    const answer = await this.#parts.administer('POST', path, { spec: { audiences, expirationSeconds, boundObjectRef } });
    return readText(answer, 'status', 'token');
  }

  async rotateSigningKey(): Promise<void> {
    await this.#parts.apiserver.rotateSigningKey();
  }

  async request(request: ApiRequest): Promise<ApiAnswer> {
    return this.#parts.request(request);
  }

  async stop(): Promise<void> {
    await this.#parts.started.disposeAsync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function serviceAccountsPath(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts`;
}

function podsPath(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
}

function readReference(body: unknown): ObjectReference {
  return { name: readText(body, 'metadata', 'name'), uid: readText(body, 'metadata', 'uid') };
}

function readText(body: unknown, ...path: readonly string[]): string {
  const value = path.reduce((inner, key) => member(inner, key), body);
  if (typeof value !== 'string') throw new Error(`The API server's answer has no text at ${path.join('.')}: ${JSON.stringify(body)}`);
  return value;
}
