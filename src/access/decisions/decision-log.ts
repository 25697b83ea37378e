/** Decisions on their way into the audit log. The answer does not wait for its record, but nothing is decided that could not be recorded. */
import type { AuditEvent } from '../../audit/events.ts';
import { lastingRecord, type Recorder } from '../../audit/recorder.ts';
import type { Caller, RequestInfo } from '../../kernel/caller.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Attributes } from './asked-attributes.ts';
import { DECISION_ACTION, type DecidedItem, type DecisionApi, decisionEvent } from './decision-records.ts';

export interface DecisionLog {
  /** Resolves once there is room for a record; throws `unavailable` where there is none for long. */
  reserve(): Promise<void>;
  /** One record for each account that was asked about. */
  decided(caller: Caller, info: RequestInfo, api: DecisionApi, items: readonly DecidedItem[]): void;
  /** One record in the log of each account that the caller may not ask about; `refused` holds one resource of each. */
  unauthorized(caller: Caller, info: RequestInfo, api: DecisionApi, refused: ReadonlyMap<string, Attributes>): void;
  /** What was listed rather than decided: roles, or the results of a search. */
  listed(caller: Caller, info: RequestInfo, api: DecisionApi, accountId: string, asked: Readonly<Record<string, unknown>>): void;
}

export interface DecisionLogDeps {
  readonly recorder: Pick<Recorder, 'room' | 'record'>;
  /** Records a refusal within the budget of whoever repeats it. */
  readonly recordRefusal: (event: AuditEvent, info: RequestInfo, culprit: string) => void;
  /** `refused` leaves out calls in which everything was permitted. */
  readonly kept: 'all' | 'refused';
  readonly clock: Clock;
  readonly onError: (error: unknown, info: RequestInfo) => void;
}

const initiatorOf = ({ iamId, name }: Caller) => ({ id: iamId, name, credential: 'token' }) as const;

export function createDecisionLog({ recorder, recordRefusal, kept, clock, onError }: DecisionLogDeps): DecisionLog {
  function write(event: AuditEvent, info: RequestInfo): void {
    recorder.record(lastingRecord(event, info, clock.now())).catch((error: unknown) => onError(error, info));
  }

  return {
    reserve: () => recorder.room(),
    decided(caller, info, api, items) {
      for (const [accountId, own] of Map.groupBy(items, (item) => item.accountId)) {
        if (kept === 'all' || own.some(({ decision }) => !decision.permitted)) write(decisionEvent(caller, api, accountId, own), info);
      }
    },
    unauthorized(caller, info, api, refused) {
      for (const [accountId, resource] of refused) {
        const event: AuditEvent = {
          action: DECISION_ACTION,
          accountId,
          outcome: 'failure',
          initiator: initiatorOf(caller),
          target: { id: (resource.serviceName ?? '').slice(0, 200), typeURI: 'podpass/decision' },
          reason: { reasonCode: 403, reasonForFailure: 'The caller neither operates the service in this account nor owns the account.' },
          requestData: { api },
        };
        recordRefusal(event, info, caller.accountId === accountId ? caller.iamId : caller.accountId);
      }
    },
    listed(caller, info, api, accountId, asked) {
      if (kept !== 'all') return;
      const target = { id: accountId, typeURI: 'podpass/decision' };
      const initiator = initiatorOf(caller);
      write({ action: 'podpass.decision.list', accountId, outcome: 'success', initiator, target, requestData: { api, ...asked } }, info);
    },
  };
}
