import type { Kysely, Selectable } from 'kysely';
import type { PolicyDocument, StoredPolicy } from '../access/policy.ts';
import type { PolicyReads, PolicyWrites } from '../access/store.ts';
import { findAccessHold } from './access-hold-queries.ts';
import { groupReads } from './groups-queries.ts';
import type { Schema } from './schema.ts';

type Db = Kysely<Schema>;

export const toPolicy = (row: Selectable<Schema['policies']>): StoredPolicy => ({
  ...row,
  type: 'access',
  state: row.state as StoredPolicy['state'],
  document: JSON.parse(row.document) as PolicyDocument,
});

const SORT_COLUMNS = {
  id: 'id',
  type: 'type',
  href: 'id',
  state: 'state',
  created_at: 'createdAt',
  created_by_id: 'createdById',
  last_modified_at: 'lastModifiedAt',
  last_modified_by_id: 'lastModifiedById',
} as const;

export function policyReads(db: Db): PolicyReads {
  return {
    findAccessHold: (accountId, iamId) => findAccessHold(db, accountId, iamId),
    async findPolicy(id) {
      const row = await db.selectFrom('policies').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toPolicy(row);
    },
    async findActiveByFingerprint(accountId, fingerprint) {
      const row = await db
        .selectFrom('policies')
        .selectAll()
        .where('accountId', '=', accountId)
        .where('fingerprint', '=', fingerprint)
        .where('state', '=', 'active')
        .executeTakeFirst();
      return row && toPolicy(row);
    },
    async listPolicies(query) {
      const direction = query.descending ? 'desc' : 'asc';
      let select = db.selectFrom('policies').selectAll().where('accountId', '=', query.accountId).where('state', '=', query.state);
      if (query.subjectKey !== undefined) select = select.where('subjectKey', '=', query.subjectKey);
      if (query.type !== undefined) select = select.where('type', '=', query.type);
      const rows = await select.orderBy(SORT_COLUMNS[query.sort], direction).orderBy('id', direction).execute();
      return rows.map(toPolicy);
    },
    async countPolicies(accountId, subjectKey) {
      let select = db
        .selectFrom('policies')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('accountId', '=', accountId)
        .where('state', '=', 'active');
      if (subjectKey !== undefined) select = select.where('subjectKey', '=', subjectKey);
      return (await select.executeTakeFirstOrThrow()).n;
    },
    async hasSubject(accountId, subject) {
      if (subject.name === 'iam_id') return (await groupReads(db).findIdentity(accountId, subject.value)) !== undefined;
      const group = await groupReads(db).findGroup(subject.value);
      return group?.accountId === accountId;
    },
  };
}

export function policyWrites(db: Db): PolicyWrites {
  return {
    ...policyReads(db),
    async insertPolicy(policy) {
      await db
        .insertInto('policies')
        .values({ ...policy, document: JSON.stringify(policy.document) })
        .execute();
    },
    async updatePolicy({ id, ...policy }) {
      await db
        .updateTable('policies')
        .set({ ...policy, document: JSON.stringify(policy.document) })
        .where('id', '=', id)
        .execute();
    },
  };
}
