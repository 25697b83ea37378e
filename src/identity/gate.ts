/** The way into every operation on an object that a path names: find it, then let the caller pass. */
import type { AuditTarget } from '../audit/events.ts';
import type { Guard, MutationContext } from '../audit/mutation.ts';
import { guardVisible } from '../audit/visible.ts';
import type { DomainError } from '../kernel/errors.ts';

/** What a gate knows of a kind of object. */
export interface GatedKind<Whole, Reads> {
  /** Undefined for text that names no such object. */
  readonly find: (reads: Reads, id: string) => Promise<Whole | undefined>;
  readonly resource: (whole: Whole) => Readonly<Record<string, string>>;
  readonly target: (whole: Whole) => AuditTarget;
  readonly notFound: (id: string) => DomainError;
}

/**
 * Finds the object and lets the caller pass for `action`; 404 for what it may not know of. `requirePart` throws where a part of the
 * object is absent: in the caller's own account that comes before a missing right.
 */
export type Gate<Whole, Reads> = (
  context: MutationContext,
  reads: Reads,
  id: string,
  action: string,
  requirePart?: (whole: Whole) => Promise<unknown>,
) => Promise<Whole>;

export function createGate<Whole extends { readonly accountId: string }, Reads>(
  guard: Guard,
  kind: GatedKind<Whole, Reads>,
): Gate<Whole, Reads> {
  return async (context, reads, id, action, requirePart) => {
    const whole = await kind.find(reads, id);
    if (!whole) throw kind.notFound(id);
    if (whole.accountId === context.caller.accountId) await requirePart?.(whole);
    await guardVisible(guard, context, action, kind.resource(whole), kind.target(whole), () => kind.notFound(id));
    return whole;
  };
}

/** The same for a part of an object: `find` answers undefined where the object has no such part. */
export async function gatePart<Whole, Reads, Part>(
  gate: Gate<Whole, Reads>,
  context: MutationContext,
  reads: Reads,
  id: string,
  action: string,
  find: (whole: Whole) => Promise<Part | undefined>,
  notFound: (whole: Whole) => DomainError,
): Promise<{ whole: Whole; part: Part }> {
  const require = async (whole: Whole): Promise<Part> => {
    const part = await find(whole);
    if (part === undefined) throw notFound(whole);
    return part;
  };
  const whole = await gate(context, reads, id, action, require);
  return { whole, part: await require(whole) };
}
