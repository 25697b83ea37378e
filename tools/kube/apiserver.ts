/**
 * Owns one kube-apiserver: its files (certificates, tokens, service-account keys), its command line and its restarts.
 * What is stored in it is left to `cluster.ts`.
 */
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiClient } from './api-client.ts';
import type { ServerCertificates } from './certificates.ts';
import { ServerProcess } from './processes.ts';

export type SigningAlgorithm = 'RS256' | 'ES256';

export interface ApiserverSettings {
  readonly binary: string;
  readonly folder: string;
  readonly port: number;
  readonly etcdPort: number;
  readonly certificates: ServerCertificates;
  readonly adminToken: string;
  readonly signingAlgorithm: SigningAlgorithm;
  readonly request: ApiClient;
  readonly deadlineMs: number;
}

interface SigningKeyFiles {
  readonly privateKey: string;
  readonly publicKey: string;
}

const STOP_GRACE_MS = 10_000;

/** A kube-apiserver that can be restarted with another signing key, on the same port and with the same store. */
export class Apiserver {
  readonly #settings: ApiserverSettings;
  /** Newest first: it signs, the others are only published. */
  #keys: readonly SigningKeyFiles[] = [];
  #process: ServerProcess | undefined;

  constructor(settings: ApiserverSettings) {
    this.#settings = settings;
  }

  async start(): Promise<void> {
    const { folder, certificates, adminToken } = this.#settings;
    await writeSecret(join(folder, 'server.pem'), certificates.server.certificatePem);
    await writeSecret(join(folder, 'server-key.pem'), certificates.server.privateKeyPem);
    await writeSecret(join(folder, 'tokens.csv'), `${adminToken},podpass-admin,podpass-admin,system:masters\n`);
    await this.#restartWithNewKey();
  }

  async rotateSigningKey(): Promise<void> {
    await this.#restartWithNewKey();
  }

  async stop(): Promise<void> {
    await this.#process?.stop(STOP_GRACE_MS);
    this.#process = undefined;
  }

  async #restartWithNewKey(): Promise<void> {
    const { binary, folder, signingAlgorithm, request, adminToken, deadlineMs } = this.#settings;
    this.#keys = [await writeSigningKey(folder, this.#keys.length + 1, signingAlgorithm), ...this.#keys];
    await this.stop();
    this.#process = await ServerProcess.start({
      name: 'kube-apiserver',
      command: binary,
      args: commandLine(this.#settings, this.#keys),
      logFile: join(folder, 'kube-apiserver.log'),
    });
    const isReady = async () => (await request({ method: 'GET', path: '/readyz', token: adminToken })).status === 200;
    await this.#process.untilReady({ deadlineMs, isReady });
  }
}

function commandLine({ folder, port, etcdPort }: ApiserverSettings, keys: readonly SigningKeyFiles[]): string[] {
  const issuer = `https://127.0.0.1:${port}`;
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--tls-cert-file=${join(folder, 'server.pem')}`,
    `--tls-private-key-file=${join(folder, 'server-key.pem')}`,
    `--service-account-issuer=${issuer}`,
    `--service-account-jwks-uri=${issuer}/openid/v1/jwks`,
    ...keys.slice(0, 1).map((key) => `--service-account-signing-key-file=${key.privateKey}`),
    ...keys.map((key) => `--service-account-key-file=${key.publicKey}`),
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--anonymous-auth=true',
    '--service-cluster-ip-range=10.96.0.0/24',
    // A loopback address is no valid endpoint of the "kubernetes" service; without this the log fills with refusals.
    '--endpoint-reconciler-type=none',
  ];
}

async function writeSigningKey(folder: string, generation: number, algorithm: SigningAlgorithm): Promise<SigningKeyFiles> {
  const { privateKey, publicKey } =
    algorithm === 'RS256' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const files = { privateKey: join(folder, `sa-${generation}.key`), publicKey: join(folder, `sa-${generation}.pub`) };
  await writeSecret(files.privateKey, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  await writeSecret(files.publicKey, publicKey.export({ type: 'spki', format: 'pem' }).toString());
  return files;
}

async function writeSecret(path: string, content: string): Promise<void> {
  await writeFile(path, content, { mode: 0o600 });
}
