/** How often policies permitted: counted in memory as decisions are made, and written down now and then. */
import type { Clock } from '../../kernel/clock.ts';

export interface PermitCount {
  readonly policyId: string;
  readonly permits: number;
  readonly lastAt: number;
}

export interface PermitCounts {
  /** Counts one permit for each of the policies. */
  count(policyIds: readonly string[]): void;
  /** Resolves once everything counted so far is written. */
  flush(): Promise<void>;
}

const EVERY_MS = 5000;

/** Counts and writes every five seconds until `signal` aborts; what could not be written is tried again with what came after. */
export function createPermitCounts(options: {
  readonly write: (rows: readonly PermitCount[]) => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): PermitCounts {
  const { write, onError, clock, signal } = options;
  let pending = new Map<string, { permits: number; lastAt: number }>();

  function add(policyId: string, permits: number, lastAt: number): void {
    const known = pending.get(policyId);
    if (known === undefined) pending.set(policyId, { permits, lastAt });
    else {
      known.permits += permits;
      known.lastAt = Math.max(known.lastAt, lastAt);
    }
  }

  async function flush(): Promise<void> {
    if (pending.size === 0) return;
    const taken = pending;
    pending = new Map();
    try {
      await write([...taken].map(([policyId, counted]) => ({ policyId, ...counted })));
    } catch (error) {
      for (const [policyId, { permits, lastAt }] of taken) add(policyId, permits, lastAt);
      throw error;
    }
  }

  const timer = setInterval(() => void flush().catch(onError), EVERY_MS);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  return {
    count(policyIds) {
      const at = clock.now();
      for (const policyId of policyIds) add(policyId, 1, at);
    },
    flush,
  };
}
