/** Custom roles: one function per operation of the roles API that is about them. */
import type { AuditTarget } from '../../audit/events.ts';
import type { Guard, Mutate, MutationContext } from '../../audit/mutation.ts';
import { guardVisible } from '../../audit/visible.ts';
import type { Clock } from '../../kernel/clock.ts';
import { ifMatchNames, newEntityTag } from '../../kernel/entity-tag.ts';
import { DomainError, ERRORS } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Limits } from '../../kernel/limits.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { PolicyReads } from '../policies/policy-store.ts';
import { type CustomRole, customRoleCrn } from './custom-role.ts';
import type { RoleReads, RoleWrites } from './role-store.ts';

export interface RoleDeps {
  readonly reads: RoleReads;
  readonly mutate: Mutate<RoleWrites & Pick<PolicyReads, 'listPoliciesWithRole'>>;
  readonly guard: Guard;
  readonly findCatalog: (accountId: string) => Promise<Catalog>;
  /** Why the caller may not widen what policies with this role grant: a sentence; undefined where it may. */
  readonly whyNotWiden: (context: MutationContext, accountId: string, roleId: string) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly limits: Limits;
}

export interface RoleInput {
  readonly displayName: string;
  readonly description: string | null;
  readonly actions: readonly string[];
}

export type RoleService = ReturnType<typeof createRoleService>;

const ROLE_ID = /^[0-9a-f]{32}$/;

const roleNotFound = (id: string) => new DomainError('role_not_found', { message: `Role '${id.slice(0, 60)}' was not found.` });
const invalid = (message: string, details?: string) =>
  new DomainError('invalid_body', { message, ...(details !== undefined && { details }) });

const roleTarget = ({ id, name }: Pick<CustomRole, 'id' | 'name'>): AuditTarget => ({
  id,
  name,
  typeURI: 'iam-access-management/customRole',
});

const roleResource = (accountId: string, name?: string): Record<string, string> => ({
  accountId,
  serviceName: 'iam-access-management',
  resourceType: 'customRole',
  ...(name !== undefined && { resource: name }),
});

