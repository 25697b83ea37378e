/** Trusted profiles: one function per operation of the identity API. */
import type { MutationContext } from '../../audit/mutation.ts';
import { newEntityTag, requireEntityTag } from '../../kernel/entity-tag.ts';
import { DomainError } from '../../kernel/errors.ts';
import { limitWarnings, refuseExcess } from '../../kernel/limits.ts';
import type { IdentityDeps, Tx } from '../deps.ts';
import { parseFilter } from '../filter.ts';
import { changedMessage, type Extras, historyRecord, type Included, readExtras } from '../history.ts';
import { cutPage, type Page } from '../pages.ts';
import type { IdentityReads } from '../store.ts';
import { type Profile, profileIamId } from './profile.ts';
import { createProfileGate, profileResource, profileTarget, refuseManaged } from './profile-gate.ts';
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

const PROFILES = 'trusted profiles in the account';

export function createProfileService(deps: IdentityDeps) {
  const { reads, mutate, guard, clock, ids, limits } = deps;
  const gate = createProfileGate(deps);

  async function refuseTakenName(tx: IdentityReads, accountId: string, name: string, ownId?: string): Promise<void> {
    const other = await tx.findProfileByName(accountId, name);
    if (other && other.id !== ownId) {
      throw new DomainError('conflict', {
        message: `A profile named '${name}' already exists in the account.`,
        details: `It is ${other.id}. Names of trusted profiles are unique per account.`,
      });
    }
  }

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
        if (!(await tx.findAccount(input.accountId))) {
          throw new DomainError('invalid_field', {
            message: `Account '${input.accountId}' does not exist.`,
            details: "Field 'account_id' must name an account of this installation.",
          });
        }
        const target = {
          id: `crn:v1:bluemix:public:iam-identity::a/${input.accountId}::profile:`,
          name: input.name,
          typeURI: 'iam-identity/profile',
        };
        await guard(context, 'iam-identity.profile.create', profileResource(input.accountId), target);
        await refuseTakenName(tx, input.accountId, input.name);
        const count = await tx.countProfiles(input.accountId);
        refuseExcess(PROFILES, count + 1, limits.profilesPerAccount);
        const at = clock.now();
        const profile: Profile = {
          id: `Profile-${ids.uuid()}`,
          accountId: input.accountId,
          name: input.name,
          description: input.description || null,
          email: input.email || null,
          managedBy: null,
          revision: 1,
          entityTag: newEntityTag(ids, 1),
          createdAt: at,
          modifiedAt: at,
        };
        await tx.insertProfile(profile);
        const params = Object.keys(input).filter((key) => key !== 'accountId');
        await tx.insertHistory(profile.id, historyRecord(context, at, 'CREATE', params, 'The profile was created.'));
        tx.changed({ accountId: profile.accountId, kind: 'profile', id: profile.id });
        const warnings = limitWarnings(PROFILES, count + 1, limits.profilesPerAccount);
        tx.event({
          action: 'iam-identity.account-profile.create',
          accountId: profile.accountId,
          target: profileTarget(profile),
          after: profile,
          ...(warnings.length > 0 && { warnings }),
        });
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
      const history = includeHistory ? await reads.historyOf(items.map((profile) => profile.id)) : undefined;
      return { items: items.map((profile) => ({ profile, ...(history && { history: history.get(profile.id) ?? [] }) })), hasMore };
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
        const revision = before.revision + 1;
        const at = clock.now();
        const after: Profile = { ...before, ...wanted, revision, entityTag: newEntityTag(ids, revision), modifiedAt: at };
        await tx.updateProfile(after);
        await tx.insertHistory(after.id, historyRecord(context, at, 'UPDATE', params, changedMessage(params)));
        tx.changed({ accountId: after.accountId, kind: 'profile', id: after.id });
        tx.event({
          action: 'iam-identity.account-profile.update',
          accountId: after.accountId,
          target: profileTarget(after),
          before,
          after,
        });
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

/** Deletes a profile with everything that hangs on it; the views of all accounts that it reaches are told. */
export async function removeProfile(tx: Tx, profile: Profile): Promise<void> {
  const before = {
    profile,
    links: (await tx.listLinks(profile.id)).slice(0, MAX_RECORDED),
    rules: (await tx.listClaimRules(profile.id)).slice(0, MAX_RECORDED),
    identities: (await tx.listProfileIdentities(profile.id)).slice(0, MAX_RECORDED),
  };
  const accounts = await tx.listLinkedAccounts(profile.id);
  await tx.deleteProfile(profile, profileIamId(profile.id));
  for (const accountId of [profile.accountId, ...accounts]) tx.changed({ accountId, kind: 'profile', id: profile.id });
  tx.event({ action: 'iam-identity.account-profile.delete', accountId: profile.accountId, target: profileTarget(profile), before });
}

/** A record of a deletion names this many links, rules and identities of a profile; the rest are in the records of their making. */
const MAX_RECORDED = 100;
