/** The operators of resource attributes, access tags and the attributes of a service that an authorization policy names. */
export type OperatorName = 'stringEquals' | 'stringMatch' | 'stringExists' | 'stringEqualsAnyOf' | 'stringMatchAnyOf';

/** The operators of conditions on the instant of the decision. */
export type TimeOperatorName =
  | ('timeLessThan' | 'timeLessThanOrEquals' | 'timeGreaterThan' | 'timeGreaterThanOrEquals')
  | ('dateLessThan' | 'dateLessThanOrEquals' | 'dateGreaterThan' | 'dateGreaterThanOrEquals')
  | ('dateTimeLessThan' | 'dateTimeLessThanOrEquals' | 'dateTimeGreaterThan' | 'dateTimeGreaterThanOrEquals')
  | ('dayOfWeekEquals' | 'dayOfWeekAnyOf');

/** One condition on one resource attribute or access tag. A policy holds only where all its clauses hold. */
export interface AttributeClause {
  readonly key: string;
  readonly operator: OperatorName;
  readonly value: ClauseValue;
}

/** `stringExists` takes a boolean, the `…AnyOf` operators a list (or a lone value, meaning a list of one), the others a text. */
export type ClauseValue = string | number | boolean | readonly (string | number)[];

/**
 * One condition of a rule. `key` is `{{resource.attributes.<name>}}` with an operator of attributes, or `{{environment.attributes.<name>}}`
 * with one of time: `current_date_time`, `current_time`, `current_date` or `day_of_week` (IBM Cloud, IAM condition properties).
 */
export interface Condition {
  readonly key: string;
  readonly operator: OperatorName | TimeOperatorName;
  readonly value: ClauseValue;
}

/** When a policy applies, beside its clauses: one condition, or several of which all (`and`) or any (`or`) hold; nested two deep. */
export type Rule = Condition | { readonly operator: 'and' | 'or'; readonly conditions: readonly Rule[] };

/** Whom a policy grants to: an identity, an access group, or the services whose attributes match (an authorization between services). */
export type PolicySubject =
  | { readonly iamId: string }
  | { readonly accessGroupId: string }
  | { readonly serviceAttributes: readonly AttributeClause[] };

/** An active policy. A lone `*` of API version 1 arrives here as `stringExists` true. */
export interface Policy {
  readonly id: string;
  readonly accountId: string;
  readonly subject: PolicySubject;
  readonly roleIds: readonly string[];
  readonly resource: readonly AttributeClause[];
  readonly tags: readonly AttributeClause[];
  readonly rule?: Rule;
}

export type ServiceType = 'service' | 'platform_service';

/**
 * What the evaluator asks of a service catalog, custom roles and registered services of the account included. Answers are constant
 * while a decision is computed. A child service `svc.child` that the catalog does not list itself answers as `svc`.
 */
export interface RoleCatalog {
  /** All actions that the role gives on the service: base set and service-specific set. Empty for an unknown role. */
  actions(roleId: string, serviceName: string): ReadonlySet<string>;
  /** Undefined for a service that is not registered. */
  serviceType(serviceName: string): ServiceType | undefined;
  /** The `service_group_id` values that include the service. */
  serviceGroups(serviceName: string): readonly string[];
}

/** May this subject do this action on the resource with these attributes, at this instant? */
export interface AccessRequest {
  /** The subject's `iam_id`; of a service (`subjectAttributes`) its CRN identity `crn-crn:v1:…`. */
  readonly subjectId: string;
  /** Of a service that asks for itself, the attributes of its CRN: authorization policies apply to it, and no others. */
  readonly subjectAttributes?: Readonly<Record<string, string>>;
  /** The token's `scope`, words separated by spaces. */
  readonly scope?: string;
  readonly action: string;
  /** `accountId`, `serviceName`, `serviceInstance` … `serviceType` and `service_group_id` are computed and ignored here. */
  readonly resource: Readonly<Record<string, string>>;
  /** The access tags attached to the resource, each `key:value`. */
  readonly resourceTags?: readonly string[];
  /** The instant of the decision, milliseconds since 1970-01-01T00:00:00Z; conditions on time look at nothing else. */
  readonly at: number;
}

/**
 * What the account's setting on identities of other accounts says of this subject: `open` where it does not restrict it, `admitted` where
 * it does and the account of the token passes, `excluded` where it does not pass.
 */
export type AccountBoundary = 'open' | 'admitted' | 'excluded';

/** What is known of the subject in the account of the resource. */
export interface SubjectContext {
  /** The access groups of that account in which the subject is a member now; nothing is added. */
  readonly groups: readonly string[];
  /** Of memberships that end by themselves, the instant (milliseconds) at which they do, by group. */
  readonly groupsEndAt?: ReadonlyMap<string, number>;
  /** True when the subject owns the account of the resource; owning another account is false. */
  readonly isOwner: boolean;
  /** `open` where absent. */
  readonly boundary?: AccountBoundary;
}

/** What an enforcement point may remember of a permit. */
export interface Obligation {
  /** Actions permitted until the age is over; empty forbids remembering more than the exact request. */
  readonly actions: readonly string[];
  readonly subject: { readonly id: string; readonly scope?: string };
  /** Absent: the permit holds for the request's own attributes. Never an empty object. */
  readonly resource?: Readonly<Record<string, string>>;
  /** At least 1, at most 600; no longer than a window of time or a membership that the permit rests on. */
  readonly maxCacheAgeSeconds: number;
}

/**
 * One thing that kept a policy from permitting. `role`: none of the policy's roles has the action (`expected`); `condition`: a condition of
 * its rule did not hold (`actual` is the attribute's value, or the instant as the condition reads it; `operator` is the condition's).
 */
export interface Miss {
  readonly kind: 'attribute' | 'role' | 'tag' | 'condition';
  readonly key?: string;
  readonly operator?: OperatorName | TimeOperatorName;
  readonly expected?: string;
  readonly actual?: string;
}

/** The policy of this subject, in the account of the resource, that failed on the fewest clauses. */
export interface NearestMiss {
  readonly policyId: string;
  readonly missed: readonly Miss[];
}

export type Decision =
  /** `permittedBy` holds policy ids, or the marker `owner`. */
  | { readonly permitted: true; readonly permittedBy: readonly string[]; readonly obligation: Obligation }
  | { readonly permitted: false; readonly reason: 'IAM'; readonly nearest?: NearestMiss };

/** The steps of a decision, in the order in which they are taken (contract of decisions, 2.2). */
export type CheckName = 'resource' | 'boundary' | 'scope' | 'owner' | 'candidates' | 'policies';

/** One step of a decision. `skipped` is a step that could neither permit nor refuse, or that an earlier one made idle. */
export interface DecisionCheck {
  readonly check: CheckName;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** A sentence that says what was looked at and what was found. */
  readonly detail: string;
}

/** One policy of the subject as a decision saw it; `missed` is empty for one that permits. */
export interface ExaminedPolicy {
  readonly policyId: string;
  /** The access group that the subject has it from. */
  readonly accessGroupId?: string;
  readonly missed: readonly Miss[];
}

/** A decision with its reasons, for those who may read them. */
export interface Explanation {
  readonly decision: Decision;
  readonly checks: readonly DecisionCheck[];
  /** The policies of the subject, those that missed least first, at most 10 of them. */
  readonly policies: readonly ExaminedPolicy[];
}
