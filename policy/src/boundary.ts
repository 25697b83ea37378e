import type { AccountBoundary } from './types.ts';

/** An account's setting on one type of identities of other accounts. */
export interface ExternalIdentitySetting {
  readonly state: 'enabled' | 'monitor' | 'limited';
  readonly allowedAccounts: readonly string[];
}

/**
 * What the setting says of a token: only `limited` restricts, and lets pass the account itself and the allowed ones. A token whose
 * account is not known does not pass. Trusted profiles are not subject to the setting: do not ask for them.
 */
export function accountBoundary(
  setting: ExternalIdentitySetting | undefined,
  resourceAccountId: string,
  tokenAccountId: string | undefined,
): AccountBoundary {
  if (setting?.state !== 'limited') return 'open';
  if (!tokenAccountId) return 'excluded';
  return tokenAccountId === resourceAccountId || setting.allowedAccounts.includes(tokenAccountId) ? 'admitted' : 'excluded';
}
