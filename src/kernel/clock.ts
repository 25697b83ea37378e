/** Milliseconds since the Unix epoch. */
export type EpochMs = number;

/** Where the time comes from. Everything that needs the time is handed one of these. */
export interface Clock {
  /** Wall time in milliseconds; never runs backwards while the process lives. */
  now(): EpochMs;
  /** Milliseconds on a clock that only measures distances. */
  monotonic(): number;
}

/**
 * Wall time read once and carried forward by the monotonic clock, so that a clock set back by an operator
 * or by NTP never lengthens the life of a token.
 */
export function createSystemClock(): Clock {
  let wall = Date.now();
  let mark = performance.now();
  return {
    now() {
      const current = performance.now();
      const carried = wall + (current - mark);
      wall = Math.max(carried, Date.now());
      mark = current;
      return Math.floor(wall);
    },
    monotonic: () => performance.now(),
  };
}

/** A clock that stands still until it is told otherwise; for tests. */
export function createManualClock(start: EpochMs): Clock & { advance(ms: number): void } {
  let now = start;
  return {
    now: () => now,
    monotonic: () => now,
    advance(ms) {
      now += ms;
    },
  };
}
