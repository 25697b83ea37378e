import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { InactiveApiKey, Report, ReportDocuments, ReportKind } from '../../identity/reports/report.ts';
import type { ReportReads, ReportWrites } from '../../identity/reports/report-store.ts';
import type { Db, Schema } from '../schema.ts';

/** `kind` is the one by which the row was selected. */
const toReport = <Kind extends ReportKind>(kind: Kind, { document, ...row }: Selectable<Schema['reports']>): Report<Kind> => ({
  ...row,
  kind,
  document: JSON.parse(document) as ReportDocuments[Kind],
});

const last = ({ lastAuthn }: { readonly lastAuthn: number | null }) => lastAuthn !== null && { lastAuthn };

/** When somebody signed in last; those who never did are before everybody. */
const lastAuthn: RawBuilder<number> = sql<number>`coalesce(activity.last_authn, 0)`;

export function reportReads(db: Db): ReportReads {
  const inactiveObjects = (table: 'serviceIds' | 'profiles', accountId: string, since: number, limit: number) =>
    db
      .selectFrom(table)
      .leftJoin('activity', 'activity.identity', `${table}.id`)
      .select([`${table}.id`, `${table}.name`, 'activity.lastAuthn'])
      .where(`${table}.accountId`, '=', accountId)
      .where(lastAuthn, '<', since)
      .orderBy(lastAuthn)
      .orderBy(`${table}.id`)
      .limit(limit)
      .execute();
  const reports = (accountId: string, kind: ReportKind) =>
    db.selectFrom('reports').selectAll().where('accountId', '=', accountId).where('kind', '=', kind);
  return {
    async listInactiveUsers(accountId, since, limit) {
      const rows = await db
        .selectFrom('users')
        // As `userActivityId` spells it.
        .leftJoin('activity', (join) => join.on('activity.identity', '=', sql<string>`${`${accountId}/`} || users.iam_id`))
        .select(['users.iamId', 'users.name', 'users.email', 'activity.lastAuthn'])
        .where('users.accountId', '=', accountId)
        .where(lastAuthn, '<', since)
        .orderBy(lastAuthn)
        .orderBy('users.iamId')
        .limit(limit)
        .execute();
      return rows.map(({ iamId, name, email, ...row }) => ({ user: { iamId, name, email }, ...last(row) }));
    },
    async listInactiveApiKeys(accountId, since, limit) {
      const rows = await db
        .selectFrom('apiKeys')
        .leftJoin('activity', 'activity.identity', 'apiKeys.id')
        .leftJoin('users', (join) => join.onRef('users.iamId', '=', 'apiKeys.iamId').on('users.accountId', '=', accountId))
        // A service ID signs in under its id with a prefix.
        .leftJoin('serviceIds', (join) => join.on('serviceIds.id', '=', sql<string>`substr(api_keys.iam_id, ${'iam-'.length + 1})`))
        .select(['apiKeys.id', 'apiKeys.name', 'apiKeys.iamId', 'activity.lastAuthn'])
        .select(['users.name as userName', 'users.email', 'serviceIds.id as serviceId', 'serviceIds.name as serviceName'])
        .where('apiKeys.accountId', '=', accountId)
        .where(lastAuthn, '<', since)
        .orderBy(lastAuthn)
        .orderBy('apiKeys.id')
        .limit(limit)
        .execute();
      return rows.map(({ id, name, iamId, userName, email, serviceId, serviceName, ...row }): InactiveApiKey => {
        const isService = serviceId !== null && serviceName !== null;
        const user = { iamId, name: userName ?? iamId, email: email ?? '' };
        return { id, name, owner: isService ? { serviceId: { id: serviceId, name: serviceName } } : { user }, ...last(row) };
      });
    },
    async listInactiveServiceIds(accountId, since, limit) {
      const rows = await inactiveObjects('serviceIds', accountId, since, limit);
      return rows.map(({ id, name, ...row }) => ({ id, name, ...last(row) }));
    },
    async listInactiveProfiles(accountId, since, limit) {
      const rows = await inactiveObjects('profiles', accountId, since, limit);
      return rows.map(({ id, name, ...row }) => ({ id, name, ...last(row) }));
    },
    listUsers: (accountId, limit) =>
      db.selectFrom('users').selectAll().where('accountId', '=', accountId).orderBy('iamId').limit(limit).execute(),
    listOtherMemberships(accountId, iamId, limit) {
      let query = db
        .selectFrom('users as own')
        .innerJoin('users as other', 'other.iamId', 'own.iamId')
        .select(['other.iamId', 'other.accountId'])
        .where('own.accountId', '=', accountId)
        .where('other.accountId', '!=', accountId);
      if (iamId !== undefined) query = query.where('own.iamId', '=', iamId);
      return query.limit(limit).execute();
    },
    async findLatestReportTime(accountId, kind) {
      const row = await db
        .selectFrom('reports')
        .select((eb) => eb.fn.max('createdAt').as('at'))
        .where('accountId', '=', accountId)
        .where('kind', '=', kind)
        .executeTakeFirst();
      return row?.at ?? undefined;
    },
    async findReport(accountId, kind, reference) {
      const row = await reports(accountId, kind).where('reference', '=', reference).executeTakeFirst();
      return row && toReport(kind, row);
    },
    async findLatestReport(accountId, kind) {
      const row = await reports(accountId, kind).orderBy('createdAt', 'desc').limit(1).executeTakeFirst();
      return row && toReport(kind, row);
    },
  };
}

export function reportWrites(db: Db): ReportWrites {
  return {
    async insertReport(report) {
      await db
        .insertInto('reports')
        .values({ ...report, document: JSON.stringify(report.document) })
        .execute();
    },
    async deleteOldReports(accountId, kind, before, keep) {
      await db.deleteFrom('reports').where('accountId', '=', accountId).where('createdAt', '<', before).execute();
      const oldest = await db
        .selectFrom('reports')
        .select('createdAt')
        .where('accountId', '=', accountId)
        .where('kind', '=', kind)
        .orderBy('createdAt', 'desc')
        .offset(keep)
        .limit(1)
        .executeTakeFirst();
      if (!oldest) return;
      await db
        .deleteFrom('reports')
        .where('accountId', '=', accountId)
        .where('kind', '=', kind)
        .where('createdAt', '<=', oldest.createdAt)
        .execute();
    },
  };
}
