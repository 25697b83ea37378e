/**
 * What must hold for a pod to become a profile, as one list in its order. An exchange asks each check; an explanation also writes down
 * what each of them found.
 */
import type { Account } from '../identity/accounts/account.ts';
import type { ClaimRule, ComputeClaims } from '../identity/profiles/claim-rule.ts';
import type { Link } from '../identity/profiles/link.ts';
import type { Profile } from '../identity/profiles/profile.ts';
import type { AccountView } from '../view/account-view.ts';
import type { ProfileIndex } from '../view/profile-index.ts';
import type { PodIdentity } from './cr-token.ts';
import { namesAccount, profileIdOf, type Selector } from './selector.ts';

/** Where a match finds profiles and what lets pods become them. */
export type ProfileSource = Pick<ProfileIndex, 'profile' | 'profileNamed' | 'linksOf' | 'rulesOf' | 'matchingLink' | 'matchingRule'>;

/** What a match asks of an account: its view, or one with changes laid over it. */
export interface MatchView {
  readonly account: Account;
  readonly profiles: ProfileSource;
  accountOfForeignProfile(profileId: string): string | undefined;
}

export type FindView<View extends MatchView = AccountView> = (accountId: string) => Promise<View | undefined>;

/** The checks of a match in their order. */
export type MatchCheckName = 'account' | 'profile' | 'profile_account' | 'tenant' | 'trust';

/** What lets the pod become the profile: a link, or a claim rule. */
export type Trust = { readonly link: Link } | { readonly rule: ClaimRule };

/** What one check found; the last one is reported as two, the links and the claim rules. */
export interface MatchFinding {
  readonly check: Exclude<MatchCheckName, 'trust'> | 'link' | 'claim_rule';
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly detail: string;
}

/** A pod that asks for a profile, and what the checks so far have found. */
export interface Attempt<View extends MatchView> {
  readonly selector: Selector;
  readonly pod: PodIdentity;
  readonly home: View | undefined;
  readonly findView: FindView<View>;
  /** The header `ibm-cloud-tenant` as it came. */
  readonly tenants: string | undefined;
  view: View | undefined;
  profile: Profile | undefined;
  by: Trust | undefined;
  /** What claim rules see of the pod, once they were looked at; undefined where they do not reach it. */
  claims: ComputeClaims | undefined;
}

export interface Check {
  readonly check: MatchCheckName;
  /** Why the pod is refused here, for the record; undefined where it passes. */
  readonly refusal: (attempt: Attempt<MatchView>) => string | undefined | Promise<string | undefined>;
  /** What is to be said of it in an explanation. */
  readonly report: (attempt: Attempt<MatchView>, refusal: string | undefined) => readonly MatchFinding[];
}

const accountCheck: Check = {
  check: 'account',
  refusal({ home }) {
    if (!home) return 'The account of the compute resource does not exist.';
    return home.account.state === 'active' ? undefined : 'The account of the compute resource is suspended.';
  },
  report: (_, refusal) => [finding('account', refusal, 'The account of the compute resource is active.')],
};

const profileCheck: Check = {
  check: 'profile',
  refusal: findProfile,
  report: ({ profile }, refusal) => [
    finding('profile', refusal, `The selectors name the profile '${profile?.name ?? ''}', ${profile?.id ?? ''}.`),
  ],
};

const profileAccountCheck: Check = {
  check: 'profile_account',
  refusal: ({ view }) => (view?.account.state === 'active' ? undefined : 'The account of the profile is suspended.'),
  report: ({ view, home }, refusal) =>
    view === home
      ? [{ check: 'profile_account', outcome: 'skipped', detail: 'The profile is in the account of the compute resource.' }]
      : [finding('profile_account', refusal, 'The account of the profile, another one, is active.')],
};

