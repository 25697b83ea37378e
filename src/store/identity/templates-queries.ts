import { type Selectable, sql } from 'kysely';
import type { AssignmentResource, AssignmentStatus, TemplateAssignment } from '../../identity/templates/assignment.ts';
import type { Template, TemplateDocuments, TemplateKind, TemplateVersion } from '../../identity/templates/template.ts';
import type { TemplateReads, TemplateWrites } from '../../identity/templates/template-store.ts';
import type { Db, Schema } from '../schema.ts';
import { countOf, forgetObject } from './history-queries.ts';
import { selectPage } from './list-page.ts';

const toTemplate = (row: Selectable<Schema['templates']>): Template => ({ ...row, kind: row.kind as TemplateKind });

type VersionRow = Selectable<Schema['templateVersions']> & { readonly accountId: string; readonly name: string };

/** `K` is the kind by which the row was selected. */
const toVersion = <K extends TemplateKind>({ committed, document, ...row }: VersionRow): TemplateVersion<K> => ({
  ...row,
  committed: committed === 1,
  document: JSON.parse(document) as TemplateDocuments[K],
});

const versionRow = <K extends TemplateKind>(version: TemplateVersion<K>): Schema['templateVersions'] => {
  const { accountId: _, name: __, ...row } = version;
  return { ...row, committed: Number(version.committed), document: JSON.stringify(version.document) };
};

const toAssignment = ({ kind, targetType, status, resources, ...row }: Selectable<Schema['templateAssignments']>): TemplateAssignment => ({
  ...row,
  kind: kind as TemplateKind,
  targetType: targetType as TemplateAssignment['targetType'],
  status: status as AssignmentStatus,
  resources: JSON.parse(resources) as AssignmentResource[],
});

const assignmentRow = (assignment: TemplateAssignment): Schema['templateAssignments'] => ({
  ...assignment,
  resources: JSON.stringify(assignment.resources),
});

const VERSION_COLUMNS = {
  created_at: 'templateVersions.createdAt',
  last_modified_at: 'templateVersions.lastModifiedAt',
  name: 'templates.name',
} as const;
const ASSIGNMENT_COLUMNS = { created_at: 'createdAt', last_modified_at: 'lastModifiedAt', template_id: 'templateId' } as const;

