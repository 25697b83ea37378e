/** The roles API as a table. */
import type { MayDo } from '../../audit/mutation.ts';
import { requireIfMatch } from '../../kernel/if-match.ts';
import { guarded, type Route } from '../../kernel/route.ts';
import { printInstant } from '../../kernel/times.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { type Listed, listRoles } from '../catalog/role-listing.ts';
import { type CustomRole, customRoleCrn } from './custom-role.ts';
import * as schema from './role-schema.ts';
import type { RoleService } from './role-service.ts';

export interface RoleRouteDeps {
  readonly roles: RoleService;
  readonly mayDo: MayDo;
  readonly findCatalog: (accountId: string) => Promise<Catalog>;
  readonly publicUrl: () => string;
}

const family = 'policies';

const printListed = ({ crn, displayName, description, actions }: Listed) => ({ crn, display_name: displayName, description, actions });

export function roleRoutes({ roles, mayDo, findCatalog, publicUrl }: RoleRouteDeps): readonly Route[] {
  const print = (role: CustomRole) => ({
    id: role.id,
    name: role.name,
    display_name: role.displayName,
    // Terraform's data source of roles takes its being there for granted.
    description: role.description ?? '',
    account_id: role.accountId,
    service_name: role.serviceName,
    actions: role.actions,
    crn: customRoleCrn(role.accountId, role.name),
    created_at: printInstant(role.createdAt),
    created_by_id: role.createdById,
    last_modified_at: printInstant(role.lastModifiedAt),
    last_modified_by_id: role.lastModifiedById,
    href: `${publicUrl()}/v2/roles/${role.id}`,
  });
  const reply = (status: number, role: CustomRole) => ({ status, body: print(role), headers: { etag: role.entityTag } });

  return [
    guarded({
      method: 'GET',
      path: '/v2/roles',
      family,
      summary: 'List roles',
      query: schema.listRolesQuery,
      async handle({ caller, query }) {
        const { account_id: accountId, service_name: serviceName, service_group_id, source_service_name, policy_type } = query;
        const resource = { accountId: accountId ?? '', serviceName: 'iam-access-management', resourceType: 'customRole' };
        const seesCustom = accountId !== undefined && (await mayDo(caller, 'iam-access-management.customRole.read', resource));
        // What an account registered for itself is no other account's to know: it is shown what is built in.
        const isVisible = seesCustom || accountId === caller.accountId;
        const { systemRoles, serviceRoles, customRoles } = listRoles(await findCatalog(isVisible ? (accountId ?? '') : ''), {
          ...(serviceName !== undefined && { serviceName }),
          ...(service_group_id !== undefined && { serviceGroupId: service_group_id }),
          ...(source_service_name !== undefined && { sourceServiceName: source_service_name }),
          ...(policy_type !== undefined && { policyType: policy_type }),
        });
        return {
          status: 200,
          body: {
            custom_roles: seesCustom ? customRoles.map(({ custom }) => print(custom)) : [],
            service_roles: serviceRoles.map(printListed),
            system_roles: systemRoles.map(printListed),
          },
        };
      },
    }),
    guarded({
      method: 'POST',
      path: '/v2/roles',
      family,
      summary: 'Create a custom role',
      body: schema.createRoleBody,
      async handle({ caller, info, body }) {
        const { account_id: accountId, service_name: serviceName, display_name: displayName, description = null, name, actions } = body;
        return reply(201, await roles.create({ caller, info }, { accountId, serviceName, name, displayName, description, actions }));
      },
    }),
    guarded({
      method: 'GET',
      path: '/v2/roles/:role_id',
      family,
      summary: 'Get a custom role',
      handle: async ({ caller, info, params }) => reply(200, await roles.get({ caller, info }, params.role_id ?? '')),
    }),
    guarded({
      method: 'PUT',
      path: '/v2/roles/:role_id',
      family,
      summary: 'Replace a custom role',
      body: schema.updateRoleBody,
      async handle({ caller, info, params, headers, body: { display_name: displayName, description = null, actions } }) {
        const input = { displayName, description, actions };
        return reply(200, await roles.replace({ caller, info }, params.role_id ?? '', requireIfMatch(headers), input));
      },
    }),
    guarded({
      method: 'DELETE',
      path: '/v2/roles/:role_id',
      family,
      summary: 'Delete a custom role',
      async handle({ caller, info, params }) {
        await roles.remove({ caller, info }, params.role_id ?? '');
        return { status: 204 };
      },
    }),
  ];
}
