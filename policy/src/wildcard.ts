/** Matches a whole value against one compiled wildcard pattern, case-sensitively. */
export type WildcardTest = (value: string) => boolean;

type Token = { readonly kind: 'character'; readonly codePoint: number } | { readonly kind: 'one' } | { readonly kind: 'many' };

const literalLength = '{{*}}'.length;

/** `*` and `?` are wildcards, `{{*}}` and `{{?}}` the characters themselves; everything else stands for itself. */
function readTokens(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; ) {
    if (pattern.startsWith('{{*}}', at) || pattern.startsWith('{{?}}', at)) {
      tokens.push({ kind: 'character', codePoint: pattern.charCodeAt(at + 2) });
      at += literalLength;
      continue;
    }
    const codePoint = pattern.codePointAt(at) ?? 0;
    const text = String.fromCodePoint(codePoint);
    tokens.push(text === '*' ? { kind: 'many' } : text === '?' ? { kind: 'one' } : { kind: 'character', codePoint });
    at += text.length;
  }
  return tokens;
}

/** Which states follow which, one bit a state: bit i means that i characters of the pattern are behind us. */
interface Transitions {
  readonly accepting: number;
  readonly words: number;
  readonly staying: Uint32Array;
  readonly anyCharacter: Uint32Array;
  readonly byCharacter: ReadonlyMap<number, Uint32Array>;
}

function setBit(bits: Uint32Array, state: number): void {
  const word = state >>> 5;
  bits[word] = (bits[word] ?? 0) | (1 << (state & 31));
}

function buildTransitions(tokens: readonly Token[]): Transitions {
  const accepting = tokens.filter((token) => token.kind !== 'many').length;
  const words = (accepting >>> 5) + 1;
  const staying = new Uint32Array(words);
  const anyCharacter = new Uint32Array(words);
  const literals: { state: number; codePoint: number }[] = [];
  let state = 0;
  for (const token of tokens) {
    if (token.kind === 'many') {
      setBit(staying, state);
      continue;
    }
    state += 1;
    if (token.kind === 'one') setBit(anyCharacter, state);
    else literals.push({ state, codePoint: token.codePoint });
  }
  const byCharacter = new Map<number, Uint32Array>();
  for (const { state: target, codePoint } of literals) {
    const bits = byCharacter.get(codePoint) ?? anyCharacter.slice();
    setBit(bits, target);
    byCharacter.set(codePoint, bits);
  }
  return { accepting, words, staying, anyCharacter, byCharacter };
}

/**
 * Compiles a pattern in which `*` stands for any characters (`/` included), `?` for exactly one, `{{*}}` and `{{?}}` for themselves.
 * All states of the pattern advance together, 32 a machine word, so matching is one pass over the value and never backtracks:
 * no pattern and no value, however chosen, makes it slow.
 */
export function compileWildcard(pattern: string): WildcardTest {
  const transitions = buildTransitions(readTokens(pattern));
  return transitions.words === 1 ? matchOneWord(transitions) : matchWords(transitions);
}

/** Nearly every pattern has fewer than 32 characters; its states fit a number, and a match allocates nothing. */
function matchOneWord({ accepting, staying: stayingWords, anyCharacter, byCharacter }: Transitions): WildcardTest {
  const staying = stayingWords[0] ?? 0;
  const otherwise = anyCharacter[0] ?? 0;
  const accepts = new Map([...byCharacter].map(([codePoint, words]) => [codePoint, words[0] ?? 0]));
  return (value) => {
    let states = 1;
    for (let at = 0; at < value.length; ) {
      const codePoint = value.codePointAt(at) ?? 0;
      at += codePoint > 0xffff ? 2 : 1;
      states = ((states << 1) & (accepts.get(codePoint) ?? otherwise)) | (states & staying);
      if (states === 0) return false;
    }
    return ((states >>> accepting) & 1) === 1;
  };
}

function matchWords({ accepting, words, staying, anyCharacter, byCharacter }: Transitions): WildcardTest {
  return (value) => {
    const states = new Uint32Array(words);
    states[0] = 1;
    for (let at = 0; at < value.length; ) {
      const codePoint = value.codePointAt(at) ?? 0;
      at += codePoint > 0xffff ? 2 : 1;
      const accepts = byCharacter.get(codePoint) ?? anyCharacter;
      let carry = 0;
      let alive = 0;
      for (let word = 0; word < words; word += 1) {
        const before = states[word] ?? 0;
        const advanced = ((before << 1) | carry) & (accepts[word] ?? 0);
        const after = advanced | (before & (staying[word] ?? 0));
        carry = before >>> 31;
        states[word] = after;
        alive |= after;
      }
      if (alive === 0) return false;
    }
    return (((states[accepting >>> 5] ?? 0) >>> (accepting & 31)) & 1) === 1;
  };
}
