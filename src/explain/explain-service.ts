/** Why something was permitted or refused, and what would change that: by the log, or for a question that nobody has asked yet. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readSubject } from '../access/decisions/asked-subject.ts';
import type { AccountAccess, DecisionSubject, Question } from '../access/decisions/decide.ts';
import type { FindInstance } from '../access/decisions/decision-point.ts';
import type { MutationContext } from '../audit/mutation.ts';
import { DomainError, type ErrorCode } from '../kernel/errors.ts';
import type { EarlyRefusal, EarlyRefusals } from '../token/early-refusals.ts';
import type { RecordedExchange } from '../token/exchange-record.ts';
import { checkSelector } from '../token/selector.ts';
import { readAuditRecord } from './audit-record.ts';
import { explainDecision } from './decision-explanation.ts';
import { type ExchangeAsked, explainExchange } from './exchange-explanation.ts';
import { adviseOnEarlyRefusal } from './exchange-remedy.ts';
import type { DecisionInput, ExchangeInput, ExplainInput, RecordedAs } from './explain-schema.ts';
import type { Explained } from './explanation.ts';
import { accountNotFound, createAuditGate, type InspectionDeps } from './inspection.ts';
import { questionsOf, type RecordedQuestion } from './recorded-questions.ts';
import { type Visibility, visibilityOf } from './visibility.ts';

export interface ExplainDeps extends InspectionDeps {
  readonly findInstance: FindInstance;
  readonly earlyRefusals: Pick<EarlyRefusals, 'find'>;
  readonly installationAccountId: string;
}

export interface ExplainedRecord {
  readonly explained: Explained;
  readonly recorded?: RecordedAs;
}

export interface Explanations {
  readonly explanations: readonly ExplainedRecord[];
  /** Whether there is more than one answer holds. */
  readonly isCut: boolean;
}

const MAX_EXPLANATIONS = 100;

/** Errors about the token of a pod; others are about the rest of a request to the token endpoint. */
const TOKEN_ERRORS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['token_malformed', 'token_not_supported', 'keys_unavailable']);

type Ids = Pick<ExplainInput, 'request_id' | 'transaction_id'>;

export type ExplainService = ReturnType<typeof createExplainService>;

