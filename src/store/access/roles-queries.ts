import type { Kysely, Selectable } from 'kysely';
import type { CustomRole } from '../../access/roles/custom-role.ts';
import type { RoleReads, RoleWrites } from '../../access/roles/role-store.ts';
import type { Schema } from '../schema.ts';

type Db = Kysely<Schema>;

const toRole = (row: Selectable<Schema['customRoles']>): CustomRole => ({ ...row, actions: JSON.parse(row.actions) as string[] });

export function roleReads(db: Db): RoleReads {
  const roles = () => db.selectFrom('customRoles').selectAll();
  return {
    async findCustomRole(id) {
      const row = await roles().where('id', '=', id).executeTakeFirst();
      return row && toRole(row);
    },
    async listCustomRoles(accountId) {
      const rows = await roles().where('accountId', '=', accountId).orderBy('createdAt').orderBy('id').execute();
      return rows.map(toRole);
    },
  };
}

export function roleWrites(db: Db): RoleWrites {
  return {
    ...roleReads(db),
    async insertCustomRole(role) {
      await db
        .insertInto('customRoles')
        .values({ ...role, actions: JSON.stringify(role.actions) })
        .execute();
    },
    async updateCustomRole({ id, ...role }) {
      await db
        .updateTable('customRoles')
        .set({ ...role, actions: JSON.stringify(role.actions) })
        .where('id', '=', id)
        .execute();
    },
    async deleteCustomRole(id) {
      await db.deleteFrom('customRoles').where('id', '=', id).execute();
    },
  };
}
