/** Which profile a pod may become: the selectors must name one profile, and the profile must trust the pod. */
import type { Profile } from '../identity/profiles/profile.ts';
import type { AccountView } from '../view/account-view.ts';
import type { PodIdentity } from './cr-token.ts';
import {
  type Attempt,
  CHECKS,
  type FindView,
  type MatchCheckName,
  type MatchFinding,
  type MatchView,
  NOT_TRUSTED,
  type Trust,
} from './match-checks.ts';
import { findNearMiss, type NearMiss } from './near-miss.ts';
import type { Selector } from './selector.ts';

export type Match<View extends MatchView = AccountView> =
  | { readonly matched: true; readonly profile: Profile; readonly by: Trust; readonly view: View }
  | {
      readonly matched: false;
      readonly check: MatchCheckName;
      readonly reason: string;
      readonly profile?: Profile;
      readonly nearest?: NearMiss;
    };

/** The id of the link or the rule, under the name that tokens and records give it. */
export function trustIds(by: Trust): { readonly link: string } | { readonly rule: string } {
  return 'link' in by ? { link: by.link.id } : { rule: by.rule.id };
}

function begin<View extends MatchView>(
  selector: Selector,
  pod: PodIdentity,
  home: View | undefined,
  findView: FindView<View>,
  tenants: string | undefined,
): Attempt<View> {
  return { selector, pod, home, findView, tenants, view: undefined, profile: undefined, by: undefined, claims: undefined };
}

/** How an attempt ended that no check refused. */
function succeed<View extends MatchView>({ profile, by, view }: Attempt<View>): Match<View> {
  return profile && by && view ? { matched: true, profile, by, view } : { matched: false, check: 'trust', reason: NOT_TRUSTED };
}

/** How an attempt ended that a check refused. */
function refuse<View extends MatchView>({ profile, view, pod, claims }: Attempt<View>, check: MatchCheckName, reason: string): Match<View> {
  if (!profile) return { matched: false, check, reason };
  if (check !== 'trust' || !view) return { matched: false, check, reason, profile };
  const nearest = findNearMiss(view.profiles.linksOf(profile.id), view.profiles.rulesOf(profile.id), pod, claims);
  return nearest ? { matched: false, check, reason, profile, nearest } : { matched: false, check, reason, profile };
}

/** `tenants` is the header `ibm-cloud-tenant`; `home` the account of the compute resource, undefined where there is none. */
export async function matchProfile<View extends MatchView>(
  selector: Selector,
  pod: PodIdentity,
  home: View | undefined,
  findView: FindView<View>,
  tenants?: string,
): Promise<Match<View>> {
  const attempt = begin(selector, pod, home, findView, tenants);
  for (const { check, refusal } of CHECKS) {
    const asked = refusal(attempt);
    const reason = typeof asked === 'object' ? await asked : asked;
    if (reason !== undefined) return refuse(attempt, check, reason);
  }
  return succeed(attempt);
}

/** The same match with what every check found. */
export async function explainMatch<View extends MatchView>(
  selector: Selector,
  pod: PodIdentity,
  home: View | undefined,
  findView: FindView<View>,
  tenants?: string,
): Promise<{ readonly match: Match<View>; readonly findings: readonly MatchFinding[] }> {
  const attempt = begin(selector, pod, home, findView, tenants);
  const findings: MatchFinding[] = [];
  let refused: Match<View> | undefined;
  for (const { check, refusal, report } of CHECKS) {
    if (refused) {
      findings.push(...idleFindings([check]));
      continue;
    }
    const reason = await refusal(attempt);
    findings.push(...report(attempt, reason));
    if (reason !== undefined) refused = refuse(attempt, check, reason);
  }
  return { match: refused ?? succeed(attempt), findings };
}

/** What is said of checks that an earlier one made idle. */
export function idleFindings(checks: readonly MatchCheckName[] = CHECKS.map(({ check }) => check)): readonly MatchFinding[] {
  const names = checks.flatMap((check) => (check === 'trust' ? (['link', 'claim_rule'] as const) : ([check] as const)));
  return names.map((check) => ({ check, outcome: 'skipped', detail: 'An earlier check decided.' }));
}
