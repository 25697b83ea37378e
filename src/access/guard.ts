/** The guard in front of every operation of Podpass: it decides, and a refusal is recorded with the nearest miss. */
import type { Decision, ManageDecision, Policy } from '@podpass/policy';
import { type AuditEvent, type AuditTarget, refusalEvent } from '../audit/events.ts';
import type { Guard, MayDo, MutationContext } from '../audit/mutation.ts';
import type { RequestInfo } from '../kernel/caller.ts';
import { DomainError } from '../kernel/errors.ts';
import type { Decisions, FindAccess } from './decide.ts';

export interface GuardDeps {
  readonly decisions: Decisions;
  readonly findAccess: FindAccess;
  /** Hands a refusal to the audit log; the refusal itself does not wait for it. */
  readonly recordRefusal: (event: AuditEvent, info: RequestInfo) => void;
}

/** Whether the caller may do `verb` to a policy; throws `forbidden`. */
export type PolicyGuard = (
  context: MutationContext,
  verb: 'create' | 'read' | 'delete',
  policy: Policy,
  target: AuditTarget,
) => Promise<void>;

export interface Guards {
  readonly guard: Guard;
  readonly mayDo: MayDo;
  readonly guardPolicy: PolicyGuard;
  readonly mayManage: (context: MutationContext, verb: 'create' | 'read' | 'delete', policy: Policy) => Promise<boolean>;
}

export function createGuards({ decisions, findAccess, recordRefusal }: GuardDeps): Guards {
  function refuse(
    context: MutationContext,
    action: string,
    resource: Readonly<Record<string, string>>,
    target: AuditTarget,
    decision: Decision | ManageDecision,
  ): never {
    const accountId = resource.accountId ?? context.caller.accountId;
    const { caller, info } = context;
    const why = { resource, ...('nearest' in decision && decision.nearest && { nearest: decision.nearest }) };
    recordRefusal(refusalEvent({ action, accountId, iamId: caller.iamId, name: caller.name, target, why }), info);
    throw new DomainError('forbidden', {
      details: `The action ${action} is needed on ${describe(resource)}. An administrator finds the reason under the transaction id.`,
    });
  }

  const decide = async (context: Pick<MutationContext, 'caller'>, action: string, resource: Readonly<Record<string, string>>) =>
    decisions.decide(await findAccess(resource.accountId ?? ''), context.caller, action, resource);

  const manage = async (context: MutationContext, verb: 'create' | 'read' | 'delete', policy: Policy) =>
    decisions.manage(await findAccess(policy.accountId), context.caller, verb, policy);

  return {
    async guard(context, action, resource, target) {
      const decision = await decide(context, action, resource);
      if (!decision.permitted) refuse(context, action, resource, target, decision);
    },
    async mayDo(caller, action, resource) {
      return (await decide({ caller }, action, resource)).permitted;
    },
    async guardPolicy(context, verb, policy, target) {
      const decision = await manage(context, verb, policy);
      if (decision.permitted) return;
      const literal = policy.resource.flatMap((clause) => (typeof clause.value === 'string' ? [[clause.key, clause.value] as const] : []));
      refuse(context, `iam.policy.${verb}`, { ...Object.fromEntries(literal), accountId: policy.accountId }, target, decision);
    },
    async mayManage(context, verb, policy) {
      return (await manage(context, verb, policy)).permitted;
    },
  };
}

const describe = (resource: Readonly<Record<string, string>>): string =>
  Object.entries(resource)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
