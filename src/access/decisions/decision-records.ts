/** The audit records of decisions: what was asked and what was answered, written so that it can be asked again. */
import type { Decision, NearestMiss } from '@podpass/policy';
import type { AuditEvent } from '../../audit/events.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Attributes } from './asked-attributes.ts';
import type { DecisionSubject, Question } from './decide.ts';

export type DecisionApi =
  | ('authz' | 'authz/bulk' | 'access/evaluation' | 'access/evaluations')
  | ('authz/roles' | 'access/search/subject' | 'access/search/resource' | 'access/search/action');

export interface DecidedItem {
  /** The account whose policies decided. */
  readonly accountId: string;
  readonly question: Question;
  readonly decision: Decision;
  /** Of an identity of another account, where the account's setting only watches. */
  readonly externalAccount?: string;
}

export interface RecordedDecision {
  readonly question: Question & { readonly at: number };
  readonly permitted: boolean;
  /** The ids of the policies that permitted, or `owner`. */
  readonly by: readonly string[];
}

export const DECISION_ACTION = 'podpass.decision.evaluate';

interface PrintedItem {
  readonly subject?: PrintedSubject;
  readonly action?: string;
  readonly resource?: Attributes;
}

interface PrintedSubject {
  readonly id: string;
  readonly scope?: string;
  readonly account?: string;
  readonly attributes?: Attributes;
}

interface PrintedResult {
  readonly permitted: boolean;
  readonly by?: readonly string[];
  readonly nearest?: NearestMiss;
  readonly external_account?: string;
}

/** A record has at most 512 KiB; what comes around the items needs little of it. */
const ROOM = 480 * 1024;
const LONGEST_CUT_TEXT = 100;

/** One record of all that one call asked about one account. */
export function decisionEvent(caller: Caller, api: DecisionApi, accountId: string, items: readonly DecidedItem[]): AuditEvent {
  const questions = items.map(({ question }) => printQuestion(question));
  const whole = sharedOf(questions);
  const shared = sizeOf(whole) > ROOM / 2 ? (cutTexts(whole) as PrintedItem) : whole;
  const rest = questions.map((question) => remainderOf(question, whole));
  const results = items.map(printResult);
  const kept = countFitting(rest, results, ROOM - sizeOf(shared));
  const services = new Set(items.map(({ question }) => question.resource.serviceName ?? ''));
  return {
    action: DECISION_ACTION,
    accountId,
    outcome: items.every(({ decision }) => decision.permitted) ? 'success' : 'failure',
    initiator: { id: caller.iamId, name: caller.name, credential: 'token' },
    target: { id: [...services].join(',').slice(0, 200), typeURI: 'podpass/decision' },
    requestData: { api, shared, items: rest.slice(0, kept), ...(kept < items.length && { omitted: items.length - kept }) },
    responseData: { results: results.slice(0, kept) },
  };
}

function printQuestion({ subject: { iamId, scope, accountId, attributes }, action, resource }: Question): Required<PrintedItem> {
  const subject = {
    id: iamId,
    ...(scope !== undefined && { scope }),
    ...(accountId !== undefined && { account: accountId }),
    ...(attributes !== undefined && { attributes }),
  };
  return { subject, action, resource };
}

function printResult({ decision, externalAccount }: DecidedItem): PrintedResult {
  const external = externalAccount === undefined ? {} : { external_account: externalAccount };
  if (decision.permitted) return { permitted: true, by: decision.permittedBy, ...external };
  return { permitted: false, ...(decision.nearest && { nearest: decision.nearest }), ...external };
}

/** What all the questions of a call have in common. */
function sharedOf(questions: readonly Required<PrintedItem>[]): PrintedItem {
  const [first] = questions;
  if (first === undefined) return {};
  const subject = JSON.stringify(first.subject);
  const common = Object.entries(first.resource).filter(([key, value]) =>
    questions.every(({ resource }) => ownText(resource, key) === value),
  );
  return {
    ...(questions.every((question) => question.subject === first.subject || JSON.stringify(question.subject) === subject) && {
      subject: first.subject,
    }),
    ...(questions.every(({ action }) => action === first.action) && { action: first.action }),
    ...(common.length > 0 && { resource: Object.fromEntries(common) }),
  };
}

function remainderOf({ subject, action, resource }: Required<PrintedItem>, shared: PrintedItem): PrintedItem {
  const own = Object.entries(resource).filter(([key]) => !Object.hasOwn(shared.resource ?? {}, key));
  return {
    ...(shared.subject === undefined && { subject }),
    ...(shared.action === undefined && { action }),
    ...(own.length > 0 && { resource: Object.fromEntries(own) }),
  };
}

/** How many items fit, counted from the first. */
function countFitting(items: readonly PrintedItem[], results: readonly PrintedResult[], room: number): number {
  let left = room;
  for (const [index, item] of items.entries()) {
    left -= sizeOf(item) + sizeOf(results[index]) + 2;
    if (left < 0) return index;
  }
  return items.length;
}

/** How long the value is in a record, in which everything outside ASCII is written as six characters. */
function sizeOf(value: unknown): number {
  const json = JSON.stringify(value) ?? '';
  return json.length + 5 * (json.match(/[\u007f-\uffff]/g)?.length ?? 0);
}

function cutTexts(value: unknown): unknown {
  if (typeof value === 'string') return value.length <= LONGEST_CUT_TEXT ? value : `${value.slice(0, LONGEST_CUT_TEXT)} (cut)`;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, cutTexts(member)]));
}

const ownText = (attributes: Attributes, key: string): string | undefined => (Object.hasOwn(attributes, key) ? attributes[key] : undefined);

/**
 * Reads what a record of decisions asked and answered; nothing from any other event. Takes the event as the audit log prints it.
 */
export function readDecisionRecord(event: unknown): readonly RecordedDecision[] {
  const { time, data } = asRecord(event);
  const { action, requestData, responseData } = asRecord(data);
  const { items } = asRecord(requestData);
  const { results } = asRecord(responseData);
  const at = Date.parse(String(time));
  if (action !== DECISION_ACTION || !Array.isArray(items) || !Array.isArray(results) || Number.isNaN(at)) return [];
  // Written by `decisionEvent`, which gives these their types.
  const shared = (asRecord(requestData).shared ?? {}) as PrintedItem;
  return (items as readonly PrintedItem[]).flatMap((item, index) => {
    const result = results[index] as PrintedResult | undefined;
    const subject = item.subject ?? shared.subject;
    if (result === undefined || subject === undefined) return [];
    const question = {
      subject: subjectOf(subject),
      action: item.action ?? shared.action ?? '',
      resource: { ...shared.resource, ...item.resource },
      at,
    };
    return [{ question, permitted: result.permitted, by: result.by ?? [] }];
  });
}

function subjectOf({ id, scope, account, attributes }: PrintedSubject): DecisionSubject {
  return {
    iamId: id,
    ...(scope !== undefined && { scope }),
    ...(account !== undefined && { accountId: account }),
    ...(attributes !== undefined && { attributes }),
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
