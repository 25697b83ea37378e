/** Trusted profiles: one function per operation of the identity API. */
import type { AuditTarget } from '../audit/events.ts';
import type { Guard, Mutate, MutationContext } from '../audit/mutation.ts';
import { guardVisible } from '../audit/visible.ts';
import type { Clock } from '../kernel/clock.ts';
import { ifMatchNames, newEntityTag } from '../kernel/entity-tag.ts';
import { DomainError } from '../kernel/errors.ts';
import { type Ids, readProfileId } from '../kernel/ids.ts';
import type { Limits } from '../kernel/limits.ts';
import { parseFilter } from './filter.ts';
import { type Activity, type HistoryRecord, type Profile, profileCrn, profileIamId } from './profile.ts';
import type { IdentityReads, IdentityWrites, ProfileListQuery } from './store.ts';

export interface IdentityDeps {
  readonly reads: IdentityReads;
  readonly mutate: Mutate<IdentityWrites>;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly limits: Limits;
}

/** What a page token of the profile list carries: the query and the place in it. */
export interface ProfilePage {
  readonly accountId: string;
  readonly name?: string;
  readonly filter?: string;
  readonly sort: ProfileListQuery['sort'];
  readonly descending: boolean;
  readonly limit: number;
  readonly offset: number;
  readonly includeHistory: boolean;
}

export interface ProfileDetails {
  readonly profile: Profile;
  readonly history?: readonly HistoryRecord[];
  readonly activity?: Activity;
}

export type ProfileService = ReturnType<typeof createProfileService>;

export function profileTarget(profile: Profile): AuditTarget {
  return { id: profileCrn(profile), name: profile.name, typeURI: 'iam-identity/profile' };
}

const profileResource = (accountId: string, profileId?: string): Record<string, string> => ({
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

/**
 * Finds the profile that a path names and lets the caller pass for `action`; 404 for what it may not know of. `requirePart` throws where
 * a part of the profile is absent: in the caller's own account that comes before a missing right.
 */
export function createProfileGate(deps: Pick<IdentityDeps, 'guard'>) {
  return async (
    context: MutationContext,
    reads: IdentityReads,
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

  const historyRecord = (
    context: MutationContext,
    action: HistoryRecord['action'],
    params: readonly string[],
    at: number,
  ): HistoryRecord => ({
    at,
    iamId: context.caller.iamId,
    iamIdAccount: context.caller.accountId,
    action,
    params,
    message: action === 'CREATE' ? 'The profile was created.' : `Changed: ${params.join(', ') || 'nothing'}.`,
  });

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
        if ((await tx.countProfiles(input.accountId)) >= limits.profilesPerAccount) {
          throw new DomainError('limit_exceeded', {
            message: `The account holds ${limits.profilesPerAccount} trusted profiles already, which is its limit.`,
          });
        }
        const at = clock.now();
        const profile: Profile = {
          id: `Profile-${ids.uuid()}`,
          accountId: input.accountId,
          name: input.name,
          description: input.description || null,
          email: input.email || null,
          revision: 1,
          entityTag: newEntityTag(ids, 1),
          createdAt: at,
          modifiedAt: at,
        };
        await tx.insertProfile(profile);
        await tx.insertHistory(
          profile.id,
          historyRecord(
            context,
            'CREATE',
            Object.keys(input).filter((key) => key !== 'accountId'),
            at,
          ),
        );
        tx.changed({ accountId: profile.accountId, kind: 'profile', id: profile.id });
        tx.event({
          action: 'iam-identity.account-profile.create',
          accountId: profile.accountId,
          target: profileTarget(profile),
          after: profile,
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
      const shown = found.slice(0, page.limit);
      const history = includeHistory ? await reads.historyOf(shown.map((profile) => profile.id)) : undefined;
      return {
        items: shown.map((profile) => ({ profile, ...(history && { history: history.get(profile.id) ?? [] }) })),
        hasMore: found.length > page.limit,
      };
    },

    async get(
      context: MutationContext,
      id: string,
      include: { readonly history: boolean; readonly activity: boolean },
    ): Promise<ProfileDetails> {
      const profile = await gate(context, reads, id, 'iam-identity.profile.get');
      const history = include.history ? (await reads.historyOf([profile.id])).get(profile.id) : undefined;
      const activity = include.activity ? await reads.activityOf(profile.id) : undefined;
      return { profile, ...(history && { history }), ...(activity && { activity }) };
    },

    async update(
      context: MutationContext,
      id: string,
      ifMatch: string,
      input: { readonly name?: string | undefined; readonly description?: string | undefined; readonly email?: string | undefined },
    ): Promise<Profile> {
      return mutate(context, async (tx) => {
        const before = await gate(context, tx, id, 'iam-identity.profile.update');
        if (!ifMatchNames(ifMatch, before.entityTag)) {
          throw new DomainError('etag_mismatch', { details: `The current entity tag of ${before.id} is ${before.entityTag}.` });
        }
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
        await tx.insertHistory(after.id, historyRecord(context, 'UPDATE', params, at));
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
        const links = await tx.listLinks(profile.id);
        await tx.deleteProfile(profile, profileIamId(profile.id));
        tx.changed({ accountId: profile.accountId, kind: 'profile', id: profile.id });
        for (const accountId of new Set(links.map((link) => link.crnAccountId))) {
          if (accountId !== null && accountId !== profile.accountId) tx.changed({ accountId, kind: 'profile', id: profile.id });
        }
        tx.event({
          action: 'iam-identity.account-profile.delete',
          accountId: profile.accountId,
          target: profileTarget(profile),
          before: { profile, links },
        });
      });
    },
  };
}
