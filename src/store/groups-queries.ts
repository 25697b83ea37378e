import { type Kysely, sql } from 'kysely';
import type { MemberType } from '../groups/group.ts';
import type { GroupReads, GroupWrites } from '../groups/store.ts';
import { findAccessHold } from './access-hold-queries.ts';
import type { Schema } from './schema.ts';

type Db = Kysely<Schema>;

const PROFILE_PREFIX = 'iam-Profile-';
const SERVICE_ID_PREFIX = 'iam-ServiceId-';

export function groupReads(db: Db): GroupReads {
  const groups = () =>
    db
      .selectFrom('accessGroups')
      .select([
        'id',
        'accountId',
        'name',
        'description',
        'revision',
        'entityTag',
        'createdAt',
        'createdById',
        'lastModifiedAt',
        'lastModifiedById',
      ]);
  return {
    findAccessHold: (accountId, iamId) => findAccessHold(db, accountId, iamId),
    findGroup: (id) => groups().where('id', '=', id).executeTakeFirst(),
    findGroupByFoldedName: (accountId, folded) =>
      groups().where('accountId', '=', accountId).where('nameFolded', '=', folded).executeTakeFirst(),
    listGroups(query) {
      const direction = query.descending ? 'desc' : 'asc';
      let select = groups().where('accountId', '=', query.accountId);
      const { iamId, search } = query;
      if (iamId !== undefined) {
        select = select.where('id', 'in', (eb) =>
          eb.selectFrom('groupMembers').select('groupId').where('accountId', '=', query.accountId).where('iamId', '=', iamId),
        );
      }
      if (search?.field === 'id') select = select.where('id', '=', search.text);
      else if (search) select = select.where(sql<boolean>`instr(lower(${sql.ref(search.field)}), ${search.text.toLowerCase()}) > 0`);
      return select.orderBy(query.sort, direction).orderBy('id', direction).execute();
    },
    async countGroups(accountId) {
      const row = await db
        .selectFrom('accessGroups')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('accountId', '=', accountId)
        .executeTakeFirstOrThrow();
      return row.n;
    },
    async findMember(groupId, iamId) {
      const row = await db
        .selectFrom('groupMembers')
        .selectAll()
        .where('groupId', '=', groupId)
        .where('iamId', '=', iamId)
        .executeTakeFirst();
      return row && { ...row, type: row.type as MemberType };
    },
    async listMembers({ groupId, type, offset, limit }) {
      let matching = db.selectFrom('groupMembers').where('groupId', '=', groupId);
      if (type) matching = matching.where('type', '=', type);
      const total = await matching.select((eb) => eb.fn.countAll<number>().as('n')).executeTakeFirstOrThrow();
      const rows = await matching.selectAll().orderBy('createdAt').orderBy('iamId').limit(limit).offset(offset).execute();
      return { members: rows.map((row) => ({ ...row, type: row.type as MemberType })), total: total.n };
    },
    async countGroupsOf(accountId, iamId) {
      const row = await db
        .selectFrom('groupMembers')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('accountId', '=', accountId)
        .where('iamId', '=', iamId)
        .executeTakeFirstOrThrow();
      return row.n;
    },
    async groupIdsOf(accountId, iamId) {
      const rows = await db
        .selectFrom('groupMembers')
        .select('groupId')
        .where('accountId', '=', accountId)
        .where('iamId', '=', iamId)
        .orderBy('groupId')
        .execute();
      return rows.map((row) => row.groupId);
    },
    async findIdentity(accountId, iamId) {
      if (iamId.startsWith(PROFILE_PREFIX)) {
        return db
          .selectFrom('profiles')
          .select('name')
          .where('accountId', '=', accountId)
          .where('id', '=', iamId.slice('iam-'.length))
          .executeTakeFirst();
      }
      if (iamId.startsWith(SERVICE_ID_PREFIX)) {
        return db
          .selectFrom('serviceIds')
          .select('name')
          .where('accountId', '=', accountId)
          .where('id', '=', iamId.slice('iam-'.length))
          .executeTakeFirst();
      }
      return db
        .selectFrom('users')
        .select(['name', 'email'])
        .where('accountId', '=', accountId)
        .where('iamId', '=', iamId)
        .executeTakeFirst();
    },
  };
}

export function groupWrites(db: Db): GroupWrites {
  return {
    ...groupReads(db),
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
    async deleteGroup(group) {
      await db.deleteFrom('groupMembers').where('groupId', '=', group.id).execute();
      await db.deleteFrom('policies').where('accountId', '=', group.accountId).where('subjectKey', '=', group.id).execute();
      await db.deleteFrom('accessGroups').where('id', '=', group.id).execute();
    },
    async insertMember(member) {
      await db.insertInto('groupMembers').values(member).execute();
    },
    async deleteMember(groupId, iamId) {
      await db.deleteFrom('groupMembers').where('groupId', '=', groupId).where('iamId', '=', iamId).execute();
    },
  };
}
