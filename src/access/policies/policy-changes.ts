/** Making, replacing, deleting and restoring a policy, with what this leaves behind: the entry in the change feed and the audit event. */
import type { AuditTarget } from '../../audit/events.ts';
import type { Recording } from '../../audit/mutation.ts';
import type { Clock } from '../../kernel/clock.ts';
import { newEntityTag } from '../../kernel/entity-tag.ts';
import type { Ids } from '../../kernel/ids.ts';
import { contentOf, fingerprintOf, type StoredPolicy, subjectKeyOf, type VersionedDocument } from './policy.ts';
import type { PolicyWrites } from './policy-store.ts';

type Sources = { readonly clock: Clock; readonly ids: Ids };

/** How long a deleted policy can be read and restored. */
export const RESTORABLE_MS = 10 * 24 * 60 * 60 * 1000;

export function policyTarget(policy: Pick<StoredPolicy, 'id'>): AuditTarget {
  return { id: policy.id, typeURI: 'iam-access-management/policy' };
}

/** A policy that does not exist yet. */
export function newPolicy({ clock, ids }: Sources, accountId: string, versioned: VersionedDocument, createdById: string): StoredPolicy {
  const content = contentOf(versioned);
  const at = clock.now();
  return {
    id: ids.uuid(),
    accountId,
    type: content.type,
    subjectKey: subjectKeyOf(content),
    fingerprint: fingerprintOf(content),
    state: 'active',
    deletedAt: null,
    revision: 1,
    entityTag: newEntityTag(ids, 1),
    createdAt: at,
    createdById,
    lastModifiedAt: at,
    lastModifiedById: createdById,
    ...versioned,
  };
}

/** The policy with the members that every change of it renews. */
function changed<P extends StoredPolicy>({ clock, ids }: Sources, policy: P, changedById: string): P {
  const revision = policy.revision + 1;
  return { ...policy, revision, entityTag: newEntityTag(ids, revision), lastModifiedAt: clock.now(), lastModifiedById: changedById };
}

/** The policy with another document in place of its own. */
export function withDocument(sources: Sources, policy: StoredPolicy, versioned: VersionedDocument, changedById: string): StoredPolicy {
  const content = contentOf(versioned);
  const { id, accountId, state, deletedAt, revision, entityTag, createdAt, createdById, lastModifiedAt, lastModifiedById } = policy;
  const kept = { id, accountId, state, deletedAt, revision, entityTag, createdAt, createdById, lastModifiedAt, lastModifiedById };
  const replaced: StoredPolicy = {
    ...kept,
    type: content.type,
    subjectKey: subjectKeyOf(content),
    fingerprint: fingerprintOf(content),
    ...versioned,
  };
  return changed(sources, replaced, changedById);
}

export async function addPolicy(tx: Pick<PolicyWrites, 'insertPolicy'> & Recording, policy: StoredPolicy): Promise<void> {
  const { id, accountId, document } = policy;
  await tx.insertPolicy(policy);
  tx.changed({ accountId, kind: 'policy', id });
  tx.event({ action: 'iam-am.policy.create', accountId, target: policyTarget(policy), after: document });
}

export async function replacePolicy(
  tx: Pick<PolicyWrites, 'updatePolicy'> & Recording,
  before: StoredPolicy,
  after: StoredPolicy,
): Promise<void> {
  const { id, accountId } = after;
  await tx.updatePolicy(after);
  tx.changed({ accountId, kind: 'policy', id });
  tx.event({
    action: 'iam-am.policy.update',
    accountId,
    target: policyTarget(after),
    before: { ...before.document, state: before.state },
    after: { ...after.document, state: after.state },
  });
}

/** A deleted policy grants nothing, stays readable by id, and can be restored for ten days. */
export async function removePolicy(
  sources: Sources,
  tx: Pick<PolicyWrites, 'updatePolicy' | 'deletePermits' | 'purgePolicies'> & Recording,
  policy: StoredPolicy,
  deletedById: string,
): Promise<StoredPolicy> {
  const { id, accountId, document } = policy;
  const at = sources.clock.now();
  const deleted: StoredPolicy = { ...changed(sources, policy, deletedById), state: 'deleted', deletedAt: at };
  await tx.updatePolicy(deleted);
  await tx.deletePermits(id);
  await tx.purgePolicies(at - RESTORABLE_MS);
  tx.changed({ accountId, kind: 'policy', id });
  tx.event({ action: 'iam-am.policy.delete', accountId, target: policyTarget(policy), before: document });
  return deleted;
}

/** The policy as it is once it is restored. */
export function restored(sources: Sources, policy: StoredPolicy, restoredById: string): StoredPolicy {
  return { ...changed(sources, policy, restoredById), state: 'active', deletedAt: null };
}