export function createRoleService(deps: RoleDeps) {
  const { reads, mutate, guard, findCatalog, clock, ids, limits } = deps;

  async function gate(context: MutationContext, from: RoleReads, id: string, verb: 'read' | 'update' | 'delete'): Promise<CustomRole> {
    const role = ROLE_ID.test(id) ? await from.findCustomRole(id) : undefined;
    if (!role) throw roleNotFound(id);
    const resource = roleResource(role.accountId, role.name);
    await guardVisible(guard, context, `iam-access-management.customRole.${verb}`, resource, roleTarget(role), () => roleNotFound(id));
    return role;
  }

  /** The actions, each once, in the order in which they were sent, in which Terraform wants them back; all must be the service's or of the base sets, and one the service's own. */
  function readActions(actions: readonly string[], serviceName: string, catalog: Catalog): readonly string[] {
    const own = catalog.serviceActions(serviceName);
    const base = new Set(catalog.systemRoles().flatMap((role) => [...catalog.actions(role.crn, '')]));
    const foreign = actions.find((action) => !own.has(action) && !base.has(action));
    if (foreign !== undefined) {
      throw invalid(
        `Field 'actions' names '${foreign.slice(0, 100)}', which the service '${serviceName}' does not define.`,
        `GET /v2/roles?service_name=${serviceName} lists the actions of the service.`,
      );
    }
    if (!actions.some((action) => own.has(action))) {
      throw invalid(`Field 'actions' must hold at least one action that the service '${serviceName}' itself defines.`);
    }
    return [...new Set(actions)];
  }

  /** Refuses what another role of the account or of the service has already. */
  function refuseConflict(role: CustomRole, others: readonly CustomRole[], catalog: Catalog): void {
    const conflict = (other: Pick<CustomRole, 'id' | 'entityTag'>, message: string) =>
      new DomainError('role_conflict', { message, conflictsWith: { etag: other.entityTag, role: other.id } });
    const folded = role.displayName.toLowerCase();
    for (const other of others) {
      if (other.id === role.id) continue;
      if (other.name === role.name) throw conflict(other, `A custom role named '${role.name}' exists in the account.`);
      if (other.serviceName !== role.serviceName) continue;
      if (other.displayName.toLowerCase() === folded) {
        throw conflict(other, `The custom role '${other.name}' of the service has the display name '${other.displayName}' already.`);
      }
      if (other.actions.length === role.actions.length && other.actions.every((action) => role.actions.includes(action))) {
        throw conflict(other, `The custom role '${other.name}' of the service has exactly these actions already.`);
      }
    }
    const builtIn = [...catalog.systemRoles(), ...catalog.serviceRoles(role.serviceName)].find(
      ({ displayName }) => displayName.toLowerCase() === folded,
    );
    if (builtIn) {
      throw new DomainError('role_conflict', {
        message: `The service has a role with the display name '${builtIn.displayName}' already.`,
        conflictsWith: { role: builtIn.crn },
      });
    }
  }

  return {
    async create(
      context: MutationContext,
      { accountId, serviceName, name, ...input }: RoleInput & Pick<CustomRole, 'accountId' | 'serviceName' | 'name'>,
    ): Promise<CustomRole> {
      const pass = () => guard(context, 'iam-access-management.customRole.create', roleResource(accountId), roleTarget({ id: '', name }));
      // Which services an account of others registered is told to those alone who may make roles there.
      if (accountId !== context.caller.accountId) await pass();
      const catalog = await findCatalog(accountId);
      if (!catalog.hasService(serviceName)) {
        throw invalid(
          `Field 'service_name' names '${serviceName.slice(0, 100)}', which is neither a built-in service nor one that the account registered.`,
        );
      }
      const actions = readActions(input.actions, serviceName, catalog);
      return mutate(context, async (tx) => {
        await pass();
        const others = await tx.listCustomRoles(accountId);
        const at = clock.now();
        const role: CustomRole = {
          id: ids.hex(16),
          accountId,
          serviceName,
          name,
          ...input,
          actions,
          revision: 1,
          entityTag: newEntityTag(ids, 1),
          createdAt: at,
          createdById: context.caller.iamId,
          lastModifiedAt: at,
          lastModifiedById: context.caller.iamId,
        };
        refuseConflict(role, others, catalog);
        if (others.length >= limits.customRolesPerAccount) {
          throw new DomainError('limit_exceeded', {
            message: `The account holds ${limits.customRolesPerAccount} custom roles already, which is its limit.`,
          });
        }
        await tx.insertCustomRole(role);
        tx.changed({ accountId, kind: 'custom_role', id: role.id });
        tx.event({ action: 'iam-am.customRole.create', accountId, target: roleTarget(role), after: role });
        return role;
      });
    },

    get: (context: MutationContext, id: string): Promise<CustomRole> => gate(context, reads, id, 'read'),

    /** Changes what policies with the role grant, from the next decision on. */
    async replace(context: MutationContext, id: string, ifMatch: string, input: RoleInput): Promise<CustomRole> {
      return mutate(context, async (tx) => {
        const before = await gate(context, tx, id, 'update');
        const { accountId, serviceName, name } = before;
        const catalog = await findCatalog(accountId);
        const actions = readActions(input.actions, serviceName, catalog);
        if (!ifMatchNames(ifMatch, before.entityTag)) {
          throw new DomainError('role_conflict', {
            message: ERRORS.etag_mismatch.text,
            details: `The current ETag of ${before.id} is ${before.entityTag}.`,
            conflictsWith: { etag: before.entityTag },
          });
        }
        if (actions.some((action) => !before.actions.includes(action))) {
          const refusal = await deps.whyNotWiden(context, accountId, customRoleCrn(accountId, name));
          if (refusal !== undefined) throw new DomainError('forbidden', { details: refusal });
        }
        const revision = before.revision + 1;
        const role: CustomRole = {
          ...before,
          ...input,
          actions,
          revision,
          entityTag: newEntityTag(ids, revision),
          lastModifiedAt: clock.now(),
          lastModifiedById: context.caller.iamId,
        };
        refuseConflict(role, await tx.listCustomRoles(accountId), catalog);
        await tx.updateCustomRole(role);
        tx.changed({ accountId, kind: 'custom_role', id: role.id });
        tx.event({ action: 'iam-am.customRole.update', accountId, target: roleTarget(role), before, after: role });
        return role;
      });
    },

    async remove(context: MutationContext, id: string): Promise<void> {
      await mutate(context, async (tx) => {
        const role = await gate(context, tx, id, 'delete');
        const used = (await tx.listPoliciesWithRole(role.accountId, customRoleCrn(role.accountId, role.name))).length;
        if (used > 0) {
          throw new DomainError('role_conflict', {
            message: `Role '${role.name}' is granted by ${used} active ${used === 1 ? 'policy' : 'policies'}: take it out of them first.`,
          });
        }
        await tx.deleteCustomRole(role.id);
        tx.changed({ accountId: role.accountId, kind: 'custom_role', id: role.id });
        tx.event({ action: 'iam-am.customRole.delete', accountId: role.accountId, target: roleTarget(role), before: role });
      });
    },
  };
}
