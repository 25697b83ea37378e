/** What an explanation says, before it is written for the wire. */
import type { Miss } from '@podpass/policy';

export interface CheckReport {
  readonly check: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** A sentence. */
  readonly detail: string;
}

export type Outcome = 'permitted' | 'refused';

/** What came closest and is not the caller's to read. */
export interface HiddenNearest {
  readonly hidden: true;
}

export type Nearest =
  | HiddenNearest
  | { readonly policyId: string; readonly missed: readonly Miss[] }
  | { readonly linkId: string; readonly profileId: string; readonly missed: readonly MissedAttribute[] }
  | { readonly ruleId: string; readonly profileId: string; readonly missed: readonly MissedAttribute[] };

/** What of a pod a link or a claim rule did not take; `key` is the claim of a rule's condition. */
export interface MissedAttribute {
  readonly attribute: string;
  readonly key?: string;
  readonly operator?: string;
  readonly expected: string;
  readonly actual?: string;
}

/** The smallest change that would permit; what stands beside the sentence is ready to be sent. */
export interface Advice {
  readonly kind: string;
  readonly sentence: string;
  readonly policyId?: string;
  readonly roleIds?: readonly string[];
  readonly profileId?: string;
  /** The body of `POST /v1/profiles/{id}/links`. */
  readonly link?: Readonly<Record<string, unknown>>;
}

/** A question asked now, with what every check found. */
export interface Explained {
  readonly kind: 'decision' | 'exchange' | 'operation';
  readonly outcome: Outcome;
  readonly checks: readonly CheckReport[];
  readonly nearest?: Nearest;
  readonly remedy?: Advice;
}

export const HIDDEN: HiddenNearest = Object.freeze({ hidden: true });

/** What to do where the smallest change would tell of something that the caller may not read. */
export const HIDDEN_ADVICE: Advice = Object.freeze({
  kind: 'ask_administrator',
  sentence: 'What came closest is not yours to read. Whoever may read it finds the smallest change by this same call.',
});
