/** Identities that may assume a profile: one function per operation of the identity API. Their entity tag is the profile's. */
import type { MutationContext } from '../../audit/mutation.ts';
import { requireEntityTag } from '../../kernel/entity-tag.ts';
import { DomainError } from '../../kernel/errors.ts';
import { limitWarnings, refuseExcess } from '../../kernel/limits.ts';
import type { IdentityDeps, Tx } from '../deps.ts';
import { gatePart } from '../gate.ts';
import { historyRecord } from '../history.ts';
import { nextRevision } from '../revision.ts';
import type { Profile } from './profile.ts';
import { MAX_RECORDED } from './profile-changes.ts';
import { createProfileGate, type PartEvent, profileGrantee, profileTarget, recordPart, refuseManaged } from './profile-gate.ts';
import { type IdentityType, type ProfileIdentity, type ProfileIdentityInput, toProfileIdentity } from './profile-identity.ts';
import type { ProfileReads } from './profile-store.ts';

export interface ProfileIdentities {
  readonly entityTag: string;
  readonly identities: readonly ProfileIdentity[];
}

export type ProfileIdentityService = ReturnType<typeof createProfileIdentityService>;

const IDENTITIES = 'identities of the profile';

/** What the record of a replacement says of a list that it tells in part. */
function cutWarnings(state: 'before' | 'after', list: readonly ProfileIdentity[]): readonly string[] {
  return list.length <= MAX_RECORDED
    ? []
    : [`Of the ${list.length} identities ${state} the change, the record names the first ${MAX_RECORDED}.`];
}

export function createProfileIdentityService(deps: IdentityDeps) {
  const { reads, mutate, limits } = deps;
  const gate = createProfileGate(deps);

  const identityNotFound = (profile: Profile, type: string, identifier: string) =>
    new DomainError('not_found', {
      message: `The profile has no identity '${identifier.slice(0, 200)}' of type '${type.slice(0, 20)}'.`,
      details: `Profile ${profile.id} was searched.`,
    });

  const find = (context: MutationContext, from: ProfileReads, profileId: string, type: IdentityType, identifier: string, action: string) =>
    gatePart(
      gate,
      context,
      from,
      profileId,
      action,
      async (profile) => {
        const found = await from.findProfileIdentity(profile.id, toProfileIdentity({ type, identifier }).iamId);
        return found?.type === type ? found : undefined;
      },
      (profile) => identityNotFound(profile, type, identifier),
    );

  /** Gives the profile its next revision, because identities are part of the profile itself. */
  async function revise(tx: Tx, context: MutationContext, profile: Profile, event: PartEvent): Promise<Profile> {
    const after = nextRevision(deps, profile, {});
    await tx.updateProfile(after);
    await tx.insertHistory(profile.id, historyRecord(context, after.modifiedAt, 'UPDATE', ['identities'], 'Changed: identities.'));
    recordPart(tx, after, { kind: 'profile', id: profile.id }, event);
    return after;
  }

  return {
    async list(context: MutationContext, profileId: string): Promise<ProfileIdentities> {
      const { id, entityTag } = await gate(context, reads, profileId, 'iam-identity.profile.get');
      return { entityTag, identities: await reads.listProfileIdentities(id) };
    },

    /** Without `inputs` the list stays as it is: a client that leaves the member out by mistake revokes nobody. */
    async set(
      context: MutationContext,
      profileId: string,
      ifMatch: string,
      inputs: readonly ProfileIdentityInput[] | undefined,
    ): Promise<ProfileIdentities> {
      return mutate(context, async (tx) => {
        const profile = await gate(context, tx, profileId, 'iam-identity.profile.update');
        if (inputs !== undefined) await deps.guardConferral(context, profileGrantee(profile), profileTarget(profile));
        requireEntityTag(ifMatch, profile);
        const before = await tx.listProfileIdentities(profile.id);
        if (inputs === undefined) return { entityTag: profile.entityTag, identities: before };
        refuseManaged(profile, 'identities', 'add');
        refuseManaged(profile, 'identities', 'remove');
        const identities = inputs.map(toProfileIdentity);
        refuseExcess(IDENTITIES, identities.length, limits.identitiesPerProfile);
        await tx.replaceProfileIdentities(profile.id, identities);
        const { entityTag } = await revise(tx, context, profile, {
          kind: 'identities',
          operation: 'replace',
          before: before.slice(0, MAX_RECORDED),
          after: identities.slice(0, MAX_RECORDED),
          warnings: [
            ...limitWarnings(IDENTITIES, identities.length, limits.identitiesPerProfile),
            ...cutWarnings('before', before),
            ...cutWarnings('after', identities),
          ],
        });
        return { entityTag, identities };
      });
    },

    /** Adds the identity, or gives the one that is there already these accounts and this description. */
    async put(
      context: MutationContext,
      profileId: string,
      input: ProfileIdentityInput,
    ): Promise<{ profile: Profile; identity: ProfileIdentity }> {
      return mutate(context, async (tx) => {
        const profile = await gate(context, tx, profileId, 'iam-identity.profile.update');
        await deps.guardConferral(context, profileGrantee(profile), profileTarget(profile));
        refuseManaged(profile, 'identities', 'add');
        const identity = toProfileIdentity(input);
        const existing = await tx.findProfileIdentity(profile.id, identity.iamId);
        // What is there already is taken away in favour of this.
        if (existing) refuseManaged(profile, 'identities', 'remove');
        const count = (await tx.countProfileIdentities(profile.id)) + (existing ? 0 : 1);
        if (!existing) refuseExcess(IDENTITIES, count, limits.identitiesPerProfile);
        await tx.putProfileIdentity(profile.id, identity);
        const after = await revise(tx, context, profile, {
          kind: 'identity',
          operation: existing ? 'update' : 'create',
          ...(existing && { before: existing }),
          after: identity,
          warnings: limitWarnings(IDENTITIES, count, limits.identitiesPerProfile),
        });
        return { profile: after, identity };
      });
    },

    async get(context: MutationContext, profileId: string, type: IdentityType, identifier: string): Promise<ProfileIdentity> {
      return (await find(context, reads, profileId, type, identifier, 'iam-identity.profile.get')).part;
    },

    async remove(context: MutationContext, profileId: string, type: IdentityType, identifier: string): Promise<void> {
      await mutate(context, async (tx) => {
        const { whole: profile, part } = await find(context, tx, profileId, type, identifier, 'iam-identity.profile.update');
        refuseManaged(profile, 'identities', 'remove');
        await tx.deleteProfileIdentity(profile.id, part);
        await revise(tx, context, profile, { kind: 'identity', operation: 'delete', before: part });
      });
    },
  };
}
