/** How many values one statement names; a statement takes a bounded number of parameters. */
const VALUES_AT_ONCE = 500;

/** What `query` answers for all the values, asked for some at a time; an insertion of many rows goes the same way. */
export async function inChunks<Value, Row>(
  values: readonly Value[],
  query: (some: readonly Value[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let start = 0; start < values.length; start += VALUES_AT_ONCE) {
    rows.push(...(await query(values.slice(start, start + VALUES_AT_ONCE))));
  }
  return rows;
}
