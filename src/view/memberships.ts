/** Who is in which access groups of one account: members that were added, members that a rule made for a while, and everybody. */
import { shareText } from '@podpass/policy';
import { PUBLIC_ACCESS_GROUP, type RuleMembership } from '../groups/group.ts';

/** The access groups of an identity at an instant, and of those that end by themselves the instant at which they do. */
export interface MembershipsAt {
  readonly groups: readonly string[];
  readonly endAt?: ReadonlyMap<string, number>;
}

const noGroups: readonly string[] = Object.freeze([]);

export class Memberships {
  readonly #added = new Map<string, readonly string[]>();
  readonly #byRule = new Map<string, readonly RuleMembership[]>();
  /** Whether every identity is in the public access group. */
  publicAccessEnabled = false;

  load(rows: {
    readonly memberships: readonly { readonly groupId: string; readonly iamId: string }[];
    readonly ruleMemberships: readonly RuleMembership[];
    readonly publicAccessEnabled: boolean;
  }): void {
    for (const [iamId, added] of Map.groupBy(rows.memberships, (row) => row.iamId)) {
      this.#added.set(
        iamId,
        added.map((row) => shareText(row.groupId)),
      );
    }
    for (const [iamId, byRule] of Map.groupBy(rows.ruleMemberships, (row) => row.iamId)) this.#byRule.set(iamId, byRule);
    this.publicAccessEnabled = rows.publicAccessEnabled;
  }

  of(iamId: string, at: number): MembershipsAt {
    const added = this.#added.get(iamId) ?? noGroups;
    const byRule = this.#byRule.get(iamId);
    if (byRule === undefined) return { groups: this.publicAccessEnabled ? [...added, PUBLIC_ACCESS_GROUP] : added };
    const endAt = new Map<string, number>();
    for (const { groupId, expiresAt } of byRule) {
      // A group that the identity was added to does not end; of several rules the last one to end counts.
      if (expiresAt > at && !added.includes(groupId)) endAt.set(groupId, Math.max(expiresAt, endAt.get(groupId) ?? 0));
    }
    const groups = [...added, ...endAt.keys(), ...(this.publicAccessEnabled ? [PUBLIC_ACCESS_GROUP] : [])];
    return { groups, endAt };
  }

  /** Everyone who is in some group that not everybody is in. */
  identities(): Iterable<string> {
    return new Set([...this.#added.keys(), ...this.#byRule.keys()]);
  }

  /** Replaces all that is known of one identity. */
  put(iamId: string, added: readonly string[], byRule: readonly RuleMembership[]): void {
    if (added.length === 0) this.#added.delete(iamId);
    else this.#added.set(iamId, added.map(shareText));
    if (byRule.length === 0) this.#byRule.delete(iamId);
    else this.#byRule.set(iamId, byRule);
  }

  removeIdentity(iamId: string): void {
    this.put(iamId, [], []);
  }

  removeGroup(groupId: string): void {
    for (const [iamId, groupIds] of this.#added) {
      if (groupIds.includes(groupId)) this.put(iamId, without(groupIds, groupId), this.#byRule.get(iamId) ?? []);
    }
    for (const [iamId, rows] of this.#byRule) {
      if (rows.some((row) => row.groupId === groupId)) {
        this.put(
          iamId,
          this.#added.get(iamId) ?? [],
          rows.filter((row) => row.groupId !== groupId),
        );
      }
    }
  }
}

const without = (ids: readonly string[], id: string): readonly string[] => ids.filter((other) => other !== id);
