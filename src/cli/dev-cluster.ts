/**
 * The development cluster: an issuer with a signing key of its own, and what a kubelet does for a pod. Podpass trusts
 * it as it trusts any other cluster; nothing here is accepted that production would refuse.
 */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const DEV_ISSUER = 'https://kubernetes.dev.podpass.internal';

export interface DevCluster {
  readonly issuer: string;
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicJwk: JsonWebKey;
}

export const BAD_TOKENS = ['expired', 'not-yet-valid', 'forged', 'audience', 'issuer', 'algorithm-none', 'hs256', 'lifetime'] as const;
export type BadToken = (typeof BAD_TOKENS)[number];

export interface PodTokenRequest {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pod: string;
  readonly audience: string;
  readonly expiresInSeconds: number;
  readonly bad?: BadToken | undefined;
}

const keyFile = (dir: string) => join(dir, 'cluster-key.json');

interface StoredCluster {
  readonly issuer: string;
  readonly kid: string;
  readonly private_key: string;
}

const open = ({ issuer, kid, private_key }: StoredCluster): DevCluster => {
  const privateKey = createPrivateKey(private_key);
  return {
    issuer,
    kid,
    privateKey,
    publicJwk: { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' },
  };
};

export function readDevCluster(dir: string): DevCluster | undefined {
  if (!existsSync(keyFile(dir))) return undefined;
  return open(JSON.parse(readFileSync(keyFile(dir), 'utf8')) as StoredCluster);
}

export function makeDevCluster(dir: string): DevCluster {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const stored: StoredCluster = {
    issuer: DEV_ISSUER,
    kid: randomUUID(),
    private_key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
  writeFileSync(keyFile(dir), JSON.stringify(stored), { mode: 0o600 });
  return open(stored);
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const YEAR_SECONDS = 365 * 24 * 3600;

/** A token as the cluster's TokenRequest API makes it, or one that is wrong in exactly one way. */
export function mintPodToken(cluster: DevCluster, request: PodTokenRequest, nowSeconds = Math.floor(Date.now() / 1000)): string {
  const { namespace, serviceAccount, pod, bad } = request;
  const begin = bad === 'expired' ? nowSeconds - request.expiresInSeconds - 3600 : bad === 'not-yet-valid' ? nowSeconds + 3600 : nowSeconds;
  const header = { alg: bad === 'algorithm-none' ? 'none' : bad === 'hs256' ? 'HS256' : 'RS256', kid: cluster.kid };
  const claims = {
    aud: [bad === 'audience' ? 'somebody-else' : request.audience],
    exp: begin + (bad === 'lifetime' ? YEAR_SECONDS : request.expiresInSeconds),
    iat: begin,
    iss: bad === 'issuer' ? 'https://kubernetes.unknown.podpass.internal' : cluster.issuer,
    jti: randomUUID(),
    'kubernetes.io': {
      namespace,
      pod: { name: pod, uid: stableUid(`pod/${namespace}/${pod}`) },
      serviceaccount: { name: serviceAccount, uid: stableUid(`serviceaccount/${namespace}/${serviceAccount}`) },
    },
    nbf: begin,
    sub: `system:serviceaccount:${namespace}:${serviceAccount}`,
  };
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${signAs(cluster, input, bad)}`;
}

function signAs(cluster: DevCluster, input: string, bad: BadToken | undefined): string {
  if (bad === 'algorithm-none') return '';
  if (bad === 'hs256') {
    const publicPem = createPublicKey(cluster.privateKey).export({ format: 'pem', type: 'spki' });
    return createHmac('sha256', publicPem).update(input).digest('base64url');
  }
  const key = bad === 'forged' ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey : cluster.privateKey;
  return sign('sha256', Buffer.from(input), key).toString('base64url');
}

/** The same object keeps its uid from token to token. */
function stableUid(name: string): string {
  const digits = createHmac('sha256', 'podpass dev').update(name).digest('hex');
  return [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`, digits.slice(20, 32)].join('-');
}

/** Writes the token as a kubelet does: beside the old one, then in its place, so that a reader never sees half of one. */
export function writeTokenFile(file: string, token: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, `${token}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

const ROTATE_AT = 0.8;

/** Keeps the file fresh: a new token when 80 % of the last one's life is over. Returns what stops it. */
export function keepTokenFresh(file: string, cluster: DevCluster, request: PodTokenRequest): () => void {
  const write = () => writeTokenFile(file, mintPodToken(cluster, request));
  write();
  const timer = setInterval(write, request.expiresInSeconds * ROTATE_AT * 1000);
  timer.unref();
  return () => clearInterval(timer);
}
