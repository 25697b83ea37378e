/** An account as it would be after changes: its view stays as it is, and is not copied. */
import { type CompiledPolicy, OverlaidPolicies } from '@podpass/policy';
import type { Memberships } from '../access/decisions/decide.ts';
import type { Link } from '../identity/profiles/link.ts';
import type { ProfileSource } from '../token/match-checks.ts';
import { PodLinks } from '../view/pod-links.ts';
import type { InspectedView } from './inspection.ts';

export type PlannedChange =
  | { readonly kind: 'add_policy'; readonly policy: CompiledPolicy }
  | { readonly kind: 'remove_policy'; readonly policyId: string }
  | { readonly kind: 'add_member' | 'remove_member'; readonly groupId: string; readonly iamId: string }
  | { readonly kind: 'add_link'; readonly link: Link }
  | { readonly kind: 'remove_link'; readonly profileId: string; readonly linkId: string };

export function overlayView(view: InspectedView, changes: readonly PlannedChange[]): InspectedView {
  const { account, accountId, model, settings } = view;
  const added = changes.flatMap((change) => (change.kind === 'add_policy' ? [change.policy] : []));
  const removed = changes.flatMap((change) => (change.kind === 'remove_policy' ? [change.policyId] : []));
  return {
    account,
    accountId,
    model,
    settings,
    policies: new OverlaidPolicies(view.policies, { added, removed }),
    profiles: overlayProfiles(view.profiles, changes),
    membershipsOf: overlayMemberships(view, changes),
    accountOfForeignProfile: (profileId) => view.accountOfForeignProfile(profileId),
    isOwner: (iamId) => view.isOwner(iamId),
    isOperator: (serviceName, iamId) => view.isOperator(serviceName, iamId),
    tagsOf: (serviceName, serviceInstance) => view.tagsOf(serviceName, serviceInstance),
  };
}

function overlayMemberships(view: InspectedView, changes: readonly PlannedChange[]): InspectedView['membershipsOf'] {
  const byIdentity = new Map<string, Map<string, boolean>>();
  for (const change of changes) {
    if (change.kind !== 'add_member' && change.kind !== 'remove_member') continue;
    const groups = byIdentity.get(change.iamId) ?? new Map<string, boolean>();
    groups.set(change.groupId, change.kind === 'add_member');
    byIdentity.set(change.iamId, groups);
  }
  return (iamId, at): Memberships => {
    const before = view.membershipsOf(iamId, at);
    const changed = byIdentity.get(iamId);
    if (!changed) return before;
    const joined = [...changed].flatMap(([groupId, isMember]) => (isMember ? [groupId] : []));
    // What a rule made of somebody stays when the membership that was added goes.
    const kept = before.groups.filter((groupId) => changed.get(groupId) !== false || before.endAt?.has(groupId));
    const endAt = before.endAt && new Map([...before.endAt].filter(([groupId]) => changed.get(groupId) !== true));
    return { groups: [...new Set([...kept, ...joined])], ...(endAt && { endAt }) };
  };
}

function overlayProfiles(base: ProfileSource, changes: readonly PlannedChange[]): ProfileSource {
  const added = Map.groupBy(
    changes.flatMap((change) => (change.kind === 'add_link' ? [change.link] : [])),
    ({ profileId }) => profileId,
  );
  const removed = new Map(
    [
      ...Map.groupBy(
        changes.filter((change) => change.kind === 'remove_link'),
        ({ profileId }) => profileId,
      ),
    ].map(([profileId, links]) => [profileId, new Set(links.map(({ linkId }) => linkId))]),
  );
  const linksOf = (profileId: string): readonly Link[] => [
    ...(added.get(profileId) ?? []),
    ...[...base.linksOf(profileId)].filter(({ id }) => !removed.get(profileId)?.has(id)),
  ];
  // Whose links only grow keeps its own index; whose links shrink is indexed anew, because another link may stand for the same pod.
  const indexed = new Map([...added].map(([profileId, links]) => [profileId, indexOf(links)]));
  for (const profileId of removed.keys()) indexed.set(profileId, indexOf(linksOf(profileId)));
  return {
    profile: (profileId) => base.profile(profileId),
    profileNamed: (name) => base.profileNamed(name),
    rulesOf: (profileId) => base.rulesOf(profileId),
    matchingRule: (profileId, claims) => base.matchingRule(profileId, claims),
    linksOf: (profileId) => (added.has(profileId) || removed.has(profileId) ? linksOf(profileId) : base.linksOf(profileId)),
    matchingLink(profileId, crn, namespace, serviceAccount) {
      const found = indexed.get(profileId)?.find(crn, namespace, serviceAccount);
      if (found || removed.has(profileId)) return found;
      return base.matchingLink(profileId, crn, namespace, serviceAccount);
    },
  };
}

function indexOf(links: readonly Link[]): PodLinks {
  const index = new PodLinks();
  for (const link of links) index.add(link);
  return index;
}
