/** What a what-if finds. */
import type { Question } from '../access/decisions/decide.ts';
import type { RecordedExchange } from '../token/exchange-record.ts';
import type { Outcome } from './explanation.ts';

/** A recorded question that would be answered otherwise. */
export interface ChangedAnswer {
  readonly kind: 'exchange' | 'decision' | 'operation';
  readonly requestId: string;
  readonly transactionId: string;
  readonly at: number;
  readonly asked: { readonly exchange: RecordedExchange } | { readonly question: Question };
  /** By the account as it is now, and as it would be. */
  readonly before: Outcome;
  readonly after: Outcome;
  readonly recorded: Outcome;
  /** The first of the changes that makes the difference by itself; undefined where it takes several. */
  readonly because?: number;
}

export interface WhatIf {
  readonly since: number;
  /** How many questions were asked again. */
  readonly examined: number;
  readonly isTruncated: boolean;
  readonly changed: readonly ChangedAnswer[];
  readonly permitted: number;
  readonly refused: number;
}
