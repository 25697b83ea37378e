import type { EpochMs } from './clock.ts';

/** `2026-11-23T09:05+0000`: how IBM's identity API prints dates; the SDKs' parsers accept nothing else there. */
export function printMinutes(at: EpochMs): string {
  return `${new Date(at).toISOString().slice(0, 16)}+0000`;
}

/** `2026-11-23T09:05:07.123Z` (RFC 3339): how access groups, policies and Podpass's own API print instants. */
export function printInstant(at: EpochMs): string {
  return new Date(at).toISOString();
}

/** `2026-11-23T09:05:07+0000`: how the clusters API prints dates. */
export function printSeconds(at: EpochMs): string {
  return `${new Date(at).toISOString().slice(0, 19)}+0000`;
}

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:?\d\d)$/;

/** Reads a date with an offset, seconds optional; undefined where it is none. */
export function readInstant(text: string): EpochMs | undefined {
  if (!DATE.test(text)) return undefined;
  const at = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(at) ? undefined : at;
}
