/** Registered services and the operators of all services: one function per operation. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Guard, MayDo, Mutate, MutationContext, Recording } from '../../audit/mutation.ts';
import type { Clock } from '../../kernel/clock.ts';
import { newEntityTag, requireEntityTag } from '../../kernel/entity-tag.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import { requireIfMatch } from '../../kernel/if-match.ts';
import { type Limits, refuseExcess } from '../../kernel/limits.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { RoleReads } from '../roles/role-store.ts';
import { checkContent, checkServiceName } from './registration-checks.ts';
import {
  findKnownService,
  gateService,
  type KnownService,
  knownService,
  serviceNotFound,
  serviceResource,
  serviceTarget,
} from './service-gate.ts';
import type { RegisteredService, ServiceContent } from './service-registration.ts';
import type { ServiceReads, ServiceWrites } from './service-store.ts';
import { describeLostRoles, describeUses, findServiceUses, widenedRoles } from './service-uses.ts';

export interface RegistrationDeps {
  readonly reads: ServiceReads & RoleReads;
  readonly mutate: Mutate<ServiceWrites & RoleReads>;
  readonly guard: Guard;
  readonly mayDo: MayDo;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly limits: Limits;
  /** Why the caller may not add actions to a role on a service: a sentence; undefined where it may. */
  readonly whyNotWiden: (context: MutationContext, accountId: string, roleId: string, serviceName: string) => Promise<string | undefined>;
  /** The built-in catalog: its names are nobody's to register. */
  readonly catalog: Catalog;
}

export interface Registered {
  readonly service: RegisteredService;
  readonly operators: readonly string[];
  readonly isNew: boolean;
  /** Sentences about access that the change took away. */
  readonly warnings: readonly string[];
}

export type RegistrationService = ReturnType<typeof createRegistrationService>;
type Tx = ServiceWrites & RoleReads & Recording;

/** How many services of a list are decided about before others have their turn. */
const DECIDED_AT_ONCE = 16;
const REGISTER = 'iam-access-management.service.register';

function contentOf({ displayName, description, actions, roles, attributes }: ServiceContent): ServiceContent {
  return { displayName, description, actions, roles, attributes };
}

/** What the audit log keeps of a registration. */
const recorded = (content: ServiceContent, operators: readonly string[]) => ({ ...contentOf(content), operators });

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

