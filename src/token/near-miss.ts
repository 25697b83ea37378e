/** Which link and which claim rule of a profile came closest to a pod that neither lets in; for records and for explanations. */
import { type CompiledRule, type ComputeClaims, claimOf, missedConditions } from '../identity/profiles/claim-rule.ts';
import type { Link } from '../identity/profiles/link.ts';
import { comparedServiceAccount } from '../view/pod-links.ts';
import type { PodIdentity } from './cr-token.ts';

/** The link that came closest, and what missed. */
export interface NearestLink {
  readonly linkId: string;
  readonly missed: readonly {
    readonly attribute: 'crn' | 'namespace' | 'service_account';
    readonly expected: string;
    readonly actual: string;
  }[];
  readonly advice?: string;
}

/** The claim rule that came closest, and the conditions that missed, ten at most. */
export interface NearestRule {
  readonly ruleId: string;
  readonly missed: readonly { readonly claim: string; readonly operator: string; readonly value: string; readonly actual?: string }[];
}

export type NearMiss = NearestLink | NearestRule;

/** Of links and rules, the one that missed less; a link where they missed alike. `claims` are undefined where no rule reaches the pod. */
export function findNearMiss(
  links: Iterable<Link>,
  rules: readonly CompiledRule[],
  pod: PodIdentity,
  claims: ComputeClaims | undefined,
): NearMiss | undefined {
  const link = findNearestLink(links, pod);
  const rule = claims && findNearestRule(rules, claims);
  return rule && rule.missed.length < (link?.missed.length ?? Infinity) ? rule : link;
}

const MAX_LINKS_EXPLAINED = 1000;

/** Of the profile's links, the one that missed on the fewest attributes; bounded work, and only after a refusal. */
function findNearestLink(links: Iterable<Link>, pod: PodIdentity): NearestLink | undefined {
  let best: NearestLink | undefined;
  let left = MAX_LINKS_EXPLAINED;
  for (const link of links) {
    if (left === 0) break;
    left -= 1;
    const compared = [
      { attribute: 'crn', expected: link.crn, actual: pod.cluster.crn },
      { attribute: 'namespace', expected: link.namespace ?? '', actual: pod.namespace },
      { attribute: 'service_account', expected: comparedServiceAccount(link) ?? '', actual: pod.serviceAccount },
    ] as const;
    const missed = compared.filter(({ expected, actual }) => expected !== actual);
    if (best && best.missed.length <= missed.length) continue;
    const advice = adviceFor(link, pod);
    best = { linkId: link.id, missed, ...(advice !== undefined && { advice }) };
  }
  return best;
}

const MAX_CONDITIONS_EXPLAINED = 1000;
/** How many missed conditions a record names. */
const MAX_MISSED = 10;

/** Of the profile's rules, the one that missed on the fewest conditions; bounded as for links. */
function findNearestRule(rules: readonly CompiledRule[], claims: ComputeClaims): NearestRule | undefined {
  let best: { compiled: CompiledRule; missed: ReturnType<typeof missedConditions> } | undefined;
  let left = MAX_CONDITIONS_EXPLAINED;
  for (const compiled of rules) {
    if (left <= 0) break;
    left -= compiled.tests.length;
    const missed = missedConditions(compiled, claims);
    if (!best || missed.length < best.missed.length) best = { compiled, missed };
  }
  if (!best) return undefined;
  const missed = best.missed.slice(0, MAX_MISSED).map(({ claim, operator, value }) => {
    const actual = claimOf(claims, claim);
    return { claim, operator, value, ...(actual !== undefined && { actual }) };
  });
  return { ruleId: best.compiled.rule.id, missed };
}

function adviceFor(link: Link, pod: PodIdentity): string | undefined {
  if (link.crn !== pod.cluster.crn || link.namespace !== pod.namespace) return undefined;
  if (!link.matchEnabled)
    return 'The link was made while the cluster let a link carry its name; that setting has been turned off. Make a link with the service account in link.name.';
  if (link.serviceAccount !== pod.cluster.name || link.matchServiceAccount !== null) return undefined;
  return `link.name is '${pod.cluster.name}', the name of the cluster. Either make the link with the service account '${pod.serviceAccount}' in link.name, or turn on the cluster's setting link_name_may_be_cluster_name and make the link again, which then matches the service account 'default'.`;
}
