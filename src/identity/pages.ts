/** Lists in pages: a page token carries the whole query and the place in it, so it works without the query beside it. */
import type { Cursors } from '../kernel/cursor.ts';
import { DomainError } from '../kernel/errors.ts';
import { pageLink } from '../kernel/page-links.ts';

/** What every page token of the identity API carries; a list adds its own query. */
export interface Page {
  readonly accountId: string;
  readonly offset: number;
  readonly limit: number;
}

/** A list that is served in pages. */
export interface PagedList {
  /** What its tokens are bound to. */
  readonly name: string;
  readonly path: string;
  /** The member of the reply that holds the items. */
  readonly member: string;
}

export interface Pager {
  /** The page that a token stands for. Throws `invalid_field` for a token of another list, or of nobody. */
  open<P extends Page>(list: PagedList, token: string): P;
  /** The reply's body: `offset`, `limit`, `first`, `previous` and `next` where there are such pages, and the items. */
  reply(list: PagedList, page: Page, hasMore: boolean, items: readonly unknown[]): Readonly<Record<string, unknown>>;
}

export const DEFAULT_PAGE = 20;

export function createPager({ cursors, publicUrl }: { readonly cursors: Cursors; readonly publicUrl: () => string }): Pager {
  const linkTo = (list: PagedList, page: Page, offset: number): string =>
    pageLink(publicUrl(), list.path, { account_id: page.accountId, pagetoken: cursors.seal(list.name, { ...page, offset }) });
  return {
    // A token opens only where this server sealed it for this list, and it sealed a page of this kind.
    open: <P extends Page>(list: PagedList, token: string) => cursors.open(list.name, token, 'pagetoken') as unknown as P,
    reply: (list, page, hasMore, items) => ({
      offset: page.offset,
      limit: page.limit,
      first: linkTo(list, page, 0),
      ...(page.offset > 0 && { previous: linkTo(list, page, Math.max(0, page.offset - page.limit)) }),
      ...(hasMore && { next: linkTo(list, page, page.offset + page.limit) }),
      [list.member]: items,
    }),
  };
}

/** The first page of a list as its query asks for it; the oldest come first, twenty on a page, without history, where it does not say. */
export function firstPage<Sort extends string>(query: {
  readonly sort?: Sort | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
  readonly pagesize?: number | undefined;
  readonly include_history?: boolean | undefined;
}) {
  return {
    sort: query.sort ?? ('created_at' as const),
    descending: query.order === 'desc',
    limit: query.pagesize ?? DEFAULT_PAGE,
    offset: 0,
    includeHistory: query.include_history ?? false,
  };
}

/** Cuts what was read, one more than asked for, to the page. */
export function cutPage<Item>(found: readonly Item[], limit: number): { readonly items: readonly Item[]; readonly hasMore: boolean } {
  return { items: found.slice(0, limit), hasMore: found.length > limit };
}

export function requireAccountId(accountId: string | undefined): string {
  if (accountId !== undefined) return accountId;
  throw new DomainError('missing_query', {
    message: "Query parameter 'account_id' is missing.",
    details: 'Give the id of the account whose objects to list, or the page token of an earlier reply.',
  });
}
