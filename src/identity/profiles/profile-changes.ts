/** Making, changing and deleting a profile with all that this leaves behind: for the profile API, and for the templates that manage profiles. */
import type { MutationContext } from '../../audit/mutation.ts';
import type { Clock } from '../../kernel/clock.ts';
import { newEntityTag } from '../../kernel/entity-tag.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import { type Limits, limitWarnings, refuseExcess } from '../../kernel/limits.ts';
import type { Tx } from '../deps.ts';
import { changedMessage, historyRecord } from '../history.ts';
import { type Profile, profileIamId } from './profile.ts';
import { profileTarget } from './profile-gate.ts';
import type { ProfileReads } from './profile-store.ts';

/** What the author of a profile decides. */
export type ProfileContent = Pick<Profile, 'accountId' | 'name' | 'description' | 'email' | 'managedBy'>;

type Makers = { readonly clock: Clock; readonly ids: Ids };

/** What is recorded of a change beside the profile itself. */
interface Recorded {
  /** The fields that the change set, as the wire spells them. */
  readonly params: readonly string[];
  readonly requestData?: Readonly<Record<string, unknown>>;
}

const PROFILES = 'trusted profiles in the account';

/** Names of profiles are unique per account; `ownId` is the profile that may have the name. */
export async function refuseTakenName(reads: ProfileReads, accountId: string, name: string, ownId?: string): Promise<void> {
  const other = await reads.findProfileByName(accountId, name);
  if (other && other.id !== ownId) {
    throw new DomainError('conflict', {
      message: `A profile named '${name}' already exists in the account.`,
      details: `It is ${other.id}. Names of trusted profiles are unique per account.`,
    });
  }
}

/** Refuses one profile more than the account may have; else answers what the record of its creation warns of. */
export async function requireRoom(reads: ProfileReads, limits: Limits, accountId: string): Promise<readonly string[]> {
  const wanted = (await reads.countProfiles(accountId)) + 1;
  refuseExcess(PROFILES, wanted, limits.profilesPerAccount);
  return limitWarnings(PROFILES, wanted, limits.profilesPerAccount);
}

export function newProfile({ clock, ids }: Makers, content: ProfileContent): Profile {
  const at = clock.now();
  return { ...content, id: `Profile-${ids.uuid()}`, revision: 1, entityTag: newEntityTag(ids, 1), createdAt: at, modifiedAt: at };
}

export async function addProfile(
  tx: Tx,
  context: MutationContext,
  profile: Profile,
  { params, requestData, warnings }: Recorded & { readonly warnings: readonly string[] },
): Promise<void> {
  await tx.insertProfile(profile);
  await tx.insertHistory(profile.id, historyRecord(context, profile.createdAt, 'CREATE', params, 'The profile was created.'));
  tx.changed({ accountId: profile.accountId, kind: 'profile', id: profile.id });
  tx.event({
    action: 'iam-identity.account-profile.create',
    accountId: profile.accountId,
    target: profileTarget(profile),
    after: profile,
    ...(requestData && { requestData }),
    ...(warnings.length > 0 && { warnings }),
  });
}

export async function changeProfile(
  tx: Tx,
  context: MutationContext,
  before: Profile,
  after: Profile,
  { params, requestData }: Recorded,
): Promise<void> {
  await tx.updateProfile(after);
  await tx.insertHistory(after.id, historyRecord(context, after.modifiedAt, 'UPDATE', params, changedMessage(params)));
  tx.changed({ accountId: after.accountId, kind: 'profile', id: after.id });
  tx.event({
    action: 'iam-identity.account-profile.update',
    accountId: after.accountId,
    target: profileTarget(after),
    before,
    after,
    ...(requestData && { requestData }),
  });
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

/** An audit record that tells of whole lists names this many links, rules and identities of a profile. */
export const MAX_RECORDED = 100;
