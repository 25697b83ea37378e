import type { EpochMs } from '../kernel/clock.ts';

/** The settings of an account's access groups. */
export interface GroupSettings {
  readonly accountId: string;
  /** Whether everybody, signed in or not, is in the public access group. */
  readonly publicAccessEnabled: boolean;
  readonly lastModifiedAt: EpochMs;
  readonly lastModifiedById: string;
}
