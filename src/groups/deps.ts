/** What the operations of the access-groups API are handed. */
import type { GuardConferral, WhyNotConfer } from '../access/decisions/delegation.ts';
import type { Guard, MayDo, Mutate, Recording } from '../audit/mutation.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Limits } from '../kernel/limits.ts';
import type { GroupReads, GroupTransaction } from './store.ts';

export interface GroupDeps {
  readonly reads: GroupReads;
  readonly mutate: Mutate<GroupTransaction>;
  readonly guard: Guard;
  readonly mayDo: MayDo;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly limits: Limits;
  /** The account in which the installation's administrators live. */
  readonly installationAccountId: string;
  /** Why the caller may not hand on what the group has, where a right on the group is not enough for it. */
  readonly whyNotConfer: WhyNotConfer;
  readonly guardConferral: GuardConferral;
}

/** What an operation writes with. */
export type Tx = GroupTransaction & Recording;
