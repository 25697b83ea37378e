/** An exchange explained: the same checks as the exchange itself, at the pod as it was recorded or is described. */
import type { Cluster } from '../clusters/cluster.ts';
import type { PodIdentity } from '../token/cr-token.ts';
import { explainMatch, idleFindings, type Match } from '../token/match.ts';
import type { FindView, MatchView } from '../token/match-checks.ts';
import type { NearMiss } from '../token/near-miss.ts';
import type { Selector } from '../token/selector.ts';
import { adviseOnCluster, adviseOnMatch, adviseOnToken } from './exchange-remedy.ts';
import { type CheckReport, type Explained, HIDDEN, HIDDEN_ADVICE, type Nearest } from './explanation.ts';
import type { Visibility } from './visibility.ts';

/** A pod that asks for a profile. */
export interface ExchangeAsked {
  readonly selector: Selector;
  /** Undefined for a cluster that the account does not have. */
  readonly cluster: Cluster | undefined;
  /** Undefined where the token was refused for what it said. */
  readonly pod: { readonly namespace: string; readonly serviceAccount: string; readonly pod: string | undefined } | undefined;
  readonly tenants: string | undefined;
  /** Whether it was asked for, and so is in the log; else it is only described. */
  readonly isRecorded: boolean;
  /** Why it was refused, where the log says so. */
  readonly reason?: string | undefined;
}

type Pod = NonNullable<ExchangeAsked['pod']>;

/** The pod as the match takes it: what a token would prove is taken for proved. */
export function podIdentity(cluster: Cluster, { namespace, serviceAccount, pod }: Pod): PodIdentity {
  return {
    cluster,
    issuer: cluster.issuers[0]?.issuer ?? '',
    kid: undefined,
    namespace,
    serviceAccount,
    pod,
    podUid: undefined,
    identifier: `${cluster.name}:${namespace}:${serviceAccount}:${pod ?? ''}`,
  };
}

const PROVED: CheckReport = {
  check: 'token',
  outcome: 'passed',
  detail: 'The token was verified when the exchange was asked for: its signature, issuer, audience and times.',
};
const DESCRIBED: CheckReport = { check: 'token', outcome: 'skipped', detail: 'No token was shown: the pod is taken to be as described.' };
const HIDDEN_DETAIL = 'Passed, by something that you may not read.';

export async function explainExchange<View extends MatchView>(
  see: Visibility,
  findView: FindView<View>,
  asked: ExchangeAsked,
): Promise<Omit<Explained, 'kind'>> {
  const { pod, reason, isRecorded } = asked;
  if (!pod) {
    const why = reason ?? 'The token was refused for what it says.';
    const checks = [{ check: 'token', outcome: 'failed', detail: why } as const, idle('cluster'), ...idleFindings()];
    return { outcome: 'refused', checks, remedy: adviseOnToken(why) };
  }
  const token = isRecorded ? PROVED : DESCRIBED;
  const seesCluster = asked.cluster !== undefined && (await see.cluster(asked.cluster));
  // What is described and may not be read is answered like what is not there.
  const cluster = seesCluster || isRecorded ? asked.cluster : undefined;
  if (cluster?.state !== 'active') {
    const detail = cluster ? 'The cluster is suspended.' : 'The account has no such cluster, or none that you may read.';
    const checks = [token, { check: 'cluster', outcome: 'failed', detail } as const, ...idleFindings()];
    return { outcome: 'refused', checks, remedy: cluster && !seesCluster ? HIDDEN_ADVICE : adviseOnCluster(cluster) };
  }
  const detail = seesCluster ? `The cluster '${cluster.name}', ${cluster.id}, is registered and active.` : HIDDEN_DETAIL;
  const before = [token, { check: 'cluster', outcome: 'passed', detail } as const];

  const home = await findView(cluster.accountId);
  const identity = podIdentity(cluster, pod);
  const explain = (view: MatchView | undefined) => explainMatch<MatchView>(asked.selector, identity, view, findView, asked.tenants);
  let { match, findings } = await explain(home);
  const seesProfile = match.profile === undefined || (await see.profile(match.profile));
  if (!seesProfile && !isRecorded) ({ match, findings } = await explain(home && withoutProfiles(home)));
  const hides = !seesProfile && isRecorded;
  const checks = [...before, ...findings.map((one) => (hides && one.outcome === 'passed' ? { ...one, detail: HIDDEN_DETAIL } : one))];
  if (match.matched) return { outcome: 'permitted', checks };
  const remedy = hides ? HIDDEN_ADVICE : adviseOnMatch(match.check, { cluster, ...pod }, match.profile, match.nearest);
  const nearest = hides && match.check === 'trust' ? HIDDEN : nearestOf(match);
  return { outcome: 'refused', checks, ...(nearest && { nearest }), ...(remedy && { remedy }) };
}

const idle = (check: string): CheckReport => ({ check, outcome: 'skipped', detail: 'An earlier check decided.' });

/** The account as it looks to somebody for whom it has no profiles. */
function withoutProfiles({ account }: MatchView): MatchView {
  return {
    account,
    profiles: {
      profile: () => undefined,
      profileNamed: () => undefined,
      linksOf: () => [],
      rulesOf: () => [],
      matchingLink: () => undefined,
      matchingRule: () => undefined,
    },
    accountOfForeignProfile: () => undefined,
  };
}

function nearestOf({ profile, nearest }: Match<MatchView> & { matched: false }): Nearest | undefined {
  if (!profile || !nearest) return undefined;
  const missed = missedOf(nearest);
  return 'linkId' in nearest
    ? { linkId: nearest.linkId, profileId: profile.id, missed }
    : { ruleId: nearest.ruleId, profileId: profile.id, missed };
}

function missedOf(nearest: NearMiss) {
  if ('linkId' in nearest) return nearest.missed;
  return nearest.missed.map(({ claim, operator, value, actual }) => ({
    attribute: 'claim',
    key: claim,
    operator,
    expected: value,
    ...(actual !== undefined && { actual }),
  }));
}
