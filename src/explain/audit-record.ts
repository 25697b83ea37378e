/** An audit record as far as explanations read it back. */
import { readInstant } from '../kernel/times.ts';
import type { Outcome } from './explanation.ts';

type Members = Readonly<Record<string, unknown>>;

export interface AuditRecord {
  readonly requestId: string;
  readonly transactionId: string;
  readonly at: number;
  readonly action: string;
  readonly outcome: Outcome;
  readonly reason: string | undefined;
  readonly initiatorId: string;
  readonly requestData: Members;
  readonly responseData: Members;
  /** The event, whole. */
  readonly event: Members;
}

export const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);
const membersOf = (value: unknown): Members => (isMembers(value) ? value : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Reads a line that `printEvent` wrote. */
export function readAuditRecord(line: string): AuditRecord {
  const event = membersOf(JSON.parse(line));
  const data = membersOf(event.data);
  const reason = membersOf(data.reason).reasonForFailure;
  return {
    requestId: textOf(event.id),
    transactionId: textOf(data.correlationId),
    at: readInstant(textOf(event.time)) ?? 0,
    action: textOf(data.action),
    outcome: data.outcome === 'success' ? 'permitted' : 'refused',
    reason: typeof reason === 'string' ? reason : undefined,
    initiatorId: textOf(membersOf(data.initiator).id),
    requestData: membersOf(data.requestData),
    responseData: membersOf(data.responseData),
    event,
  };
}
