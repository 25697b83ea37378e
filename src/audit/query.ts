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

/** The place of a record among those of an account, from the newest to the oldest. */
export interface RecordPlace {
  readonly at: EpochMs;
  readonly writerId: string;
  readonly seq: number;
}

export interface ScanQuery {
  readonly accountId: string;
  /** The oldest instant of a record. */
  readonly since: EpochMs;
  /** Actions of events; refusals of other ones come too. */
  readonly actions: readonly string[];
  /** Where the page before ended. */
  readonly after?: RecordPlace | undefined;
  readonly limit: number;
}

export interface ScannedEvent extends Pick<StoredEvent, 'requestId' | 'at' | 'record'> {
  readonly transactionId: string;
  readonly place: RecordPlace;
}

export interface AuditReads {
  /** The newest events first; fewer than `limit` where they are long. */
  find(query: EventQuery): Promise<readonly StoredEvent[]>;
  /** A page of records of exchanges, decisions and refusals, the newest first; fewer than `limit` where they are long, none at the end. */
  scan(query: ScanQuery): Promise<readonly ScannedEvent[]>;
}
