/** Accounts' models for tests of the catalog. */
import type { CustomRole } from '../../src/access/roles/custom-role.ts';
import type { RegisteredService } from '../../src/access/services/service-registration.ts';

export const ACCOUNT = 'a'.repeat(32);

const stamps = { revision: 1, entityTag: '1-00', createdAt: 0, createdById: 'IBMid-owner' };

export function service(
  name: string,
  roles: Readonly<Record<string, readonly string[]>>,
  displayNames: Readonly<Record<string, string>> = {},
): RegisteredService {
  const full = (words: readonly string[]) => words.map((word) => `${name}.${word}`);
  return {
    accountId: ACCOUNT,
    name,
    displayName: null,
    description: null,
    actions: [...new Set(Object.values(roles).flatMap(full))],
    roles: Object.entries(roles).map(([role, words]) => ({
      name: role,
      ...(displayNames[role] !== undefined && { displayName: displayNames[role] }),
      actions: full(words),
    })),
    attributes: [],
    ...stamps,
    modifiedAt: 0,
    modifiedById: 'IBMid-owner',
  };
}

export function customRole(name: string, serviceName: string, actions: readonly string[], displayName = name): CustomRole {
  const id = name.padEnd(32, '0');
  return {
    id,
    accountId: ACCOUNT,
    serviceName,
    name,
    displayName,
    description: null,
    actions,
    ...stamps,
    lastModifiedAt: 0,
    lastModifiedById: '',
  };
}
