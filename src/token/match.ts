/** Which profile a pod may become: the selectors must name one profile, and the profile must trust the pod. */
import { type ClaimRule, type CompiledRule, type ComputeClaims, claimOf, missedConditions } from '../identity/profiles/claim-rule.ts';
import type { Link } from '../identity/profiles/link.ts';
import type { Profile } from '../identity/profiles/profile.ts';
import { crnAccountId, readCrn } from '../kernel/crn.ts';
import { DomainError } from '../kernel/errors.ts';
import { readProfileId } from '../kernel/ids.ts';
import type { AccountView } from '../view/account-view.ts';
import { comparedServiceAccount } from '../view/pod-links.ts';
import type { PodIdentity } from './cr-token.ts';

/** The profile that the caller asks for, in the caller's own words. */
export interface Selector {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly crn: string | undefined;
}

export type FindView = (accountId: string) => Promise<AccountView | undefined>;

export type Match =
  | { readonly matched: true; readonly profile: Profile; readonly by: Trust; readonly view: AccountView }
  | {
      readonly matched: false;
      readonly reason: string;
      readonly profile?: Profile;
      readonly nearest?: NearestLink | NearestRule;
    };

/** What lets the pod become the profile: a link, or a claim rule. */
export type Trust = { readonly link: Link } | { readonly rule: ClaimRule };

/** The id of the link or the rule, under the name that tokens and records give it. */
export function trustIds(by: Trust): { readonly link: string } | { readonly rule: string } {
  return 'link' in by ? { link: by.link.id } : { rule: by.rule.id };
}

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

/** The id of a profile CRN's resource; throws for text that is no CRN of a profile. */
function profileIdOfCrn(text: string): string {
  const crn = readCrn(text);
  if (crn?.serviceName !== 'iam-identity' || crn.resourceType !== 'profile' || crnAccountId(crn) === undefined) {
    throw new DomainError('invalid_crn', {
      message: 'Invalid cloud resource name.',
      details:
        "Property 'profile_crn' must be the CRN of a trusted profile: crn:v1:bluemix:public:iam-identity::a/<account>::profile:<profile id>.",
    });
  }
  return crn.resource;
}

/** Checks what can be checked of the selectors without looking anything up. */
export function checkSelector(selector: Selector): void {
  if (selector.crn !== undefined) profileIdOfCrn(selector.crn);
}

/** The one profile that all selectors name, looked for in the account of the compute resource and across its inbound links. */
async function resolve(
  selector: Selector,
  home: AccountView,
  findView: FindView,
): Promise<{ view: AccountView; profile: Profile } | undefined> {
  const named = selector.name === undefined ? undefined : home.profiles.profileNamed(selector.name)?.id;
  const ids = [
    ...(selector.id === undefined ? [] : [readProfileId(selector.id)]),
    ...(selector.crn === undefined ? [] : [readProfileId(profileIdOfCrn(selector.crn))]),
    ...(selector.name === undefined ? [] : [named]),
  ];
  const [id] = ids;
  if (id === undefined || ids.some((other) => other !== id)) return undefined;
  const foreignAccount = home.profiles.profile(id) ? undefined : home.accountOfForeignProfile(id);
  const view = foreignAccount === undefined ? home : await findView(foreignAccount);
  const profile = view?.profiles.profile(id);
  if (!view || !profile) return undefined;
  if (selector.crn !== undefined && crnAccountId(readCrn(selector.crn) ?? emptyCrn) !== profile.accountId) return undefined;
  return { view, profile };
}

const emptyCrn = { cname: '', ctype: '', serviceName: '', region: '', scope: '', serviceInstance: '', resourceType: '', resource: '' };

export async function matchProfile(selector: Selector, pod: PodIdentity, home: AccountView, findView: FindView): Promise<Match> {
  if (home.account.state !== 'active') return { matched: false, reason: 'The account of the compute resource is suspended.' };
  const found = await resolve(selector, home, findView);
  if (!found) return { matched: false, reason: 'No profile of the account has all the selectors, or they name different profiles.' };
  const { view, profile } = found;
  if (view.account.state !== 'active') return { matched: false, reason: 'The account of the profile is suspended.', profile };
  const link = view.profiles.matchingLink(profile.id, pod.cluster.crn, pod.namespace, pod.serviceAccount);
  if (link) return { matched: true, profile, by: { link }, view };
  // Rules reach the clusters of the profile's own account alone; across accounts only a link is explicit enough.
  const claims = view === home ? computeClaims(pod) : undefined;
  const rule = claims && view.profiles.matchingRule(profile.id, claims);
  if (rule) return { matched: true, profile, by: { rule }, view };
  const nearestLink = findNearestLink(view.profiles.linksOf(profile.id), pod);
  const nearestRule = claims && findNearestRule(view.profiles.rulesOf(profile.id), claims);
  const nearest = nearestRule && nearestRule.missed.length < (nearestLink?.missed.length ?? Infinity) ? nearestRule : nearestLink;
  const reason = 'No link and no claim rule of the profile matches the compute resource.';
  return { matched: false, reason, profile, ...(nearest && { nearest }) };
}

/** What claim rules see of a pod (IBM Cloud, IAM condition properties). */
export function computeClaims({ cluster, namespace, serviceAccount, pod }: PodIdentity): ComputeClaims {
  return {
    name: serviceAccount,
    namespace,
    pod,
    service_instance: cluster.id,
    crn: cluster.crn,
    location: cluster.region,
    resource_group_id: cluster.resourceGroupId ?? undefined,
  };
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
