/**
 * A plain, slow reader of strict JSON to compare the fast one with: it walks the grammar of RFC 8259 with regular expressions and keeps the
 * members of an object as a list, so that a name that stands twice is seen directly.
 */
export function readReferenceJson(text: string): unknown {
  const reader = new Reader(text);
  const value = reader.value(1);
  reader.take(/[ \t\n\r]*/y);
  return reader.isAtEnd() && typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  /** Undefined where the text is refused; no value of JSON is undefined. */
  value(depth: number): unknown {
    this.take(/[ \t\n\r]*/y);
    if (this.take(/\{/y) !== undefined) return depth > 32 ? undefined : this.#object(depth);
    if (this.take(/\[/y) !== undefined) return depth > 32 ? undefined : this.#array(depth);
    const scalar = this.take(/true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y);
    return scalar === undefined ? this.#string() : JSON.parse(scalar);
  }

  #string(): string | undefined {
    const literal = this.take(/"([^"\\\p{Cc}]|[\x7f-\x9f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/uy);
    const text: string | undefined = literal === undefined ? undefined : JSON.parse(literal);
    return text?.isWellFormed() ? text : undefined;
  }

  #array(depth: number): unknown {
    const items: unknown[] = [];
    this.take(/[ \t\n\r]*/y);
    if (this.take(/\]/y) !== undefined) return items;
    do {
      const item = this.value(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
      this.take(/[ \t\n\r]*/y);
    } while (this.take(/,/y) !== undefined);
    return this.take(/\]/y) === undefined ? undefined : items;
  }

  #object(depth: number): unknown {
    const members: [string, unknown][] = [];
    this.take(/[ \t\n\r]*/y);
    if (this.take(/\}/y) === undefined) {
      do {
        this.take(/[ \t\n\r]*/y);
        const name = this.#string();
        if (name === undefined || this.take(/[ \t\n\r]*:/y) === undefined) return undefined;
        const value = this.value(depth + 1);
        if (value === undefined) return undefined;
        members.push([name, value]);
        this.take(/[ \t\n\r]*/y);
      } while (this.take(/,/y) !== undefined);
      if (this.take(/\}/y) === undefined) return undefined;
    }
    if (new Set(members.map(([name]) => name)).size !== members.length) return undefined;
    const object: Record<string, unknown> = Object.create(null);
    for (const [name, value] of members) object[name] = value;
    return object;
  }
}
