/** What access settings ask of the store. */
import type { AccessSettings } from './access-settings.ts';

export interface AccessSettingsReads {
  /** Undefined where the account changed none. */
  findAccessSettings(accountId: string): Promise<AccessSettings | undefined>;
}

export interface AccessSettingsWrites extends AccessSettingsReads {
  putAccessSettings(settings: AccessSettings): Promise<void>;
}
