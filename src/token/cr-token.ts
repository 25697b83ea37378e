/**
 * Verifying a compute resource token, the service-account token that a cluster projected into a pod: read without
 * trust, find the cluster by issuer and key, verify, and only then believe a claim.
 */
import { checkClaims, type JsonObject, type JsonValue, JwtError, parseCompact, type UnverifiedToken, verifySignature } from '@podpass/jwt';
import type { Cluster } from '../clusters/cluster.ts';
import { type Candidate, type ClusterDirectory, MAX_CANDIDATES } from '../clusters/directory.ts';
import { DomainError } from '../kernel/errors.ts';

/** The compute resource that a verified token speaks for. */
export interface PodIdentity {
  readonly cluster: Cluster;
  readonly issuer: string;
  readonly kid: string | undefined;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pod: string | undefined;
  readonly podUid: string | undefined;
  /** `<cluster name>:<namespace>:<service account>:<pod>`; the last part is empty for a token that is bound to no pod. */
  readonly identifier: string;
}

/** A refusal after the signature held: the cluster is known, and the refusal is worth a record. */
export class VerifiedRefusal extends DomainError {
  readonly cluster: Cluster;

  constructor(cluster: Cluster, details: string) {
    super('token_not_supported', { details });
    this.cluster = cluster;
  }
}

export interface CrTokenRules {
  /** Longest `exp - iat` in seconds of a token for the audience. */
  readonly maxLifetimeSeconds: (audience: string) => number;
}

export interface CrTokenDeps {
  readonly directory: Pick<ClusterDirectory, 'lookup'>;
  readonly rules: CrTokenRules;
  /** Asks for the keys of a cluster to be fetched anew; true while that is under way. */
  readonly bringForward: (cluster: Cluster) => boolean;
  readonly keysAreUsable: (cluster: Cluster, now: number) => boolean;
}

// One text for an issuer nobody registered, a key nobody registered and a signature that does not hold.
const NOT_TRUSTED = 'The token was not issued by a cluster that is registered here, or it was not signed with a key of that cluster.';

const notTrusted = (detail: string) => new DomainError('token_not_supported', { details: NOT_TRUSTED, detail });
const keysUnavailable = (cluster: Cluster) =>
  new DomainError('keys_unavailable', { retryAfterSeconds: 1, detail: `keys of cluster ${cluster.id} are being fetched or are too old` });
// Told only to who holds a token that the cluster signed. Somebody has to act before a repetition helps.
const suspended = (cluster: Cluster) =>
  new DomainError('keys_unavailable', {
    message: 'The cluster is suspended here; its tokens are accepted again once it has been made active.',
    retryAfterSeconds: 60,
    detail: `cluster ${cluster.id} is suspended`,
  });

/** Parses without trusting; refuses what is no signed token of an allowed algorithm. */
export function parseCrToken(text: string): UnverifiedToken {
  try {
    return parseCompact(text);
  } catch (error) {
    if (error instanceof JwtError) throw new DomainError('token_malformed', { details: error.message });
    throw error;
  }
}

function findSigner(token: UnverifiedToken, deps: CrTokenDeps, nowMs: number): Candidate {
  const { iss } = token.claims;
  if (typeof iss !== 'string') throw notTrusted('no issuer');
  const found = deps.directory.lookup(iss, token.header.kid);
  if (found.kind === 'unknown_issuer') throw notTrusted('unknown issuer');
  if (found.kind === 'unknown_key') {
    const refreshing = found.clusters.filter((cluster) => deps.bringForward(cluster));
    if (refreshing[0]) throw keysUnavailable(refreshing[0]);
    throw notTrusted('unknown key');
  }
  const signer = found.candidates.slice(0, MAX_CANDIDATES).find((candidate) => verifySignature(token, candidate.key));
  if (!signer) throw notTrusted('signature does not hold');
  if (signer.cluster.state !== 'active') throw suspended(signer.cluster);
  if (!deps.keysAreUsable(signer.cluster, nowMs)) throw keysUnavailable(signer.cluster);
  return signer;
}

const EXPLANATIONS: ReadonlyMap<string, (signer: Candidate) => string> = new Map([
  [
    'audience',
    ({ issuer }: Candidate) => `The token's audience is not accepted. Accepted audiences of the cluster: ${issuer.audiences.join(', ')}.`,
  ],
  ['expired', () => 'The token has expired.'],
  ['not_yet_valid', () => 'The token is not valid yet.'],
  [
    'lifetime',
    () => 'The token lives longer than is accepted: 3600 seconds at most, 7200 for the audience vault, unless configured otherwise.',
  ],
]);

export function verifyCrToken(token: UnverifiedToken, deps: CrTokenDeps, nowMs: number): PodIdentity {
  const signer = findSigner(token, deps, nowMs);
  const { cluster, issuer } = signer;
  try {
    const checked = checkClaims(token, {
      issuer: issuer.issuer,
      audiences: issuer.audiences,
      nowSeconds: Math.floor(nowMs / 1000),
      maxLifetimeSeconds: deps.rules.maxLifetimeSeconds,
    });
    return readPod(cluster, issuer.issuer, token.header.kid, checked.subject, checked.claims['kubernetes.io']);
  } catch (error) {
    if (!(error instanceof JwtError)) throw error;
    throw new VerifiedRefusal(cluster, EXPLANATIONS.get(error.code)?.(signer) ?? error.message);
  }
}

// RFC 1123 names as Kubernetes uses them: labels for namespaces, subdomains for service accounts and pods.
const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const MAX_NAME = 253;
const UID = /^[A-Za-z0-9-]{1,64}$/;

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isName = (value: JsonValue | undefined): value is string =>
  typeof value === 'string' && value.length <= MAX_NAME && SUBDOMAIN.test(value);
const isUid = (value: JsonValue | undefined): value is string => typeof value === 'string' && UID.test(value);

/** Reads the `kubernetes.io` claim of a bound token; the subject must say the same. */
function readPod(cluster: Cluster, issuer: string, kid: string | undefined, subject: string, claim: JsonValue | undefined): PodIdentity {
  const refuse = (what: string) => new VerifiedRefusal(cluster, `The token is not a Kubernetes service-account token: ${what}.`);
  if (!isObject(claim)) throw refuse('its kubernetes.io claim is missing');
  const { namespace, serviceaccount: account, pod } = claim;
  if (typeof namespace !== 'string' || !LABEL.test(namespace)) throw refuse('its namespace is missing or not a Kubernetes name');
  if (!isObject(account) || !isName(account.name)) throw refuse('its service account is missing or not a Kubernetes name');
  if (subject !== `system:serviceaccount:${namespace}:${account.name}`) throw refuse('its subject disagrees with its kubernetes.io claim');
  if (pod !== undefined && (!isObject(pod) || !isName(pod.name) || !isUid(pod.uid)))
    throw refuse('its pod is not a Kubernetes name with a uid');
  const podName = isObject(pod) && typeof pod.name === 'string' ? pod.name : undefined;
  const podUid = isObject(pod) && typeof pod.uid === 'string' ? pod.uid : undefined;
  return {
    cluster,
    issuer,
    kid,
    namespace,
    serviceAccount: account.name,
    pod: podName,
    podUid,
    identifier: `${cluster.name}:${namespace}:${account.name}:${podName ?? ''}`,
  };
}
