/** `podpass dev token`: prints a good or a deliberately bad pod token of the development cluster. */
import { ConfigError } from '../ops/config.ts';
import { BAD_TOKENS, type BadToken, mintPodToken, type PodTokenRequest, readDevCluster } from './dev-cluster.ts';

export { BAD_TOKENS };

export interface DevTokenFlags {
  readonly dataDir: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pod: string;
  readonly audience: string;
  readonly expiresIn: string;
  readonly bad?: BadToken;
}

/** What the published Job projects: service account `default` of namespace `default`, audience `vault`, two hours. */
export const DEV_TOKEN_DEFAULTS = {
  dataDir: './.podpass',
  namespace: 'default',
  serviceAccount: 'default',
  pod: 'token-exchange-job-x',
  audience: 'vault',
  expiresIn: '7200',
} as const;

export const DEFAULT_POD: PodTokenRequest = { ...DEV_TOKEN_DEFAULTS, expiresInSeconds: Number(DEV_TOKEN_DEFAULTS.expiresIn) };

export function printDevToken({ dataDir, expiresIn, ...flags }: DevTokenFlags): number {
  const cluster = readDevCluster(dataDir);
  if (!cluster) throw new ConfigError(`There is no development cluster in ${dataDir}. Start one with 'podpass dev --data-dir ${dataDir}'.`);
  const expiresInSeconds = Number(expiresIn);
  if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 1)
    throw new ConfigError('--expires-in must be a whole number of seconds, at least 1.');
  process.stdout.write(`${mintPodToken(cluster, { ...flags, expiresInSeconds })}\n`);
  return 0;
}
