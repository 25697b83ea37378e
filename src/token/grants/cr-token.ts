/** Grant `cr-token`: a pod's service-account token becomes an access token of the profile that is linked to the pod. */
import { hash } from 'node:crypto';
import type { AuditEvent } from '../../audit/events.ts';
import type { Recorder } from '../../audit/recorder.ts';
import { profileCrn } from '../../identity/profiles/profile.ts';
import type { Clock } from '../../kernel/clock.ts';
import { DomainError } from '../../kernel/errors.ts';
import { readProfileId } from '../../kernel/ids.ts';
import type { Views } from '../../view/views.ts';
import { profileClaims } from '../claims.ts';
import { type CrTokenDeps, type PodIdentity, parseCrToken, VerifiedRefusal, verifyCrToken } from '../cr-token.ts';
import { EXCHANGE_ACTION } from '../exchange-record.ts';
import { missing, printable } from '../form.ts';
import type { Issue, Verdict } from '../issue.ts';
import { type Match, matchProfile, trustIds } from '../match.ts';
import type { RefusalBudget } from '../refusal-budget.ts';
import { checkSelector, type Selector } from '../selector.ts';
import type { Grant, GrantRequest } from './grant.ts';

export const CR_TOKEN_GRANT = 'urn:ibm:params:oauth:grant-type:cr-token';

export interface CrTokenGrantDeps {
  readonly verification: CrTokenDeps;
  readonly views: Views;
  readonly recorder: Recorder;
  readonly budget: RefusalBudget;
  readonly clock: Clock;
  readonly issue: Issue;
  /** Called for every refusal, recorded or not. */
  readonly onRefusal: (reason: string) => void;
}

function readSelector({ parameters }: GrantRequest): Selector {
  // A copy of the published Job sends `profile_id==<id>`: exactly one leading equals sign is dropped.
  const id = parameters.get('profile_id')?.replace(/^=/, '') || undefined;
  const selector = { id, name: parameters.get('profile_name'), crn: parameters.get('profile_crn') };
  if (selector.id === undefined && selector.name === undefined && selector.crn === undefined) throw missing('profile_id');
  checkSelector(selector);
  return selector;
}

const MAX_ECHO = 300;
const echo = (text: string) => printable(text, MAX_ECHO);

/** The selector for a record: bounded, so that nothing whole gets in that was put there by mistake, a token for instance. */
function printSelector({ id, name, crn }: Selector): Readonly<Record<string, string>> {
  return {
    ...(id !== undefined && { id: echo(id) }),
    ...(name !== undefined && { name: echo(name) }),
    ...(crn !== undefined && { crn: echo(crn) }),
  };
}

/** The refusal in the caller's own words: it repeats the selector as it was sent, and nothing that was looked up. */
function notEligible(identifier: string, { id, name, crn }: Selector): DomainError {
  const asked = [
    ...(id === undefined ? [] : [`profile ID '${echo(readProfileId(id) === undefined ? id : `iam-${readProfileId(id)}`)}'`]),
    ...(name === undefined ? [] : [`profile name '${echo(name)}'`]),
    ...(crn === undefined ? [] : [`profile CRN '${echo(crn)}'`]),
  ].join(', ');
  return new DomainError('profile_not_eligible', {
    details: `The given token with identifier '${identifier}' is not permitted to assume the indicated trusted profile; ${asked}`,
  });
}

const tenantsOf = ({ headers }: GrantRequest): string | undefined => headers['ibm-cloud-tenant'];

function describePod(pod: PodIdentity, crToken: string): Readonly<Record<string, unknown>> {
  return {
    cluster: pod.cluster.crn,
    issuer: pod.issuer,
    kid: pod.kid,
    namespace: pod.namespace,
    service_account: pod.serviceAccount,
    pod: pod.pod,
    pod_uid: pod.podUid,
    token_sha256: hash('sha256', crToken, 'hex'),
  };
}

