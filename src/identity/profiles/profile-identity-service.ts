/** Identities that may assume a profile: one function per operation of the identity API. Their entity tag is the profile's. */
import type { MutationContext } from '../../audit/mutation.ts';
import { newEntityTag, requireEntityTag } from '../../kernel/entity-tag.ts';
import { DomainError } from '../../kernel/errors.ts';
import { limitWarnings, refuseExcess } from '../../kernel/limits.ts';
import type { IdentityDeps, Tx } from '../deps.ts';
import { gatePart } from '../gate.ts';
import { historyRecord } from '../history.ts';
import type { Profile } from './profile.ts';
import { createProfileGate, type PartEvent, recordPart, refuseManaged } from './profile-gate.ts';
import {
  type IdentityType,
  isSameIdentity,
  type ProfileIdentity,
  type ProfileIdentityInput,
  toProfileIdentity,
} from './profile-identity.ts';
import type { ProfileReads } from './profile-store.ts';

export interface ProfileIdentities {
  readonly entityTag: string;
  readonly identities: readonly ProfileIdentity[];
}

export type ProfileIdentityService = ReturnType<typeof createProfileIdentityService>;

const IDENTITIES = 'identities of the profile';

export function createProfileIdentityService(deps: IdentityDeps) {
  const { reads, mutate, clock, ids, limits } = deps;
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
        const wanted = toProfileIdentity({ type, identifier });
        return (await from.listProfileIdentities(profile.id)).find((identity) => isSameIdentity(identity, wanted));
      },
      (profile) => identityNotFound(profile, type, identifier),
    );

  /** Stores the list and gives the profile its next revision, because identities are part of the profile itself. */
  async function replace(
    tx: Tx,
    context: MutationContext,
    profile: Profile,
    identities: readonly ProfileIdentity[],
    event: PartEvent,
  ): Promise<Profile> {
    const at = clock.now();
    const revision = profile.revision + 1;
    const after: Profile = { ...profile, revision, entityTag: newEntityTag(ids, revision), modifiedAt: at };
    await tx.replaceProfileIdentities(profile.id, identities);
    await tx.updateProfile(after);
    await tx.insertHistory(profile.id, historyRecord(context, at, 'UPDATE', ['identities'], 'Changed: identities.'));
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
        requireEntityTag(ifMatch, profile);
        const before = await tx.listProfileIdentities(profile.id);
        if (inputs === undefined) return { entityTag: profile.entityTag, identities: before };
        refuseManaged(profile, 'identities', 'add');
        refuseManaged(profile, 'identities', 'remove');
        const identities = inputs.map(toProfileIdentity);
        refuseExcess(IDENTITIES, identities.length, limits.identitiesPerProfile);
        const warnings = limitWarnings(IDENTITIES, identities.length, limits.identitiesPerProfile);
        const event = { kind: 'identities', operation: 'replace', before, after: identities, warnings } as const;
        const { entityTag } = await replace(tx, context, profile, identities, event);
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
        refuseManaged(profile, 'identities', 'add');
        const identity = toProfileIdentity(input);
        const before = await tx.listProfileIdentities(profile.id);
        const existing = before.find((each) => isSameIdentity(each, identity));
        if (!existing) refuseExcess(IDENTITIES, before.length + 1, limits.identitiesPerProfile);
        const identities = existing ? before.map((each) => (each === existing ? identity : each)) : [...before, identity];
        const after = await replace(tx, context, profile, identities, {
          kind: 'identity',
          operation: existing ? 'update' : 'create',
          ...(existing && { before: existing }),
          after: identity,
          warnings: limitWarnings(IDENTITIES, identities.length, limits.identitiesPerProfile),
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
        const identities = (await tx.listProfileIdentities(profile.id)).filter((each) => !isSameIdentity(each, part));
        await replace(tx, context, profile, identities, { kind: 'identity', operation: 'delete', before: part });
      });
    },
  };
}
