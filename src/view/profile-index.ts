/** The profiles of one account with what decides who may become them: links by pod, claim rules compiled. */
import { type ClaimRule, type CompiledRule, type ComputeClaims, compileRule, ruleMatches } from '../identity/profiles/claim-rule.ts';
import type { Link } from '../identity/profiles/link.ts';
import type { Profile } from '../identity/profiles/profile.ts';
import { PodLinks } from './pod-links.ts';

interface ProfileEntry {
  profile: Profile;
  readonly links: Map<string, Link>;
  readonly pods: PodLinks;
  rules: readonly CompiledRule[];
}

export class ProfileIndex {
  readonly #profiles = new Map<string, ProfileEntry>();
  readonly #idOfName = new Map<string, string>();

  profile(profileId: string): Profile | undefined {
    return this.#profiles.get(profileId)?.profile;
  }

  ids(): Iterable<string> {
    return this.#profiles.keys();
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

  /** One look, however many links there are. */
  matchingLink(profileId: string, crn: string, namespace: string, serviceAccount: string): Link | undefined {
    return this.#profiles.get(profileId)?.pods.find(crn, namespace, serviceAccount);
  }

  matchingRule(profileId: string, claims: ComputeClaims): ClaimRule | undefined {
    return this.rulesOf(profileId).find((compiled) => ruleMatches(compiled, claims))?.rule;
  }

  /** Adds the profile, or changes what it says of itself; its links and rules stay. */
  putProfile(profile: Profile): void {
    const entry = this.#profiles.get(profile.id);
    if (!entry) this.#profiles.set(profile.id, { profile, links: new Map(), pods: new PodLinks(), rules: [] });
    else {
      if (entry.profile.name !== profile.name) this.#releaseName(entry.profile);
      entry.profile = profile;
    }
    this.#idOfName.set(profile.name, profile.id);
  }

  removeProfile(profileId: string): void {
    const entry = this.#profiles.get(profileId);
    if (!entry) return;
    this.#releaseName(entry.profile);
    this.#profiles.delete(profileId);
  }

  putLinks(profileId: string, links: readonly Link[]): void {
    const entry = this.#profiles.get(profileId);
    if (!entry) return;
    for (const link of entry.links.values()) entry.pods.remove(link);
    entry.links.clear();
    for (const link of links) this.putLink(profileId, link.id, link);
  }

  /** Puts one link in the place of what it was; undefined where it is gone. */
  putLink(profileId: string, linkId: string, link: Link | undefined): void {
    const entry = this.#profiles.get(profileId);
    if (!entry) return;
    const before = entry.links.get(linkId);
    if (before) entry.pods.remove(before);
    entry.links.delete(linkId);
    if (!link) return;
    entry.links.set(linkId, link);
    entry.pods.add(link);
  }

  putRules(profileId: string, rules: readonly ClaimRule[]): void {
    const entry = this.#profiles.get(profileId);
    if (entry) entry.rules = rules.flatMap((rule) => compileRule(rule) ?? []);
  }

  #releaseName(profile: Profile): void {
    if (this.#idOfName.get(profile.name) === profile.id) this.#idOfName.delete(profile.name);
  }
}
