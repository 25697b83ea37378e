/** The access-groups API: its operations, and the table of addresses under which they are called. */
import type { Route } from '../kernel/route.ts';
import { createAllGroupsService } from './all-groups-service.ts';
import type { GroupDeps } from './deps.ts';
import { oneGroupRoutes } from './group-routes.ts';
import { createGroupService } from './group-service.ts';
import { loginRoutes } from './login-routes.ts';
import { createLoginService } from './login-service.ts';
import { allGroupsRoutes, memberRoutes } from './member-routes.ts';
import { createMemberService } from './member-service.ts';
import { groupRuleRoutes } from './rule-routes.ts';
import { createGroupRuleService } from './rule-service.ts';
import { groupSettingsRoutes } from './settings-routes.ts';
import { createGroupSettingsService } from './settings-service.ts';

export function groupRoutes(deps: GroupDeps & { readonly publicUrl: () => string }): readonly Route[] {
  const { publicUrl } = deps;
  return [
    ...oneGroupRoutes(createGroupService(deps), publicUrl),
    ...groupSettingsRoutes(createGroupSettingsService(deps)),
    ...memberRoutes(createMemberService(deps), publicUrl),
    ...allGroupsRoutes(createAllGroupsService(deps)),
    ...groupRuleRoutes(createGroupRuleService(deps)),
    ...loginRoutes(createLoginService(deps)),
  ];
}
