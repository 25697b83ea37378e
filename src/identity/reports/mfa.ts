/** What is asked of users in the way of multi-factor authentication, and whether they comply. Nobody can enrol a second factor here. */
import type { AccountSettings, Mfa } from '../settings/account-settings.ts';

/** What an account asks of its users. */
export interface MfaRules {
  readonly ofAll: Mfa;
  readonly ofUser: ReadonlyMap<string, Mfa>;
}

/** Where a user complies: nowhere that is known, in this account, in every account. */
export type ComplyState = 'NO' | 'ACCOUNT' | 'CROSS_ACCOUNT';

export interface MfaEnrollment {
  readonly traitAccountDefault: Mfa;
  /** Absent where the account asks nothing particular of the user. */
  readonly traitUserSpecific?: Mfa;
  readonly traitEffective: Mfa;
  readonly complies: boolean;
  /** Absent where it is not known how the user fares in other accounts. */
  readonly complyState?: ComplyState;
}

/** Levels that somebody without a second factor meets: nobody signs in with a password here. */
const MET_WITHOUT_SECOND_FACTOR: ReadonlySet<Mfa> = new Set<Mfa>(['NONE', 'NONE_NO_ROPC']);

/** The rules that follow from the settings that hold for an account. */
export function mfaRules({ mfa, userMfa }: AccountSettings): MfaRules {
  return { ofAll: mfa, ofUser: new Map(userMfa.map((entry) => [entry.iamId, entry.mfa])) };
}

const isMet = (rules: MfaRules, iamId: string): boolean => MET_WITHOUT_SECOND_FACTOR.has(rules.ofUser.get(iamId) ?? rules.ofAll);

/** How a user stands in an account; `others` are the rules of all other accounts of the user, undefined where they are not known. */
export function mfaEnrollment(rules: MfaRules, iamId: string, others: readonly MfaRules[] | undefined): MfaEnrollment {
  const traitUserSpecific = rules.ofUser.get(iamId);
  const complies = isMet(rules, iamId);
  const base = {
    traitAccountDefault: rules.ofAll,
    ...(traitUserSpecific !== undefined && { traitUserSpecific }),
    traitEffective: traitUserSpecific ?? rules.ofAll,
    complies,
  };
  if (!complies) return { ...base, complyState: 'NO' };
  if (others === undefined) return base;
  return { ...base, complyState: others.every((other) => isMet(other, iamId)) ? 'CROSS_ACCOUNT' : 'ACCOUNT' };
}
