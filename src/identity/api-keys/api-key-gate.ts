/**
 * Who may do what to API keys. Users look after the keys that sign themselves in, with a token of the account; everything else needs
 * an action on the key, or on the service ID that it signs in.
 */
import type { AuditTarget } from '../../audit/events.ts';
import type { MutationContext } from '../../audit/mutation.ts';
import { guardVisible } from '../../audit/visible.ts';
import type { Caller } from '../../kernel/caller.ts';
import { DomainError } from '../../kernel/errors.ts';
import { isMember } from '../accounts/member.ts';
import type { IdentityDeps } from '../deps.ts';
import { serviceIdResource } from '../service-ids/service-id.ts';
import type { IdentityReads } from '../store.ts';
import { type ApiKey, isApiKeyId, ownerOf } from './api-key.ts';
import { apiKeyTarget } from './api-key-record.ts';

/** Whose keys a call is about: all of an account, those of one identity, or one key. */
export interface KeyScope {
  readonly accountId: string;
  readonly iamId?: string | undefined;
  readonly id?: string;
}

const apiKeyResource = ({ accountId, id }: KeyScope): Record<string, string> => ({
  accountId,
  serviceName: 'iam-identity',
  resourceType: 'apikey',
  ...(id !== undefined && { resource: id }),
});

export function apiKeyNotFound(id: string): DomainError {
  return new DomainError('not_found', {
    message: `API key '${id.slice(0, 60)}' was not found.`,
    details: 'Expected the id of an API key, ApiKey-<uuid>, in an account that you may see.',
  });
}

export type ApiKeyGate = ReturnType<typeof createApiKeyGate>;

export function createApiKeyGate({ guard, mayDo }: Pick<IdentityDeps, 'guard' | 'mayDo'>) {
  /** Whether the keys sign the caller in, who is a user of the account. */
  const isOwn = async (from: IdentityReads, caller: Caller, { accountId, iamId }: KeyScope): Promise<boolean> =>
    iamId === caller.iamId && (await isMember(from, caller, accountId));

  /** Whether the caller holds one of the actions on the keys, or on the service ID behind them. */
  async function holdsOne(caller: Caller, actions: readonly string[], scope: KeyScope): Promise<boolean> {
    const serviceId = scope.iamId === undefined ? undefined : ownerOf(scope.iamId).serviceId;
    const resources = [apiKeyResource(scope), ...(serviceId === undefined ? [] : [serviceIdResource(scope.accountId, serviceId)])];
    for (const action of actions) {
      for (const resource of resources) if (await mayDo(caller, action, resource)) return true;
    }
    return false;
  }

  return {
    isOwn,

    /** Lets pass who holds one of the actions; a refusal names the first. */
    async pass(context: MutationContext, actions: readonly [string, ...string[]], scope: KeyScope, target: AuditTarget): Promise<void> {
      if (await holdsOne(context.caller, actions, scope)) return;
      await guard(context, actions[0], apiKeyResource(scope), target);
    },

    /** Finds the key that a path names and lets its owner pass, or who holds the action; 404 for what the caller may not know of. */
    async find(context: MutationContext, from: IdentityReads, id: string, action: string): Promise<ApiKey> {
      const key = isApiKeyId(id) ? await from.findApiKey(id) : undefined;
      if (!key) throw apiKeyNotFound(id);
      if ((await isOwn(from, context.caller, key)) || (await holdsOne(context.caller, [action], key))) return key;
      await guardVisible(guard, context, action, apiKeyResource(key), apiKeyTarget(key), () => apiKeyNotFound(id));
      return key;
    },
  };
}