const tenantCheck: Check = {
  check: 'tenant',
  refusal: ({ tenants, profile }) =>
    admitsTenant(tenants, profile?.accountId ?? '') ? undefined : 'The header ibm-cloud-tenant does not name the account of the profile.',
  report: ({ tenants }, refusal) =>
    tenants === undefined
      ? [{ check: 'tenant', outcome: 'skipped', detail: 'The request has no header ibm-cloud-tenant.' }]
      : [finding('tenant', refusal, 'The header ibm-cloud-tenant names the account of the profile.')],
};

const trustCheck: Check = {
  check: 'trust',
  refusal(attempt) {
    const { view, profile, pod } = attempt;
    if (!view || !profile) return NOT_TRUSTED;
    const link = view.profiles.matchingLink(profile.id, pod.cluster.crn, pod.namespace, pod.serviceAccount);
    if (link) {
      attempt.by = { link };
      return undefined;
    }
    // Rules reach the clusters of the profile's own account alone; across accounts only a link is explicit enough.
    if (view !== attempt.home) return NOT_TRUSTED;
    attempt.claims = computeClaims(pod);
    const rule = view.profiles.matchingRule(profile.id, attempt.claims);
    if (!rule) return NOT_TRUSTED;
    attempt.by = { rule };
    return undefined;
  },
  report: reportTrust,
};

export const NOT_TRUSTED = 'No link and no claim rule of the profile matches the compute resource.';

/** The checks in their order. */
export const CHECKS: readonly Check[] = [accountCheck, profileCheck, profileAccountCheck, tenantCheck, trustCheck];

const finding = (check: MatchFinding['check'], refusal: string | undefined, passed: string): MatchFinding =>
  refusal === undefined ? { check, outcome: 'passed', detail: passed } : { check, outcome: 'failed', detail: refusal };

const NO_PROFILE = 'No profile of the account has all the selectors, or they name different profiles.';

/** Finds the one profile that all selectors name, in the account of the compute resource or across its inbound links. */
function findProfile(attempt: Attempt<MatchView>): string | undefined | Promise<string | undefined> {
  const { selector, home, findView } = attempt;
  const id = home && profileIdOf(selector, (name) => home.profiles.profileNamed(name)?.id);
  if (!home || id === undefined) return NO_PROFILE;
  const own = home.profiles.profile(id);
  if (own) return takeProfile(attempt, home, own);
  const foreignAccount = home.accountOfForeignProfile(id);
  if (foreignAccount === undefined) return NO_PROFILE;
  return findView(foreignAccount).then((view) => takeProfile(attempt, view, view?.profiles.profile(id)));
}

function takeProfile(attempt: Attempt<MatchView>, view: MatchView | undefined, profile: Profile | undefined): string | undefined {
  if (!profile || !namesAccount(attempt.selector, profile.accountId)) return NO_PROFILE;
  attempt.view = view;
  attempt.profile = profile;
  return undefined;
}

/** Whether the account is among those that the header names; without the header every account is. */
function admitsTenant(header: string | undefined, accountId: string): boolean {
  const tenants = header?.split(',').map((tenant) => tenant.trim());
  return !tenants || tenants.every((tenant) => tenant === '') || tenants.includes(accountId);
}

function reportTrust({ by, view, home }: Attempt<MatchView>): readonly MatchFinding[] {
  const link = (outcome: MatchFinding['outcome'], detail: string): MatchFinding => ({ check: 'link', outcome, detail });
  const rule = (outcome: MatchFinding['outcome'], detail: string): MatchFinding => ({ check: 'claim_rule', outcome, detail });
  if (by && 'link' in by) {
    return [link('passed', `The link ${by.link.id} lets the pod in.`), rule('skipped', 'A link lets the pod in already.')];
  }
  if (by) {
    return [
      link('skipped', 'No link names the pod; one claim rule is enough.'),
      rule('passed', `The claim rule ${by.rule.id} lets the pod in.`),
    ];
  }
  const foreign = 'Claim rules reach the clusters of their own account alone, and the profile is in another one.';
  return [
    link('failed', 'No link of the profile names this cluster, namespace and service account.'),
    view === home ? rule('failed', 'No claim rule of the profile has all its conditions fulfilled.') : rule('skipped', foreign),
  ];
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
