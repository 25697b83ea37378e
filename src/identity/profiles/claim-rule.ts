/**
 * Claim rules: which identities may become a profile by what their token says of them. A rule is compiled once, when an
 * account's view is loaded, and evaluated in the exchange.
 */
import type { EpochMs } from '../../kernel/clock.ts';
import { type Condition, type ConditionOperator, type TextTest, testOfText } from './condition.ts';
import { type CrType, DEFAULT_SERVICE_ACCOUNT, isServiceAccountType } from './link.ts';

export const RULE_TYPES = ['Profile-SAML', 'Profile-CR'] as const;
export type RuleType = (typeof RULE_TYPES)[number];

export interface ClaimRule {
  readonly id: string;
  readonly profileId: string;
  readonly accountId: string;
  readonly name: string | null;
  readonly type: RuleType;
  /** Of a `Profile-SAML` rule: the identity provider. */
  readonly realmName: string | null;
  /** Of a `Profile-CR` rule: the kind of compute resource; null for any. */
  readonly crType: CrType | null;
  /** Seconds that a session by a `Profile-SAML` rule lasts; 0 for compute resources, whose tokens have a life of their own. */
  readonly expiration: number;
  readonly conditions: readonly Condition[];
  readonly revision: number;
  readonly entityTag: string;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
}

/** What a rule says, as its author wrote it. */
export type ClaimRuleInput = Pick<ClaimRule, 'name' | 'type' | 'realmName' | 'crType' | 'expiration' | 'conditions'>;

/** What a verified token says of the compute resource; a claim that is not there is undefined. */
export type ComputeClaims = Readonly<Record<ComputeClaim, string | undefined>>;

/** The claims that a pod has, by the names that rules use (IBM Cloud, IAM condition properties). */
export const COMPUTE_CLAIMS = ['name', 'namespace', 'pod', 'service_instance', 'crn', 'location', 'resource_group_id'] as const;
export type ComputeClaim = (typeof COMPUTE_CLAIMS)[number];

interface CompiledCondition {
  readonly condition: Condition;
  /** Undefined for a claim that no pod has. */
  readonly claim: ComputeClaim | undefined;
  readonly test: TextTest;
}

export interface CompiledRule {
  readonly rule: ClaimRule;
  readonly tests: readonly CompiledCondition[];
}

/** Undefined for a rule that no pod can fulfil: one about people, or about another kind of compute resource. */
export function compileRule(rule: ClaimRule): CompiledRule | undefined {
  if (rule.type !== 'Profile-CR' || rule.conditions.length === 0) return undefined;
  // Both kinds of cluster are one kind here, as in links.
  if (rule.crType !== null && !isServiceAccountType(rule.crType)) return undefined;
  return { rule, tests: rule.conditions.map(compileCondition) };
}

function compileCondition(condition: Condition): CompiledCondition {
  const { claim } = condition;
  return { condition, claim: isComputeClaim(claim) ? claim : undefined, test: testOfText(condition) };
}

const isComputeClaim = (name: string): name is ComputeClaim => COMPUTE_CLAIMS.some((claim) => claim === name);

/** The claim that a condition is about; undefined where the token does not have it. */
export function claimOf(claims: ComputeClaims, name: string): string | undefined {
  return isComputeClaim(name) ? claims[name] : undefined;
}

/** A condition on a claim that is absent never holds, not even `NOT_EQUALS`. */
function conditionHolds({ claim, test }: CompiledCondition, claims: ComputeClaims): boolean {
  const actual = claim === undefined ? undefined : claims[claim];
  return actual !== undefined && test(actual);
}

/** The conditions that do not hold; none means that the rule matches. */
export function missedConditions({ tests }: CompiledRule, claims: ComputeClaims): readonly Condition[] {
  return tests.filter((compiled) => !conditionHolds(compiled, claims)).map(({ condition }) => condition);
}

export function ruleMatches({ tests }: CompiledRule, claims: ComputeClaims): boolean {
  return tests.every((compiled) => conditionHolds(compiled, claims));
}

const NAMES_EXACTLY: ReadonlySet<ConditionOperator> = new Set(['EQUALS', 'IN']);

/** Whether the rule says by name, not by difference or by part, what a claim must be. */
export function pinsClaim({ conditions }: Pick<ClaimRule, 'conditions'>, claim: ComputeClaim): boolean {
  return conditions.some((condition) => condition.claim === claim && NAMES_EXACTLY.has(condition.operator));
}

const POSITIVE: ReadonlySet<ConditionOperator> = new Set(['EQUALS', 'EQUALS_IGNORE_CASE', 'CONTAINS', 'IN']);

/** Whether the rule asks for a service account and takes `default` for it, which every pod of a namespace runs as unless told otherwise. */
export function takesDefaultAccount({ conditions }: Pick<ClaimRule, 'conditions'>): boolean {
  const onName = conditions.filter(({ claim }) => claim === 'name');
  return (
    onName.some(({ operator }) => POSITIVE.has(operator)) && onName.every((condition) => testOfText(condition)(DEFAULT_SERVICE_ACCOUNT))
  );
}

/** Whether a new cluster of the account would be reached by the rule without being named. */
export function reachesAnyCluster(rule: ClaimRule): boolean {
  return rule.type === 'Profile-CR' && !pinsClaim(rule, 'crn') && !pinsClaim(rule, 'service_instance');
}
