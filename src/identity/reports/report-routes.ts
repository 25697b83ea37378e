import type { Route } from '../../kernel/route.ts';
import type { IdentityDeps } from '../deps.ts';

export function reportRoutes(_deps: IdentityDeps): readonly Route[] {
  return [];
}
