/**
 * How many of a thing an account holds, kept up to date with every insertion and deletion: to count a million rows for the limit of
 * each further one would make all other changes wait.
 */
import type { Db } from '../schema.ts';

export type UsedThing = 'links' | 'profiles' | 'service_ids';

export async function countUsed(db: Db, accountId: string, thing: UsedThing): Promise<number> {
  const row = await db
    .selectFrom('usageCounts')
    .select('used')
    .where('accountId', '=', accountId)
    .where('thing', '=', thing)
    .executeTakeFirst();
  return row?.used ?? 0;
}

/** `by` is negative for what was deleted. */
export async function addUsed(db: Db, accountId: string, thing: UsedThing, by: number): Promise<void> {
  if (by === 0) return;
  await db
    .insertInto('usageCounts')
    .values({ accountId, thing, used: by })
    .onConflict((conflict) => conflict.columns(['accountId', 'thing']).doUpdateSet((eb) => ({ used: eb('usageCounts.used', '+', by) })))
    .execute();
}

/** How many rows a deletion took away. */
export async function deletedRows(deletion: { executeTakeFirst(): Promise<{ readonly numDeletedRows: bigint }> }): Promise<number> {
  return Number((await deletion.executeTakeFirst()).numDeletedRows);
}
