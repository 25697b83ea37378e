/** How each API family writes an error: one row per family, one mapper for all. */
import type { RequestInfo } from '../kernel/caller.ts';
import type { DomainError } from '../kernel/errors.ts';
import type { ApiFamily } from '../kernel/route.ts';

/** What an envelope may say about the request and the server. */
export interface EnvelopeContext {
  readonly info: RequestInfo;
  readonly path: string;
  readonly publicUrl: string;
  readonly startedAt: number;
  readonly now: number;
}

type Envelope = (error: DomainError, context: EnvelopeContext) => Readonly<Record<string, unknown>>;

const two = (value: number) => String(value).padStart(2, '0');

/** `DD.MM.YYYY HH:MM:SS:mmm UTC`: how the token service prints instants in its error context. */
function printContextTime(at: number): string {
  const date = new Date(at);
  const day = `${two(date.getUTCDate())}.${two(date.getUTCMonth() + 1)}.${date.getUTCFullYear()}`;
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${day} ${time}:${String(date.getUTCMilliseconds()).padStart(3, '0')} UTC`;
}

/** `incoming.Identity_Token` for `/identity/token`. */
function requestType(path: string): string {
  const words = path
    .split('/')
    .filter((word) => /^[A-Za-z]+$/.test(word))
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `incoming.${words.join('_')}`;
}

const token: Envelope = (error, { info, path, publicUrl, startedAt, now }) => ({
  errorCode: error.row.token,
  errorMessage: error.message,
  ...(error.details !== undefined && { errorDetails: error.details }),
  context: {
    requestId: info.transactionId,
    requestType: requestType(path),
    userAgent: info.userAgent,
    url: publicUrl,
    instanceId: 'podpass',
    threadId: 'main',
    host: 'podpass',
    startTime: printContextTime(startedAt),
    endTime: printContextTime(now),
    elapsedTime: String(Math.max(0, Math.round(now - startedAt))),
    locale: 'en_US',
    clusterName: 'podpass',
  },
});

/** Of a 401 and a 403 IBM's client for Node shows words of its own in place of the message, so the reason stands in the details as well. */
function identityDetails({ row, details, message }: DomainError): string | undefined {
  return details ?? (row.status === 401 || row.status === 403 ? message : undefined);
}

const identity: Envelope = (error, { info }) => {
  const details = identityDetails(error);
  return {
    errors: [
      {
        code: error.row.identity.code,
        message_code: error.row.identity.messageCode,
        message: error.message,
        ...(details !== undefined && { details }),
      },
    ],
    status_code: error.row.status,
    trace: info.transactionId,
  };
};

const groups: Envelope = (error, { info }) => ({
  trace: info.transactionId,
  errors: [{ code: error.row.groups, message: error.message, ...(error.details !== undefined && { more_info: error.details }) }],
  status_code: error.row.status,
});

const policies: Envelope = (error, { info }) => ({
  trace: info.transactionId,
  errors: [
    {
      code: error.row.policies,
      message: error.message,
      ...(error.details !== undefined && { more_info: error.details }),
      ...(error.conflictsWith && { details: { conflicts_with: error.conflictsWith } }),
    },
  ],
  status_code: error.row.status,
});

const clusters: Envelope = (error, { info }) => ({
  incidentID: info.transactionId,
  code: error.row.clusters.code,
  description: error.details === undefined ? error.message : `${error.message} ${error.details}`,
  type: error.row.clusters.type ?? 'General',
  recoveryCLI: "To list the clusters that you have access to, run 'ibmcloud ks cluster ls'.",
});

export const ENVELOPES: Readonly<Record<ApiFamily, Envelope>> = Object.freeze({
  token,
  identity,
  groups,
  policies,
  clusters,
  authzen: policies,
});

const FAMILY_OF_PREFIX: readonly (readonly [prefix: string, family: ApiFamily])[] = [
  ['/identity', 'token'],
  ['/v2/groups', 'groups'],
  ['/v1/group_templates', 'groups'],
  ['/v1/group_assignments', 'groups'],
  ['/v1/policies', 'policies'],
  ['/v2/policies', 'policies'],
  ['/v1/policy_', 'policies'],
  ['/v1/action_control_', 'policies'],
  ['/v1/role_', 'policies'],
  ['/v2/roles', 'policies'],
  ['/v2/authz', 'policies'],
  ['/v1/authz', 'policies'],
  ['/access/v1', 'authzen'],
  ['/global/', 'clusters'],
  ['/v1/clusters', 'clusters'],
];

/** The family whose envelope an address without a route gets. */
export function familyOfPath(path: string): ApiFamily {
  const collapsed = path.replace(/\/{2,}/g, '/');
  return FAMILY_OF_PREFIX.find(([prefix]) => collapsed.startsWith(prefix))?.[1] ?? 'identity';
}
