import type { CountedPerObject, CountedThing } from './limit.ts';

export interface LimitReads {
  /** How many of a thing the account has. */
  countThings(accountId: string, thing: CountedThing): Promise<number>;
  /** How many of a thing each of these objects of the account has; objects that have none, or are not of the account, are absent. */
  countPerObject(accountId: string, thing: CountedPerObject, objectIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
}
