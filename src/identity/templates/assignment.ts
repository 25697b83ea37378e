/** Assignments: which version of a template an account has, and what came of it there. */
import type { EpochMs } from '../../kernel/clock.ts';
import type { IdentityName } from '../profiles/profile-identity.ts';
import type { TemplateKind } from './template.ts';

export type AssignmentStatus = 'succeeded' | 'failed';

/** Why an account did not get what the template says. */
export interface AssignmentError {
  readonly name: string;
  readonly errorCode: string;
  readonly message: string;
  readonly statusCode: string;
}

/** What an assignment made in the target, so that it is known again when the version changes. */
export interface Deployed {
  /** The profile, where the template makes one. */
  readonly resourceId?: string;
  /** Those of the profile's rules and identities that are the template's; others are the account's own. */
  readonly ruleIds?: readonly string[];
  readonly identities?: readonly IdentityName[];
}

/** What came of an assignment in one account. */
export interface AssignmentResource extends Deployed {
  readonly target: string;
  readonly status: AssignmentStatus;
  readonly error?: AssignmentError;
}

export interface TemplateAssignment {
  readonly id: string;
  readonly kind: TemplateKind;
  /** The account of the template. */
  readonly accountId: string;
  readonly templateId: string;
  readonly templateVersion: number;
  readonly targetType: 'Account';
  readonly target: string;
  readonly status: AssignmentStatus;
  /** One for each account that the target stands for. */
  readonly resources: readonly AssignmentResource[];
  readonly revision: number;
  readonly entityTag: string;
  readonly createdAt: EpochMs;
  readonly createdById: string;
  readonly lastModifiedAt: EpochMs;
  readonly lastModifiedById: string;
}
