/** Reading the audit log back. */
import type { EpochMs } from '../kernel/clock.ts';

export interface StoredEvent {
  readonly requestId: string;
  readonly at: EpochMs;
  /** The stored line: a CloudEvents JSON object. */
  readonly record: string;
  readonly hash: string;
}

export interface EventQuery {
  readonly accountId: string;
  readonly requestId?: string;
  readonly transactionId?: string;
  readonly limit: number;
}

export interface AuditReads {
  /** The newest events first; fewer than `limit` where they are long. */
  find(query: EventQuery): Promise<readonly StoredEvent[]>;
}
