/** The limits of an account, and how much of them is in use. */
import type { MutationContext } from '../../audit/mutation.ts';
import { createAccountGate } from '../accounts/account-gate.ts';
import type { IdentityDeps } from '../deps.ts';
import { ACCOUNT_LIMITS, type AccountLimit, OBJECT_LIMITS, type ObjectLimit } from './limit.ts';

/** What is asked, by parameter: whether to count, or in which objects. */
export type LimitQuestion = Readonly<Record<string, boolean | readonly string[] | undefined>>;

/** A limit as it is told, with the counts that were asked for. */
export type ToldLimit = Readonly<Record<string, unknown>> & { readonly limit: number };

export type LimitService = ReturnType<typeof createLimitService>;

export function createLimitService(deps: IdentityDeps) {
  const { reads, limits } = deps;
  const gate = createAccountGate(deps);

  async function tellOfAccount(accountId: string, { limit, counted }: AccountLimit): Promise<ToldLimit> {
    return { limit: limit(limits), count: counted === undefined ? 0 : await reads.countThings(accountId, counted) };
  }

  async function tellOfObjects(accountId: string, { limit, counted, list, id }: ObjectLimit, ids: readonly string[]): Promise<ToldLimit> {
    const counts = counted === undefined ? undefined : await reads.countPerObject(accountId, counted, ids);
    return { limit: limit(limits), [list]: ids.map((objectId) => ({ [id]: objectId, count: counts?.get(objectId) ?? 0 })) };
  }

  return {
    /** The limits that are asked for with their counts, by name; all limits without counts where none is asked for. */
    async tell(context: MutationContext, accountId: string, question: LimitQuestion): Promise<ReadonlyMap<string, ToldLimit>> {
      await gate(context, reads, accountId, 'iam-identity.account.get', { id: accountId, typeURI: 'iam-identity/limits' });
      const told = new Map<string, ToldLimit>();
      for (const row of ACCOUNT_LIMITS) if (question[row.parameter] === true) told.set(row.name, await tellOfAccount(accountId, row));
      for (const row of OBJECT_LIMITS) {
        const ids = question[row.name];
        if (Array.isArray(ids)) told.set(row.name, await tellOfObjects(accountId, row, ids));
      }
      if (told.size > 0) return told;
      return new Map([...ACCOUNT_LIMITS, ...OBJECT_LIMITS].map(({ name, limit }) => [name, { limit: limit(limits) }]));
    },
  };
}
