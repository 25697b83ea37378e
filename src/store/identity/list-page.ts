import { type SelectQueryBuilder, sql } from 'kysely';

/**
 * One page of a list in the order asked for, ties broken by id. An absent description sorts as an empty one: engines differ on where
 * NULL belongs.
 */
export function selectPage<DB, TB extends keyof DB, Row>(
  select: SelectQueryBuilder<DB, TB, Row>,
  column: string,
  { descending, offset, limit }: { readonly descending: boolean; readonly offset: number; readonly limit: number },
): SelectQueryBuilder<DB, TB, Row> {
  const direction = descending ? 'desc' : 'asc';
  const key = sql.ref(column);
  return select
    .orderBy(column === 'description' ? sql`coalesce(${key}, '')` : key, direction)
    .orderBy(sql.ref('id'), direction)
    .limit(limit)
    .offset(offset);
}
