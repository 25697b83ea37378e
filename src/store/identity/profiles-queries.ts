import { type Selectable, sql } from 'kysely';
import type { ManagedBy, Profile } from '../../identity/profiles/profile.ts';
import type { ProfileReads, ProfileWrites } from '../../identity/profiles/profile-store.ts';
import type { Db, Schema } from '../schema.ts';
import { filterExpression } from './filter-expression.ts';
import { forgetObject, forgetSubject } from './history-queries.ts';
import { addUsed, countUsed, deletedRows } from './usage-queries.ts';

type ProfileOnlyReads = Pick<ProfileReads, 'findProfile' | 'findProfileByName' | 'listProfiles' | 'countProfiles'>;
type ProfileOnlyWrites = Pick<ProfileWrites, 'insertProfile' | 'updateProfile' | 'deleteProfile'>;

export const toProfile = ({ managedBy, ...row }: Selectable<Schema['profiles']>): Profile => ({
  ...row,
  managedBy: managedBy === null ? null : (JSON.parse(managedBy) as ManagedBy),
});

const profileRow = ({ managedBy, ...profile }: Profile): Schema['profiles'] => ({
  ...profile,
  managedBy: managedBy === null ? null : JSON.stringify(managedBy),
});

const SORT_COLUMNS = { name: 'name', description: 'description', created_at: 'createdAt', modified_at: 'modifiedAt' } as const;

export function profileReads(db: Db): ProfileOnlyReads {
  return {
    async findProfile(id) {
      const row = await db.selectFrom('profiles').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toProfile(row);
    },
    async findProfileByName(accountId, name) {
      const row = await db
        .selectFrom('profiles')
        .selectAll()
        .where('accountId', '=', accountId)
        .where('name', '=', name)
        .executeTakeFirst();
      return row && toProfile(row);
    },
    async listProfiles(query) {
      const direction = query.descending ? 'desc' : 'asc';
      const column = SORT_COLUMNS[query.sort];
      let select = db.selectFrom('profiles').selectAll().where('accountId', '=', query.accountId);
      if (query.name !== undefined) select = select.where('name', '=', query.name);
      if (query.filter) select = select.where(filterExpression(query.filter));
      const rows = await select
        .orderBy((eb) => (column === 'description' ? eb.fn.coalesce('description', sql<string>`''`) : eb.ref(column)), direction)
        .orderBy('id', direction)
        .limit(query.limit)
        .offset(query.offset)
        .execute();
      return rows.map(toProfile);
    },
    countProfiles: (accountId) => countUsed(db, accountId, 'profiles'),
  };
}

export function profileWrites(db: Db): ProfileOnlyWrites {
  return {
    async insertProfile(profile) {
      await db.insertInto('profiles').values(profileRow(profile)).execute();
      await addUsed(db, profile.accountId, 'profiles', 1);
    },
    async updateProfile(profile) {
      const { id, ...row } = profileRow(profile);
      await db.updateTable('profiles').set(row).where('id', '=', id).execute();
    },
    async deleteProfile(profile, iamId) {
      await addUsed(db, profile.accountId, 'links', -(await deletedRows(db.deleteFrom('links').where('profileId', '=', profile.id))));
      await db.deleteFrom('claimRules').where('profileId', '=', profile.id).execute();
      await db.deleteFrom('profileIdentities').where('profileId', '=', profile.id).execute();
      await forgetSubject(db, profile.accountId, iamId);
      await forgetObject(db, profile.id);
      await addUsed(db, profile.accountId, 'profiles', -(await deletedRows(db.deleteFrom('profiles').where('id', '=', profile.id))));
    },
  };
}
