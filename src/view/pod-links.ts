/**
 * The links of one profile by the pods that they stand for. Three small maps instead of one with joined keys: a look builds no
 * string, so that what is left of a match is memory access.
 */
import type { Link } from '../identity/profiles/link.ts';

/** The service account that the exchange compares a pod's with. */
export function comparedServiceAccount(link: Link): string | undefined {
  return link.matchServiceAccount ?? link.serviceAccount ?? undefined;
}

type ByServiceAccount = Map<string, readonly Link[]>;
type ByNamespace = Map<string, ByServiceAccount>;

/** The map that a key leads to, made if there is none yet. */
function into<Inner>(outer: Map<string, Map<string, Inner>>, key: string): Map<string, Inner> {
  const inner = outer.get(key) ?? new Map<string, Inner>();
  outer.set(key, inner);
  return inner;
}

export class PodLinks {
  readonly #byCluster = new Map<string, ByNamespace>();

  find(crn: string, namespace: string, serviceAccount: string): Link | undefined {
    return this.#byCluster.get(crn)?.get(namespace)?.get(serviceAccount)?.[0];
  }

  /** Links that stand for no pod are left out; of several for one pod (they differ in their cr_type) the first counts. */
  add(link: Link): void {
    const serviceAccount = comparedServiceAccount(link);
    if (!link.matchEnabled || link.namespace === null || serviceAccount === undefined) return;
    const byServiceAccount: ByServiceAccount = into(into(this.#byCluster, link.crn), link.namespace);
    byServiceAccount.set(serviceAccount, [...(byServiceAccount.get(serviceAccount) ?? []), link]);
  }

  /** Takes out the link that was added; maps that it leaves empty go with it. */
  remove(link: Link): void {
    const serviceAccount = comparedServiceAccount(link);
    const byNamespace = this.#byCluster.get(link.crn);
    const byServiceAccount = byNamespace?.get(link.namespace ?? '');
    if (!byNamespace || !byServiceAccount || serviceAccount === undefined) return;
    const others = (byServiceAccount.get(serviceAccount) ?? []).filter((other) => other !== link);
    if (others.length > 0) byServiceAccount.set(serviceAccount, others);
    else byServiceAccount.delete(serviceAccount);
    if (byServiceAccount.size === 0) byNamespace.delete(link.namespace ?? '');
    if (byNamespace.size === 0) this.#byCluster.delete(link.crn);
  }
}
