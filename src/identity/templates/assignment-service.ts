/** Assignments of templates, of either kind. What an assignment does is done when its caller is answered, in the same transaction. */
import type { MutationContext } from '../../audit/mutation.ts';
import { newEntityTag, requireEntityTag } from '../../kernel/entity-tag.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Account } from '../accounts/account.ts';
import type { IdentityDeps, Tx } from '../deps.ts';
import { gatePart } from '../gate.ts';
import { changedMessage, type Extras, historyRecord, readExtras, readHistories } from '../history.ts';
import { cutPage, type Page } from '../pages.ts';
import type { AssignmentError, AssignmentResource, TemplateAssignment } from './assignment.ts';
import type { Deployment } from './deployment.ts';
import {
  TEMPLATE_TYPE,
  type Template,
  type TemplateKind,
  type TemplateKindRow,
  type TemplateVersion,
  templateCrn,
  templateResource,
} from './template.ts';
import { createAssignmentGate, createTemplateGate, requireCommitted, versionNotFound } from './template-gate.ts';
import type { AssignmentListQuery } from './template-store.ts';

/** What a page token of the list carries: the query and the place in it. */
export interface AssignmentPage extends Page, Omit<AssignmentListQuery, keyof Page> {
  readonly includeHistory: boolean;
}

export interface AssignmentDetails extends Extras {
  readonly assignment: TemplateAssignment;
}

export interface AssignmentInput {
  readonly templateId: string;
  readonly templateVersion: number;
  /** The account that gets it. */
  readonly target: string;
}

export type AssignmentService = ReturnType<typeof createAssignmentService>;

/** How far below the account of a template an account may be that gets it. */
const MAX_STEPS = 10;

function describeFailure({ row, message }: DomainError): AssignmentError {
  const { code, messageCode = code } = row.identity;
  return { name: code, errorCode: messageCode, message, statusCode: String(row.status) };
}

