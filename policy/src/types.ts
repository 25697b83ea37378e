/** The operators of resource attributes and access tags. */
export type OperatorName = 'stringEquals' | 'stringMatch' | 'stringExists' | 'stringEqualsAnyOf' | 'stringMatchAnyOf';

/** One condition on one resource attribute or access tag. A policy holds only where all its clauses hold. */
export interface AttributeClause {
  readonly key: string;
  readonly operator: OperatorName;
  readonly value: ClauseValue;
}

/** `stringExists` takes a boolean, the `…AnyOf` operators a list (or a lone string, meaning a list of one), the others a string. */
export type ClauseValue = string | boolean | readonly string[];

/** Whom a policy grants to: an identity or an access group, never both. */
export type PolicySubject = { readonly iamId: string } | { readonly accessGroupId: string };

/** An active access policy. A lone `*` of API version 1 arrives here as `stringExists` true. */
export interface Policy {
  readonly id: string;
  readonly accountId: string;
  readonly subject: PolicySubject;
  readonly roleIds: readonly string[];
  readonly resource: readonly AttributeClause[];
  readonly tags: readonly AttributeClause[];
}

export type ServiceType = 'service' | 'platform_service';

/**
 * What the evaluator asks of a service catalog. Answers are constant while a decision is computed.
 * A child service `svc.child` that the catalog does not list itself answers as `svc`.
 */
export interface RoleCatalog {
  /** All actions that the role gives on the service: base set and service-specific set. Empty for an unknown role. */
  actions(roleId: string, serviceName: string): ReadonlySet<string>;
  /** Undefined for a service that is not registered. */
  serviceType(serviceName: string): ServiceType | undefined;
  /** The `service_group_id` values that include the service. */
  serviceGroups(serviceName: string): readonly string[];
}

/** May this subject do this action on the resource with these attributes? */
export interface AccessRequest {
  readonly subjectId: string;
  /** The token's `scope`, words separated by spaces. */
  readonly scope?: string;
  readonly action: string;
  /** `accountId`, `serviceName`, `serviceInstance` … `serviceType` and `service_group_id` are computed and ignored here. */
  readonly resource: Readonly<Record<string, string>>;
  /** The access tags attached to the resource, each `key:value`. */
  readonly resourceTags?: readonly string[];
}

/** What is known of the subject in the account of the resource. */
export interface SubjectContext {
  /** The access groups of that account in which the subject is a member now; nothing is added. */
  readonly groups: readonly string[];
  /** True when the subject owns the account of the resource; owning another account is false. */
  readonly isOwner: boolean;
}

/** What an enforcement point may remember of a permit. */
export interface Obligation {
  /** Actions permitted until the age is over; empty forbids remembering more than the exact request. */
  readonly actions: readonly string[];
  readonly subject: { readonly id: string; readonly scope?: string };
  /** Absent: the permit holds for the request's own attributes. Never an empty object. */
  readonly resource?: Readonly<Record<string, string>>;
  readonly maxCacheAgeSeconds: number;
}

/** One clause that kept a policy from permitting. `role` means that none of the policy's roles has the action. */
export interface Miss {
  readonly kind: 'attribute' | 'role' | 'tag';
  readonly key?: string;
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
