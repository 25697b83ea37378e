/** Templates and their versions, of either kind: one function per operation of the identity API. */
import type { MutationContext } from '../../audit/mutation.ts';
import { requireEntityTag } from '../../kernel/entity-tag.ts';
import { DomainError } from '../../kernel/errors.ts';
import { limitWarnings, refuseExcess } from '../../kernel/limits.ts';
import { requireNamedAccount } from '../accounts/named-account.ts';
import type { IdentityDeps } from '../deps.ts';
import { gatePart } from '../gate.ts';
import { changedMessage, type Extras, readExtras, readHistories } from '../history.ts';
import { cutPage, type Page } from '../pages.ts';
import type { Deployment } from './deployment.ts';
import {
  type Template,
  type TemplateKind,
  type TemplateKindRow,
  type TemplateVersion,
  templateResource,
  templateTarget,
  versionKey,
} from './template.ts';
import { createTemplateGate, versionNotFound } from './template-gate.ts';
import type { NewTemplateInput, TemplateInput } from './template-schema.ts';
import type { TemplateListQuery, TemplateReads } from './template-store.ts';
import { createVersionChanges } from './version-changes.ts';

/** What a page token of a list of templates or of versions carries. */
export interface TemplatePage extends Page, Pick<TemplateListQuery, 'sort' | 'descending'> {
  readonly includeHistory: boolean;
}

export interface VersionDetails<K extends TemplateKind> extends Extras {
  readonly version: TemplateVersion<K>;
}

interface VersionList<K extends TemplateKind> {
  readonly items: readonly VersionDetails<K>[];
  readonly hasMore: boolean;
}

export type TemplateService<K extends TemplateKind> = ReturnType<typeof createTemplateService<K>>;

const VERSIONS = 'versions of the template';

