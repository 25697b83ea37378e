import { type Expression, type Kysely, type Selectable, type SqlBool, sql } from 'kysely';
import type { ApiKey } from '../identity/account.ts';
import type { Filter, FilterOperator } from '../identity/filter.ts';
import type { CrType, Link, LinkTarget } from '../identity/link.ts';
import type { HistoryRecord } from '../identity/profile.ts';
import type { IdentityReads, IdentityWrites } from '../identity/store.ts';
import type { Schema } from './schema.ts';

type Db = Kysely<Schema>;

const toApiKey = (row: Selectable<Schema['apiKeys']>): ApiKey => ({ ...row, locked: row.locked === 1, disabled: row.disabled === 1 });

export const toLink = ({ targetKey: _, ...row }: Selectable<Schema['links']>): Link => ({
  ...row,
  crType: row.crType as CrType,
  target: JSON.parse(row.target) as LinkTarget,
  matchEnabled: row.matchEnabled === 1,
  isCrossAccount: row.isCrossAccount === null ? null : row.isCrossAccount === 1,
});

const COMPARISONS: Readonly<Record<FilterOperator, (column: Expression<string>, value: string) => Expression<SqlBool>>> = {
  sw: (column, value) => sql<SqlBool>`substr(${column}, 1, length(${value})) = ${value}`,
  ew: (column, value) => sql<SqlBool>`substr(${column}, length(${column}) - length(${value}) + 1) = ${value}`,
  co: (column, value) => sql<SqlBool>`instr(${column}, ${value}) > 0`,
  sw_ci: (column, value) => COMPARISONS.sw(lower(column), lowerAscii(value)),
  ew_ci: (column, value) => COMPARISONS.ew(lower(column), lowerAscii(value)),
  co_ci: (column, value) => COMPARISONS.co(lower(column), lowerAscii(value)),
};

/** As `lower` of the store does it: the letters of ASCII. */
const lowerAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const lower = (column: Expression<string>): Expression<string> => sql<string>`lower(${column})`;

function filterExpression(filter: Filter): Expression<SqlBool> {
  if (filter.kind === 'compare') {
    const column = sql.ref<string>(filter.field);
    return sql<SqlBool>`(${column} IS NOT NULL AND ${COMPARISONS[filter.operator](column, filter.value)})`;
  }
  const terms = filter.terms.map(filterExpression);
  return sql<SqlBool>`(${sql.join(terms, filter.kind === 'and' ? sql` AND ` : sql` OR `)})`;
}

