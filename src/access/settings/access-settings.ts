/** An account's access settings: how it treats identities of other accounts, and whether only who holds access may confer it. */
import type { EpochMs } from '../../kernel/clock.ts';

export const IDENTITY_TYPES = ['user', 'service_id', 'service'] as const;
export type ExternalIdentityType = (typeof IDENTITY_TYPES)[number];

export interface ExternalInteraction {
  /** `enabled`: no check; `monitor`: checked and recorded only; `limited`: identities of accounts that are not allowed are denied. */
  readonly state: 'enabled' | 'monitor' | 'limited';
  readonly allowedAccounts: readonly string[];
}

export interface AccessSettingsValues {
  readonly external: Readonly<Record<ExternalIdentityType, ExternalInteraction>>;
  /** Whoever links, adds members, writes rules or makes keys must hold what this confers. */
  readonly strictDelegation: boolean;
}

export interface AccessSettings extends AccessSettingsValues {
  readonly accountId: string;
  readonly revision: number;
  readonly entityTag: string;
  readonly modifiedAt: EpochMs;
  readonly modifiedById: string;
}

const open: ExternalInteraction = Object.freeze({ state: 'enabled', allowedAccounts: Object.freeze([]) });

export const DEFAULT_ACCESS_SETTINGS: AccessSettingsValues = Object.freeze({
  external: Object.freeze({ user: open, service_id: open, service: open }),
  strictDelegation: false,
});

/** The setting that an identity falls under, by the form of its id; undefined for a trusted profile, which none restricts. */
export function externalIdentityType(iamId: string): ExternalIdentityType | undefined {
  if (iamId.startsWith('iam-Profile-')) return undefined;
  if (iamId.startsWith('iam-ServiceId-')) return 'service_id';
  return iamId.startsWith('crn-') ? 'service' : 'user';
}
