/**
 * What the event loop and the store thread say to each other. The thread owns the only connection that writes;
 * a second one reads, and sees what is committed.
 */
import type { AppendRecord } from '../../audit/recorder.ts';

export type SqlValue = string | number | bigint | null;

export interface QueryResult {
  readonly rows: readonly Record<string, unknown>[];
  readonly changes: number;
}

export type StoreCommand =
  | { readonly kind: 'query'; readonly lane: 'read' | 'write'; readonly sql: string; readonly parameters: readonly SqlValue[] }
  | { readonly kind: 'append'; readonly records: readonly AppendRecord[] }
  | { readonly kind: 'open_chain'; readonly writerId: string; readonly at: number }
  | { readonly kind: 'close_chain'; readonly at: number }
  | { readonly kind: 'close' };

export interface StoreRequest {
  readonly id: number;
  readonly command: StoreCommand;
}

export type StoreReply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly code: string };

/** Handed to the thread when it starts. */
export interface StoreThreadOptions {
  readonly dataDir: string;
  /** `create` makes the database where there is none; `open` insists on one. */
  readonly mode: 'create' | 'open';
}
