import { type Buffer, isUtf8 } from 'node:buffer';
import { JwtError } from './errors.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A frozen object without a prototype: `__proto__` and `constructor` are plain member names, and absent members are undefined. */
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** How deep objects and arrays may nest; the outermost object is 1. */
export const maxJsonDepth = 32;

/**
 * Reads the JSON object (RFC 8259) in `bytes`, as strictly as RFC 7515 section 4 allows and RFC 7493 section 2 advises: valid UTF-8 without a
 * byte order mark, no member name twice in an object at any depth, no lone surrogate in a string, at most 32 levels. Numbers are as
 * `JSON.parse` reads them. Throws `malformed`. The caller limits the size.
 *
 * `JSON.parse` itself is not used on objects. It hides repeated names; and in V8 13.6 it can misread a name that is written with an escape,
 * depending on objects that the process parsed before (nodejs/node#63785), so that a stranger's token could change how another is read.
 * As measured, it would not be faster with the checks around it.
 */
export function parseJsonObject(bytes: Buffer): JsonObject {
  if (!isUtf8(bytes)) throw new JwtError('malformed', 'The JSON text is not valid UTF-8.');
  return new JsonReader(bytes.toString('utf8')).document();
}

const code = {
  tab: 0x09,
  lineFeed: 0x0a,
  carriageReturn: 0x0d,
  space: 0x20,
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonObject {
    if (this.#peek() !== code.openBrace) throw new JwtError('malformed', 'The JSON text is not an object.');
    const object = this.#object(1);
    if (!Number.isNaN(this.#peek())) throw invalid();
    return object;
  }

  /** The next unit that is not white space, which stays unread; NaN at the end. */
  #peek(): number {
    let unit = this.#text.charCodeAt(this.#at);
    while (isSpace(unit)) unit = this.#text.charCodeAt(++this.#at);
    return unit;
  }

  #take(expected: number): void {
    if (this.#peek() !== expected) throw invalid();
    this.#at++;
  }

  /** Reads the comma between two elements; or the closing unit, and then returns false. */
  #takeComma(closing: number): boolean {
    if (this.#peek() === code.comma) {
      this.#at++;
      return true;
    }
    this.#take(closing);
    return false;
  }

  #value(depth: number): JsonValue {
    const unit = this.#peek();
    if (unit === code.quote) return this.#string();
    if (unit === code.openBrace) return this.#object(depth + 1);
    if (unit === code.openBracket) return this.#array(depth + 1);
    return this.#scalar();
  }

  #object(depth: number): JsonObject {
    this.#open(depth);
    const object: Record<string, JsonValue> = Object.create(null);
    if (this.#peek() === code.closeBrace) this.#at++;
    else {
      do {
        if (this.#peek() !== code.quote) throw invalid();
        const name = this.#string();
        if (name in object) throw new JwtError('malformed', 'A JSON object has a member name twice.');
        this.#take(code.colon);
        object[name] = this.#value(depth);
      } while (this.#takeComma(code.closeBrace));
    }
    return Object.freeze(object);
  }

  #array(depth: number): readonly JsonValue[] {
    this.#open(depth);
    const array: JsonValue[] = [];
    if (this.#peek() === code.closeBracket) this.#at++;
    else {
      do array.push(this.#value(depth));
      while (this.#takeComma(code.closeBracket));
    }
    return Object.freeze(array);
  }

  #open(depth: number): void {
    if (depth > maxJsonDepth) throw new JwtError('malformed', `The JSON text nests deeper than ${maxJsonDepth} levels.`);
    this.#at++;
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at;
    let at = start + 1;
    let hasEscape = false;
    for (let unit = text.charCodeAt(at); unit !== code.quote; unit = text.charCodeAt(at)) {
      if (!(unit >= code.space)) throw invalid(); // a control character, or the end
      if (unit === code.backslash) {
        hasEscape = true;
        at++;
      }
      at++;
    }
    this.#at = at + 1;
    return hasEscape ? decodeString(text.slice(start, at + 1)) : text.slice(start + 1, at);
  }

  /** A number, true, false or null: `JSON.parse` knows their grammar, and nothing that starts otherwise gets to it. */
  #scalar(): number | boolean | null {
    const start = this.#at;
    while (!isDelimiter(this.#text.charCodeAt(this.#at))) this.#at++;
    return parseScalar(this.#text.slice(start, this.#at)) as number | boolean | null;
  }
}

function isSpace(unit: number): boolean {
  return unit === code.space || unit === code.lineFeed || unit === code.carriageReturn || unit === code.tab;
}

function isDelimiter(unit: number): boolean {
  return unit === code.comma || unit === code.closeBrace || unit === code.closeBracket || isSpace(unit) || Number.isNaN(unit);
}

function decodeString(literal: string): string {
  const text = String(parseScalar(literal));
  // Only an escape can produce one, because the bytes are valid UTF-8.
  if (!text.isWellFormed()) throw new JwtError('malformed', 'A JSON string contains a lone surrogate.');
  return text;
}

function parseScalar(literal: string): unknown {
  try {
    return JSON.parse(literal);
  } catch {
    throw invalid(); // The SyntaxError quotes the text, so it goes no further.
  }
}

function invalid(): JwtError {
  return new JwtError('malformed', 'The text is not valid JSON.');
}
