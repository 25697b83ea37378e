/** What the operations of the identity API are handed. */
import type { GuardConferral } from '../access/decisions/delegation.ts';
import type { Guard, MayDo, Mutate, Recording } from '../audit/mutation.ts';
import type { Cluster } from '../clusters/cluster.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Limits } from '../kernel/limits.ts';
import type { IdentityReads, IdentityTransaction } from './store.ts';

export interface IdentityDeps {
  readonly reads: IdentityReads;
  readonly mutate: Mutate<IdentityTransaction>;
  readonly guard: Guard;
  readonly mayDo: MayDo;
  /** Lets pass who may confer the access of a profile or a service ID; everybody unless the account has strict delegation on. */
  readonly guardConferral: GuardConferral;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly limits: Limits;
  /** The account in which the installation's administrators live. */
  readonly installationAccountId: string;
  /** Keyed hash under which an API key's value is stored. */
  readonly hashApiKey: (value: string) => string;
  /** Seals the value of a key that is to be stored, bound to the key's id, and opens it again. */
  readonly sealApiKey: (keyId: string, value: string) => string;
  readonly openApiKey: (keyId: string, sealed: string) => string;
  /** The registered cluster behind a CRN, if there is one. */
  readonly findCluster: (crn: string) => Cluster | undefined;
}

/** What an operation writes with. */
export type Tx = IdentityTransaction & Recording;
