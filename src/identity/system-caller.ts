import type { MutationContext } from '../audit/mutation.ts';
import type { Ids } from '../kernel/ids.ts';

/** Podpass itself as the author of a change: at initialisation, and when keys are refreshed. */
export function systemContext(ids: Ids, accountId: string): MutationContext {
  const requestId = ids.uuid();
  return {
    caller: { iamId: 'podpass', accountId, scope: '', name: 'Podpass', tokenId: '' },
    info: { requestId, transactionId: requestId, sourceAddress: '', userAgent: 'podpass' },
  };
}
