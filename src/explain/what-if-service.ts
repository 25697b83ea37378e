/** What recorded exchanges and decisions would have been answered after changes that nobody has made. Nothing is written. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ownerMarker } from '@podpass/policy';
import { DECISION_ACTION } from '../access/decisions/decision-records.ts';
import type { MutationContext } from '../audit/mutation.ts';
import type { RecordPlace } from '../audit/query.ts';
import { DomainError } from '../kernel/errors.ts';
import { EXCHANGE_ACTION } from '../token/exchange-record.ts';
import { type AuditRecord, readAuditRecord } from './audit-record.ts';
import type { Outcome } from './explanation.ts';
import { accountNotFound, createAuditGate, type InspectedView, type InspectionDeps } from './inspection.ts';
import { overlayView, type PlannedChange } from './overlaid-view.ts';
import { isPlanned, type PlanDeps, planChanges } from './planned-changes.ts';
import { questionsOf, type RecordedQuestion } from './recorded-questions.ts';
import { type Answer, createReplay } from './replay.ts';
import { type Visibility, visibilityOf } from './visibility.ts';
import type { ChangedAnswer, WhatIf } from './what-if.ts';
import type { WhatIfInput } from './what-if-schema.ts';

export interface WhatIfDeps extends InspectionDeps, PlanDeps {
  readonly clusters: InspectionDeps['clusters'];
  /** How many questions one call asks again; a hundred thousand where absent. */
  readonly maxExamined?: number;
}

const DEFAULT_DAYS = 7;
const DAY_MS = 24 * 3600 * 1000;
const MAX_EXAMINED = 100_000;
const MAX_CHANGED = 1000;
const PAGE = 500;
/** How many questions are asked before others have their turn. */
const ASKED_AT_ONCE = 64;
/** Each holds a processor for as long as it takes. */
const MAX_AT_ONCE = 2;

export type WhatIfService = ReturnType<typeof createWhatIfService>;

type Asked = Exclude<RecordedQuestion, { readonly kind: 'operation'; readonly question?: never }>;

export function createWhatIfService(deps: WhatIfDeps) {
  const { audit, findView, clock, maxExamined = MAX_EXAMINED } = deps;
  const gate = createAuditGate(deps);
  let running = 0;

  /** Every question of the account's log since an instant, the newest first. */
  async function* questionsSince(accountId: string, since: number): AsyncGenerator<{ record: AuditRecord; asked: Asked }> {
    let after: RecordPlace | undefined;
    for (;;) {
      const page = await audit.scan({ accountId, since, actions: [EXCHANGE_ACTION, DECISION_ACTION], after, limit: PAGE });
      for (const { record: line } of page) {
        const record = readAuditRecord(line);
        for (const asked of questionsOf(record)) if ('exchange' in asked || 'question' in asked) yield { record, asked };
      }
      after = page.at(-1)?.place;
      if (after === undefined) return;
    }
  }

  async function replay(view: InspectedView, see: Visibility, changes: readonly PlannedChange[], since: number): Promise<WhatIf> {
    const before = createReplay(deps, view);
    const after = createReplay(deps, overlayView(view, changes));
    const alone = changes.map((change) => createReplay(deps, overlayView(view, [change])));
    const mayTell = createTelling(view, see);
    const changed: ChangedAnswer[] = [];
    const counted: Record<Outcome, number> = { permitted: 0, refused: 0 };
    let examined = 0;
    for await (const { record, asked } of questionsSince(view.accountId, since)) {
      if (examined === maxExamined) return result(true);
      examined += 1;
      if (examined % ASKED_AT_ONCE === 0) await nextTurn();
      const [was, is] = [await before(asked, record.at), await after(asked, record.at)];
      if (was.outcome === is.outcome || !(await mayTell(was.outcome === 'permitted' ? was : is))) continue;
      counted[is.outcome] += 1;
      if (changed.length === MAX_CHANGED) continue;
      const because = await firstAlone(asked, record.at, is.outcome);
      const { requestId, transactionId, at } = record;
      const { kind, recorded } = asked;
      const ids = { requestId, transactionId, at, before: was.outcome, after: is.outcome, recorded };
      changed.push({ kind, ...ids, asked, ...(because >= 0 && { because }) });
    }
    return result(false);

    function result(ended: boolean): WhatIf {
      const { permitted, refused } = counted;
      return { since, examined, isTruncated: ended || permitted + refused > changed.length, changed, permitted, refused };
    }

    async function firstAlone(asked: Asked, at: number, outcome: Outcome): Promise<number> {
      for (const [index, ask] of alone.entries()) if ((await ask(asked, at)).outcome === outcome) return index;
      return -1;
    }
  }

  return {
    async whatIf(context: MutationContext, { account_id: accountId, days = DEFAULT_DAYS, changes }: WhatIfInput): Promise<WhatIf> {
      await gate.enter(context, accountId);
      const view = await findView(accountId);
      if (!view) throw accountNotFound(accountId);
      const see = visibilityOf(deps, context);
      const at = clock.now();
      const planned = await planChanges(deps, { context, see, view, at }, changes);
      if (running === MAX_AT_ONCE) {
        throw new DomainError('too_many_requests', {
          message: `${MAX_AT_ONCE} what-ifs are being answered already.`,
          retryAfterSeconds: 5,
        });
      }
      running += 1;
      try {
        return await replay(view, see, planned, at - days * DAY_MS);
      } finally {
        running -= 1;
      }
    },
  };
}

/** Whether the caller may read one of the policies that a permit rests on: what follows from other ones alone is not told. */
function createTelling(view: InspectedView, see: Visibility): (permit: Answer) => Promise<boolean> {
  const known = new Map<string, boolean>([[ownerMarker, true]]);
  return async ({ by }) => {
    if (by === undefined) return true;
    for (const id of by) {
      const policy = view.policies.get(id)?.policy;
      const isReadable = known.get(id) ?? (policy === undefined ? isPlanned(id) : await see.policy(policy));
      known.set(id, isReadable);
      if (isReadable) return true;
    }
    return false;
  };
}
