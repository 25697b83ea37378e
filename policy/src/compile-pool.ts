import type { CompiledClause } from './compiled-policy.ts';
import type { AttributeClause } from './types.ts';

/** How many clauses, and how many lists of roles, are kept; an account's policies have few in common and many of their own. */
const maxKept = 1000;

/**
 * What policies have in common, each made once: nearly every policy of an account says which account, which of few services and one of few
 * lists of roles. A decision that looks at many policies then looks at few things. One pool belongs to the policies of one account.
 */
export class CompilePool {
  readonly #clauses = new Map<string, CompiledClause>();
  readonly #roleLists = new Map<string, readonly string[]>();

  /** The clause ready for use: the kept one, or what `compile` makes of it. */
  clause(source: AttributeClause, compile: (source: AttributeClause) => CompiledClause): CompiledClause {
    return kept(this.#clauses, JSON.stringify([source.key, source.operator, source.value]), () => compile(source));
  }

  roleIds(roleIds: readonly string[]): readonly string[] {
    return kept(this.#roleLists, JSON.stringify(roleIds), () => Object.freeze([...roleIds]));
  }
}

function kept<Made>(pool: Map<string, Made>, key: string, make: () => Made): Made {
  const known = pool.get(key);
  if (known !== undefined) return known;
  const made = make();
  if (pool.size < maxKept) pool.set(key, made);
  return made;
}
