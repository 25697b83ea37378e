import type { Kysely } from 'kysely';
import type { AccessHold } from '../../access/policies/access-hold.ts';
import type { ManagedBy } from '../../identity/profiles/profile.ts';
import type { Schema } from '../schema.ts';

/** What keeps the access of an identity of the account as it is, if anything does. */
export async function findAccessHold(db: Kysely<Schema>, accountId: string, iamId: string): Promise<AccessHold | undefined> {
  if (!iamId.startsWith('iam-')) return undefined;
  const id = iamId.slice('iam-'.length);
  const serviceId = await db
    .selectFrom('serviceIds')
    .select('locked')
    .where('accountId', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (serviceId !== undefined) return serviceId.locked === 1 ? { kind: 'locked_service_id' } : undefined;
  const profile = await db
    .selectFrom('profiles')
    .select('managedBy')
    .where('accountId', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!profile?.managedBy) return undefined;
  const { templateId, actionControls } = JSON.parse(profile.managedBy) as ManagedBy;
  return { kind: 'managed_profile', templateId, ...actionControls.policies };
}
