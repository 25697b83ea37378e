import { type ExpressionBuilder, sql } from 'kysely';
import type { AccessGroup, ListedGroup } from '../../groups/group.ts';
import type { GroupFilter, GroupReads, GroupWrites } from '../../groups/store.ts';
import type { Db, Schema } from '../schema.ts';
import { memberReads, memberWrites } from './members-queries.ts';
import { publicAccessGroup } from './public-access-queries.ts';
import { groupRuleReads, groupRuleWrites } from './rules-queries.ts';
import { groupSettingsReads, groupSettingsWrites } from './settings-queries.ts';

type Own = Pick<
  GroupReads,
  'findGroup' | 'findGroupByFoldedName' | 'findPublicAccessGroup' | 'listGroups' | 'countListedGroups' | 'countGroups'
>;

const GROUP_COLUMNS = [
  ...(['id', 'accountId', 'name', 'description', 'revision', 'entityTag'] as const),
  ...(['createdAt', 'createdById', 'lastModifiedAt', 'lastModifiedById'] as const),
] as const;

const SORT_COLUMNS = { id: 'id', name: 'name', description: 'description', is_federated: 'isFederated' } as const;

/** The letters of ASCII alone, as SQLite's `lower` folds them. */
const foldAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** What a filter selects from: the groups of an account, the public access group among them where it is wanted and there is one. */
function source(db: Db, { accountId, withPublicAccess }: GroupFilter) {
  const isFederated = (eb: ExpressionBuilder<Schema, 'accessGroups'>) =>
    eb.exists(eb.selectFrom('groupRules').select('groupRules.id').whereRef('groupRules.groupId', '=', 'accessGroups.id'));
  const own = db
    .selectFrom('accessGroups')
    .select([...GROUP_COLUMNS, 'nameFolded'])
    .select((eb) => isFederated(eb).$castTo<number>().as('isFederated'))
    .where('accountId', '=', accountId);
  return withPublicAccess ? own.unionAll(publicAccessGroup(db, accountId)) : own;
}

function matching(db: Db, filter: GroupFilter) {
  const { accountId, memberships, search, at } = filter;
  let select = db.selectFrom(source(db, filter).as('listed'));
  if (memberships) {
    const { iamId, type } = memberships;
    select = select.where((eb) => {
      const added = eb
        .selectFrom('groupMembers')
        .select('groupMembers.groupId')
        .where('groupMembers.accountId', '=', accountId)
        .where('groupMembers.iamId', '=', iamId);
      const byRule = eb
        .selectFrom('ruleMembers')
        .select('ruleMembers.groupId')
        .where('ruleMembers.accountId', '=', accountId)
        .where('ruleMembers.iamId', '=', iamId)
        .where('ruleMembers.expiresAt', '>', at);
      if (type === 'static') return eb('listed.id', 'in', added);
      if (type === 'dynamic') return eb('listed.id', 'in', byRule);
      return eb.or([eb('listed.id', 'in', added), eb('listed.id', 'in', byRule)]);
    });
  }
  if (search?.field === 'id') select = select.where('listed.id', '=', search.text);
  // Names are stored folded; descriptions are folded here, their ASCII letters alone.
  else if (search?.field === 'name') select = select.where(sql<boolean>`instr(${sql.ref('listed.nameFolded')}, ${search.text}) > 0`);
  else if (search) select = select.where(sql<boolean>`instr(lower(${sql.ref('listed.description')}), ${foldAscii(search.text)}) > 0`);
  return select;
}

function ownReads(db: Db): Own {
  const groups = () => db.selectFrom('accessGroups').select(GROUP_COLUMNS);
  return {
    findGroup: (id): Promise<AccessGroup | undefined> => groups().where('id', '=', id).executeTakeFirst(),
    findGroupByFoldedName: (accountId, folded) =>
      groups().where('accountId', '=', accountId).where('nameFolded', '=', folded).executeTakeFirst(),
    async findPublicAccessGroup(accountId) {
      const row = await publicAccessGroup(db, accountId).executeTakeFirst();
      if (row === undefined) return undefined;
      const { nameFolded: _, isFederated: __, ...group } = row;
      return group;
    },
    async listGroups(filter, { sort, descending }, page) {
      const direction = descending ? 'desc' : 'asc';
      let select = matching(db, filter)
        .select([...GROUP_COLUMNS, 'isFederated'])
        .orderBy(SORT_COLUMNS[sort], direction)
        .orderBy('id', direction);
      if (page) select = select.limit(page.limit).offset(page.offset);
      const rows = await select.execute();
      return rows.map((row): ListedGroup => ({ ...row, isFederated: row.isFederated === 1 }));
    },
    async countListedGroups(filter) {
      const row = await matching(db, filter)
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow();
      return row.n;
    },
    async countGroups(accountId) {
      const row = await db
        .selectFrom('accessGroups')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('accountId', '=', accountId)
        .executeTakeFirstOrThrow();
      return row.n;
    },
  };
}

export function groupReads(db: Db): GroupReads {
  return { ...ownReads(db), ...memberReads(db), ...groupRuleReads(db), ...groupSettingsReads(db) };
}

export function groupWrites(db: Db): GroupWrites {
  return {
    ...groupReads(db),
    ...memberWrites(db),
    ...groupRuleWrites(db),
    ...groupSettingsWrites(db),
    async insertGroup(group, nameFolded) {
      await db
        .insertInto('accessGroups')
        .values({ ...group, nameFolded })
        .execute();
    },
    async updateGroup({ id, ...group }, nameFolded) {
      await db
        .updateTable('accessGroups')
        .set({ ...group, nameFolded })
        .where('id', '=', id)
        .execute();
    },
    async deleteGroup({ id }) {
      await db.deleteFrom('groupMembers').where('groupId', '=', id).execute();
      await db.deleteFrom('ruleMembers').where('groupId', '=', id).execute();
      await db.deleteFrom('groupRules').where('groupId', '=', id).execute();
      await db.deleteFrom('accessGroups').where('id', '=', id).execute();
    },
  };
}
