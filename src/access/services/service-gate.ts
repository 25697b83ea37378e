/** The way into every operation on a service of an account, registered or built in. */
import { createHash } from 'node:crypto';
import type { AuditTarget } from '../../audit/events.ts';
import type { Guard, MutationContext } from '../../audit/mutation.ts';
import { guardVisible } from '../../audit/visible.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { RegisteredService } from './service-registration.ts';
import type { ServiceReads } from './service-store.ts';

/** A service with its operators; `registered` is undefined for a built-in one. */
export interface KnownService {
  readonly accountId: string;
  readonly name: string;
  readonly registered: RegisteredService | undefined;
  readonly operators: readonly string[];
  /** Of a registered service its own; of the operators of a built-in one a digest of them. */
  readonly entityTag: string;
}

/** What policies say of a service as such; without a name, of the services of the account. */
export const serviceResource = (accountId: string, name?: string): Readonly<Record<string, string>> => ({
  accountId,
  serviceName: 'iam-access-management',
  resourceType: 'service',
  ...(name !== undefined && { resource: name }),
});

export const serviceTarget = (name: string): AuditTarget => ({ id: name, name, typeURI: 'iam-access-management/service' });

export function serviceNotFound(name: string): DomainError {
  return new DomainError('not_found', {
    message: `Service '${name.slice(0, 80)}' was not found in the account.`,
    details: 'Expected the name of a built-in service, or of one that the account registered.',
  });
}

function operatorsTag(operators: readonly string[]): string {
  return `${operators.length}-${createHash('sha256').update(JSON.stringify(operators)).digest('hex').slice(0, 32)}`;
}

export const knownService = (
  accountId: string,
  name: string,
  registered: RegisteredService | undefined,
  operators: readonly string[],
): KnownService => ({ accountId, name, registered, operators, entityTag: registered?.entityTag ?? operatorsTag(operators) });

/** The service as the account knows it; undefined where it knows none of the name. */
export async function findKnownService(
  reads: ServiceReads,
  catalog: Pick<Catalog, 'hasService'>,
  accountId: string,
  name: string,
): Promise<KnownService | undefined> {
  const registered = catalog.hasService(name) ? undefined : await reads.findService(accountId, name);
  if (registered === undefined && !catalog.hasService(name)) return undefined;
  return knownService(accountId, name, registered, await reads.operatorsOf(accountId, name));
}

/** Finds the service that a path names and lets the caller pass for `action`; 404 for what it may not know of. */
export async function gateService(
  { guard, catalog }: { readonly guard: Guard; readonly catalog: Pick<Catalog, 'hasService'> },
  context: MutationContext,
  reads: ServiceReads,
  accountId: string,
  name: string,
  action: 'read' | 'register',
): Promise<KnownService> {
  const known = await findKnownService(reads, catalog, accountId, name);
  if (known === undefined) throw serviceNotFound(name);
  await guardVisible(guard, context, `iam-access-management.service.${action}`, serviceResource(accountId, name), serviceTarget(name), () =>
    serviceNotFound(name),
  );
  return known;
}
