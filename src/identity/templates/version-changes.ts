/** Making a version of a template and changing one, with all that this leaves behind. */
import type { MutationContext } from '../../audit/mutation.ts';
import { newEntityTag } from '../../kernel/entity-tag.ts';
import type { IdentityDeps, Tx } from '../deps.ts';
import { historyRecord } from '../history.ts';
import type { Deployment } from './deployment.ts';
import {
  type Template,
  type TemplateDocuments,
  type TemplateKind,
  type TemplateKindRow,
  type TemplateVersion,
  templateTarget,
  versionKey,
} from './template.ts';
import type { TemplateInput } from './template-schema.ts';

/** What may change in a version. */
export interface VersionChanges<K extends TemplateKind> {
  readonly name?: string;
  readonly description?: string | null;
  readonly document?: TemplateDocuments[K];
  readonly committed?: boolean;
}

export function createVersionChanges<K extends TemplateKind>(
  { clock, ids }: Pick<IdentityDeps, 'clock' | 'ids'>,
  row: TemplateKindRow<K>,
  deployment: Deployment<K>,
) {
  return {
    /** The version with the template's newest number. */
    make(context: MutationContext, template: Template, input: TemplateInput<K>): TemplateVersion<K> {
      const document = input.revise();
      deployment.refuseExcess(document);
      const at = clock.now();
      return {
        templateId: template.id,
        accountId: template.accountId,
        name: template.name,
        version: template.lastVersion,
        description: input.description || null,
        committed: false,
        document,
        revision: 1,
        entityTag: newEntityTag(ids, 1),
        createdAt: at,
        createdById: context.caller.iamId,
        lastModifiedAt: at,
        lastModifiedById: context.caller.iamId,
      };
    },

    /** Stores a version that was made. */
    async add(
      tx: Tx,
      context: MutationContext,
      template: Template,
      version: TemplateVersion<K>,
      { fields, warnings }: { readonly fields: readonly string[]; readonly warnings: readonly string[] },
    ): Promise<void> {
      await tx.insertTemplateVersion(version);
      const record = historyRecord(context, version.createdAt, 'CREATE', fields, `Version ${version.version} was created.`);
      await tx.insertHistory(versionKey(template.id, version.version), record);
      tx.event({
        action: `${row.templateAction}.create`,
        accountId: template.accountId,
        target: templateTarget(template),
        requestData: { version: version.version },
        after: version,
        ...(warnings.length > 0 && { warnings }),
      });
    },

    /** Stores the version's next revision. */
    async change(
      tx: Tx,
      context: MutationContext,
      template: Template,
      before: TemplateVersion<K>,
      changes: VersionChanges<K>,
      { action, fields, message }: { readonly action: 'UPDATE' | 'COMMIT'; readonly fields: readonly string[]; readonly message: string },
    ): Promise<TemplateVersion<K>> {
      const at = clock.now();
      const revision = before.revision + 1;
      const author = { lastModifiedAt: at, lastModifiedById: context.caller.iamId };
      const after: TemplateVersion<K> = { ...before, ...changes, ...author, revision, entityTag: newEntityTag(ids, revision) };
      await tx.updateTemplateVersion(after);
      await tx.insertHistory(versionKey(template.id, after.version), historyRecord(context, at, action, fields, message));
      tx.event({
        action: `${row.templateAction}.update`,
        accountId: template.accountId,
        target: templateTarget(template),
        requestData: { version: after.version, operation: action.toLowerCase() },
        before,
        after,
      });
      return after;
    },
  };
}
