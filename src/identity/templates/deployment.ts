/** What assigning a template does in an account: the part in which the two kinds of templates differ. */
import type { MutationContext } from '../../audit/mutation.ts';
import type { Account } from '../accounts/account.ts';
import type { Tx } from '../deps.ts';
import type { AssignmentResource, Deployed, TemplateAssignment } from './assignment.ts';
import type { TemplateDocuments, TemplateKind, TemplateVersion } from './template.ts';

/** A version on its way into an account. */
export interface Placement<K extends TemplateKind> {
  readonly version: TemplateVersion<K>;
  readonly assignmentId: string;
  readonly account: Account;
  /** What the assignment made in the account before. */
  readonly before: Deployed | undefined;
}

export interface Deployment<K extends TemplateKind> {
  /** Refuses a document that no account would have room for. */
  refuseExcess(document: TemplateDocuments[K]): void;
  /** Refuses a document that leaves open what an account is to be given. */
  requireComplete(version: TemplateVersion<K>): void;
  /**
   * Finds out whether the account can be given the version, and answers with the step that does it. What stands in the way is thrown
   * before anything is written.
   */
  prepare(tx: Tx, context: MutationContext, placement: Placement<K>): Promise<() => Promise<Deployed>>;
  /** Takes from the account what the assignment gave it. */
  remove(tx: Tx, context: MutationContext, assignment: TemplateAssignment, resource: AssignmentResource): Promise<void>;
}
