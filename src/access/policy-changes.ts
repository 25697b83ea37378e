/** Adding and deleting a policy with what this leaves behind: the entry in the change feed and the audit event. */
import type { AuditTarget } from '../audit/events.ts';
import type { Recording } from '../audit/mutation.ts';
import type { Clock } from '../kernel/clock.ts';
import { newEntityTag } from '../kernel/entity-tag.ts';
import type { Ids } from '../kernel/ids.ts';
import type { StoredPolicy } from './policy.ts';
import type { PolicyWrites } from './store.ts';

export function policyTarget(policy: Pick<StoredPolicy, 'id'>): AuditTarget {
  return { id: policy.id, typeURI: 'iam-access-management/policy' };
}

export async function addPolicy(tx: Pick<PolicyWrites, 'insertPolicy'> & Recording, policy: StoredPolicy): Promise<void> {
  const { id, accountId, document } = policy;
  await tx.insertPolicy(policy);
  tx.changed({ accountId, kind: 'policy', id });
  tx.event({ action: 'iam-am.policy.create', accountId, target: policyTarget(policy), after: document });
}

/** A deleted policy grants nothing and stays readable by id. */
export async function removePolicy(
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
  tx: Pick<PolicyWrites, 'updatePolicy'> & Recording,
  policy: StoredPolicy,
  deletedById: string,
): Promise<void> {
  const { id, accountId, document } = policy;
  const revision = policy.revision + 1;
  await tx.updatePolicy({
    ...policy,
    state: 'deleted',
    revision,
    entityTag: newEntityTag(ids, revision),
    lastModifiedAt: clock.now(),
    lastModifiedById: deletedById,
  });
  tx.changed({ accountId, kind: 'policy', id });
  tx.event({ action: 'iam-am.policy.delete', accountId, target: policyTarget(policy), before: document });
}