export function createTemplateService<K extends TemplateKind>(deps: IdentityDeps, row: TemplateKindRow<K>, deployment: Deployment<K>) {
  const { reads, mutate, guard, clock, ids, limits } = deps;
  const changes = createVersionChanges(deps, row, deployment);
  const gate = createTemplateGate(guard, row);
  const TEMPLATES = `${row.noun}s in the account`;

  const findVersion = (context: MutationContext, from: TemplateReads, id: string, version: number | undefined, action: string) =>
    gatePart(
      gate,
      context,
      from,
      id,
      `${row.templateAction}.${action}`,
      async (template) => (version === undefined ? undefined : from.findTemplateVersion(row.kind, template.id, version)),
      (template) => versionNotFound(template.id, version),
    );

  async function refuseTakenName(tx: TemplateReads, accountId: string, name: string, ownId?: string): Promise<void> {
    const other = await tx.findTemplateByName(row.kind, accountId, name);
    if (!other || other.id === ownId) return;
    throw new DomainError('conflict', {
      message: `A ${row.noun} named '${name}' already exists in the account.`,
      details: `It is ${other.id}. Names of templates are unique per account.`,
    });
  }

  async function refuseAssigned(tx: TemplateReads, templateId: string, version?: number): Promise<void> {
    const count = await tx.countAssignments(templateId, version);
    if (count === 0) return;
    throw new DomainError('invalid_state', {
      message: `The ${version === undefined ? 'template' : 'version'} has assignments, so it cannot be deleted.`,
      details: `There are ${count}: delete them first, or move them to another version.`,
    });
  }

  /** The template under the name that the input gives it, if it gives one. */
  async function rename(tx: TemplateReads, template: Template, name: string | undefined): Promise<Template> {
    if (name === undefined || name === template.name) return template;
    await refuseTakenName(tx, template.accountId, name, template.id);
    return { ...template, name };
  }

  async function listPage(page: Omit<TemplatePage, 'accountId'>, of: TemplateListQuery['of']): Promise<VersionList<K>> {
    const { sort, descending, offset, limit, includeHistory } = page;
    const found = await reads.listTemplateVersions(row.kind, { of, sort, descending, offset, limit: limit + 1 });
    const { items, hasMore } = cutPage(found, limit);
    const key = ({ templateId, version }: TemplateVersion<K>) => versionKey(templateId, version);
    const extrasOf = await readHistories(reads, items.map(key), includeHistory);
    return { items: items.map((version) => ({ version, ...extrasOf(key(version)) })), hasMore };
  }

  const details = async (version: TemplateVersion<K>, includeHistory: boolean): Promise<VersionDetails<K>> => ({
    version,
    ...(await readExtras(reads, versionKey(version.templateId, version.version), { history: includeHistory, activity: false })),
  });

  return {
    async create(context: MutationContext, input: NewTemplateInput<K>): Promise<TemplateVersion<K>> {
      return mutate(context, async (tx) => {
        const { accountId, name } = input;
        await requireNamedAccount(tx, accountId);
        const template: Template = {
          id: `${row.idPrefix}-${ids.uuid()}`,
          kind: row.kind,
          accountId,
          name,
          lastVersion: 1,
          createdAt: clock.now(),
        };
        const target = templateTarget({ ...template, id: '' });
        await guard(context, `${row.templateAction}.create`, templateResource(accountId), target);
        await refuseTakenName(tx, accountId, name);
        const count = (await tx.countTemplates(row.kind, accountId)) + 1;
        refuseExcess(TEMPLATES, count, limits[row.perAccount]);
        const version = changes.make(context, template, input);
        await tx.insertTemplate(template);
        const warnings = limitWarnings(TEMPLATES, count, limits[row.perAccount]);
        await changes.add(tx, context, template, version, { fields: input.fields, warnings });
        return version;
      });
    },

    async createVersion(context: MutationContext, id: string, input: TemplateInput<K>): Promise<TemplateVersion<K>> {
      return mutate(context, async (tx) => {
        const before = await gate(context, tx, id, `${row.templateAction}.create`);
        const template = { ...(await rename(tx, before, input.name)), lastVersion: before.lastVersion + 1 };
        const count = (await tx.countTemplateVersions(template.id)) + 1;
        refuseExcess(VERSIONS, count, limits.versionsPerTemplate);
        const version = changes.make(context, template, input);
        await tx.updateTemplate(template);
        const warnings = limitWarnings(VERSIONS, count, limits.versionsPerTemplate);
        await changes.add(tx, context, template, version, { fields: input.fields, warnings });
        return version;
      });
    },

    /** The templates of an account, each as its latest version. */
    async list(context: MutationContext, page: TemplatePage): Promise<VersionList<K>> {
      const { accountId } = page;
      const target = { id: accountId, typeURI: 'iam-identity/templates' };
      await guard(context, `${row.templateAction}.read`, templateResource(accountId), target);
      return listPage(page, { accountId });
    },

    async listVersions(
      context: MutationContext,
      id: string,
      page: Omit<TemplatePage, 'accountId'>,
    ): Promise<VersionList<K> & { readonly template: Template }> {
      const template = await gate(context, reads, id, `${row.templateAction}.read`);
      return { template, ...(await listPage(page, { templateId: template.id })) };
    },

    async latest(context: MutationContext, id: string, includeHistory: boolean): Promise<VersionDetails<K>> {
      const { part } = await gatePart(
        gate,
        context,
        reads,
        id,
        `${row.templateAction}.read`,
        (template) => reads.findLatestVersion(row.kind, template.id),
        (template) => versionNotFound(template.id, undefined),
      );
      return details(part, includeHistory);
    },

    async get(context: MutationContext, id: string, version: number | undefined, includeHistory: boolean): Promise<VersionDetails<K>> {
      const { part } = await findVersion(context, reads, id, version, 'read');
      return details(part, includeHistory);
    },

    async update(
      context: MutationContext,
      id: string,
      version: number | undefined,
      ifMatch: string,
      input: TemplateInput<K>,
    ): Promise<TemplateVersion<K>> {
      return mutate(context, async (tx) => {
        const { whole, part: before } = await findVersion(context, tx, id, version, 'update');
        requireEntityTag(ifMatch, { id: versionKey(whole.id, before.version), entityTag: before.entityTag });
        if (before.committed) {
          throw new DomainError('template_committed', {
            details: `Version ${before.version} of ${whole.id} is committed: make a new version with the change.`,
          });
        }
        if (input.fields.length === 0) return before;
        const template = await rename(tx, whole, input.name);
        const document = input.revise(before.document);
        deployment.refuseExcess(document);
        if (template !== whole) await tx.updateTemplate(template);
        const description = input.description === undefined ? before.description : input.description || null;
        return changes.change(
          tx,
          context,
          template,
          before,
          { name: template.name, description, document },
          {
            action: 'UPDATE',
            fields: input.fields,
            message: changedMessage(input.fields),
          },
        );
      });
    },

    async commit(context: MutationContext, id: string, version: number | undefined): Promise<void> {
      await mutate(context, async (tx) => {
        const { whole: template, part: before } = await findVersion(context, tx, id, version, 'update');
        if (before.committed) {
          throw new DomainError('conflict', { message: `Version ${before.version} of the template is committed already.` });
        }
        const message = `Version ${before.version} was committed.`;
        await changes.change(
          tx,
          context,
          template,
          before,
          { committed: true },
          {
            action: 'COMMIT',
            fields: ['committed'],
            message,
          },
        );
      });
    },

    /** Deletes one version; with the last that it has, the template is gone. */
    async removeVersion(context: MutationContext, id: string, version: number | undefined): Promise<void> {
      await mutate(context, async (tx) => {
        const { whole: template, part } = await findVersion(context, tx, id, version, 'delete');
        await refuseAssigned(tx, template.id, part.version);
        if ((await tx.countTemplateVersions(template.id)) === 1) await tx.deleteTemplate(template);
        else await tx.deleteTemplateVersion(template.id, part.version);
        tx.event({
          action: `${row.templateAction}.delete`,
          accountId: template.accountId,
          target: templateTarget(template),
          requestData: { version: part.version },
          before: part,
        });
      });
    },

    async remove(context: MutationContext, id: string): Promise<void> {
      await mutate(context, async (tx) => {
        const template = await gate(context, tx, id, `${row.templateAction}.delete`);
        await refuseAssigned(tx, template.id);
        await tx.deleteTemplate(template);
        tx.event({
          action: `${row.templateAction}.delete`,
          accountId: template.accountId,
          target: templateTarget(template),
          before: template,
        });
      });
    },
  };
}
