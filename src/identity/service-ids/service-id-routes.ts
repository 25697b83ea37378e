import type { Route } from '../../kernel/route.ts';
import type { IdentityDeps } from '../deps.ts';
import type { Pager } from '../pages.ts';

export function serviceIdRoutes(_deps: IdentityDeps, _pager: Pager): readonly Route[] {
  return [];
}
