/**
 * Issuing: compose, sign off the event loop, record, answer. The record is durable before the token leaves, and the
 * commit that makes it durable finds out whether anything the token rests on has changed meanwhile.
 */
import { type AuditEvent, printEvent } from '../audit/events.ts';
import type { Recorder } from '../audit/recorder.ts';
import type { RequestInfo } from '../kernel/caller.ts';
import type { Clock } from '../kernel/clock.ts';
import { DomainError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Views } from '../view/views.ts';
import type { IssueContext } from './claims.ts';
import type { GrantRequest, Issued } from './grants/grant.ts';
import type { KeyRing } from './signing-keys.ts';

export interface IssueDeps {
  readonly issuer: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly keyRing: () => KeyRing;
  readonly recorder: Recorder;
  readonly views: Views;
  /** Runs work while no change commits. */
  readonly undisturbed: <T>(work: () => Promise<T>) => Promise<T>;
}

/** What a grant has decided at one position of the change feed. */
export interface Verdict {
  /** The claims to sign, with the times that the reply repeats; absent for a refusal. */
  readonly claims?: Readonly<Record<string, unknown>> & { readonly iat: number; readonly exp: number };
  readonly event: AuditEvent;
  /** Account whose view the verdict rests on, and another one where a link crosses accounts. */
  readonly accountId: string;
  readonly alsoAccountId?: string;
  /** The identities whose activity counts grow. */
  readonly identities?: readonly string[];
  /** A refusal, thrown once it is recorded. */
  readonly refusal?: DomainError;
  /** A refusal that is only counted. */
  readonly unrecorded?: boolean;
}

const MAX_ATTEMPTS = 4;

type Decide = (context: IssueContext) => Promise<Verdict>;

export type Issue = (request: GrantRequest, grantType: string, decide: Decide) => Promise<Issued>;

export function createIssue({ issuer, clock, ids, keyRing, recorder, views, undisturbed }: IssueDeps): Issue {
  const record = (verdict: Verdict, viewSeq: number, info: RequestInfo) => {
    const at = clock.now();
    return recorder.record({
      accountId: verdict.accountId,
      viewSeq,
      requestId: info.requestId,
      transactionId: info.transactionId,
      at,
      line: printEvent(verdict.event, info, at),
      ...(verdict.alsoAccountId !== undefined && { alsoAccountId: verdict.alsoAccountId }),
      ...(verdict.identities && { identities: verdict.identities }),
    });
  };

  async function attempt(request: GrantRequest, grantType: string, decide: Decide): Promise<Issued | 'stale'> {
    const viewSeq = views.seq;
    const context: IssueContext = {
      issuer,
      nowSeconds: Math.floor(clock.now() / 1000),
      tokenId: ids.uuid(),
      scope: request.scope,
      clientId: request.clientId,
      grantType,
    };
    const verdict = await decide(context);
    if (verdict.unrecorded && verdict.refusal) throw verdict.refusal;
    // Signing and recording run side by side: a record without a delivered token is legal, the reverse is not.
    const signed = verdict.claims ? keyRing().sign(JSON.stringify(verdict.claims)) : undefined;
    const [outcome, accessToken] = await Promise.all([record(verdict, viewSeq, request.info), signed]);
    if (outcome === 'stale') return outcome;
    if (verdict.refusal) throw verdict.refusal;
    if (!verdict.claims || accessToken === undefined)
      throw new DomainError('internal', { detail: 'a verdict without claims and without a refusal' });
    const { iat, exp } = verdict.claims;
    return { accessToken, expiration: exp, expiresIn: exp - iat, scope: request.scope };
  }

  return async (request, grantType, decide) => {
    let issued = await attempt(request, grantType, decide);
    // Something changed meanwhile. Whoever changes an account without pause would make every attempt stale, so the next waits for its turn.
    for (let attempts = 1; issued === 'stale' && attempts < MAX_ATTEMPTS; attempts += 1) {
      issued = await undisturbed(async () => {
        await views.catchUp();
        return attempt(request, grantType, decide);
      });
    }
    if (issued !== 'stale') return issued;
    throw new DomainError('unavailable', { retryAfterSeconds: 1, detail: 'what the token rests on kept changing' });
  };
}
