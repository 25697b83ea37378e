/** Dynamic rules: which users become members of a group for some hours when they sign in, by what their identity provider says of them. */
import { type ClaimValue, type Condition, conditionHolds } from '../identity/profiles/condition.ts';
import type { EpochMs } from '../kernel/clock.ts';

export interface GroupRule {
  readonly id: string;
  readonly groupId: string;
  readonly accountId: string;
  readonly name: string | null;
  /** Hours that a membership lasts. */
  readonly expiration: number;
  /** The identity provider whose sign-ins the rule looks at. */
  readonly realmName: string;
  readonly conditions: readonly Condition[];
  readonly revision: number;
  readonly entityTag: string;
  readonly createdAt: EpochMs;
  readonly createdById: string;
  readonly lastModifiedAt: EpochMs;
  readonly lastModifiedById: string;
}

/** What a rule says, as its author wrote it. */
export type GroupRuleInput = Pick<GroupRule, 'name' | 'expiration' | 'realmName' | 'conditions'>;

/** What an identity provider says of a user who signs in. */
export type LoginClaims = ReadonlyMap<string, ClaimValue>;

/** Whether all conditions of the rule hold; a rule without any never matches. */
export function ruleMatches({ conditions }: Pick<GroupRule, 'conditions'>, claims: LoginClaims): boolean {
  return conditions.length > 0 && conditions.every((condition) => conditionHolds(condition, claims.get(condition.claim)));
}

/** A membership as a rule makes it. */
export interface NewRuleMembership {
  readonly ruleId: string;
  readonly groupId: string;
  readonly accountId: string;
  readonly iamId: string;
  readonly realmName: string;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
}

const HOUR_MS = 3_600_000;

/** The membership that a rule makes of a user who signs in at an instant. */
export function membershipBy(rule: GroupRule, iamId: string, at: EpochMs): NewRuleMembership {
  const { id, groupId, accountId, realmName, expiration } = rule;
  return { ruleId: id, groupId, accountId, iamId, realmName, createdAt: at, expiresAt: at + expiration * HOUR_MS };
}
