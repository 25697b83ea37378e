/**
 * Keeps fetched key sets fresh: on a timer, and brought forward by a token with an unknown key id, at most once per
 * 30 s and cluster. What a stranger sends never decides which address is asked, only when a registered one is.
 */
import type { Mutate, MutationContext } from '../audit/mutation.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Cluster, ClusterKey } from './cluster.ts';
import { MAX_CANDIDATES } from './directory.ts';
import { fetchKeys, type IssuerDocuments, isFetched, toClusterKeys } from './key-sources.ts';
import { clusterTarget } from './service.ts';
import type { ClusterReads, ClusterWrites } from './store.ts';

export interface KeyRefreshDeps {
  readonly reads: ClusterReads;
  readonly mutate: Mutate<ClusterWrites>;
  readonly documents: IssuerDocuments;
  readonly clock: Clock;
  readonly systemContext: () => MutationContext;
  readonly onError: (cluster: Cluster, error: unknown) => void;
}

export interface KeyRefresh {
  /** Asks for a refresh because of an unknown key id. True while one is under way, false where the last one is recent. */
  bringForward(cluster: Cluster): boolean;
  start(clusters: () => readonly Cluster[], signal: AbortSignal): void;
  /** Waits for refreshes that are under way. */
  settle(): Promise<void>;
}

const MIN_DISTANCE_MS = 30_000;
const REFRESH_EVERY_MS = 10 * 60_000;
const NOTE_SUCCESS_EVERY_MS = 60 * 60_000;

/** How long keys that cannot be fetched anew stay usable. */
export const MAX_KEY_AGE_MS = 24 * 3600_000;

/** Whether a cluster's keys may still be relied upon. */
export function keysAreUsable(cluster: Cluster, now: number): boolean {
  return !isFetched(cluster.trustMode) || now - cluster.keysFetchedAt <= MAX_KEY_AGE_MS;
}

export function createKeyRefresh(deps: KeyRefreshDeps): KeyRefresh {
  const { reads, mutate, documents, clock, systemContext } = deps;
  const running = new Map<string, Promise<void>>();
  const lastStart = new Map<string, number>();

  async function refresh(cluster: Cluster): Promise<void> {
    let fetched: readonly ClusterKey[] | undefined;
    let failure: string | null = null;
    try {
      fetched = toClusterKeys(cluster.id, await fetchKeys(documents, cluster.issuers, cluster.caBundle));
    } catch (error) {
      deps.onError(cluster, error);
      failure = error instanceof Error ? error.message : 'The issuer did not answer.';
    }
    const known = await reads.keysOf(cluster.id);
    const changed = fetched !== undefined && !sameKeys(fetched, known);
    const worthNoting = fetched !== undefined && clock.now() - cluster.keysFetchedAt > NOTE_SUCCESS_EVERY_MS;
    if (!changed && !worthNoting && failure === cluster.keysError) return;
    await mutate(systemContext(), async (tx) => {
      const current = await tx.findCluster(cluster.id);
      // Whoever changed the cluster meanwhile has brought keys of their own.
      if (!current || current.entityTag !== cluster.entityTag) return;
      if (fetched) {
        const own: ClusterKey[] = [];
        for (const key of fetched) {
          const owner = await tx.ownerOfKey(key.issuer, key.thumbprint);
          const others = await tx.countCandidates(key.issuer, key.kid, cluster.id);
          if ((owner === undefined || owner === cluster.id) && others < MAX_CANDIDATES) own.push(key);
        }
        await tx.replaceKeys(cluster.id, own);
      }
      const after = { ...current, keysError: failure, keysFetchedAt: fetched ? clock.now() : current.keysFetchedAt };
      await tx.updateCluster(after);
      tx.changed({ accountId: '*', kind: 'cluster', id: cluster.id });
      tx.event({
        action: 'containers-kubernetes.cluster.refresh-keys',
        accountId: cluster.accountId,
        target: clusterTarget(cluster),
        before: known.map((key) => key.thumbprint),
        after: failure ?? fetched?.map((key) => key.thumbprint),
      });
    });
  }

  function begin(cluster: Cluster): void {
    lastStart.set(cluster.id, clock.monotonic());
    const task = refresh(cluster)
      .catch((error: unknown) => deps.onError(cluster, error))
      .finally(() => running.delete(cluster.id));
    running.set(cluster.id, task);
  }

  return {
    bringForward(cluster) {
      if (!isFetched(cluster.trustMode)) return false;
      if (running.has(cluster.id)) return true;
      const last = lastStart.get(cluster.id);
      if (last !== undefined && clock.monotonic() - last < MIN_DISTANCE_MS) return false;
      begin(cluster);
      return true;
    },
    start(clusters, signal) {
      const timer = setInterval(() => {
        for (const cluster of clusters()) {
          if (isFetched(cluster.trustMode) && !running.has(cluster.id)) begin(cluster);
        }
      }, REFRESH_EVERY_MS);
      timer.unref();
      signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    },
    async settle() {
      await Promise.all(running.values());
    },
  };
}

function sameKeys(a: readonly ClusterKey[], b: readonly ClusterKey[]): boolean {
  const names = (keys: readonly ClusterKey[]) => keys.map((key) => `${key.issuer}\n${key.thumbprint}\n${key.kid}`).sort();
  return JSON.stringify(names(a)) === JSON.stringify(names(b));
}
