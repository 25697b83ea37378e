import { type Kysely, type Selectable, sql } from 'kysely';
import type { StoredPolicy, VersionedDocument } from '../../access/policies/policy.ts';
import type { PolicyReads, PolicySort, PolicyWrites } from '../../access/policies/policy-store.ts';
import { groupReads } from '../groups/groups-queries.ts';
import { ruleMembershipReads } from '../groups/rules-queries.ts';
import { inChunks } from '../identity/in-chunks.ts';
import type { Schema } from '../schema.ts';
import { findAccessHold } from './access-hold-queries.ts';

type Db = Kysely<Schema>;

export const toPolicy = ({ apiVersion, document, ...row }: Selectable<Schema['policies']>): StoredPolicy => ({
  ...row,
  type: row.type as StoredPolicy['type'],
  state: row.state as StoredPolicy['state'],
  ...({ apiVersion, document: JSON.parse(document) } as VersionedDocument),
});

const rolesOf = (policy: StoredPolicy) => (policy.apiVersion === 1 ? policy.document.roles : policy.document.control.grant.roles);

const fromPolicy = (policy: StoredPolicy) => ({ ...policy, document: JSON.stringify(policy.document) });

const SORT_COLUMNS = {
  id: 'policies.id',
  type: 'policies.type',
  href: 'policies.id',
  state: 'policies.state',
  created_at: 'policies.createdAt',
  created_by_id: 'policies.createdById',
  last_modified_at: 'policies.lastModifiedAt',
  last_modified_by_id: 'policies.lastModifiedById',
} as const satisfies Partial<Record<PolicySort, string>>;

/** What the list is sorted by; a policy that never permitted comes as if it had at the beginning of time. */
const sortValue = (sort: PolicySort) => {
  if (sort === 'last_permit_at') return sql<string | number>`coalesce(${sql.ref('policyPermits.lastAt')}, 0)`;
  if (sort === 'last_permit_frequency') return sql<string | number>`coalesce(${sql.ref('policyPermits.permits')}, 0)`;
  return sql<string | number>`${sql.ref(SORT_COLUMNS[sort])}`;
};

export function policyReads(db: Db): PolicyReads {
  const active = (accountId: string) =>
    db.selectFrom('policies').selectAll().where('accountId', '=', accountId).where('state', '=', 'active');
  const counted = (accountId: string) =>
    db
      .selectFrom('policies')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .where('accountId', '=', accountId)
      .where('state', '=', 'active');
  return {
    findAccessHold: (accountId, iamId) => findAccessHold(db, accountId, iamId),
    isPublicAccessEnabled: ruleMembershipReads(db).isPublicAccessEnabled,
    async findPolicy(id) {
      const row = await db.selectFrom('policies').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toPolicy(row);
    },
    async findActiveByFingerprint(accountId, fingerprint) {
      const row = await active(accountId).where('fingerprint', '=', fingerprint).executeTakeFirst();
      return row && toPolicy(row);
    },
    async listPolicies(query, { place, backwards, limit }) {
      const value = sortValue(query.sort);
      const descending = query.descending !== backwards;
      let select = db
        .selectFrom('policies')
        .leftJoin('policyPermits', 'policyPermits.policyId', 'policies.id')
        .selectAll('policies')
        .select(value.as('sortValue'))
        .where('accountId', '=', query.accountId)
        .where('state', '=', query.state);
      if (query.state === 'deleted') select = select.where('deletedAt', '>', query.deletedAfter);
      if (query.subjectKey !== undefined) select = select.where('subjectKey', '=', query.subjectKey);
      if (query.type !== undefined) select = select.where('type', '=', query.type);
      if (place !== undefined) {
        const beyond = descending ? '<' : '>';
        select = select.where((eb) =>
          eb.or([eb(value, beyond, place.value), eb.and([eb(value, '=', place.value), eb('policies.id', beyond, place.id)])]),
        );
      }
      const direction = descending ? 'desc' : 'asc';
      const rows = await select.orderBy(value, direction).orderBy('policies.id', direction).limit(limit).execute();
      return rows.map(({ sortValue: found, ...row }) => ({ policy: toPolicy(row), value: found }));
    },
    async listActivePoliciesOf(accountId, subjectKey) {
      return (await active(accountId).where('subjectKey', '=', subjectKey).orderBy('id').execute()).map(toPolicy);
    },
    async listPoliciesWithRole(accountId, roleId) {
      // A role id stands in the document as it was sent, in quotes.
      const rows = await active(accountId)
        .where(sql<boolean>`instr(document, ${JSON.stringify(roleId)}) > 0`)
        .execute();
      return rows.map(toPolicy).filter((policy) => rolesOf(policy).some((role) => role.role_id === roleId));
    },
    async countPolicies(accountId, subjectKey) {
      const select = counted(accountId);
      return (await (subjectKey === undefined ? select : select.where('subjectKey', '=', subjectKey)).executeTakeFirstOrThrow()).n;
    },
    async countPoliciesWithTags(accountId) {
      const tagged = counted(accountId).where(
        sql<boolean>`coalesce(json_array_length(document, '$.resource.tags'), json_array_length(document, '$.resources[0].tags'), 0) > 0`,
      );
      return (await tagged.executeTakeFirstOrThrow()).n;
    },
    async findPermits(policyIds) {
      const rows = await inChunks(policyIds, (some) => db.selectFrom('policyPermits').selectAll().where('policyId', 'in', some).execute());
      return new Map(rows.map(({ policyId, permits, lastAt }) => [policyId, { permits, lastAt }]));
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
      await db.insertInto('policies').values(fromPolicy(policy)).execute();
    },
    async updatePolicy(policy) {
      const { id, ...row } = fromPolicy(policy);
      await db.updateTable('policies').set(row).where('id', '=', id).execute();
    },
    async deletePermits(policyId) {
      await db.deleteFrom('policyPermits').where('policyId', '=', policyId).execute();
    },
    async purgePolicies(deletedBefore) {
      const gone = db.selectFrom('policies').select('id').where('deletedAt', '<=', deletedBefore);
      await db.deleteFrom('policyPermits').where('policyId', 'in', gone).execute();
      await db.deleteFrom('policies').where('deletedAt', '<=', deletedBefore).execute();
    },
  };
}

/** Adds to the counts of permits; counts of one policy add up. A policy that is deleted by now has none. */
export async function addPermits(db: Db, rows: readonly Schema['policyPermits'][]): Promise<void> {
  const ids = rows.map(({ policyId }) => policyId);
  const active = await inChunks(ids, (some) =>
    db.selectFrom('policies').select('id').where('id', 'in', some).where('state', '=', 'active').execute(),
  );
  const counted = new Set(active.map(({ id }) => id));
  const kept = rows.filter(({ policyId }) => counted.has(policyId));
  await inChunks(kept, (some) =>
    db
      .insertInto('policyPermits')
      .values(some)
      .onConflict((conflict) =>
        conflict.column('policyId').doUpdateSet((eb) => ({
          permits: eb('policyPermits.permits', '+', eb.ref('excluded.permits')),
          lastAt: eb.ref('excluded.lastAt'),
        })),
      )
      .execute(),
  );
}
