/**
 * Finds what a TypeScript file imports, from its text alone: TypeScript 7 has no stable parser to ask. Comments, strings, templates
 * and regular expressions are read as such, so that an import inside one of them is not an import.
 */

/** How an import names its target: a `type` import leaves nothing behind at run time; a `thread` starts the file as a worker. */
export type ImportKind = 'value' | 'type' | 'thread';

export interface FoundImport {
  /** Undefined where the specifier is computed, which no rule can check. */
  readonly specifier: string | undefined;
  readonly kind: ImportKind;
  readonly line: number;
}

interface Token {
  readonly kind: 'word' | 'string' | 'template' | 'regex' | 'sign';
  /** The word or sign itself; of a string or a template without `${}`, its content. */
  readonly text: string;
  readonly line: number;
}

/** Words after which a slash begins a regular expression; after any other word it divides. */
const BEFORE_OPERAND = new Set('return typeof case in of instanceof new delete void throw do else await yield default extends'.split(' '));

const opensRegex = (previous: Token | undefined): boolean => {
  if (previous === undefined) return true;
  if (previous.kind === 'word') return BEFORE_OPERAND.has(previous.text);
  return previous.kind === 'sign' && ![')', ']', '}'].includes(previous.text);
};

const TRIVIA = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const WORD = /[\p{ID_Start}$_\d#@][\p{ID_Continue}$\u200c\u200d]*/uy;
const QUOTED = /'(?:[^'\\\n]|\\[\s\S])*'?|"(?:[^"\\\n]|\\[\s\S])*"?/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const TEMPLATE_TEXT = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y;

const tokens = (text: string): Token[] => {
  const found: Token[] = [];
  /** One entry a template whose `${` is open: how many braces its expression has open. */
  const openTemplates: number[] = [];
  let at = 0;
  let line = 1;

  const read = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text)?.[0];
    if (match === undefined || match === '') return undefined;
    at += match.length;
    return match;
  };
  const add = (kind: Token['kind'], content: string, source: string): void => {
    found.push({ kind, text: content, line });
    line += source.split('\n').length - 1;
  };
  /** From behind a backquote or behind the brace that closes an expression, to the next `${` or the end. */
  const readTemplate = (isStart: boolean): void => {
    const content = read(TEMPLATE_TEXT) ?? '';
    const isEnd = text[at] !== '$';
    at += isEnd ? 1 : 2;
    if (!isEnd) openTemplates.push(0);
    add('template', isStart && isEnd ? content : '', content);
  };

  while (at < text.length) {
    const trivia = read(TRIVIA);
    if (trivia !== undefined) {
      line += trivia.split('\n').length - 1;
      continue;
    }
    const sign = text.charAt(at);
    const word = read(WORD);
    if (word !== undefined) {
      add('word', word, word);
      continue;
    }
    const quoted = read(QUOTED);
    if (quoted !== undefined) {
      add('string', quoted.slice(1, -1), quoted);
      continue;
    }
    const regex = sign === '/' && opensRegex(found.at(-1)) ? read(REGEX) : undefined;
    if (regex !== undefined) {
      add('regex', regex, regex);
      continue;
    }
    at += 1;
    if (sign === '`') {
      readTemplate(true);
      continue;
    }
    const braces = openTemplates.at(-1);
    if (sign === '}' && braces === 0) {
      openTemplates.pop();
      readTemplate(false);
      continue;
    }
    if (braces !== undefined && sign === '{') openTemplates[openTemplates.length - 1] = braces + 1;
    if (braces !== undefined && sign === '}') openTemplates[openTemplates.length - 1] = braces - 1;
    add('sign', sign, sign);
  }
  return found;
};

const isSign = (token: Token | undefined, text: string): boolean => token?.kind === 'sign' && token.text === text;
const isWord = (token: Token | undefined, text: string): boolean => token?.kind === 'word' && token.text === text;

/** The specifier after the `from` that ends the clause beginning at `start`: names, `*`, braces and commas, nothing else. */
const fromClause = (all: readonly Token[], start: number): string | undefined => {
  for (let index = start; index < all.length; index += 1) {
    const token = all[index];
    const next = all[index + 1];
    if (isWord(token, 'from') && next?.kind === 'string') return next.text;
    // A name in braces may be a string: `import { 'a b' as c } from …`.
    if (token?.kind === 'word' || token?.kind === 'string') continue;
    if (!['{', '}', ',', '*'].some((sign) => isSign(token, sign))) return undefined;
  }
  return undefined;
};

/** `import type from 'x'` and `import type, { y } from 'x'` import a value that is called `type`. */
const isTypeOnly = (all: readonly Token[], index: number): boolean => {
  if (!isWord(all[index + 1], 'type') || isSign(all[index + 2], ',')) return false;
  return !isWord(all[index + 2], 'from') || isWord(all[index + 3], 'from');
};

/** `import('x')`, also as a type: what only a run could tell apart counts as a value. */
const calledImport = (all: readonly Token[], index: number): FoundImport => {
  const argument = all[index + 2];
  const isLiteral = argument?.kind === 'string' || (argument?.kind === 'template' && argument.text !== '');
  const isWhole = isSign(all[index + 3], ')') || isSign(all[index + 3], ',');
  return { specifier: isLiteral && isWhole ? argument.text : undefined, kind: 'value', line: all[index]?.line ?? 0 };
};

/** `new URL('./thread.ts', import.meta.url)`, which is how a worker thread names its file. */
const threadAt = (all: readonly Token[], index: number): FoundImport | undefined => {
  const argument = all[index + 3];
  if (!isWord(all[index + 1], 'URL') || !isSign(all[index + 2], '(') || argument?.kind !== 'string') return undefined;
  const isBesideThis = isSign(all[index + 4], ',') && isWord(all[index + 5], 'import');
  return isBesideThis && argument.text.endsWith('.ts') ? { specifier: argument.text, kind: 'thread', line: argument.line } : undefined;
};

const importAt = (all: readonly Token[], index: number): FoundImport | undefined => {
  const token = all[index];
  if (token?.kind !== 'word' || isSign(all[index - 1], '.')) return undefined;
  const next = all[index + 1];
  if (token.text === 'new') return threadAt(all, index);
  if (token.text === 'require' && isSign(next, '(')) {
    // A method may be called `require`; the function of that name is always given its module literally.
    const required = calledImport(all, index);
    return required.specifier === undefined ? undefined : required;
  }
  if (token.text === 'import') {
    if (isSign(next, '(')) return calledImport(all, index);
    if (next?.kind === 'string') return { specifier: next.text, kind: 'value', line: token.line };
  } else if (token.text === 'export') {
    const clause = isWord(next, 'type') ? all[index + 2] : next;
    if (!isSign(clause, '{') && !isSign(clause, '*')) return undefined;
  } else return undefined;
  const specifier = fromClause(all, index + 1);
  if (specifier === undefined) return undefined;
  return { specifier, kind: isTypeOnly(all, index) ? 'type' : 'value', line: token.line };
};

/** Every import of the file, re-exports included, in the order of their lines. */
export const findImports = (text: string): readonly FoundImport[] => {
  const all = tokens(text);
  return all.flatMap((_, index) => importAt(all, index) ?? []);
};
