/** Grant `apikey`: a user or a service ID signs in with an API key. */
import type { AuditEvent } from '../../audit/events.ts';
import type { Recorder } from '../../audit/recorder.ts';
import { userActivityId } from '../../identity/accounts/account.ts';
import { type ApiKey, MAX_VALUE_LENGTH, ownerOf } from '../../identity/api-keys/api-key.ts';
import type { ServiceId } from '../../identity/service-ids/service-id.ts';
import type { Clock } from '../../kernel/clock.ts';
import { DomainError, type ErrorCode } from '../../kernel/errors.ts';
import type { AccountView } from '../../view/account-view.ts';
import type { Views } from '../../view/views.ts';
import { type IssueContext, serviceIdClaims, userClaims } from '../claims.ts';
import type { Issue, Verdict } from '../issue.ts';
import type { RefusalBudget } from '../refusal-budget.ts';
import type { Grant } from './grant.ts';

export const APIKEY_GRANT = 'urn:ibm:params:oauth:grant-type:apikey';

export interface ApiKeyGrantDeps {
  readonly findApiKeyByHash: (keyHash: string) => Promise<ApiKey | undefined>;
  readonly findServiceId: (id: string) => Promise<ServiceId | undefined>;
  readonly hashApiKey: (value: string) => string;
  readonly views: Views;
  readonly recorder: Recorder;
  readonly budget: RefusalBudget;
  readonly clock: Clock;
  readonly issue: Issue;
  readonly onRefusal: (reason: string) => void;
}

/** Whom a key signs in: what the token says of them, and what their activity is counted under. */
interface Subject {
  readonly name: string;
  readonly activity: string;
  claims(context: IssueContext, lifetimeSeconds: number): NonNullable<Verdict['claims']>;
}

/** Why a key signs nobody in: the error, and the sentence for the record. */
interface Refusal {
  readonly code: Extract<ErrorCode, 'apikey_locked' | 'address_not_permitted'>;
  readonly reason: string;
}

const locked = (reason: string): Refusal => ({ code: 'apikey_locked', reason });

export function createApiKeyGrant(deps: ApiKeyGrantDeps): Grant {
  const { findApiKeyByHash, findServiceId, hashApiKey, views, recorder, budget, clock, issue, onRefusal } = deps;

  /** The owner of the key as it is now; undefined for one that is gone or not active. */
  async function subjectOf(key: ApiKey, view: AccountView): Promise<Subject | undefined> {
    const { serviceId: id } = ownerOf(key.iamId);
    if (id === undefined) {
      const user = view.user(key.iamId);
      if (user?.state !== 'active') return undefined;
      return { name: user.name, activity: userActivityId(user), claims: (context, seconds) => userClaims(context, user, key.id, seconds) };
    }
    const serviceId = await findServiceId(id);
    if (serviceId?.accountId !== key.accountId) return undefined;
    return { name: serviceId.name, activity: id, claims: (context, seconds) => serviceIdClaims(context, serviceId, key.id, seconds) };
  }

  /** Why a key of this account signs nobody in from this address, or undefined where it does. */
  function refusalOf(key: ApiKey, view: AccountView, address: string): Refusal | undefined {
    if (key.disabled) return locked('The API key is disabled.');
    if (key.expiresAt !== null && key.expiresAt <= clock.now()) return locked('The API key has expired.');
    if (view.account.state !== 'active') return locked('The account is not active.');
    if (view.admitsAddress(address)) return undefined;
    return { code: 'address_not_permitted', reason: `The account allows no login from the address '${address}'.` };
  }

  return {
    grantType: APIKEY_GRANT,
    async handle(request) {
      recorder.reserve();
      const value = request.parameters.require('apikey');
      const keyHash = value.length <= MAX_VALUE_LENGTH ? hashApiKey(value) : '';
      return issue(request, APIKEY_GRANT, async (context): Promise<Verdict> => {
        const key = await findApiKeyByHash(keyHash);
        if (!key) {
          // A stranger's guess: counted, never written.
          onRefusal('apikey_not_found');
          throw new DomainError('apikey_not_found');
        }
        const view = await views.get(key.accountId);
        const subject = view && (await subjectOf(key, view));
        const base = {
          action: `iam-identity.${ownerOf(key.iamId).event}.login`,
          accountId: key.accountId,
          initiator: { id: key.iamId, name: subject?.name ?? key.iamId, credential: 'apikey' } as const,
          target: { id: key.id, name: key.name, typeURI: 'iam-identity/apikey' },
          requestData: { client_id: request.clientId },
        };
        const refuse = ({ code, reason }: Refusal): Verdict => {
          onRefusal(code);
          const { record, suppressed } = budget.take(`${key.id}\n${code}`, clock.now());
          const refusal = new DomainError(code);
          const event: AuditEvent = {
            ...base,
            outcome: 'failure',
            reason: { reasonCode: refusal.row.status, reasonForFailure: reason },
            ...(suppressed > 0 && { responseData: { suppressed } }),
          };
          return { event, accountId: key.accountId, refusal, unrecorded: !record };
        };
        if (!view || !subject) return refuse(locked('The user or the service ID of the key is not active in the account.'));
        const refusal = refusalOf(key, view, request.info.sourceAddress);
        if (refusal) return refuse(refusal);
        const event: AuditEvent = { ...base, outcome: 'success', responseData: { token_id: context.tokenId } };
        return {
          claims: subject.claims(context, view.accessTokenSeconds),
          event,
          accountId: key.accountId,
          identities: [key.id, subject.activity],
        };
      });
    },
  };
}