export function createCrTokenGrant(deps: CrTokenGrantDeps): Grant {
  const { verification, views, recorder, budget, clock, issue, onRefusal } = deps;

  const baseEvent = (pod: PodIdentity, request: GrantRequest, selector: Selector, crToken: string) => {
    const tenants = tenantsOf(request);
    return {
      action: EXCHANGE_ACTION,
      accountId: pod.cluster.accountId,
      initiator: { id: `crn-${pod.cluster.crn}`, name: pod.identifier, credential: 'cr-token' } as const,
      requestData: {
        ...describePod(pod, crToken),
        selector: printSelector(selector),
        client_id: request.clientId,
        ...(tenants !== undefined && { tenants: echo(tenants) }),
      },
    };
  };

  function refuse(
    pod: PodIdentity,
    request: GrantRequest,
    selector: Selector,
    crToken: string,
    match: Match & { matched: false },
  ): Verdict {
    // By what was found, not by what was asked for: whoever asks for ever new profiles has one budget.
    const { record, suppressed } = budget.take(`${pod.cluster.id}\n${match.profile?.id ?? ''}\n${match.reason}`, clock.now());
    const refusal = notEligible(pod.identifier, selector);
    onRefusal('profile_not_eligible');
    const event: AuditEvent = {
      ...baseEvent(pod, request, selector, crToken),
      outcome: 'failure',
      target: match.profile
        ? { id: profileCrn(match.profile), name: match.profile.name, typeURI: 'iam-identity/profile' }
        : { id: echo(selector.id ?? selector.crn ?? selector.name ?? ''), typeURI: 'iam-identity/profile' },
      reason: { reasonCode: 400, reasonForFailure: match.reason },
      responseData: {
        error_code: refusal.row.token,
        ...(match.nearest && { nearest: match.nearest }),
        ...(suppressed > 0 && { suppressed }),
      },
    };
    return { event, accountId: pod.cluster.accountId, refusal, unrecorded: !record };
  }

  /** A token that its cluster did sign, and that is refused for what it says. */
  async function recordVerifiedRefusal(
    request: GrantRequest,
    selector: Selector,
    crToken: string,
    refusal: VerifiedRefusal,
  ): Promise<never> {
    const { cluster } = refusal;
    const { record, suppressed } = budget.take(`${cluster.id}\n\n${refusal.details}`, clock.now());
    onRefusal('token_not_supported');
    const event: AuditEvent = {
      action: EXCHANGE_ACTION,
      accountId: cluster.accountId,
      outcome: 'failure',
      initiator: { id: `crn-${cluster.crn}`, name: cluster.name, credential: 'cr-token' },
      target: { id: cluster.crn, name: cluster.name, typeURI: 'containers-kubernetes/cluster' },
      reason: { reasonCode: 400, reasonForFailure: refusal.details ?? refusal.message },
      requestData: {
        cluster: cluster.crn,
        selector: printSelector(selector),
        token_sha256: hash('sha256', crToken, 'hex'),
        client_id: request.clientId,
      },
      responseData: { error_code: refusal.row.token, ...(suppressed > 0 && { suppressed }) },
    };
    await issue(request, CR_TOKEN_GRANT, async () => ({ event, accountId: cluster.accountId, refusal, unrecorded: !record }));
    throw refusal;
  }

  return {
    grantType: CR_TOKEN_GRANT,
    async handle(request) {
      recorder.reserve();
      const crToken = request.parameters.require('cr_token');
      const selector = readSelector(request);
      const token = parseCrToken(crToken);
      const findView = (accountId: string) => views.get(accountId);
      try {
        return await issue(request, CR_TOKEN_GRANT, async (context) => {
          const pod = verifyCrToken(token, verification, clock.now());
          const home = await findView(pod.cluster.accountId);
          const match = await matchProfile(selector, pod, home, findView, tenantsOf(request));
          if (!match.matched) return refuse(pod, request, selector, crToken, match);
          const { profile, by, view } = match;
          const { accountId } = profile;
          const event: AuditEvent = {
            ...baseEvent(pod, request, selector, crToken),
            outcome: 'success',
            target: { id: profileCrn(profile), name: profile.name, typeURI: 'iam-identity/profile' },
            responseData: { token_id: context.tokenId, ...trustIds(by) },
          };
          const isForeign = accountId !== pod.cluster.accountId;
          return {
            claims: profileClaims(context, profile, pod, by, view.accessTokenSeconds),
            event,
            accountId: pod.cluster.accountId,
            identities: [profile.id],
            ...(isForeign && { alsoAccountId: accountId }),
          };
        });
      } catch (error) {
        if (error instanceof VerifiedRefusal) return recordVerifiedRefusal(request, selector, crToken, error);
        if (error instanceof DomainError && error.code === 'token_not_supported') onRefusal('not_trusted');
        throw error;
      }
    },
  };
}
