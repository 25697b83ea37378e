/**
 * How many refusals are recorded one by one. Beyond ten a second for one key they are counted, and the next record carries the count,
 * so that a client in a loop cannot fill the log. A key is a cluster, a profile and a reason; an API key and a reason; or an account, a
 * caller and an action.
 */
export interface RefusalBudget {
  /** Whether to record this refusal, and how many were only counted since the last record. */
  take(key: string, nowMs: number): { readonly record: boolean; readonly suppressed: number };
}

const PER_SECOND = 10;
const MAX_KEYS = 10_000;

export function createRefusalBudget(): RefusalBudget {
  const windows = new Map<string, { second: number; used: number; suppressed: number }>();
  return {
    take(key, nowMs) {
      const second = Math.floor(nowMs / 1000);
      let window = windows.get(key);
      if (!window) {
        if (windows.size >= MAX_KEYS) {
          const oldest = windows.keys().next().value;
          if (oldest !== undefined) windows.delete(oldest);
        }
        window = { second, used: 0, suppressed: 0 };
        windows.set(key, window);
      }
      if (window.second !== second) {
        window.second = second;
        // After a second over budget, one counted record a second is left until it is quiet again.
        window.used = window.suppressed > 0 ? PER_SECOND - 1 : 0;
      }
      if (window.used >= PER_SECOND) {
        window.suppressed += 1;
        return { record: false, suppressed: 0 };
      }
      window.used += 1;
      const { suppressed } = window;
      window.suppressed = 0;
      return { record: true, suppressed };
    },
  };
}