export function identityReads(db: Db): IdentityReads {
  return {
    findAccount: (id) => db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst(),
    findUser: (accountId, iamId) =>
      db.selectFrom('users').selectAll().where('accountId', '=', accountId).where('iamId', '=', iamId).executeTakeFirst(),
    async findApiKeyByHash(keyHash) {
      const row = await db.selectFrom('apiKeys').selectAll().where('keyHash', '=', keyHash).executeTakeFirst();
      return row && toApiKey(row);
    },
    findProfile: (id) => db.selectFrom('profiles').selectAll().where('id', '=', id).executeTakeFirst(),
    findProfileByName: (accountId, name) =>
      db.selectFrom('profiles').selectAll().where('accountId', '=', accountId).where('name', '=', name).executeTakeFirst(),
    listProfiles(query) {
      const direction = query.descending ? 'desc' : 'asc';
      const column = ({ name: 'name', description: 'description', created_at: 'createdAt', modified_at: 'modifiedAt' } as const)[
        query.sort
      ];
      let select = db.selectFrom('profiles').selectAll().where('accountId', '=', query.accountId);
      if (query.name !== undefined) select = select.where('name', '=', query.name);
      if (query.filter) select = select.where(filterExpression(query.filter));
      return select
        .orderBy((eb) => (column === 'description' ? eb.fn.coalesce('description', sql<string>`''`) : eb.ref(column)), direction)
        .orderBy('id', direction)
        .limit(query.limit)
        .offset(query.offset)
        .execute();
    },
    async countProfiles(accountId) {
      const row = await db
        .selectFrom('profiles')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('accountId', '=', accountId)
        .executeTakeFirstOrThrow();
      return row.n;
    },
    async historyOf(objectIds) {
      const byObject = new Map<string, HistoryRecord[]>(objectIds.map((id) => [id, []]));
      if (objectIds.length === 0) return byObject;
      const rows = await db.selectFrom('history').selectAll().where('objectId', 'in', objectIds).orderBy('seq').execute();
      for (const { objectId, seq: _, ...row } of rows) {
        byObject.get(objectId)?.push({ ...row, action: row.action as HistoryRecord['action'], params: JSON.parse(row.params) as string[] });
      }
      return byObject;
    },
    async activityOf(identity) {
      const row = await db.selectFrom('activity').selectAll().where('identity', '=', identity).executeTakeFirst();
      return { authnCount: row?.authnCount ?? 0, lastAuthn: row?.lastAuthn };
    },
    async findLink(profileId, linkId) {
      const row = await db.selectFrom('links').selectAll().where('id', '=', linkId).where('profileId', '=', profileId).executeTakeFirst();
      return row && toLink(row);
    },
    async listLinks(profileId) {
      const rows = await db.selectFrom('links').selectAll().where('profileId', '=', profileId).orderBy('createdAt').orderBy('id').execute();
      return rows.map(toLink);
    },
    async countLinks(profileId) {
      const row = await db
        .selectFrom('links')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('profileId', '=', profileId)
        .executeTakeFirstOrThrow();
      return row.n;
    },
  };
}

export function identityWrites(db: Db): IdentityWrites {
  return {
    ...identityReads(db),
    async insertAccount(account) {
      await db.insertInto('accounts').values(account).execute();
    },
    async insertUser(user) {
      await db.insertInto('users').values(user).execute();
    },
    async insertApiKey(key) {
      await db
        .insertInto('apiKeys')
        .values({ ...key, locked: Number(key.locked), disabled: Number(key.disabled) })
        .execute();
    },
    async insertProfile(profile) {
      await db.insertInto('profiles').values(profile).execute();
    },
    async updateProfile({ id, ...profile }) {
      await db.updateTable('profiles').set(profile).where('id', '=', id).execute();
    },
    async deleteProfile(profile, iamId) {
      await db.deleteFrom('links').where('profileId', '=', profile.id).execute();
      await db.deleteFrom('groupMembers').where('accountId', '=', profile.accountId).where('iamId', '=', iamId).execute();
      await db.deleteFrom('policies').where('accountId', '=', profile.accountId).where('subjectKey', '=', iamId).execute();
      await db.deleteFrom('history').where('objectId', '=', profile.id).execute();
      await db.deleteFrom('activity').where('identity', '=', profile.id).execute();
      await db.deleteFrom('profiles').where('id', '=', profile.id).execute();
    },
    async insertLink(link, key) {
      const { target, matchEnabled, isCrossAccount, ...row } = link;
      await db
        .insertInto('links')
        .values({
          ...row,
          target: JSON.stringify(target),
          targetKey: key,
          matchEnabled: Number(matchEnabled),
          isCrossAccount: isCrossAccount === null ? null : Number(isCrossAccount),
        })
        .execute();
    },
    async deleteLink(link) {
      await db.deleteFrom('links').where('id', '=', link.id).where('profileId', '=', link.profileId).execute();
    },
    async insertHistory(objectId, record) {
      const last = await db
        .selectFrom('history')
        .select((eb) => eb.fn.max('seq').as('seq'))
        .where('objectId', '=', objectId)
        .executeTakeFirst();
      await db
        .insertInto('history')
        .values({ ...record, objectId, seq: (last?.seq ?? 0) + 1, params: JSON.stringify(record.params) })
        .execute();
    },
  };
}