export function createExplainService(deps: ExplainDeps) {
  const { audit, decisions, findView, clusters, clock, findInstance, earlyRefusals, installationAccountId, mayDo } = deps;
  const gate = createAuditGate(deps);

  const accessOf = async (accountId: string): Promise<AccountAccess> => {
    const access = await findView(accountId);
    if (!access) throw accountNotFound(accountId);
    return access;
  };

  /** An account's own question; what its resource says of another account is none of this account's affairs. */
  async function decide(see: Visibility, accountId: string, kind: 'decision' | 'operation', question: Question): Promise<Explained> {
    const named = question.resource.accountId;
    if (named !== undefined && named !== accountId) {
      const detail = 'The resource names an account that was not there when it was asked for.';
      return { kind, outcome: 'refused', checks: [{ check: 'resource', outcome: 'failed', detail }] };
    }
    const at = question.at ?? clock.now();
    return { kind, ...(await explainDecision(decisions, see, await accessOf(accountId), question, at)) };
  }

  const exchange = async (see: Visibility, asked: ExchangeAsked): Promise<Explained> => ({
    kind: 'exchange',
    ...(await explainExchange(see, findView, asked)),
  });

  function askedAgain(
    accountId: string,
    { selector, cluster: crn, pod, tenants }: RecordedExchange,
    reason: string | undefined,
  ): ExchangeAsked {
    const cluster = clusters.findByCrn(crn);
    return { selector, cluster: cluster?.accountId === accountId ? cluster : undefined, pod, tenants, isRecorded: true, reason };
  }

  /** A recorded question as it is answered now. */
  async function again(see: Visibility, accountId: string, asked: RecordedQuestion, action: string, reason?: string): Promise<Explained> {
    if (asked.kind === 'exchange') return exchange(see, askedAgain(accountId, asked.exchange, reason));
    if ('question' in asked) {
      const { at: _, ...question } = asked.question;
      return decide(see, accountId, asked.kind, question);
    }
    const { recorded } = asked;
    const detail = recorded === 'permitted' ? `The operation ${action} was permitted and done.` : (reason ?? 'The operation was refused.');
    return {
      kind: asked.kind,
      outcome: recorded,
      checks: [{ check: 'recorded', outcome: recorded === 'permitted' ? 'passed' : 'failed', detail }],
    };
  }

  async function fromLog(see: Visibility, accountId: string, ids: Ids): Promise<Explanations> {
    const events = await audit.find({
      accountId,
      limit: MAX_EXPLANATIONS + 1,
      ...(ids.request_id !== undefined && { requestId: ids.request_id }),
      ...(ids.transaction_id !== undefined && { transactionId: ids.transaction_id }),
    });
    const explanations: ExplainedRecord[] = [];
    for (const { record: line } of events) {
      const record = readAuditRecord(line);
      const { requestId, transactionId, at, reason, action } = record;
      // Of a call with many questions, those that were refused first.
      const questions = questionsOf(record).toSorted((a, b) => Number(a.recorded === 'permitted') - Number(b.recorded === 'permitted'));
      for (const asked of questions) {
        if (explanations.length === MAX_EXPLANATIONS) return { explanations, isCut: true };
        const recorded = { requestId, transactionId, at, outcome: asked.recorded, reason };
        explanations.push({ explained: await again(see, accountId, asked, action, reason), recorded });
        await nextTurn();
      }
    }
    return { explanations, isCut: false };
  }

  function explainEarly({ requestId, transactionId, at, code, reason, sourceAddress, issuer, kid }: EarlyRefusal): ExplainedRecord {
    const unproved = { sourceAddress, ...(issuer !== undefined && { issuer }), ...(kid !== undefined && { kid }) };
    const check = TOKEN_ERRORS.has(code) ? 'token' : 'request';
    const checks = [{ check, outcome: 'failed', detail: reason } as const];
    const remedy = adviseOnEarlyRefusal(code, reason);
    return {
      explained: { kind: 'exchange', outcome: 'refused', checks, ...(remedy && { remedy }) },
      recorded: { requestId, transactionId, at, outcome: 'refused', reason, unproved },
    };
  }

  /** Under an id there may be what the log of the account holds, and for operators what belongs to no account. */
  async function byId(context: MutationContext, accountId: string, ids: Ids): Promise<Explanations> {
    const operates =
      accountId === installationAccountId && (await mayDo(context.caller, 'podpass.diagnosis.read', { accountId, serviceName: 'podpass' }));
    const readsLog = operates ? await gate.passes(context, accountId) : true;
    if (!operates) await gate.enter(context, accountId);
    const early = operates ? earlyRefusals.find({ requestId: ids.request_id, transactionId: ids.transaction_id }) : [];
    const logged = readsLog ? await fromLog(visibilityOf(deps, context), accountId, ids) : { explanations: [], isCut: false };
    const explanations = [...early.map(explainEarly), ...logged.explanations].slice(0, MAX_EXPLANATIONS);
    if (explanations.length > 0)
      return { explanations, isCut: logged.isCut || early.length + logged.explanations.length > MAX_EXPLANATIONS };
    const [field, id] = ids.request_id === undefined ? ['transaction_id', ids.transaction_id] : ['request_id', ids.request_id];
    throw new DomainError('not_found', {
      message: `Nothing is recorded in account ${accountId} under the ${field} '${id}'.`,
      details:
        'The id of a request is in its reply, in the header x-request-id. A refusal before the token of a cluster is verified belongs to no account.',
    });
  }

  /** What the inventory knows of an instance stands in place of what was said of it. */
  function complete(accountId: string, resource: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const { serviceName, serviceInstance } = resource;
    const isNamed = serviceName !== undefined && serviceInstance !== undefined;
    const instance = isNamed ? findInstance(accountId, serviceName, serviceInstance) : undefined;
    if (!instance) return resource;
    const { resourceGroupId: _, ...said } = resource;
    return { ...said, ...instance };
  }

  function readDecision(accountId: string, { subject: given, action, resource: said, at }: DecisionInput): Question {
    const resource = Object.fromEntries(Object.entries(said).map(([key, value]) => [key, String(value)]));
    if (resource.accountId !== undefined && resource.accountId !== accountId) {
      throw new DomainError('invalid_field', {
        message: `Field 'decision.resource.accountId' names another account than 'account_id', ${accountId}.`,
      });
    }
    const { iam_id: id, scope, account_id: account } = given;
    const subject = readSubject({ attributes: { id, ...(scope !== undefined && { scope }) } });
    if (typeof subject === 'string')
      throw new DomainError('invalid_field', { message: `Field 'decision.subject.iam_id' is not acceptable: ${subject}.` });
    const who: DecisionSubject = { ...subject, ...(account !== undefined && { accountId: account }) };
    return { subject: who, action, resource: complete(accountId, resource), ...(at !== undefined && { at }) };
  }

  function readExchange(accountId: string, given: ExchangeInput): ExchangeAsked {
    const selector = { id: given.profile_id, name: given.profile_name, crn: given.profile_crn };
    checkSelector(selector);
    const { cluster: named, namespace, service_account: serviceAccount, pod } = given;
    const own = clusters.ofAccount(accountId);
    const cluster = own.find(({ id, crn }) => id === named || crn === named) ?? own.find(({ name }) => name === named);
    return { selector, cluster, pod: { namespace, serviceAccount, pod }, tenants: undefined, isRecorded: false };
  }

  return {
    async explain(context: MutationContext, body: ExplainInput): Promise<Explanations> {
      const { account_id: accountId, decision, exchange: described } = body;
      if (!decision && !described) return byId(context, accountId, body);
      await gate.enter(context, accountId);
      const see = visibilityOf(deps, context);
      const explained = described
        ? await exchange(see, readExchange(accountId, described))
        : await decide(see, accountId, 'decision', readDecision(accountId, decision as DecisionInput));
      return { explanations: [{ explained }], isCut: false };
    },
  };
}
