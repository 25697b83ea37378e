/** Grant `apikey`: a user signs in with an API key. */
import type { AuditEvent } from '../../audit/events.ts';
import type { Recorder } from '../../audit/recorder.ts';
import type { ApiKey } from '../../identity/api-keys/api-key.ts';
import type { Clock } from '../../kernel/clock.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Views } from '../../view/views.ts';
import { userClaims } from '../claims.ts';
import type { Issue, Verdict } from '../issue.ts';
import type { Grant } from './grant.ts';

export const APIKEY_GRANT = 'urn:ibm:params:oauth:grant-type:apikey';
const ACTION = 'iam-identity.user-apikey.login';

export interface ApiKeyGrantDeps {
  readonly findApiKeyByHash: (keyHash: string) => Promise<ApiKey | undefined>;
  readonly hashApiKey: (value: string) => string;
  readonly views: Views;
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly issue: Issue;
  readonly onRefusal: (reason: string) => void;
}

const MAX_KEY_LENGTH = 512;

export function createApiKeyGrant(deps: ApiKeyGrantDeps): Grant {
  const { findApiKeyByHash, hashApiKey, views, recorder, clock, issue, onRefusal } = deps;

  /** Why the key signs nobody in, or undefined where it does. */
  function blockedBy(key: ApiKey): string | undefined {
    if (key.disabled) return 'The API key is disabled.';
    if (key.expiresAt !== null && key.expiresAt <= clock.now()) return 'The API key has expired.';
    return undefined;
  }

  return {
    grantType: APIKEY_GRANT,
    async handle(request) {
      recorder.reserve();
      const value = request.parameters.require('apikey');
      const keyHash = value.length <= MAX_KEY_LENGTH ? hashApiKey(value) : '';
      return issue(request, APIKEY_GRANT, async (context): Promise<Verdict> => {
        const key = await findApiKeyByHash(keyHash);
        if (!key) {
          // A stranger's guess: counted, never written.
          onRefusal('apikey_not_found');
          throw new DomainError('apikey_not_found');
        }
        const view = await views.get(key.accountId);
        const user = view?.user(key.iamId);
        const reason =
          blockedBy(key) ??
          (user?.state === 'active' && view?.account.state === 'active' ? undefined : 'The user or the account is not active.');
        const base = {
          action: ACTION,
          accountId: key.accountId,
          initiator: { id: key.iamId, name: user?.name ?? key.iamId, credential: 'apikey' } as const,
          target: { id: key.id, name: key.name, typeURI: 'iam-identity/apikey' },
          requestData: { client_id: request.clientId },
        };
        if (reason !== undefined || !user || !view) {
          onRefusal('apikey_locked');
          const event: AuditEvent = {
            ...base,
            outcome: 'failure',
            reason: { reasonCode: 400, reasonForFailure: reason ?? 'The user is not in the account.' },
          };
          return { event, accountId: key.accountId, refusal: new DomainError('apikey_locked') };
        }
        const event: AuditEvent = { ...base, outcome: 'success', responseData: { token_id: context.tokenId } };
        return {
          claims: userClaims(context, user, key.id, view.accessTokenSeconds),
          event,
          accountId: key.accountId,
          identities: [key.id, key.iamId],
        };
      });
    },
  };
}
