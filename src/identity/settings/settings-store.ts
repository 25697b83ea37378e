import type { User } from '../accounts/account.ts';
import type { LimitReads } from '../limits/limit-store.ts';
import type { PreferenceReads, PreferenceWrites } from '../preferences/preference-store.ts';
import type { AssignedSettings, AssignedTemplate, StoredSettings } from './account-settings.ts';

export interface SettingsReads extends LimitReads, PreferenceReads {
  /** The account's own settings, and those of the account-settings templates that are assigned to it. */
  findAssignedSettings(accountId: string): Promise<AssignedSettings>;
  /** The same for several accounts, by account. */
  listAssignedSettings(accountIds: readonly string[]): Promise<ReadonlyMap<string, AssignedSettings>>;
  /** The account's own settings; undefined where nobody has changed them yet. */
  findSettings(accountId: string): Promise<StoredSettings | undefined>;
  /** The users of the account that have one of these ids. */
  findUsers(accountId: string, iamIds: readonly string[]): Promise<readonly User[]>;
  /** The account-settings templates that are assigned to the account. */
  listAssignedTemplates(accountId: string): Promise<readonly AssignedTemplate[]>;
}

export interface SettingsWrites extends PreferenceWrites {
  putSettings(settings: StoredSettings): Promise<void>;
}
