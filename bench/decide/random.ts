/** Numbers that look random and are the same in every run. */
export interface Random {
  /** A whole number from 0 up to, and without, `bound`. */
  below(bound: number): number;
  oneOf<T>(items: readonly T[]): T;
}

const MODULUS = 2147483647;

/** The generator of Park and Miller, which is enough for a mix of questions. */
export function createRandom(seed: number): Random {
  let state = (seed % (MODULUS - 1)) + 1;
  const below = (bound: number) => {
    state = (state * 48271) % MODULUS;
    return Math.floor((state / MODULUS) * bound);
  };
  return { below, oneOf: (items) => items[below(items.length)] as (typeof items)[number] };
}