export function createAssignmentService<K extends TemplateKind>(deps: IdentityDeps, row: TemplateKindRow<K>, deployment: Deployment<K>) {
  const { reads, mutate, guard, clock, ids } = deps;
  const templateGate = createTemplateGate(guard, row);
  const gate = createAssignmentGate(guard, row);

  const act = (verb: string) => `${row.assignmentAction}.${verb}`;

  /** Gives the account the version. What stands in the way there is how the assignment ends, not how the call does. */
  async function deploy(
    tx: Tx,
    context: MutationContext,
    assignmentId: string,
    version: TemplateVersion<K>,
    account: Account,
    before?: AssignmentResource,
  ): Promise<AssignmentResource> {
    let write: Awaited<ReturnType<Deployment<K>['prepare']>>;
    try {
      write = await deployment.prepare(tx, context, { version, assignmentId, account, before });
    } catch (error) {
      if (!(error instanceof DomainError) || error.row.status >= 500) throw error;
      const { error: _, ...made } = before ?? {};
      return { ...made, target: account.id, status: 'failed', error: describeFailure(error) };
    }
    return { ...(await write()), target: account.id, status: 'succeeded' };
  }

  /** The account that a template may be given to: its own, or one below that. */
  async function requireTarget(tx: Tx, template: Template, target: string): Promise<Account> {
    const account = (await tx.isAccountWithin(target, template.accountId, MAX_STEPS)) ? await tx.findAccount(target) : undefined;
    if (account) return account;
    throw new DomainError('invalid_field', {
      message: `Field 'target' names account '${target}', which is neither the account of the template nor below it.`,
      details: `Templates of account ${template.accountId} are assigned to that account and to the accounts of its enterprise below it.`,
    });
  }

  async function refuseAssigned(tx: Tx, template: Template, target: string): Promise<void> {
    const other = await tx.findAssignmentTo(template.id, target);
    if (!other) return;
    throw new DomainError('conflict', {
      message: 'The template is assigned to the account already.',
      details: `Assignment ${other.id} does that: move it to another version, or delete it.`,
    });
  }

  function record(
    tx: Tx,
    verb: 'assign' | 'assignment-update' | 'remove',
    { accountId, templateId }: TemplateAssignment,
    change: { readonly before?: TemplateAssignment; readonly after?: TemplateAssignment },
  ): void {
    const target = { id: templateCrn({ id: templateId, accountId }), typeURI: TEMPLATE_TYPE };
    tx.event({ action: `${row.templateAction}.${verb}`, accountId, target, ...change });
  }

  return {
    async create(context: MutationContext, input: AssignmentInput): Promise<TemplateAssignment> {
      return mutate(context, async (tx) => {
        const { whole: template, part: version } = await gatePart(
          templateGate,
          context,
          tx,
          input.templateId,
          act('create'),
          ({ id }) => tx.findTemplateVersion(row.kind, id, input.templateVersion),
          ({ id }) => versionNotFound(id, input.templateVersion),
        );
        const account = await requireTarget(tx, template, input.target);
        await refuseAssigned(tx, template, account.id);
        requireCommitted(version);
        deployment.requireComplete(version);
        const id = `TemplateAssignment-${ids.uuid()}`;
        const resource = await deploy(tx, context, id, version, account);
        const at = clock.now();
        const assignment: TemplateAssignment = {
          id,
          kind: row.kind,
          accountId: template.accountId,
          templateId: template.id,
          templateVersion: version.version,
          targetType: 'Account',
          target: account.id,
          status: resource.status,
          resources: [resource],
          revision: 1,
          entityTag: newEntityTag(ids, 1),
          createdAt: at,
          createdById: context.caller.iamId,
          lastModifiedAt: at,
          lastModifiedById: context.caller.iamId,
        };
        await tx.insertAssignment(assignment);
        const params = ['template_id', 'template_version', 'target_type', 'target'];
        await tx.insertHistory(id, historyRecord(context, at, 'CREATE', params, `The assignment was created and has ${resource.status}.`));
        record(tx, 'assign', assignment, { after: assignment });
        return assignment;
      });
    },

    async list(
      context: MutationContext,
      { includeHistory, ...query }: AssignmentPage,
    ): Promise<{ items: readonly AssignmentDetails[]; hasMore: boolean }> {
      const target = { id: query.accountId, typeURI: 'iam-identity/template-assignments' };
      await guard(context, act('read'), templateResource(query.accountId), target);
      const found = await reads.listAssignments(row.kind, { ...query, limit: query.limit + 1 });
      const { items, hasMore } = cutPage(found, query.limit);
      const extrasOf = await readHistories(
        reads,
        items.map(({ id }) => id),
        includeHistory,
      );
      return { items: items.map((assignment) => ({ assignment, ...extrasOf(assignment.id) })), hasMore };
    },

    async get(context: MutationContext, id: string, includeHistory: boolean): Promise<AssignmentDetails> {
      const assignment = await gate(context, reads, id, act('read'));
      return { assignment, ...(await readExtras(reads, assignment.id, { history: includeHistory, activity: false })) };
    },

    /** Moves the assignment to a version; to the one that it has, it is tried once more. */
    async update(context: MutationContext, id: string, ifMatch: string, templateVersion: number): Promise<TemplateAssignment> {
      return mutate(context, async (tx) => {
        const { whole: before, part: version } = await gatePart(
          gate,
          context,
          tx,
          id,
          act('update'),
          ({ templateId }) => tx.findTemplateVersion(row.kind, templateId, templateVersion),
          ({ templateId }) => versionNotFound(templateId, templateVersion),
        );
        requireEntityTag(ifMatch, before);
        requireCommitted(version);
        deployment.requireComplete(version);
        const account = await tx.findAccount(before.target);
        if (!account) throw new DomainError('invalid_state', { message: `Account ${before.target} is no more.` });
        const resource = await deploy(tx, context, id, version, account, before.resources[0]);
        const revision = before.revision + 1;
        const at = clock.now();
        const after: TemplateAssignment = {
          ...before,
          templateVersion: version.version,
          status: resource.status,
          resources: [resource],
          revision,
          entityTag: newEntityTag(ids, revision),
          lastModifiedAt: at,
          lastModifiedById: context.caller.iamId,
        };
        await tx.updateAssignment(after);
        const params = ['template_version'];
        const message = `${changedMessage(params)} The assignment has ${resource.status}.`;
        await tx.insertHistory(id, historyRecord(context, at, 'UPDATE', params, message));
        record(tx, 'assignment-update', after, { before, after });
        return after;
      });
    },

    async remove(context: MutationContext, id: string): Promise<void> {
      await mutate(context, async (tx) => {
        const assignment = await gate(context, tx, id, act('delete'));
        for (const resource of assignment.resources) await deployment.remove(tx, context, assignment, resource);
        await tx.deleteAssignment(assignment);
        record(tx, 'remove', assignment, { before: assignment });
      });
    },
  };
}
