/**
 * Where decisions are asked for. Every decision API comes through here: it settles who may ask, completes what is asked about with what
 * only Podpass knows, decides, and hands what was decided to the log.
 */
import { type Decision, scopeReaches, serviceLineage } from '@podpass/policy';
import type { Caller, RequestInfo } from '../../kernel/caller.ts';
import type { Clock } from '../../kernel/clock.ts';
import { isAccountId } from '../../kernel/ids.ts';
import { externalIdentityType } from '../settings/access-settings.ts';
import type { Attributes } from './asked-attributes.ts';
import type { AccountAccess, DecisionSubject, Decisions, FindAccess, Question } from './decide.ts';
import type { DecisionLog } from './decision-log.ts';
import type { DecidedItem, DecisionApi } from './decision-records.ts';

/** What is known of an instance of a service in an account; undefined for an instance that nobody registered there. */
export type FindInstance = (
  accountId: string,
  serviceName: string,
  serviceInstance: string,
) => { readonly resourceGroupId?: string } | undefined;

export interface DecisionPointDeps {
  readonly decisions: Decisions;
  readonly findAccess: FindAccess;
  readonly findInstance: FindInstance;
  readonly countPermits: (policyIds: readonly string[]) => void;
  readonly log: DecisionLog;
  readonly clock: Clock;
}

export interface AskedQuestion {
  readonly subject: DecisionSubject;
  readonly action: string;
  readonly resource: Attributes;
}

/** What a caller may ask about: the account, and whether it is the operator of the service rather than the owner of the account. */
export interface Standing {
  readonly access: AccountAccess;
  readonly isOperator: boolean;
  /** The resource names no account, which the caller may learn because it may ask in its own. */
  readonly isNowhere: boolean;
}

/** One call with all its questions; they are answered as of one instant, and recorded when it ends. */
export interface Inquiry {
  /** Undefined where the caller may not ask about this. */
  decide(question: AskedQuestion): Promise<Decision | undefined>;
  end(): void;
}

export interface DecisionPoint {
  /** Waits for room in the audit log; throws `unavailable` where there is none for long. */
  begin(caller: Caller, info: RequestInfo, api: DecisionApi): Promise<Inquiry>;
  /** Undefined where the caller may not ask about the resource; an account that there is not and one of others look the same. */
  standingOf(caller: Caller, resource: Attributes): Promise<Standing | undefined>;
  /** In whose log it is told that the caller asked without a right: in that of the account of the resource, where there is one. */
  accountToTell(caller: Caller, resource: Attributes): Promise<string>;
  /** The question as it is decided: with what is known of its resource, and without what is only said of it. */
  complete(standing: Standing, question: Omit<Question, 'action'>): Omit<Question, 'action'>;
}

/** Said to whoever may not ask; that is all they are told. */
export const UNAUTHORIZED = 'The caller is unauthorized to make this request.';

const DENIED: Decision = Object.freeze({ permitted: false, reason: 'IAM' });

export function createDecisionPoint(deps: DecisionPointDeps): DecisionPoint {
  const { decisions, findAccess, findInstance, countPermits, log, clock } = deps;

  async function standingOf(caller: Caller, { accountId = '', serviceName = '' }: Attributes): Promise<Standing | undefined> {
    const home = accountId === '' ? caller.accountId : accountId;
    const names = serviceLineage(serviceName);
    if (!isAccountId(home) || !scopeReaches(caller.scope, names)) return undefined;
    const access = await findAccess(home);
    if (!access) return undefined;
    const isOperator = names.some((name) => access.isOperator(name, caller.iamId));
    if (!isOperator && !access.isOwner(caller.iamId)) return undefined;
    return { access, isOperator, isNowhere: accountId === '' };
  }

  /** The resource group of an instance as far as the inventory knows it; of others only the service's operator may say it. */
  function groupOf(accountId: string, { serviceName, serviceInstance, resourceGroupId }: Attributes, isTrusted: boolean) {
    const isNamed = serviceName !== undefined && serviceInstance !== undefined;
    const instance = isNamed ? findInstance(accountId, serviceName, serviceInstance) : undefined;
    const group = instance ? instance.resourceGroupId : isTrusted ? resourceGroupId : undefined;
    return group === undefined ? {} : { resourceGroupId: group };
  }

  function completeSubject(subject: DecisionSubject): DecisionSubject {
    const { attributes } = subject;
    if (attributes === undefined) return subject;
    return { ...subject, attributes: { ...attributes, ...groupOf(attributes.accountId ?? '', attributes, false) } };
  }

  function complete({ access, isOperator }: Standing, { subject, resource, at }: Omit<Question, 'action'>) {
    const { resourceGroupId: _, serviceType: __, service_group_id: ___, ...said } = resource;
    return {
      subject: completeSubject(subject),
      resource: { ...said, ...groupOf(access.accountId, resource, isOperator) },
      ...(at !== undefined && { at }),
    };
  }

  async function accountToTell(caller: Caller, { accountId = '' }: Attributes): Promise<string> {
    return isAccountId(accountId) && (await findAccess(accountId)) ? accountId : caller.accountId;
  }

  return {
    standingOf,
    accountToTell,
    complete,
    async begin(caller, info, api) {
      await log.reserve();
      const at = clock.now();
      const decided: DecidedItem[] = [];
      const refused = new Map<string, Attributes>();
      const standings = new Map<string, Promise<Standing | undefined>>();
      return {
        async decide({ subject, action, resource }) {
          const key = JSON.stringify([resource.accountId ?? '', resource.serviceName ?? '']);
          const pending = standings.get(key) ?? standingOf(caller, resource);
          standings.set(key, pending);
          const standing = await pending;
          if (standing === undefined) {
            refused.set(await accountToTell(caller, resource), resource);
            return undefined;
          }
          const { access, isNowhere } = standing;
          const question = { ...complete(standing, { subject, resource, at }), action };
          const decision = isNowhere ? DENIED : decisions.decide(access, question);
          if (decision.permitted) countPermits(decision.permittedBy);
          const externalAccount = monitoredAccount(access, question.subject);
          decided.push({ accountId: access.accountId, question, decision, ...(externalAccount !== undefined && { externalAccount }) });
          return decision;
        },
        end() {
          log.decided(caller, info, api, decided);
          log.unauthorized(caller, info, api, refused);
        },
      };
    },
  };
}

/** The account of an identity that the account's setting only watches: the one that `limited` would deny; `unknown` where nobody said it. */
function monitoredAccount(access: AccountAccess, { iamId, attributes, accountId = attributes?.accountId }: DecisionSubject) {
  const type = attributes === undefined ? externalIdentityType(iamId) : 'service';
  const setting = type === undefined ? undefined : access.settings.external[type];
  if (setting?.state !== 'monitor') return undefined;
  if (accountId === undefined) return 'unknown';
  return accountId === access.accountId || setting.allowedAccounts.includes(accountId) ? undefined : accountId;
}