export function templateReads(db: Db): TemplateReads {
  const templates = (kind: TemplateKind) => db.selectFrom('templates').where('kind', '=', kind);
  const versions = (kind: TemplateKind) =>
    db
      .selectFrom('templateVersions')
      .innerJoin('templates', 'templates.id', 'templateVersions.templateId')
      .selectAll('templateVersions')
      .select(['templates.accountId', 'templates.name'])
      .where('templates.kind', '=', kind);
  return {
    async findTemplate(kind, id) {
      const row = await templates(kind).selectAll().where('id', '=', id).executeTakeFirst();
      return row && toTemplate(row);
    },
    async findTemplateByName(kind, accountId, name) {
      const row = await templates(kind).selectAll().where('accountId', '=', accountId).where('name', '=', name).executeTakeFirst();
      return row && toTemplate(row);
    },
    countTemplates: (kind, accountId) =>
      countOf(
        templates(kind)
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .where('accountId', '=', accountId),
      ),
    async findTemplateVersion<K extends TemplateKind>(kind: K, id: string, version: number) {
      const row = await versions(kind)
        .where('templateVersions.templateId', '=', id)
        .where('templateVersions.version', '=', version)
        .executeTakeFirst();
      return row && toVersion<K>(row);
    },
    async findLatestVersion<K extends TemplateKind>(kind: K, id: string) {
      const row = await versions(kind)
        .where('templateVersions.templateId', '=', id)
        .orderBy('templateVersions.version', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && toVersion<K>(row);
    },
    async listTemplateVersions<K extends TemplateKind>(
      kind: K,
      { of, sort, descending, offset, limit }: Parameters<TemplateReads['listTemplateVersions']>[1],
    ) {
      const direction = descending ? 'desc' : 'asc';
      const select =
        'templateId' in of
          ? versions(kind).where('templateVersions.templateId', '=', of.templateId)
          : versions(kind)
              .where('templates.accountId', '=', of.accountId)
              .where('templateVersions.version', '=', (eb) =>
                eb
                  .selectFrom('templateVersions as others')
                  .select((max) => max.fn.max('others.version').as('version'))
                  .whereRef('others.templateId', '=', 'templates.id'),
              );
      const rows = await select
        .orderBy(VERSION_COLUMNS[sort], direction)
        .orderBy('templateVersions.templateId', direction)
        .orderBy('templateVersions.version', direction)
        .limit(limit)
        .offset(offset)
        .execute();
      return rows.map((row) => toVersion<K>(row));
    },
    countTemplateVersions: (templateId) =>
      countOf(
        db
          .selectFrom('templateVersions')
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .where('templateId', '=', templateId),
      ),
    async isAccountWithin(accountId, ancestorId, steps) {
      const found = await db
        .withRecursive('line(id, parentAccountId, step)', (line) =>
          line
            .selectFrom('accounts')
            .select(['accounts.id', 'accounts.parentAccountId', sql<number>`0`.as('step')])
            .where('accounts.id', '=', accountId)
            .unionAll(
              line
                .selectFrom('line')
                .innerJoin('accounts', 'accounts.id', 'line.parentAccountId')
                .select(['accounts.id', 'accounts.parentAccountId', sql<number>`step + 1`.as('step')])
                .where('line.step', '<', steps),
            ),
        )
        .selectFrom('line')
        .select('line.id')
        .where('line.id', '=', ancestorId)
        .executeTakeFirst();
      return found !== undefined;
    },
    async findAssignment(kind, id) {
      const row = await db.selectFrom('templateAssignments').selectAll().where('id', '=', id).where('kind', '=', kind).executeTakeFirst();
      return row && toAssignment(row);
    },
    async findAssignmentTo(templateId, target) {
      const row = await db
        .selectFrom('templateAssignments')
        .selectAll()
        .where('templateId', '=', templateId)
        .where('target', '=', target)
        .executeTakeFirst();
      return row && toAssignment(row);
    },
    countAssignments(templateId, version) {
      const query = db
        .selectFrom('templateAssignments')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('templateId', '=', templateId);
      return countOf(version === undefined ? query : query.where('templateVersion', '=', version));
    },
    async listAssignments(kind, query) {
      let select = db.selectFrom('templateAssignments').selectAll().where('accountId', '=', query.accountId).where('kind', '=', kind);
      if (query.templateId !== undefined) select = select.where('templateId', '=', query.templateId);
      if (query.templateVersion !== undefined) select = select.where('templateVersion', '=', query.templateVersion);
      if (query.target !== undefined) select = select.where('target', '=', query.target);
      if (query.targetType !== undefined) select = select.where('targetType', '=', query.targetType);
      const rows = await selectPage(select, ASSIGNMENT_COLUMNS[query.sort], query).execute();
      return rows.map(toAssignment);
    },
  };
}

export function templateWrites(db: Db): TemplateWrites {
  return {
    async insertTemplate(template) {
      await db.insertInto('templates').values(template).execute();
    },
    async updateTemplate({ id, ...template }) {
      await db.updateTable('templates').set(template).where('id', '=', id).execute();
    },
    async deleteTemplate({ id }) {
      await db
        .deleteFrom('history')
        .where('objectId', 'in', (eb) =>
          eb.selectFrom('templateVersions').select(sql<string>`template_id || '/' || version`.as('key')).where('templateId', '=', id),
        )
        .execute();
      await db.deleteFrom('templateVersions').where('templateId', '=', id).execute();
      await db.deleteFrom('templates').where('id', '=', id).execute();
    },
    async insertTemplateVersion(version) {
      await db.insertInto('templateVersions').values(versionRow(version)).execute();
    },
    async updateTemplateVersion(version) {
      await db
        .updateTable('templateVersions')
        .set(versionRow(version))
        .where('templateId', '=', version.templateId)
        .where('version', '=', version.version)
        .execute();
    },
    async deleteTemplateVersion(templateId, version) {
      await forgetObject(db, `${templateId}/${version}`);
      await db.deleteFrom('templateVersions').where('templateId', '=', templateId).where('version', '=', version).execute();
    },
    async insertAssignment(assignment) {
      await db.insertInto('templateAssignments').values(assignmentRow(assignment)).execute();
    },
    async updateAssignment(assignment) {
      const { id, ...row } = assignmentRow(assignment);
      await db.updateTable('templateAssignments').set(row).where('id', '=', id).execute();
    },
    async deleteAssignment({ id }) {
      await forgetObject(db, id);
      await db.deleteFrom('templateAssignments').where('id', '=', id).execute();
    },
  };
}
