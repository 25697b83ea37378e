/** What custom roles ask of the store. */
import type { CustomRole } from './custom-role.ts';

export interface RoleReads {
  findCustomRole(id: string): Promise<CustomRole | undefined>;
  listCustomRoles(accountId: string): Promise<readonly CustomRole[]>;
}

export interface RoleWrites extends RoleReads {
  insertCustomRole(role: CustomRole): Promise<void>;
  updateCustomRole(role: CustomRole): Promise<void>;
  deleteCustomRole(id: string): Promise<void>;
}
