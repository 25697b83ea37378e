/** Account settings: one function per operation of the identity API. */
import type { AuditTarget } from '../../audit/events.ts';
import type { MutationContext } from '../../audit/mutation.ts';
import { requireEntityTag } from '../../kernel/entity-tag.ts';
import { refuseExcess } from '../../kernel/limits.ts';
import type { Warning } from '../../kernel/route.ts';
import type { User } from '../accounts/account.ts';
import { createAccountGate } from '../accounts/account-gate.ts';
import type { IdentityDeps } from '../deps.ts';
import { changedMessage, type HistoryRecord, historyRecord } from '../history.ts';
import { nextRevision } from '../revision.ts';
import type { IdentityReads } from '../store.ts';
import {
  type AccountSettings,
  type AssignedTemplate,
  changedSettings,
  changeSettings,
  effectiveSettings,
  type StoredSettings,
  settingName,
  type TemplateSettings,
  unchangedSettings,
} from './account-settings.ts';
import { readIpAllowList } from './ip-allow-list.ts';

/** What a caller asks for beside the settings. */
export interface SettingsIncluded {
  readonly history: boolean;
  /** Who the users are of whom a level of MFA of their own is asked. */
  readonly users: boolean;
}

export interface AccountSettingsDetails {
  readonly stored: StoredSettings;
  /** Empty where nobody asked for it. */
  readonly history: readonly HistoryRecord[];
  /** Those of the account whom the settings name, where that was asked for. */
  readonly users: ReadonlyMap<string, User>;
}

export interface EffectiveSettingsDetails {
  readonly account: AccountSettingsDetails;
  readonly effective: AccountSettings;
  readonly templates: readonly AssignedTemplate[];
}

export type SettingsService = ReturnType<typeof createSettingsService>;

const REALMS = 'realms with restrictions of their domains';
const PATTERNS = 'patterns of addresses in the restrictions of domains';
const MAX_REALMS = 100;
const MAX_PATTERNS = 500;

/** What one change can write at most is bounded by its size; what many changes add up to is bounded here. */
function refuseTooManyDomains({ restrictUserDomains }: AccountSettings): void {
  refuseExcess(REALMS, restrictUserDomains.length, MAX_REALMS);
  const patterns = restrictUserDomains.reduce((sum, { invitationEmailAllowPatterns = [] }) => sum + invitationEmailAllowPatterns.length, 0);
  refuseExcess(PATTERNS, patterns, MAX_PATTERNS);
}

const only = (settings: AccountSettings, names: readonly (keyof AccountSettings)[]) =>
  Object.fromEntries(names.map((name) => [name, settings[name]]));

/** Whoever leaves out the address that this very call comes from may have locked everybody out. */
function addressWarnings({ allowedIpAddresses }: AccountSettings, sourceAddress: string): readonly Warning[] {
  if (readIpAllowList(allowedIpAddresses)?.allows(sourceAddress)) return [];
  const text = `This call came from ${sourceAddress}, from which API keys of the account can no longer sign in. Whoever has an access token already can still change the setting.`;
  return [{ code: 'allowed_ip_addresses_exclude_caller', text }];
}

/** Under which id the history of an account's settings is kept. */
const historyId = (accountId: string): string => `AccountSettings-${accountId}`;

const settingsTarget = (accountId: string): AuditTarget => ({ id: accountId, typeURI: 'iam-identity/account-settings' });

export function createSettingsService(deps: IdentityDeps) {
  const { reads, mutate } = deps;
  const accountGate = createAccountGate(deps);
  const gate = (context: MutationContext, from: IdentityReads, accountId: string, action: string) =>
    accountGate(context, from, accountId, action, settingsTarget(accountId));

  const readSettings = async (from: IdentityReads, accountId: string): Promise<StoredSettings> =>
    (await from.findSettings(accountId)) ?? unchangedSettings(accountId);

  /** `settings` are all those whose users are to be known. */
  async function describe(
    stored: StoredSettings,
    included: SettingsIncluded,
    settings: readonly (AccountSettings | TemplateSettings)[],
  ): Promise<AccountSettingsDetails> {
    const id = historyId(stored.accountId);
    const history = included.history ? ((await reads.historyOf([id])).get(id) ?? []) : [];
    const iamIds = settings.flatMap(({ userMfa = [] }) => userMfa.map(({ iamId }) => iamId));
    const users = included.users ? await reads.findUsers(stored.accountId, [...new Set(iamIds)]) : [];
    return { stored, history, users: new Map(users.map((user) => [user.iamId, user])) };
  }

  return {
    async get(context: MutationContext, accountId: string, included: SettingsIncluded): Promise<AccountSettingsDetails> {
      await gate(context, reads, accountId, 'iam-identity.account.get');
      const stored = await readSettings(reads, accountId);
      return describe(stored, included, [stored.settings]);
    },

    async getEffective(context: MutationContext, accountId: string, included: SettingsIncluded): Promise<EffectiveSettingsDetails> {
      await gate(context, reads, accountId, 'iam-identity.account.get');
      const stored = await readSettings(reads, accountId);
      const templates = await reads.listAssignedTemplates(accountId);
      const ofTemplates = templates.map(({ settings }) => settings);
      return {
        account: await describe(stored, included, [stored.settings, ...ofTemplates]),
        effective: effectiveSettings({ own: stored.settings, templates: ofTemplates }),
        templates,
      };
    },

    /** Every change gives a new entity tag, one that changes nothing too. */
    async update(
      context: MutationContext,
      accountId: string,
      ifMatch: string,
      change: Partial<AccountSettings>,
    ): Promise<{ details: AccountSettingsDetails; warnings: readonly Warning[] }> {
      return mutate(context, async (tx) => {
        await gate(context, tx, accountId, 'iam-identity.account.update');
        const before = await readSettings(tx, accountId);
        requireEntityTag(ifMatch, { id: accountId, entityTag: before.entityTag });
        const settings = changeSettings(before.settings, change);
        refuseTooManyDomains(settings);
        const stored = nextRevision(deps, before, { settings });
        const changed = changedSettings(before.settings, settings);
        const params = changed.map(settingName);
        await tx.putSettings(stored);
        await tx.insertHistory(historyId(accountId), historyRecord(context, stored.modifiedAt, 'UPDATE', params, changedMessage(params)));
        tx.changed({ accountId, kind: 'account', id: accountId });
        const assigned = await tx.findAssignedSettings(accountId);
        const warnings = changed.includes('allowedIpAddresses')
          ? addressWarnings(effectiveSettings(assigned), context.info.sourceAddress)
          : [];
        tx.event({
          action: 'iam-identity.account-settings.update',
          accountId,
          target: settingsTarget(accountId),
          before: only(before.settings, changed),
          after: only(settings, changed),
          ...(warnings.length > 0 && { warnings: warnings.map(({ text }) => text) }),
        });
        return { details: { stored, history: [], users: new Map<string, User>() }, warnings };
      });
    },
  };
}
