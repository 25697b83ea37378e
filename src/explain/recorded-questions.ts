/** The questions that an audit record holds, to be asked again. */
import type { Question } from '../access/decisions/decide.ts';
import { DECISION_ACTION, readDecisionRecord } from '../access/decisions/decision-records.ts';
import { EXCHANGE_ACTION, type RecordedExchange, readExchangeRecord } from '../token/exchange-record.ts';
import { type AuditRecord, isMembers } from './audit-record.ts';
import type { Outcome } from './explanation.ts';

export type RecordedQuestion =
  | { readonly kind: 'exchange'; readonly recorded: Outcome; readonly exchange: RecordedExchange }
  | { readonly kind: 'decision' | 'operation'; readonly recorded: Outcome; readonly question: Question }
  /** An event that holds no question that could be asked again. */
  | { readonly kind: 'operation'; readonly recorded: Outcome };

/** What the record asked. A call with many decisions asked as many questions. */
export function questionsOf(record: AuditRecord): readonly RecordedQuestion[] {
  const { action, outcome: recorded } = record;
  if (action === EXCHANGE_ACTION) {
    const exchange = readExchangeRecord(record.requestData);
    return [exchange ? { kind: 'exchange', recorded, exchange } : { kind: 'operation', recorded }];
  }
  const decisions = action === DECISION_ACTION ? readDecisionRecord(record.event) : [];
  if (decisions.length > 0) {
    return decisions.map(({ question, permitted }) => ({ kind: 'decision', recorded: permitted ? 'permitted' : 'refused', question }));
  }
  const question = recorded === 'refused' ? refusedOperation(record) : undefined;
  return [{ kind: 'operation', recorded, ...(question && { question }) }];
}

/** An operation of Podpass itself that its guard refused. */
function refusedOperation({ action, initiatorId, responseData }: AuditRecord): Question | undefined {
  const { resource, caller } = responseData;
  if (!isTexts(resource) || initiatorId === '') return undefined;
  const { scope, account } = isTexts(caller) ? caller : {};
  const subject = { iamId: initiatorId, ...(scope !== undefined && { scope }), ...(account !== undefined && { accountId: account }) };
  return { subject, action, resource };
}

const isTexts = (value: unknown): value is Readonly<Record<string, string>> =>
  isMembers(value) && Object.values(value).every((member) => typeof member === 'string');
