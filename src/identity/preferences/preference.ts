/** Preferences of identities: what a console remembers of the way somebody likes to use it. */
import type { EpochMs } from '../../kernel/clock.ts';

/** Whose preference it is, and which. */
export interface PreferenceKey {
  readonly accountId: string;
  readonly iamId: string;
  readonly service: string;
  readonly id: string;
}

/** A text, or a list of texts. */
export type PreferenceValue = string | readonly string[];

export interface Preference extends PreferenceKey {
  readonly value: PreferenceValue;
  readonly modifiedAt: EpochMs;
}
