/** The history and the activity of identities, as the identity API shows them beside an object. */
import type { MutationContext } from '../audit/mutation.ts';
import type { EpochMs } from '../kernel/clock.ts';

export type HistoryAction = 'CREATE' | 'UPDATE' | 'LOCK' | 'UNLOCK' | 'DISABLE' | 'ENABLE' | 'COMMIT';

/** One record of an object's history; the newest comes last. */
export interface HistoryRecord {
  readonly at: EpochMs;
  readonly iamId: string;
  readonly iamIdAccount: string;
  readonly action: HistoryAction;
  /** Names of the fields that changed, as the wire spells them. */
  readonly params: readonly string[];
  readonly message: string;
}

export interface Activity {
  readonly authnCount: number;
  readonly lastAuthn: EpochMs | undefined;
}

/** What a reply shows beside an object, where it was asked for. */
export interface Extras {
  readonly history?: readonly HistoryRecord[];
  readonly activity?: Activity;
}

/** Which of them a caller asks for. */
export interface Included {
  readonly history: boolean;
  readonly activity: boolean;
}

export function historyRecord(
  context: MutationContext,
  at: EpochMs,
  action: HistoryAction,
  params: readonly string[],
  message: string,
): HistoryRecord {
  const { iamId, accountId } = context.caller;
  return { at, iamId, iamIdAccount: accountId, action, params, message };
}

export const changedMessage = (params: readonly string[]): string => `Changed: ${params.join(', ') || 'nothing'}.`;

/** What the history and the activity of one object are read with. */
export interface ExtrasReads {
  historyOf(objectIds: readonly string[]): Promise<ReadonlyMap<string, readonly HistoryRecord[]>>;
  activityOf(identity: string): Promise<Activity>;
}

export async function readExtras(reads: ExtrasReads, id: string, included: Included): Promise<Extras> {
  const history = included.history ? ((await reads.historyOf([id])).get(id) ?? []) : undefined;
  const activity = included.activity ? await reads.activityOf(id) : undefined;
  return { ...(history && { history }), ...(activity && { activity }) };
}

/** The extras of a list's items, by their id: their history, where it is asked for. */
export async function readHistories(reads: ExtrasReads, ids: readonly string[], isIncluded: boolean): Promise<(id: string) => Extras> {
  if (!isIncluded) return () => ({});
  const histories = await reads.historyOf(ids);
  return (id) => ({ history: histories.get(id) ?? [] });
}
