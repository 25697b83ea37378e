import type { Preference, PreferenceKey } from './preference.ts';

export interface PreferenceReads {
  findPreference(key: PreferenceKey): Promise<Preference | undefined>;
  /** In the order of services and ids. */
  listPreferences(accountId: string, iamId: string): Promise<readonly Preference[]>;
  countPreferences(accountId: string, iamId: string): Promise<number>;
}

export interface PreferenceWrites {
  putPreference(preference: Preference): Promise<void>;
  deletePreference(key: PreferenceKey): Promise<void>;
}
