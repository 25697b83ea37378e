/**
 * The `filter` grammar of IBM's identity API: `name co "Foo" and (description sw "x" or name ew_ci "y")`.
 * `and` binds tighter than `or`; a missing description never matches.
 */
import { DomainError } from '../kernel/errors.ts';

export type FilterField = 'name' | 'description';
export type FilterOperator = 'sw' | 'ew' | 'co' | 'sw_ci' | 'ew_ci' | 'co_ci';

export type Filter =
  | { readonly kind: 'compare'; readonly field: FilterField; readonly operator: FilterOperator; readonly value: string }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Filter[] };

const FIELDS = new Set<string>(['name', 'description']);
const OPERATORS = new Set<string>(['sw', 'ew', 'co', 'sw_ci', 'ew_ci', 'co_ci']);
const MAX_LENGTH = 1000;
const MAX_DEPTH = 16;
/** Each of them is tried on every object of the account, while all others wait for the store. */
const MAX_COMPARISONS = 10;
const TOKEN = /\s*(?:(\(|\))|"((?:[^"\\]|\\["\\])*)"|([A-Za-z_]+))/y;

type Token = { readonly kind: 'paren' | 'text' | 'word'; readonly text: string };

const refuse = (problem: string) =>
  new DomainError('invalid_field', {
    message: `Query parameter 'filter' is not understood: ${problem}.`,
    details:
      'Expected for example: name co "Foo" and description sw "Bar". Fields: name, description. Operators: sw, ew, co, sw_ci, ew_ci, co_ci.',
  });

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw refuse(`unexpected text at position ${at + 1}`);
    if (match[1] !== undefined) tokens.push({ kind: 'paren', text: match[1] });
    else if (match[2] !== undefined) tokens.push({ kind: 'text', text: match[2].replace(/\\(["\\])/g, '$1') });
    else tokens.push({ kind: 'word', text: match[3] ?? '' });
  }
  return tokens;
}

/** Throws `invalid_field` with the place and the reason. */
export function parseFilter(text: string): Filter {
  if (text.length > MAX_LENGTH) throw refuse(`it is longer than ${MAX_LENGTH} characters`);
  const tokens = tokenize(text);
  let place = 0;
  let comparisons = 0;
  const peek = () => tokens[place];
  const isWord = (word: string) => peek()?.kind === 'word' && peek()?.text.toLowerCase() === word;

  function chain(kind: 'and' | 'or', part: (depth: number) => Filter, depth: number): Filter {
    const terms = [part(depth)];
    while (isWord(kind)) {
      place += 1;
      terms.push(part(depth));
    }
    return terms.length === 1 && terms[0] ? terms[0] : { kind, terms };
  }
  const either = (depth: number): Filter => chain('or', both, depth);
  const both = (depth: number): Filter => chain('and', term, depth);

  function term(depth: number): Filter {
    if (depth > MAX_DEPTH) throw refuse('it is nested too deeply');
    const first = tokens[place++];
    if (first?.kind === 'paren' && first.text === '(') {
      const inner = either(depth + 1);
      if (tokens[place++]?.text !== ')') throw refuse('a closing parenthesis is missing');
      return inner;
    }
    const operator = tokens[place++];
    const value = tokens[place++];
    if (first?.kind !== 'word' || !FIELDS.has(first.text))
      throw refuse(first ? `'${first.text}' is not a field` : 'a comparison is missing');
    if (operator?.kind !== 'word' || !OPERATORS.has(operator.text))
      throw refuse(operator ? `'${operator.text}' is not an operator` : `an operator is missing after '${first.text}'`);
    if (value?.kind !== 'text') throw refuse('a value in double quotes is missing');
    comparisons += 1;
    if (comparisons > MAX_COMPARISONS) throw refuse(`it holds more than ${MAX_COMPARISONS} comparisons`);
    return { kind: 'compare', field: first.text as FilterField, operator: operator.text as FilterOperator, value: value.text };
  }

  const filter = either(0);
  if (place < tokens.length) throw refuse(`unexpected '${peek()?.text}'`);
  return filter;
}
