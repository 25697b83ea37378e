/**
 * Audit events: IBM's activity-tracking field names inside a CloudEvents 1.0 envelope. Tokens and keys never enter
 * one; where a credential must be told apart, its SHA-256 stands for it.
 */
import type { RequestInfo } from '../kernel/caller.ts';
import { printInstant } from '../kernel/times.ts';

export interface AuditTarget {
  readonly id: string;
  readonly name?: string;
  /** Kind of thing, e.g. `iam-identity/profile`. */
  readonly typeURI: string;
}

export interface AuditInitiator {
  readonly id: string;
  readonly name?: string;
  /** What the initiator proved itself with: `token`, `cr-token`, `apikey`, `system`. */
  readonly credential: 'token' | 'cr-token' | 'apikey' | 'system';
  readonly authnId?: string;
  readonly authnName?: string;
}

export interface AuditEvent {
  readonly action: string;
  readonly accountId: string;
  readonly outcome: 'success' | 'failure';
  readonly initiator: AuditInitiator;
  readonly target: AuditTarget;
  readonly reason?: { readonly reasonCode: number; readonly reasonForFailure: string };
  readonly requestData?: Readonly<Record<string, unknown>>;
  readonly responseData?: Readonly<Record<string, unknown>>;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly warnings?: readonly string[];
}

/** The line that is stored and hashed. Everything outside printable ASCII is escaped, so no text of a tenant can break a store or a terminal. */
export function printEvent(event: AuditEvent, info: RequestInfo, at: number): string {
  const { action, accountId, outcome, initiator, target, ...rest } = event;
  return escapeNonAscii(
    JSON.stringify({
      specversion: '1.0',
      id: info.requestId,
      source: '/podpass',
      type: action,
      time: printInstant(at),
      data: {
        action,
        outcome,
        logSourceCRN: `crn:v1:bluemix:public:iam-identity::a/${accountId}:::`,
        initiator: { ...initiator, host: { address: info.sourceAddress, agent: info.userAgent } },
        target,
        correlationId: info.transactionId,
        ...rest,
      },
    }),
  );
}

const OUTSIDE = /[\u007f-\uffff]/g;

function escapeNonAscii(json: string): string {
  return json.replace(OUTSIDE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The event of an operation that the guard refused. */
export function refusalEvent(options: {
  readonly action: string;
  readonly accountId: string;
  readonly iamId: string;
  readonly name: string;
  readonly target: AuditTarget;
  readonly why: Readonly<Record<string, unknown>>;
}): AuditEvent {
  return {
    action: options.action,
    accountId: options.accountId,
    outcome: 'failure',
    initiator: { id: options.iamId, name: options.name, credential: 'token' },
    target: options.target,
    reason: { reasonCode: 403, reasonForFailure: 'No policy of the caller permits the action.' },
    responseData: options.why,
  };
}
