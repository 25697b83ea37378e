import type { Kysely } from 'kysely';
import type { AccessReads, AccessWrites } from '../access/store.ts';
import { policyReads, policyWrites } from './access/policies-queries.ts';
import { roleReads, roleWrites } from './access/roles-queries.ts';
import { serviceReads, serviceWrites } from './access/services-queries.ts';
import { accessSettingsReads, accessSettingsWrites } from './access/settings-queries.ts';
import type { Schema } from './schema.ts';

export function accessReads(db: Kysely<Schema>): AccessReads {
  return { ...policyReads(db), ...roleReads(db), ...serviceReads(db), ...accessSettingsReads(db) };
}

export function accessWrites(db: Kysely<Schema>): AccessWrites {
  return { ...policyWrites(db), ...roleWrites(db), ...serviceWrites(db), ...accessSettingsWrites(db) };
}
