import type { IdentityReads, IdentityWrites } from '../identity/store.ts';
import { accountReads, accountWrites } from './identity/accounts-queries.ts';
import { apiKeyReads, apiKeyWrites } from './identity/api-keys-queries.ts';
import { historyReads, historyWrites } from './identity/history-queries.ts';
import { profileReads, profileWrites } from './identity/profiles-queries.ts';
import { reportReads, reportWrites } from './identity/reports-queries.ts';
import { serviceIdReads, serviceIdWrites } from './identity/service-ids-queries.ts';
import { settingsReads, settingsWrites } from './identity/settings-queries.ts';
import { templateReads, templateWrites } from './identity/templates-queries.ts';
import { trustReads, trustWrites } from './identity/trust-queries.ts';
import type { Db } from './schema.ts';

export function identityReads(db: Db): IdentityReads {
  return {
    ...accountReads(db),
    ...apiKeyReads(db),
    ...historyReads(db),
    ...profileReads(db),
    ...reportReads(db),
    ...serviceIdReads(db),
    ...settingsReads(db),
    ...templateReads(db),
    ...trustReads(db),
  };
}

export function identityWrites(db: Db): IdentityWrites {
  return {
    ...identityReads(db),
    ...accountWrites(db),
    ...apiKeyWrites(db),
    ...historyWrites(db),
    ...profileWrites(db),
    ...reportWrites(db),
    ...serviceIdWrites(db),
    ...settingsWrites(db),
    ...templateWrites(db),
    ...trustWrites(db),
  };
}
