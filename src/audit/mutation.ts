/**
 * How slices change things: one transaction that carries the change, its audit events and its entries in the change
 * feed. There is no other way to write.
 */
import type { Caller, RequestInfo } from '../kernel/caller.ts';
import type { AuditEvent, AuditTarget } from './events.ts';

/** What a change touches; followers of the feed load these again. */
export type ChangeKind =
  | ('account' | 'user' | 'service_id' | 'profile' | 'link' | 'claim_rule' | 'group' | 'members')
  | ('policy' | 'custom_role' | 'access_settings' | 'group_settings' | 'resource_tags')
  | ('cluster' | 'signing_key' | 'service');

export interface Change {
  /** The account whose view changes; `*` for what all accounts share. */
  readonly accountId: string;
  readonly kind: ChangeKind;
  readonly id: string;
}

/** What every transaction offers beside the writes of its slice. */
export interface Recording {
  changed(change: Change): void;
  event(
    event: Pick<AuditEvent, 'action' | 'accountId' | 'target'> & Partial<Pick<AuditEvent, 'before' | 'after' | 'requestData' | 'warnings'>>,
  ): void;
}

/** On whose behalf a change is made. */
export interface MutationContext {
  readonly caller: Caller;
  readonly info: RequestInfo;
}

/** Runs `work` in a transaction of its own, in the one order of all changes; what it throws undoes everything. */
export type Mutate<Writes> = <T>(context: MutationContext, work: (tx: Writes & Recording) => Promise<T>) => Promise<T>;

/**
 * The one guard: decides whether the caller may do `action` on `resource` and records a refusal.
 * `resource` always names `accountId` and `serviceName`. Throws `forbidden`.
 */
export type Guard = (
  context: MutationContext,
  action: string,
  resource: Readonly<Record<string, string>>,
  target: AuditTarget,
) => Promise<void>;

/** The same question without the exception and without a record, to filter lists. */
export type MayDo = (caller: Caller, action: string, resource: Readonly<Record<string, string>>) => Promise<boolean>;
