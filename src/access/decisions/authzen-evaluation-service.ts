/** Access evaluation and access evaluations of the AuthZEN Authorization API 1.0. */
import type { Decision } from '@podpass/policy';
import type { Caller, RequestInfo } from '../../kernel/caller.ts';
import { DomainError } from '../../kernel/errors.ts';
import { printObligation } from './authz-printing.ts';
import { isMembers, type Members, readEvaluation } from './authzen-question.ts';
import type { AuthzenEvaluationsBody } from './authzen-schema.ts';
import { type AskedQuestion, type DecisionPoint, type Inquiry, UNAUTHORIZED } from './decision-point.ts';

export type AuthzenEvaluationService = ReturnType<typeof createAuthzenEvaluationService>;

interface Evaluation {
  readonly decision: boolean;
  readonly context: Members;
}

type Semantic = NonNullable<NonNullable<AuthzenEvaluationsBody['options']>['evaluations_semantic']>;

/** After which decision nothing more is evaluated. */
const ENDS_AFTER: Readonly<Record<Semantic, boolean | undefined>> = Object.freeze({
  execute_all: undefined,
  deny_on_first_deny: false,
  permit_on_first_permit: true,
});

export function createAuthzenEvaluationService(point: DecisionPoint) {
  async function evaluate(caller: Caller, info: RequestInfo, body: Members): Promise<Evaluation> {
    const question = readEvaluation(body, caller.accountId);
    if (typeof question === 'string') throw new DomainError('invalid_field', { message: question });
    const inquiry = await point.begin(caller, info, 'access/evaluation');
    try {
      const decision = await inquiry.decide(question);
      if (decision === undefined) throw new DomainError('forbidden', { message: UNAUTHORIZED });
      return print(decision, info);
    } finally {
      inquiry.end();
    }
  }

  async function evaluateItem(inquiry: Inquiry, info: RequestInfo, question: AskedQuestion | string): Promise<Evaluation> {
    if (typeof question === 'string') return failed(400, question);
    const decision = await inquiry.decide(question);
    return decision === undefined ? failed(403, UNAUTHORIZED) : print(decision, info);
  }

  return {
    evaluate,

    /**
     * Answers in the order of the evaluations, each completed by what the request says for all of them; an evaluation that cannot be
     * decided is denied with its error. Without evaluations it is a single one. Throws `forbidden` where the caller may ask about none.
     */
    async evaluateAll(caller: Caller, info: RequestInfo, body: AuthzenEvaluationsBody): Promise<unknown> {
      const { evaluations = [], options, ...defaults } = body;
      if (evaluations.length === 0) return evaluate(caller, info, defaults);
      const semantic = options?.evaluations_semantic ?? 'execute_all';
      const inquiry = await point.begin(caller, info, 'access/evaluations');
      try {
        const replies: Evaluation[] = [];
        for (const [index, item] of evaluations.entries()) {
          const question = isMembers(item)
            ? readEvaluation(withDefaults(item, defaults), caller.accountId)
            : `Field 'evaluations[${index}]' is not acceptable: must be an object.`;
          const reply = await evaluateItem(inquiry, info, question);
          const isLast = reply.decision === ENDS_AFTER[semantic];
          replies.push(isLast && !reply.decision ? { ...reply, context: { code: '200', reason: semantic, ...reply.context } } : reply);
          if (isLast) break;
        }
        const refused = replies.filter(({ context }) => isMembers(context.error) && context.error.status === 403);
        if (refused.length === replies.length) throw new DomainError('forbidden', { message: UNAUTHORIZED });
        return { evaluations: replies };
      } finally {
        inquiry.end();
      }
    },
  };
}

/** The request id is the key of the decision's record, under which an administrator finds the reason. */
function print(decision: Decision, { requestId }: RequestInfo): Evaluation {
  if (!decision.permitted) return { decision: false, context: { request_id: requestId, reason: decision.reason } };
  return { decision: true, context: { request_id: requestId, obligation: printObligation(decision.obligation) } };
}

function failed(status: number, message: string): Evaluation {
  return { decision: false, context: { error: { status, message } } };
}

/** An entity of the evaluation replaces the default as a whole, but for what identifies it, which may be left to the default. */
function withDefaults(item: Members, defaults: Members): Members {
  const whole = Object.entries({ subject: ['type', 'id'], action: ['name'], resource: ['type', 'id'] }).map(([name, identifying]) => {
    const own = item[name];
    const given = defaults[name];
    if (own === undefined || !isMembers(own) || !isMembers(given)) return [name, own ?? given];
    const left = identifying.filter((member) => own[member] === undefined && given[member] !== undefined);
    return [name, { ...own, ...Object.fromEntries(left.map((member) => [member, given[member]])) }];
  });
  return Object.fromEntries(whole);
}
