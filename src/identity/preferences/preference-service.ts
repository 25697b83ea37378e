/** Preferences: one function per operation of the identity API. Everybody manages their own; those of others need a right. */
import type { AuditTarget } from '../../audit/events.ts';
import type { MutationContext } from '../../audit/mutation.ts';
import { DomainError } from '../../kernel/errors.ts';
import { readProfileId } from '../../kernel/ids.ts';
import { limitWarnings, refuseExcess } from '../../kernel/limits.ts';
import { createAccountGate } from '../accounts/account-gate.ts';
import { reachesIdentity } from '../accounts/member.ts';
import type { IdentityDeps } from '../deps.ts';
import { profileIamId } from '../profiles/profile.ts';
import { readServiceId, serviceIdIamId } from '../service-ids/service-id.ts';
import type { IdentityReads } from '../store.ts';
import type { Preference, PreferenceKey, PreferenceValue } from './preference.ts';

export type PreferenceService = ReturnType<typeof createPreferenceService>;

type Whose = Pick<PreferenceKey, 'accountId' | 'iamId'>;

const PREFERENCES = 'preferences of the identity';
/** Names of services and of preferences. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

function requireName(what: string, text: string): void {
  if (NAME.test(text)) return;
  throw new DomainError('invalid_field', {
    message: `'${text.slice(0, 60)}' is not a name of a ${what}.`,
    details: 'Expected up to 128 letters, digits, dots, dashes and underscores, the first a letter or a digit.',
  });
}

function preferenceTarget({ accountId, iamId, service, id }: Whose & Partial<PreferenceKey>): AuditTarget {
  return { id: [accountId, iamId, service, id].filter((part) => part !== undefined).join('/'), typeURI: 'iam-identity/preference' };
}

const preferenceNotFound = ({ service, id, iamId }: PreferenceKey) =>
  new DomainError('not_found', {
    message: `Preference '${id.slice(0, 60)}' of the service '${service.slice(0, 60)}' is not set.`,
    details: `The preferences of ${iamId} were searched.`,
  });

async function isOfAccount(from: IdentityReads, { accountId, iamId }: Whose): Promise<boolean> {
  const profileId = readProfileId(iamId);
  if (profileId !== undefined && profileIamId(profileId) === iamId) return (await from.findProfile(profileId))?.accountId === accountId;
  const serviceId = readServiceId(iamId);
  if (serviceId !== undefined && serviceIdIamId(serviceId) === iamId) return (await from.findServiceId(serviceId))?.accountId === accountId;
  return (await from.findUser(accountId, iamId)) !== undefined;
}

async function requireIdentity(from: IdentityReads, whose: Whose): Promise<void> {
  if (await isOfAccount(from, whose)) return;
  throw new DomainError('not_found', {
    message: `Identity '${whose.iamId.slice(0, 140)}' was not found in the account.`,
    details: 'Expected the iam_id of a user, a service ID (iam-ServiceId-<uuid>) or a trusted profile (iam-Profile-<uuid>) of the account.',
  });
}

export function createPreferenceService(deps: IdentityDeps) {
  const { reads, mutate, clock, limits } = deps;
  const accountGate = createAccountGate(deps);

  /** Lets pass whoever asks for their own, and who may do `action`; answers what `require` finds, which throws where something is absent. */
  async function gate<Found>(
    context: MutationContext,
    from: IdentityReads,
    whose: Whose & Partial<PreferenceKey>,
    action: string,
    require: () => Promise<Found>,
  ): Promise<Found> {
    const find = async () => {
      await requireIdentity(from, whose);
      return require();
    };
    const { iamId, accountId } = context.caller;
    if (iamId !== whose.iamId || accountId !== whose.accountId || !reachesIdentity(context.caller)) {
      await accountGate(context, from, whose.accountId, action, preferenceTarget(whose), find);
    }
    return find();
  }

  async function requirePreference(from: IdentityReads, key: PreferenceKey): Promise<Preference> {
    const preference = await from.findPreference(key);
    if (!preference) throw preferenceNotFound(key);
    return preference;
  }

  const recorded = ({ service, id }: PreferenceKey) => ({ service, preference_id: id });

  return {
    async list(context: MutationContext, accountId: string, iamId: string): Promise<readonly Preference[]> {
      const whose = { accountId, iamId };
      return gate(context, reads, whose, 'iam-identity.preferences.read', () => reads.listPreferences(accountId, iamId));
    },

    async get(context: MutationContext, key: PreferenceKey): Promise<Preference> {
      return gate(context, reads, key, 'iam-identity.preferences.read', () => requirePreference(reads, key));
    },

    async put(context: MutationContext, key: PreferenceKey, value: PreferenceValue): Promise<Preference> {
      requireName('service', key.service);
      requireName('preference', key.id);
      return mutate(context, async (tx) => {
        const before = await gate(context, tx, key, 'iam-identity.preferences.update', () => tx.findPreference(key));
        const count = (await tx.countPreferences(key.accountId, key.iamId)) + (before ? 0 : 1);
        if (!before) refuseExcess(PREFERENCES, count, limits.preferencesPerIdentity);
        const preference: Preference = { ...key, value, modifiedAt: clock.now() };
        await tx.putPreference(preference);
        const warnings = limitWarnings(PREFERENCES, count, limits.preferencesPerIdentity);
        tx.event({
          action: 'iam-identity.preferences.update',
          accountId: key.accountId,
          target: preferenceTarget(key),
          requestData: recorded(key),
          ...(!before && warnings.length > 0 && { warnings }),
        });
        return preference;
      });
    },

    async remove(context: MutationContext, key: PreferenceKey): Promise<void> {
      await mutate(context, async (tx) => {
        await gate(context, tx, key, 'iam-identity.preferences.update', () => requirePreference(tx, key));
        await tx.deletePreference(key);
        tx.event({
          action: 'iam-identity.preferences.delete',
          accountId: key.accountId,
          target: preferenceTarget(key),
          requestData: recorded(key),
        });
      });
    },
  };
}
