import { pageLink } from '../kernel/page-links.ts';

export interface PagedList {
  readonly path: string;
  /** The query as it was asked, but for its page: every link repeats it. */
  readonly filters: Readonly<Record<string, unknown>>;
  readonly limit: number;
  readonly offset: number;
  /** How many items there are on all pages. */
  readonly total: number;
}

/** The members that every list of this API carries around its items. */
export function pagedReply(publicUrl: string, { path, filters, limit, offset, total }: PagedList) {
  const kept = Object.entries(filters).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)] as const]));
  const at = (from: number) => ({ href: pageLink(publicUrl, path, { ...Object.fromEntries(kept), limit, offset: from }) });
  const lastOffset = limit === 0 || total === 0 ? 0 : Math.floor((total - 1) / limit) * limit;
  return {
    limit,
    offset,
    total_count: total,
    first: at(0),
    last: at(lastOffset),
    // A pager that follows links of empty pages would never end.
    ...(limit > 0 && offset + limit < total && { next: at(offset + limit) }),
    ...(limit > 0 && offset > 0 && { previous: at(Math.max(0, offset - limit)) }),
  };
}
