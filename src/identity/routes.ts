/** The identity API: its operations, and the table of addresses under which they are called. */
import type { Cursors } from '../kernel/cursor.ts';
import type { Route } from '../kernel/route.ts';
import { accountRoutes } from './accounts/account-routes.ts';
import { createAccountService } from './accounts/account-service.ts';
import { apiKeyRoutes } from './api-keys/api-key-routes.ts';
import type { IdentityDeps } from './deps.ts';
import { limitRoutes } from './limits/limit-routes.ts';
import { createPager } from './pages.ts';
import { preferenceRoutes } from './preferences/preference-routes.ts';
import { claimRuleRoutes } from './profiles/claim-rule-routes.ts';
import { createClaimRuleService } from './profiles/claim-rule-service.ts';
import { linkRoutes } from './profiles/link-routes.ts';
import { createLinkService } from './profiles/link-service.ts';
import { profileIdentityRoutes } from './profiles/profile-identity-routes.ts';
import { createProfileIdentityService } from './profiles/profile-identity-service.ts';
import { profileRoutes } from './profiles/profile-routes.ts';
import { createProfileService } from './profiles/profile-service.ts';
import { reportRoutes } from './reports/report-routes.ts';
import { serviceIdRoutes } from './service-ids/service-id-routes.ts';
import { settingsRoutes } from './settings/settings-routes.ts';
import { templateRoutes } from './templates/template-routes.ts';

export function identityRoutes(deps: IdentityDeps & { readonly cursors: Cursors; readonly publicUrl: () => string }): readonly Route[] {
  const pager = createPager(deps);
  return [
    ...profileRoutes(createProfileService(deps), pager),
    ...linkRoutes(createLinkService(deps)),
    ...claimRuleRoutes(createClaimRuleService(deps)),
    ...profileIdentityRoutes(createProfileIdentityService(deps)),
    ...serviceIdRoutes(deps, pager),
    ...apiKeyRoutes(deps, pager),
    ...settingsRoutes(deps),
    ...limitRoutes(deps),
    ...preferenceRoutes(deps),
    ...reportRoutes(deps),
    ...templateRoutes(deps, pager),
    ...accountRoutes(createAccountService(deps)),
  ];
}
