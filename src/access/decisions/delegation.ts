/**
 * Strict delegation (an account setting, off unless turned on): whoever makes a link, a rule, a profile identity, a group member or a key of
 * a service ID must hold the access that this confers, or be Administrator of what it is conferred through.
 */
import { type Policy, serviceLineage } from '@podpass/policy';
import type { AuditTarget } from '../../audit/events.ts';
import type { Guard, MutationContext } from '../../audit/mutation.ts';
import { guardSaying } from '../../audit/visible.ts';
import type { AccountAccess, Decisions, FindAccess } from './decide.ts';

/** What access is conferred through: an access group, a profile or a service ID. */
export interface Grantee {
  /** `iam_id` or `access_group_id` in the policies that grant to it. */
  readonly subjectKey: string;
  /** As the guard names it: `accountId`, `serviceName`, `resourceType`, `resource`. */
  readonly resource: Readonly<Record<string, string>>;
}

/** Lets pass who may confer the access of the grantee; throws `forbidden`. */
export type GuardConferral = (context: MutationContext, grantee: Grantee, target: AuditTarget) => Promise<void>;

/** Why the caller may not confer the access of the grantee: a sentence; undefined where it may. */
export type WhyNotConfer = (context: MutationContext, grantee: Grantee) => Promise<string | undefined>;

export interface Delegation {
  readonly guardConferral: GuardConferral;
  readonly whyNotConfer: WhyNotConfer;
  /**
   * Why the caller may not add actions to a role: a sentence; undefined where it may. With a service only policies count that may reach it,
   * because only there the role gains anything.
   */
  readonly whyNotWiden: (context: MutationContext, accountId: string, roleId: string, serviceName?: string) => Promise<string | undefined>;
}

export interface DelegationDeps {
  readonly decisions: Decisions;
  readonly findAccess: FindAccess;
  readonly guard: Guard;
  /** The active policies whose subject is this identity or access group. */
  readonly policiesOf: (accountId: string, subjectKey: string) => Promise<readonly Policy[]>;
  /** The active policies that grant the role. */
  readonly policiesWithRole: (accountId: string, roleId: string) => Promise<readonly Policy[]>;
  readonly now: () => number;
}

const mustHold = (subjectKey: string) =>
  `The account has strict delegation on: whoever confers the access of '${subjectKey}' must hold all of it, or be its Administrator.`;

/** Administrator alone holds it, on every service. */
const ADMINISTRATE = 'iam.policy.create';

/** Whether a policy can match the service or a child of it: what it says of the service's name, if anything, leaves that open. */
function mayReach({ resource }: Policy, serviceName: string): boolean {
  return resource.every(({ key, operator, value }) => {
    if (key !== 'serviceName' || operator !== 'stringEquals') return true;
    return serviceLineage(String(value)).includes(serviceName) || serviceLineage(serviceName).includes(String(value));
  });
}

export function createDelegation({ decisions, findAccess, guard, policiesOf, policiesWithRole, now }: DelegationDeps): Delegation {
  async function strictAccess(accountId: string): Promise<AccountAccess | undefined> {
    const access = await findAccess(accountId);
    return access?.settings.strictDelegation ? access : undefined;
  }

  /** Whether the caller holds what the grantee's own policies grant, and those of the access groups that it is in. */
  async function holdsAccessOf(context: MutationContext, access: AccountAccess, subjectKey: string): Promise<boolean> {
    const keys = [subjectKey, ...access.membershipsOf(subjectKey, now()).groups];
    const policies = await Promise.all(keys.map((key) => policiesOf(access.accountId, key)));
    return decisions.holdsAll(access, context.caller, policies.flat());
  }

  return {
    async guardConferral(context, { subjectKey, resource }, target) {
      const access = await strictAccess(resource.accountId ?? '');
      if (!access || (await holdsAccessOf(context, access, subjectKey))) return;
      await guardSaying(mustHold(subjectKey), guard, context, ADMINISTRATE, resource, target);
    },
    async whyNotConfer(context, { subjectKey, resource }) {
      const access = await strictAccess(resource.accountId ?? '');
      if (!access || (await holdsAccessOf(context, access, subjectKey))) return undefined;
      const decision = decisions.decide(access, { subject: context.caller, action: ADMINISTRATE, resource });
      return decision.permitted ? undefined : mustHold(subjectKey);
    },
    async whyNotWiden({ caller }, accountId, roleId, serviceName) {
      const access = await strictAccess(accountId);
      if (!access) return undefined;
      const policies = await policiesWithRole(accountId, roleId);
      const reaching = serviceName === undefined ? policies : policies.filter((policy) => mayReach(policy, serviceName));
      const mayManageAll = reaching.every((policy) => decisions.manage(access, caller, 'update', policy).permitted);
      if (mayManageAll) return undefined;
      return 'The account has strict delegation on: whoever adds actions to a role must be able to change every policy that grants it.';
    },
  };
}
