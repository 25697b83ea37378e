import type { AssignedSettings } from './account-settings.ts';

export interface SettingsReads {
  /** The account's own settings, and those of the account-settings templates that are assigned to it. */
  findAssignedSettings(accountId: string): Promise<AssignedSettings>;
}

export type SettingsWrites = object;
