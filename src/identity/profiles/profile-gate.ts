/** The way into every operation on a profile: find it, let the caller pass, and see whether a template keeps it from being changed. */
import type { AuditTarget } from '../../audit/events.ts';
import type { MutationContext } from '../../audit/mutation.ts';
import { guardVisible } from '../../audit/visible.ts';
import { DomainError } from '../../kernel/errors.ts';
import { readProfileId } from '../../kernel/ids.ts';
import type { IdentityDeps, Tx } from '../deps.ts';
import { type Profile, profileCrn } from './profile.ts';
import type { ProfileReads } from './profile-store.ts';

export function profileTarget(profile: Pick<Profile, 'id' | 'accountId' | 'name'>): AuditTarget {
  return { id: profileCrn(profile), name: profile.name, typeURI: 'iam-identity/profile' };
}

export const profileResource = (accountId: string, profileId?: string): Record<string, string> => ({
  accountId,
  serviceName: 'iam-identity',
  ...(profileId !== undefined && { resourceType: 'profile', resource: profileId }),
});

export function profileNotFound(id: string): DomainError {
  return new DomainError('not_found', {
    message: `Profile '${id.slice(0, 60)}' was not found.`,
    details: 'Expected the id of a trusted profile, Profile-<uuid>, in an account that you may see.',
  });
}

export type ProfileGate = ReturnType<typeof createProfileGate>;

/**
 * Finds the profile that a path names and lets the caller pass for `action`; 404 for what it may not know of. `requirePart` throws where
 * a part of the profile is absent: in the caller's own account that comes before a missing right.
 */
export function createProfileGate(deps: Pick<IdentityDeps, 'guard'>) {
  return async (
    context: MutationContext,
    reads: ProfileReads,
    id: string,
    action: string,
    requirePart?: (profile: Profile) => Promise<unknown>,
  ): Promise<Profile> => {
    const profileId = readProfileId(id);
    const profile = profileId === undefined ? undefined : await reads.findProfile(profileId);
    if (!profile) throw profileNotFound(id);
    if (profile.accountId === context.caller.accountId) await requirePart?.(profile);
    const resource = profileResource(profile.accountId, profile.id);
    await guardVisible(deps.guard, context, action, resource, profileTarget(profile), () => profileNotFound(id));
    return profile;
  };
}

/** The same for a part of a profile: `find` answers undefined where the profile has no such part. */
export async function gatePart<Part>(
  gate: ProfileGate,
  context: MutationContext,
  reads: ProfileReads,
  profileId: string,
  action: string,
  find: (profile: Profile) => Promise<Part | undefined>,
  notFound: (profile: Profile) => DomainError,
): Promise<{ profile: Profile; part: Part }> {
  const require = async (profile: Profile): Promise<Part> => {
    const part = await find(profile);
    if (part === undefined) throw notFound(profile);
    return part;
  };
  const profile = await gate(context, reads, profileId, action, require);
  return { profile, part: await require(profile) };
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
