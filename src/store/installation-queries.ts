import { type Kysely, sql } from 'kysely';
import type { AuditReads, StoredEvent } from '../audit/query.ts';
import type { StoredSigningKey } from '../token/signing-keys.ts';
import type { Schema } from './schema.ts';

type Db = Kysely<Schema>;

/** The row that makes a database an installation. */
export interface Installation {
  readonly id: string;
  /** The account that the installation's own administrators live in. */
  readonly accountId: string;
  readonly masterKeyCheck: string;
  readonly wrappedSecret: string;
  readonly createdAt: number;
}

export async function findInstallation(db: Db): Promise<Installation | undefined> {
  return db
    .selectFrom('installation')
    .select(['id', 'accountId', 'masterKeyCheck', 'wrappedSecret', 'createdAt'])
    .where('singleton', '=', 1)
    .executeTakeFirst();
}

export async function insertInstallation(db: Db, installation: Installation, feed: { epoch: string; chainHash: string }): Promise<void> {
  await db
    .insertInto('installation')
    .values({ ...installation, singleton: 1 })
    .execute();
  await db
    .insertInto('feedHead')
    .values({ id: 1, seq: 0, chainSeq: 0, ...feed })
    .execute();
}

export async function listSigningKeys(db: Db): Promise<readonly StoredSigningKey[]> {
  const rows = await db.selectFrom('signingKeys').selectAll().orderBy('kid').execute();
  return rows.map((row) => ({
    ...row,
    state: row.state as StoredSigningKey['state'],
    publicJwk: JSON.parse(row.publicJwk) as Record<string, string>,
  }));
}

export async function insertSigningKey(db: Db, key: StoredSigningKey): Promise<void> {
  await db
    .insertInto('signingKeys')
    .values({ ...key, publicJwk: JSON.stringify(key.publicJwk) })
    .execute();
}

/** How much text one answer holds at most, but for a record that is longer by itself: a record may tell of a whole list. */
const MAX_TEXT = 8 * 1024 * 1024;

/** How many of the records, from the first on, one answer holds. */
function countFitting(sizes: readonly { readonly size: number }[]): number {
  let left = MAX_TEXT;
  for (const [index, { size }] of sizes.entries()) {
    left -= size;
    if (left < 0 && index > 0) return index;
  }
  return sizes.length;
}

export function auditReads(db: Db): AuditReads {
  return {
    async find({ accountId, requestId, transactionId, limit }) {
      const newest = async (table: 'auditChanges' | 'auditRecords') => {
        let query = db.selectFrom(table).where('accountId', '=', accountId);
        if (requestId !== undefined) query = query.where('requestId', '=', requestId);
        if (transactionId !== undefined) query = query.where('transactionId', '=', transactionId);
        const ordered = query.orderBy('at', 'desc').orderBy('seq', 'desc');
        const sizes = await ordered.select(sql<number>`length(record)`.as('size')).limit(limit).execute();
        return ordered.select(['requestId', 'at', 'record', 'hash']).limit(countFitting(sizes)).execute();
      };
      const rows: StoredEvent[] = [...(await newest('auditChanges')), ...(await newest('auditRecords'))];
      return rows.sort((a, b) => b.at - a.at).slice(0, limit);
    },
    async scan({ accountId, since, actions, after, limit }) {
      let query = db
        .selectFrom('auditRecords')
        .where('accountId', '=', accountId)
        .where('at', '>=', since)
        // A record is the text that is hashed; `printEvent` puts these members where nothing of a tenant can stand in their place.
        .where((is) =>
          is.or([
            ...actions.map((action) => is('record', 'like', `%"source":"/podpass","type":"${action}",%`)),
            is('record', 'like', '%"outcome":"failure","logSourceCRN":"crn:v1:%'),
          ]),
        );
      if (after) {
        const { at, writerId, seq } = after;
        query = query
          .where('at', '<=', at)
          .where((is) =>
            is.or([is('at', '<', at), is('writerId', '<', writerId), is.and([is('writerId', '=', writerId), is('seq', '<', seq)])]),
          );
      }
      const ordered = query.orderBy('at', 'desc').orderBy('writerId', 'desc').orderBy('seq', 'desc');
      const sizes = await ordered.select(sql<number>`length(record)`.as('size')).limit(limit).execute();
      const rows = await ordered
        .select(['requestId', 'transactionId', 'at', 'record', 'writerId', 'seq'])
        .limit(countFitting(sizes))
        .execute();
      return rows.map(({ writerId, seq, ...row }) => ({ ...row, place: { at: row.at, writerId, seq } }));
    },
  };
}
