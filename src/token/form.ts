/** The parameters of a token request: form and query merged, trimmed, each with one value. */
import { DomainError } from '../kernel/errors.ts';

export class Parameters {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  /** The value, or undefined where it is missing or empty. */
  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** The value; throws the error that IBM's endpoint gives for a missing or empty parameter. */
  require(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) throw missing(name);
    return value;
  }
}

export function missing(name: string): DomainError {
  return new DomainError('property_missing', { details: `Property '${name}' either missing or empty.` });
}

/** A caller's text for an error that repeats it: cut, and printable ASCII only. */
export const printable = (text: string, limit: number): string => text.slice(0, limit).replace(/[^\x20-\x7e]/g, '?');

const MAX_NAME = 60;

function collect(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, raw] of new URLSearchParams(text)) {
    const value = raw.trim();
    if (value === '') continue;
    const earlier = values.get(name);
    if (earlier !== undefined && earlier !== value) {
      throw new DomainError('property_missing', {
        message: 'Property given twice.',
        details: `Property '${printable(name, MAX_NAME)}' is given more than once with differing values; exactly one value is expected.`,
      });
    }
    values.set(name, value);
  }
  return values;
}

/** Reads a form body and a query string; the body wins where both name a parameter. */
export function readParameters(body: string, query: string): Parameters {
  const fromBody = collect(body);
  if (query !== '') {
    for (const [name, value] of collect(query)) {
      if (!fromBody.has(name)) fromBody.set(name, value);
    }
  }
  return new Parameters(fromBody);
}
