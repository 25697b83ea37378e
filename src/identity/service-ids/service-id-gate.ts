/** The way into every operation on a service ID, or on a group of them. */
import type { AuditTarget } from '../../audit/events.ts';
import type { Guard } from '../../audit/mutation.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { AccountReads } from '../accounts/account-store.ts';
import { createGate } from '../gate.ts';
import {
  accountOfDefaultGroup,
  defaultGroup,
  readServiceId,
  type ServiceId,
  type ServiceIdGroup,
  serviceIdCrn,
  serviceIdGroupCrn,
  serviceIdResource,
} from './service-id.ts';
import type { ServiceIdReads } from './service-id-store.ts';

export function serviceIdTarget(serviceId: Pick<ServiceId, 'id' | 'accountId' | 'name'>): AuditTarget {
  return { id: serviceIdCrn(serviceId), name: serviceId.name, typeURI: 'iam-identity/serviceid' };
}

export type ServiceIdGate = ReturnType<typeof createServiceIdGate>;

export function createServiceIdGate(guard: Guard) {
  return createGate<ServiceId, ServiceIdReads>(guard, {
    async find(reads, path) {
      const id = readServiceId(path);
      return id === undefined ? undefined : reads.findServiceId(id);
    },
    resource: ({ accountId, id }) => serviceIdResource(accountId, id),
    target: serviceIdTarget,
    notFound: (id) =>
      new DomainError('not_found', {
        message: `Service ID '${id.slice(0, 60)}' was not found.`,
        details: 'Expected the id of a service ID, ServiceId-<uuid>, in an account that you may see.',
      }),
  });
}

export function serviceIdGroupTarget(group: Pick<ServiceIdGroup, 'id' | 'accountId' | 'name'>): AuditTarget {
  return { id: serviceIdGroupCrn(group), name: group.name, typeURI: 'iam-identity/serviceid-group' };
}

/** What a right on groups of service IDs is asked for: on all of an account, or on one. */
export function serviceIdGroupResource(accountId: string, id?: string): Record<string, string> {
  return { accountId, serviceName: 'iam-identity', resourceType: 'serviceid-group', ...(id !== undefined && { resource: id }) };
}

type GroupReads = ServiceIdReads & AccountReads;

/** A group that was made, or the default group of an account, which needs no row. */
export async function findServiceIdGroup(reads: GroupReads, id: string): Promise<ServiceIdGroup | undefined> {
  const accountId = accountOfDefaultGroup(id);
  if (accountId === undefined) return undefined;
  const made = await reads.findServiceIdGroup(id);
  if (made) return made;
  const account = await reads.findAccount(accountId);
  return account && defaultGroup(account);
}

export function serviceIdGroupNotFound(id: string): DomainError {
  return new DomainError('not_found', {
    message: `Service ID group '${id.slice(0, 60)}' was not found.`,
    details: 'Expected the id of a group of service IDs, ServiceIdGroup-<uuid>, in an account that you may see.',
  });
}

export function createServiceIdGroupGate(guard: Guard) {
  return createGate<ServiceIdGroup, GroupReads>(guard, {
    find: findServiceIdGroup,
    resource: ({ accountId, id }) => serviceIdGroupResource(accountId, id),
    target: serviceIdGroupTarget,
    notFound: serviceIdGroupNotFound,
  });
}
