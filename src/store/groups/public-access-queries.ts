import { sql } from 'kysely';
import type { Db } from '../schema.ts';

/** As the groups slice knows it; adapters see slices as types. */
const ID = 'AccessGroupId-PublicAccess';
const NAME = 'Public Access';
const ENTITY_TAG = `1-${'0'.repeat(32)}`;

/** The public access group of an account as a row of its groups: it is stored nowhere, and as old as the account. No row where it is off. */
export function publicAccessGroup(db: Db, accountId: string) {
  return db
    .selectFrom('accounts')
    .leftJoin('groupSettings', 'groupSettings.accountId', 'accounts.id')
    .select([
      sql.lit(ID).as('id'),
      'accounts.id as accountId',
      sql.lit(NAME).as('name'),
      sql.lit('').as('description'),
      sql.lit(1).as('revision'),
      sql.lit(ENTITY_TAG).as('entityTag'),
      'accounts.createdAt as createdAt',
      'accounts.ownerIamId as createdById',
      'accounts.createdAt as lastModifiedAt',
      'accounts.ownerIamId as lastModifiedById',
      sql.lit(NAME.toLowerCase()).as('nameFolded'),
      sql.lit(0).as('isFederated'),
    ])
    .where('accounts.id', '=', accountId)
    .where((eb) => eb.fn.coalesce('groupSettings.publicAccessEnabled', sql.lit(1)), '=', 1);
}
