/** A parsed `filter` as a condition of a query. Texts are compared bytewise; `lower` of the store folds the letters of ASCII. */
import { type Expression, type SqlBool, sql } from 'kysely';
import type { Filter, FilterOperator } from '../../identity/filter.ts';

const COMPARISONS: Readonly<Record<FilterOperator, (column: Expression<string>, value: string) => Expression<SqlBool>>> = {
  sw: (column, value) => sql<SqlBool>`substr(${column}, 1, length(${value})) = ${value}`,
  ew: (column, value) => sql<SqlBool>`substr(${column}, length(${column}) - length(${value}) + 1) = ${value}`,
  co: (column, value) => sql<SqlBool>`instr(${column}, ${value}) > 0`,
  sw_ci: (column, value) => COMPARISONS.sw(lower(column), lowerAscii(value)),
  ew_ci: (column, value) => COMPARISONS.ew(lower(column), lowerAscii(value)),
  co_ci: (column, value) => COMPARISONS.co(lower(column), lowerAscii(value)),
};

/** As `lower` of the store does it: the letters of ASCII. */
const lowerAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const lower = (column: Expression<string>): Expression<string> => sql<string>`lower(${column})`;

export function filterExpression(filter: Filter): Expression<SqlBool> {
  if (filter.kind === 'compare') {
    const column = sql.ref<string>(filter.field);
    return sql<SqlBool>`(${column} IS NOT NULL AND ${COMPARISONS[filter.operator](column, filter.value)})`;
  }
  const terms = filter.terms.map(filterExpression);
  return sql<SqlBool>`(${sql.join(terms, filter.kind === 'and' ? sql` AND ` : sql` OR `)})`;
}
