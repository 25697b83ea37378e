/** The profiles of one account with what decides who may become them: links by pod, claim rules compiled. */
import { type ClaimRule, type CompiledRule, type ComputeClaims, compileRule, ruleMatches } from '../identity/profiles/claim-rule.ts';
import type { Link } from '../identity/profiles/link.ts';
import type { Profile } from '../identity/profiles/profile.ts';

interface ProfileEntry {
  profile: Profile;
  readonly links: Map<string, Link>;
  rules: readonly CompiledRule[];
}

/** The service account that the exchange compares a pod's with. */
export function comparedServiceAccount(link: Link): string | undefined {
  return link.matchServiceAccount ?? link.serviceAccount ?? undefined;
}

// None of the parts can hold a line break, so no two pods have one key.
const matchKey = (profileId: string, crn: string, namespace: string, serviceAccount: string) =>
  `${profileId}\n${crn}\n${namespace}\n${serviceAccount}`;

/** Where the index keeps a link; undefined for one that matches no pod. */
function keyOf(link: Link): string | undefined {
  const serviceAccount = comparedServiceAccount(link);
  if (!link.matchEnabled || link.namespace === null || serviceAccount === undefined) return undefined;
  return matchKey(link.profileId, link.crn, link.namespace, serviceAccount);
}

export class ProfileIndex {
  readonly #profiles = new Map<string, ProfileEntry>();
  readonly #idOfName = new Map<string, string>();
  /** Links of all profiles by profile and pod, so that a match is one look whatever their number. */
  readonly #linkOfPod = new Map<string, Link>();

  profile(profileId: string): Profile | undefined {
    return this.#profiles.get(profileId)?.profile;
  }

  profileNamed(name: string): Profile | undefined {
    const id = this.#idOfName.get(name);
    return id === undefined ? undefined : this.profile(id);
  }

  linksOf(profileId: string): Iterable<Link> {
    return this.#profiles.get(profileId)?.links.values() ?? [];
  }

  rulesOf(profileId: string): readonly CompiledRule[] {
    return this.#profiles.get(profileId)?.rules ?? [];
  }

  matchingLink(profileId: string, crn: string, namespace: string, serviceAccount: string): Link | undefined {
    return this.#linkOfPod.get(matchKey(profileId, crn, namespace, serviceAccount));
  }

  matchingRule(profileId: string, claims: ComputeClaims): ClaimRule | undefined {
    return this.rulesOf(profileId).find((compiled) => ruleMatches(compiled, claims))?.rule;
  }

  /** Adds the profile, or changes what it says of itself; its links and rules stay. */
  putProfile(profile: Profile): void {
    const entry = this.#profiles.get(profile.id);
    if (!entry) this.#profiles.set(profile.id, { profile, links: new Map(), rules: [] });
    else {
      if (entry.profile.name !== profile.name) this.#releaseName(entry.profile);
      entry.profile = profile;
    }
    this.#idOfName.set(profile.name, profile.id);
  }

  removeProfile(profileId: string): void {
    const entry = this.#profiles.get(profileId);
    if (!entry) return;
    for (const linkId of [...entry.links.keys()]) this.#forget(entry, linkId);
    this.#releaseName(entry.profile);
    this.#profiles.delete(profileId);
  }

  putLinks(profileId: string, links: readonly Link[]): void {
    const entry = this.#profiles.get(profileId);
    if (!entry) return;
    for (const linkId of [...entry.links.keys()]) this.#forget(entry, linkId);
    for (const link of links) this.putLink(profileId, link.id, link);
  }

  /** Puts one link in the place of what it was; undefined where it is gone. */
  putLink(profileId: string, linkId: string, link: Link | undefined): void {
    const entry = this.#profiles.get(profileId);
    if (!entry) return;
    this.#forget(entry, linkId);
    if (!link) return;
    entry.links.set(linkId, link);
    const key = keyOf(link);
    if (key !== undefined) this.#linkOfPod.set(key, link);
  }

  putRules(profileId: string, rules: readonly ClaimRule[]): void {
    const entry = this.#profiles.get(profileId);
    if (entry) entry.rules = rules.flatMap((rule) => compileRule(rule) ?? []);
  }

  #forget(entry: ProfileEntry, linkId: string): void {
    const link = entry.links.get(linkId);
    if (!link) return;
    entry.links.delete(linkId);
    const key = keyOf(link);
    if (key === undefined || this.#linkOfPod.get(key) !== link) return;
    this.#linkOfPod.delete(key);
    // Links that differ in what the exchange does not compare (the cr_type, say) stand for the same pods: another one takes over.
    const heir = [...entry.links.values()].find((other) => keyOf(other) === key);
    if (heir) this.#linkOfPod.set(key, heir);
  }

  #releaseName(profile: Profile): void {
    if (this.#idOfName.get(profile.name) === profile.id) this.#idOfName.delete(profile.name);
  }
}
