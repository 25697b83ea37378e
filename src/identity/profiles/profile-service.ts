/** Trusted profiles: one function per operation of the identity API. */
import type { MutationContext } from '../../audit/mutation.ts';
import { requireEntityTag } from '../../kernel/entity-tag.ts';
import { requireNamedAccount } from '../accounts/named-account.ts';
import type { IdentityDeps } from '../deps.ts';
import { parseFilter } from '../filter.ts';
import { type Extras, type Included, readExtras, readHistories } from '../history.ts';
import { cutPage, type Page } from '../pages.ts';
import { nextRevision } from '../revision.ts';
import type { Profile } from './profile.ts';
import { addProfile, changeProfile, newProfile, refuseTakenName, removeProfile, requireRoom } from './profile-changes.ts';
import { createProfileGate, profileResource, refuseManaged } from './profile-gate.ts';
import type { ProfileListQuery } from './profile-store.ts';

/** What a page token of the profile list carries: the query and the place in it. */
export interface ProfilePage extends Page {
  readonly name?: string;
  readonly filter?: string;
  readonly sort: ProfileListQuery['sort'];
  readonly descending: boolean;
  readonly includeHistory: boolean;
}

export interface ProfileDetails extends Extras {
  readonly profile: Profile;
}

export type ProfileService = ReturnType<typeof createProfileService>;

export function createProfileService(deps: IdentityDeps) {
  const { reads, mutate, guard, limits } = deps;
  const gate = createProfileGate(deps);

  return {
    async create(
      context: MutationContext,
      input: {
        readonly name: string;
        readonly accountId: string;
        readonly description?: string | undefined;
        readonly email?: string | undefined;
      },
    ): Promise<Profile> {
      return mutate(context, async (tx) => {
        await requireNamedAccount(tx, input.accountId);
        const target = {
          id: `crn:v1:bluemix:public:iam-identity::a/${input.accountId}::profile:`,
          name: input.name,
          typeURI: 'iam-identity/profile',
        };
        await guard(context, 'iam-identity.profile.create', profileResource(input.accountId), target);
        await refuseTakenName(tx, input.accountId, input.name);
        const warnings = await requireRoom(tx, limits, input.accountId);
        const { accountId, name } = input;
        const content = { accountId, name, description: input.description || null, email: input.email || null, managedBy: null };
        const profile = newProfile(deps, content);
        await addProfile(tx, context, profile, { params: Object.keys(input).filter((key) => key !== 'accountId'), warnings });
        return profile;
      });
    },

    async list(context: MutationContext, page: ProfilePage): Promise<{ items: readonly ProfileDetails[]; hasMore: boolean }> {
      const target = { id: page.accountId, typeURI: 'iam-identity/profiles' };
      const filter = page.filter === undefined ? undefined : parseFilter(page.filter);
      await guard(context, 'iam-identity.profile.get', profileResource(page.accountId), target);
      const { filter: _, name, includeHistory, ...query } = page;
      const found = await reads.listProfiles({
        ...query,
        ...(name !== undefined && { name }),
        ...(filter && { filter }),
        limit: page.limit + 1,
      });
      const { items, hasMore } = cutPage(found, page.limit);
      const extrasOf = await readHistories(
        reads,
        items.map((profile) => profile.id),
        includeHistory,
      );
      return { items: items.map((profile) => ({ profile, ...extrasOf(profile.id) })), hasMore };
    },

    async get(context: MutationContext, id: string, included: Included): Promise<ProfileDetails> {
      const profile = await gate(context, reads, id, 'iam-identity.profile.get');
      return { profile, ...(await readExtras(reads, profile.id, included)) };
    },

    async update(
      context: MutationContext,
      id: string,
      ifMatch: string,
      input: { readonly name?: string | undefined; readonly description?: string | undefined; readonly email?: string | undefined },
    ): Promise<Profile> {
      return mutate(context, async (tx) => {
        const before = await gate(context, tx, id, 'iam-identity.profile.update');
        requireEntityTag(ifMatch, before);
        refuseManaged(before);
        const wanted = {
          name: input.name ?? before.name,
          description: input.description === undefined ? before.description : input.description || null,
          email: input.email === undefined ? before.email : input.email || null,
        };
        const params = (['name', 'description', 'email'] as const).filter((field) => wanted[field] !== before[field]);
        if (params.length === 0) return before;
        await refuseTakenName(tx, before.accountId, wanted.name, before.id);
        const after = nextRevision(deps, before, wanted);
        await changeProfile(tx, context, before, after, { params });
        return after;
      });
    },

    async remove(context: MutationContext, id: string): Promise<void> {
      await mutate(context, async (tx) => {
        const profile = await gate(context, tx, id, 'iam-identity.profile.delete');
        refuseManaged(profile);
        await removeProfile(tx, profile);
      });
    },
  };
}
