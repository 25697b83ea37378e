/** The gate of profiles, what a template keeps from being changed of them, and what a change of a part of one leaves behind. */
import type { Grantee } from '../../access/decisions/delegation.ts';
import type { AuditTarget } from '../../audit/events.ts';
import { DomainError } from '../../kernel/errors.ts';
import { readProfileId } from '../../kernel/ids.ts';
import type { IdentityDeps, Tx } from '../deps.ts';
import { createGate, type Gate } from '../gate.ts';
import { type Profile, profileCrn, profileIamId } from './profile.ts';
import type { ProfileReads } from './profile-store.ts';

export function profileTarget(profile: Pick<Profile, 'id' | 'accountId' | 'name'>): AuditTarget {
  return { id: profileCrn(profile), name: profile.name, typeURI: 'iam-identity/profile' };
}

export const profileResource = (accountId: string, profileId?: string): Record<string, string> => ({
  accountId,
  serviceName: 'iam-identity',
  ...(profileId !== undefined && { resourceType: 'profile', resource: profileId }),
});

function profileNotFound(id: string): DomainError {
  return new DomainError('not_found', {
    message: `Profile '${id.slice(0, 60)}' was not found.`,
    details: 'Expected the id of a trusted profile, Profile-<uuid>, in an account that you may see.',
  });
}

export function createProfileGate({ guard }: Pick<IdentityDeps, 'guard'>): Gate<Profile, ProfileReads> {
  return createGate(guard, {
    async find(reads: ProfileReads, id) {
      const profileId = readProfileId(id);
      return profileId === undefined ? undefined : reads.findProfile(profileId);
    },
    resource: (profile) => profileResource(profile.accountId, profile.id),
    target: profileTarget,
    notFound: profileNotFound,
  });
}

/** A profile as what its access is conferred through. */
export function profileGrantee(profile: Profile): Grantee {
  return {
    subjectKey: profileIamId(profile.id),
    resource: profileResource(profile.accountId, profile.id),
  };
}

/** Refuses a change that the enterprise template of a profile keeps to itself. Without `part` it is the profile as such. */
export function refuseManaged(profile: Profile, part?: 'identities' | 'rules', verb: 'add' | 'remove' = 'add'): void {
  const { managedBy } = profile;
  if (managedBy === null || (part !== undefined && managedBy.actionControls[part][verb])) return;
  throw new DomainError('invalid_state', {
    message: `The profile is managed by the enterprise template ${managedBy.templateId}, which does not leave this change to the account.`,
    details: `Change the template, or remove its assignment ${managedBy.assignmentId}.`,
  });
}

/** What is said of a change of a part of a profile in its audit event. */
export interface PartEvent {
  readonly kind: 'link' | 'rule' | 'identity' | 'identities';
  readonly operation: 'create' | 'update' | 'delete' | 'replace';
  readonly before?: unknown;
  readonly after?: unknown;
  readonly warnings?: readonly string[];
}

/** What a change of a part of a profile leaves behind: the feed's entry and the audit event. */
export function recordPart(
  tx: Tx,
  profile: Profile,
  change: { readonly kind: 'profile' | 'link' | 'claim_rule'; readonly id: string },
  event: PartEvent,
): void {
  const { kind: part, operation, before, after, warnings = [] } = event;
  tx.changed({ accountId: profile.accountId, ...change });
  tx.event({
    action: 'iam-identity.account-profile.update',
    accountId: profile.accountId,
    target: profileTarget(profile),
    requestData: { kind: part, operation },
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    ...(warnings.length > 0 && { warnings }),
  });
}
