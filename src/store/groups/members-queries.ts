import { sql } from 'kysely';
import type { GroupMember, ListedMember, MemberType } from '../../groups/member.ts';
import type { GroupReads, GroupWrites, MemberFilter } from '../../groups/store.ts';
import { findAccessHold } from '../access/access-hold-queries.ts';
import type { Db } from '../schema.ts';
import { findIdentity } from './identities-queries.ts';

type Reads = Pick<
  GroupReads,
  | ('findMember' | 'isMember' | 'listMembers' | 'countListedMembers' | 'countMembers' | 'countGroupsOf' | 'groupIdsOf')
  | ('findAccessHold' | 'findIdentity')
>;

const MEMBER_COLUMNS = ['groupId', 'accountId', 'iamId', 'type', 'createdAt', 'createdById'] as const;

/** Members of a group, added or by rules, in one form. A user whom several rules made a member is one, since the first of them did. */
function source(db: Db, { groupId, membershipType, at }: MemberFilter) {
  const added = db
    .selectFrom('groupMembers')
    .select([...MEMBER_COLUMNS, sql<string>`'static'`.as('membershipType')])
    .where('groupId', '=', groupId);
  const byRule = db
    .selectFrom('ruleMembers')
    .select([
      'groupId',
      'accountId',
      'iamId',
      sql<string>`'user'`.as('type'),
      (eb) => eb.fn.min('createdAt').as('createdAt'),
      'iamId as createdById',
      sql<string>`'dynamic'`.as('membershipType'),
    ])
    .where('groupId', '=', groupId)
    .where('expiresAt', '>', at)
    .groupBy(['groupId', 'accountId', 'iamId']);
  if (membershipType === 'static') return added;
  if (membershipType === 'dynamic') return byRule;
  const alone = byRule.where((eb) =>
    eb.not(
      eb.exists(
        eb
          .selectFrom('groupMembers')
          .select('groupMembers.iamId')
          .whereRef('groupMembers.groupId', '=', 'ruleMembers.groupId')
          .whereRef('groupMembers.iamId', '=', 'ruleMembers.iamId'),
      ),
    ),
  );
  return added.unionAll(alone);
}

function matching(db: Db, filter: MemberFilter) {
  const select = db.selectFrom(source(db, filter).as('member'));
  return filter.type === undefined ? select : select.where('member.type', '=', filter.type);
}

/** The same with the words of each identity, of whichever kind it is. */
function withWords(db: Db, filter: MemberFilter) {
  return matching(db, filter)
    .leftJoin('users', (join) => join.onRef('users.accountId', '=', 'member.accountId').onRef('users.iamId', '=', 'member.iamId'))
    .leftJoin('profiles', (join) =>
      join
        .on(sql<boolean>`${sql.ref('profiles.id')} = substr(${sql.ref('member.iamId')}, 5)`)
        .on('member.type', '=', 'profile')
        .onRef('profiles.accountId', '=', 'member.accountId'),
    )
    .leftJoin('serviceIds', (join) =>
      join
        .on(sql<boolean>`${sql.ref('serviceIds.id')} = substr(${sql.ref('member.iamId')}, 5)`)
        .on('member.type', '=', 'service')
        .onRef('serviceIds.accountId', '=', 'member.accountId'),
    );
}

const toListed = <Row extends { readonly type: string; readonly membershipType: string }>(row: Row) => ({
  ...row,
  type: row.type as MemberType,
  membershipType: row.membershipType as ListedMember['membershipType'],
});

export function memberReads(db: Db): Reads {
  const count = async (query: { executeTakeFirstOrThrow(): Promise<{ readonly n: number }> }) => (await query.executeTakeFirstOrThrow()).n;
  return {
    findAccessHold: (accountId, iamId) => findAccessHold(db, accountId, iamId),
    findIdentity: (accountId, iamId) => findIdentity(db, accountId, iamId),
    async findMember(groupId, iamId): Promise<GroupMember | undefined> {
      const row = await db
        .selectFrom('groupMembers')
        .select(MEMBER_COLUMNS)
        .where('groupId', '=', groupId)
        .where('iamId', '=', iamId)
        .executeTakeFirst();
      return row && { ...row, type: row.type as MemberType };
    },
    async isMember(groupId, iamId, at) {
      const filter = { groupId, membershipType: 'all', at } as const;
      const row = await matching(db, filter).select('member.iamId').where('member.iamId', '=', iamId).executeTakeFirst();
      return row !== undefined;
    },
    async listMembers(filter, { sort, descending, verbose }, { limit, offset }) {
      const direction = descending ? 'desc' : 'asc';
      const columns = [
        'member.groupId',
        'member.iamId',
        'member.type',
        'member.membershipType',
        'member.createdAt',
        'member.createdById',
      ] as const;
      if (!verbose) {
        const rows = await matching(db, filter)
          .select(columns)
          .orderBy('member.createdAt')
          .orderBy('member.iamId')
          .limit(limit)
          .offset(offset)
          .execute();
        return rows.map(toListed);
      }
      const name = sql<string | null>`coalesce(${sql.ref('users.name')}, ${sql.ref('profiles.name')}, ${sql.ref('serviceIds.name')})`;
      const keys = { id: sql.ref('member.iamId'), name: sql`coalesce(${name}, '')`, email: sql`coalesce(${sql.ref('users.email')}, '')` };
      const rows = await withWords(db, filter)
        .select([...columns, name.as('name'), 'users.email', 'serviceIds.description'])
        .orderBy(sort === undefined ? sql.ref('member.createdAt') : keys[sort], direction)
        .orderBy('member.iamId', direction)
        .limit(limit)
        .offset(offset)
        .execute();
      return rows.map(toListed);
    },
    countListedMembers: (filter) => count(matching(db, filter).select((eb) => eb.fn.countAll<number>().as('n'))),
    countMembers: (groupId) =>
      count(
        db
          .selectFrom('groupMembers')
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .where('groupId', '=', groupId),
      ),
    countGroupsOf: (accountId, iamId) =>
      count(
        db
          .selectFrom('groupMembers')
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .where('accountId', '=', accountId)
          .where('iamId', '=', iamId),
      ),
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
  };
}

export function memberWrites(db: Db): Pick<GroupWrites, 'insertMember' | 'deleteMember'> {
  return {
    async insertMember(member) {
      await db.insertInto('groupMembers').values(member).execute();
    },
    async deleteMember(groupId, iamId) {
      await db.deleteFrom('groupMembers').where('groupId', '=', groupId).where('iamId', '=', iamId).execute();
    },
  };
}