export function createRegistrationService(deps: RegistrationDeps) {
  const { reads, mutate, guard, mayDo, clock, ids, limits, catalog } = deps;

  /** Roles are told apart by their display names where they are listed together. */
  async function refuseTakenDisplayNames(tx: Tx, accountId: string, name: string, content: ServiceContent): Promise<void> {
    const own = new Map(content.roles.map((role) => [role.displayName, role.name]));
    const taken = (await tx.listCustomRoles(accountId)).find((role) => role.serviceName === name && own.has(role.displayName));
    if (taken === undefined) return;
    throw new DomainError('conflict', {
      message: `The role '${own.get(taken.displayName)}' cannot be shown as '${taken.displayName}': a custom role of the account is.`,
    });
  }

  /** What a role gains is granted by every policy that grants the role: where the account is strict, not everybody may do that. */
  async function refuseWidening(
    tx: Tx,
    context: MutationContext,
    { accountId, name }: Pick<RegisteredService, 'accountId' | 'name'>,
    before: ServiceContent | undefined,
    after: ServiceContent,
  ): Promise<void> {
    for (const roleId of widenedRoles(accountId, name, before, after, await tx.listCustomRoles(accountId))) {
      const refusal = await deps.whyNotWiden(context, accountId, roleId, name);
      if (refusal !== undefined) throw new DomainError('forbidden', { details: refusal });
    }
  }

  const changed = (tx: Tx, accountId: string, name: string) => tx.changed({ accountId, kind: 'service', id: name });

  async function create(
    tx: Tx,
    context: MutationContext,
    accountId: string,
    name: string,
    content: ServiceContent,
    operators: readonly string[],
  ): Promise<Registered> {
    await refuseWidening(tx, context, { accountId, name }, undefined, content);
    await refuseTakenDisplayNames(tx, accountId, name, content);
    refuseExcess('registered services in the account', (await tx.countServices(accountId)) + 1, limits.servicesPerAccount);
    const at = clock.now();
    const by = context.caller.iamId;
    const service: RegisteredService = {
      ...content,
      accountId,
      name,
      revision: 1,
      entityTag: newEntityTag(ids, 1),
      createdAt: at,
      createdById: by,
      modifiedAt: at,
      modifiedById: by,
    };
    await tx.putService(service);
    await tx.putOperators(accountId, name, operators);
    changed(tx, accountId, name);
    tx.event({ action: 'iam-am.service.create', accountId, target: serviceTarget(name), after: recorded(content, operators) });
    return { service, operators, isNew: true, warnings: [] };
  }

  const revised = (before: RegisteredService, content: ServiceContent, by: string): RegisteredService => {
    const revision = before.revision + 1;
    return { ...before, ...content, revision, entityTag: newEntityTag(ids, revision), modifiedAt: clock.now(), modifiedById: by };
  };

  async function replace(
    tx: Tx,
    context: MutationContext,
    { registered: before, operators: beforeOperators }: KnownService & { readonly registered: RegisteredService },
    content: ServiceContent,
    operators: readonly string[],
  ): Promise<Registered> {
    const { accountId, name } = before;
    if (isSame(recorded(before, beforeOperators), recorded(content, operators))) {
      return { service: before, operators, isNew: false, warnings: [] };
    }
    await refuseWidening(tx, context, before, before, content);
    await refuseTakenDisplayNames(tx, accountId, name, content);
    const service = revised(before, content, context.caller.iamId);
    const warnings = await describeLostRoles(tx, before, service);
    await tx.putService(service);
    await tx.putOperators(accountId, name, operators);
    changed(tx, accountId, name);
    tx.event({
      action: 'iam-am.service.update',
      accountId,
      target: serviceTarget(name),
      before: recorded(before, beforeOperators),
      after: recorded(content, operators),
      ...(warnings.length > 0 && { warnings }),
    });
    return { service, operators, isNew: false, warnings };
  }

  return {
    /** Registers a service, or replaces the whole of a registration, which takes its entity tag. */
    async put(
      context: MutationContext,
      accountId: string,
      name: string,
      input: { readonly content: ServiceContent; readonly operators: readonly string[]; readonly ifMatch: string | undefined },
    ): Promise<Registered> {
      checkServiceName(name, catalog);
      checkContent(name, input.content);
      const operators = input.operators.toSorted();
      const { content, ifMatch } = input;
      return mutate(context, async (tx) => {
        // Whoever may not register learns not even whether the name is taken.
        await guard(context, REGISTER, serviceResource(accountId, name), serviceTarget(name));
        const known = await findKnownService(tx, catalog, accountId, name);
        if (known?.registered === undefined) {
          if (ifMatch !== undefined && ifMatch.trim() !== '*') throw serviceNotFound(name);
          return create(tx, context, accountId, name, content, operators);
        }
        requireEntityTag(requireIfMatch({ 'if-match': ifMatch }), { id: name, entityTag: known.entityTag });
        return replace(tx, context, { ...known, registered: known.registered }, content, operators);
      });
    },

    get: (context: MutationContext, accountId: string, name: string): Promise<KnownService> =>
      gateService(deps, context, reads, accountId, name, 'read'),

    /** The registered services of the account, and the built-in ones that have operators there, as far as the caller may read them. */
    async list(
      context: MutationContext,
      { accountId, offset, limit }: { readonly accountId: string; readonly offset: number; readonly limit: number },
    ): Promise<{ readonly items: readonly KnownService[]; readonly hasMore: boolean }> {
      const operators = Map.groupBy(await reads.listOperators(accountId), ({ serviceName }) => serviceName);
      const registered = new Map((await reads.listServices(accountId)).map((service) => [service.name, service]));
      const names = new Set([...[...operators.keys()].filter(catalog.hasService), ...registered.keys()]);
      const visible: string[] = [];
      for (const [index, name] of [...names].sort().entries()) {
        if (index % DECIDED_AT_ONCE === DECIDED_AT_ONCE - 1) await nextTurn();
        if (await mayDo(context.caller, 'iam-access-management.service.read', serviceResource(accountId, name))) visible.push(name);
      }
      // Who may read none of them is told why, unless there are none to be read.
      if (visible.length === 0) {
        await guard(context, 'iam-access-management.service.read', serviceResource(accountId), serviceTarget(''));
      }
      const items = visible.slice(offset, offset + limit).map((name) =>
        knownService(
          accountId,
          name,
          registered.get(name),
          (operators.get(name) ?? []).map(({ iamId }) => iamId),
        ),
      );
      return { items, hasMore: visible.length > offset + limit };
    },

    /** Takes a registration back. With policies or custom roles that name the service it takes `force`; they stay. */
    async remove(
      context: MutationContext,
      accountId: string,
      name: string,
      { force, ifMatch }: { readonly force: boolean; readonly ifMatch: string | undefined },
    ): Promise<void> {
      await mutate(context, async (tx) => {
        const known = await gateService(deps, context, tx, accountId, name, 'register');
        const { registered, operators } = known;
        if (registered === undefined) {
          throw new DomainError('reserved_value', { message: `Service '${name}' is built in and cannot be deleted.` });
        }
        if (ifMatch !== undefined) requireEntityTag(ifMatch, { id: name, entityTag: known.entityTag });
        const uses = describeUses(await findServiceUses(tx, accountId, name));
        if (uses !== undefined && !force) {
          throw new DomainError('conflict', {
            message: `Service '${name}' is named by ${uses} of the account.`,
            details: 'Delete them first, or repeat the call with force=true: they stay, and give no action of the service any more.',
          });
        }
        await tx.deleteService(accountId, name);
        await tx.putOperators(accountId, name, []);
        changed(tx, accountId, name);
        tx.event({
          action: 'iam-am.service.delete',
          accountId,
          target: serviceTarget(name),
          before: recorded(registered, operators),
          ...(uses !== undefined && { warnings: [`The service was deleted although it is named by ${uses}.`] }),
        });
      });
    },

    /** Replaces the operators of a service, registered or built in. */
    async putOperators(
      context: MutationContext,
      accountId: string,
      name: string,
      input: { readonly operators: readonly string[]; readonly ifMatch: string | undefined },
    ): Promise<KnownService> {
      const operators = input.operators.toSorted();
      return mutate(context, async (tx) => {
        const before = await gateService(deps, context, tx, accountId, name, 'register');
        if (input.ifMatch !== undefined) requireEntityTag(input.ifMatch, { id: name, entityTag: before.entityTag });
        if (isSame(before.operators, operators)) return before;
        await tx.putOperators(accountId, name, operators);
        if (before.registered !== undefined) {
          await tx.putService(revised(before.registered, contentOf(before.registered), context.caller.iamId));
        }
        changed(tx, accountId, name);
        tx.event({
          action: 'iam-am.service-operators.update',
          accountId,
          target: serviceTarget(name),
          before: { operators: before.operators },
          after: { operators },
        });
        return (await findKnownService(tx, catalog, accountId, name)) ?? before;
      });
    },
  };
}
