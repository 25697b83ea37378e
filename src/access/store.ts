/** What the access slice asks of the store. */
import type { PolicyReads, PolicyWrites } from './policies/policy-store.ts';
import type { RoleReads, RoleWrites } from './roles/role-store.ts';
import type { ServiceReads, ServiceWrites } from './services/service-store.ts';
import type { AccessSettingsReads, AccessSettingsWrites } from './settings/access-settings-store.ts';

export interface AccessReads extends PolicyReads, RoleReads, ServiceReads, AccessSettingsReads {}

export interface AccessWrites extends AccessReads, PolicyWrites, RoleWrites, ServiceWrites, AccessSettingsWrites {}
