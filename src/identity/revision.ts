import type { Clock, EpochMs } from '../kernel/clock.ts';
import { newEntityTag } from '../kernel/entity-tag.ts';
import type { Ids } from '../kernel/ids.ts';

interface Revised {
  readonly revision: number;
  readonly entityTag: string;
  readonly modifiedAt: EpochMs;
}

/** The next revision of an object: these changes, a new entity tag, and the time of the change. */
export function nextRevision<T extends Revised>(
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
  before: T,
  changes: Partial<T>,
): T {
  const revision = before.revision + 1;
  return { ...before, ...changes, revision, entityTag: newEntityTag(ids, revision), modifiedAt: clock.now() };
}
