/** Who makes a service ID is its administrator: by a policy on it alone, where nothing else makes them that. */
import { objectAdministratorPolicy } from '../../access/policies/administration.ts';
import { addPolicy, removePolicy } from '../../access/policies/policy-changes.ts';
import type { MutationContext } from '../../audit/mutation.ts';
import type { IdentityDeps, Tx } from '../deps.ts';
import { type ServiceId, serviceIdResource } from './service-id.ts';

/** Whoever may do all of this to a service ID needs no policy for the one that they make. */
const ADMINISTRATION = [
  'iam-identity.serviceid.get',
  'iam-identity.serviceid.update',
  'iam-identity.serviceid.delete',
  'iam-identity.apikey.manage',
] as const;

export function createCreatorAdmission(deps: Pick<IdentityDeps, 'mayDo' | 'clock' | 'ids'>) {
  return {
    /** Answers the id of the policy that it made, or null where none is needed. */
    async admitCreator(tx: Tx, { caller }: MutationContext, accountId: string, id: string): Promise<string | null> {
      const resource = serviceIdResource(accountId, id);
      const answers = await Promise.all(ADMINISTRATION.map((action) => deps.mayDo(caller, action, resource)));
      if (answers.every((permitted) => permitted)) return null;
      const grantee = { accountId, iamId: caller.iamId, createdById: caller.iamId };
      const object = { serviceName: 'iam-identity', resourceType: 'serviceid', resource: id };
      const policy = objectAdministratorPolicy(deps, grantee, object);
      await addPolicy(tx, policy);
      return policy.id;
    },

    /** Deletes that policy with the service ID, unless somebody has done so before. */
    async dismissCreator(tx: Tx, { caller }: MutationContext, { creatorPolicyId }: ServiceId): Promise<void> {
      const policy = creatorPolicyId === null ? undefined : await tx.findPolicy(creatorPolicyId);
      if (policy?.state === 'active') await removePolicy(deps, tx, policy, caller.iamId);
    },
  };
}
