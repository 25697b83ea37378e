/** The guard in front of every operation of Podpass: it decides, and a refusal is recorded with the nearest miss. */
import type { Decision, ManageDecision, ManageRequest, Policy } from '@podpass/policy';
import { type AuditEvent, type AuditTarget, refusalEvent } from '../../audit/events.ts';
import type { Guard, MayDo, MutationContext } from '../../audit/mutation.ts';
import type { RequestInfo } from '../../kernel/caller.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Decisions, FindAccess } from './decide.ts';

export interface GuardDeps {
  readonly decisions: Decisions;
  readonly findAccess: FindAccess;
  /**
   * Hands a refusal to the audit log; the refusal itself does not wait for it. `culprit` is who repeats it, where it is repeated: a caller,
   * or all of another account, who may be any number.
   */
  readonly recordRefusal: (event: AuditEvent, info: RequestInfo, culprit: string) => void;
  /** Told of the policies that let an operation pass. */
  readonly countPermits: (policyIds: readonly string[]) => void;
}

/** Whether the caller may do `verb` to a policy; throws `forbidden`. */
export type PolicyGuard = (context: MutationContext, verb: ManageRequest['verb'], policy: Policy, target: AuditTarget) => Promise<void>;

export interface Guards {
  readonly guard: Guard;
  readonly mayDo: MayDo;
  readonly guardPolicy: PolicyGuard;
  readonly mayManage: (context: MutationContext, verb: ManageRequest['verb'], policy: Policy) => Promise<boolean>;
}

type Access = Awaited<ReturnType<FindAccess>>;

interface Asked<D> {
  readonly decision: D;
  /** The account whose log tells of a refusal. */
  readonly accountId: string;
}

export function createGuards({ decisions, findAccess, recordRefusal, countPermits }: GuardDeps): Guards {
  function refuse(
    context: MutationContext,
    action: string,
    resource: Readonly<Record<string, string>>,
    target: AuditTarget,
    { decision, accountId }: Asked<Decision | ManageDecision>,
  ): never {
    const { caller, info } = context;
    // The token's scope and account decide too, so the record has them: the same question can be asked again.
    const asked = { scope: caller.scope, account: caller.accountId };
    const why = { resource, caller: asked, ...('nearest' in decision && decision.nearest && { nearest: decision.nearest }) };
    const culprit = caller.accountId === accountId ? caller.iamId : caller.accountId;
    recordRefusal(refusalEvent({ action, accountId, iamId: caller.iamId, name: caller.name, target, why }), info, culprit);
    throw new DomainError('forbidden', {
      details: `The action ${action} is needed on ${describe(resource)}. An administrator finds the reason under the transaction id.`,
    });
  }

  /** Asks with the access of an account, and says whose log a refusal belongs into: an account that there is not has none. */
  async function ask<D>({ caller }: Pick<MutationContext, 'caller'>, accountId: string, decide: (access: Access) => D): Promise<Asked<D>> {
    const access = await findAccess(accountId);
    return { decision: decide(access), accountId: access ? accountId : caller.accountId };
  }

  const decide = (context: Pick<MutationContext, 'caller'>, action: string, resource: Readonly<Record<string, string>>) =>
    ask(context, resource.accountId ?? '', (access) => decisions.decide(access, { subject: context.caller, action, resource }));

  const manage = (context: MutationContext, verb: ManageRequest['verb'], policy: Policy) =>
    ask(context, policy.accountId, (access) => decisions.manage(access, context.caller, verb, policy));

  return {
    async guard(context, action, resource, target) {
      const asked = await decide(context, action, resource);
      if (!asked.decision.permitted) refuse(context, action, resource, target, asked);
      else countPermits(asked.decision.permittedBy);
    },
    async mayDo(caller, action, resource) {
      return (await decide({ caller }, action, resource)).decision.permitted;
    },
    async guardPolicy(context, verb, policy, target) {
      const asked = await manage(context, verb, policy);
      if (asked.decision.permitted) return countPermits(asked.decision.permittedBy);
      const literal = policy.resource.flatMap((clause) => (typeof clause.value === 'string' ? [[clause.key, clause.value] as const] : []));
      refuse(context, `iam.policy.${verb}`, { ...Object.fromEntries(literal), accountId: policy.accountId }, target, asked);
    },
    async mayManage(context, verb, policy) {
      return (await manage(context, verb, policy)).decision.permitted;
    },
  };
}

const describe = (resource: Readonly<Record<string, string>>): string =>
  Object.entries(resource)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
