/**
 * A policy enforcement point as the public clients for Go and Python behave: it asks in bulk or one by one, repeats what the server could
 * not answer, and remembers decisions by the obligations and the key pattern that it was given. See the contract of decisions, 3.1.
 */
import { call, type Reply, type Wire } from './world.ts';

export type Attributes = Readonly<Record<string, string>>;

export interface EnforcedRequest {
  readonly subject: Attributes;
  readonly action: string;
  readonly resource: Attributes;
}

export interface Enforced {
  readonly permitted: boolean;
  readonly isFromCache: boolean;
}

export interface EnforcementClientOptions {
  readonly url: string;
  readonly token: string;
  readonly asks: 'one by one' | 'in bulk';
  /** Milliseconds. */
  readonly now?: () => number;
  readonly wait?: (ms: number) => Promise<void>;
}

const DENY_TTL_MS = 120_000;
const DEFAULT_PERMIT_SECONDS = 600;
const MAX_RETRIES = 3;

interface Remembered {
  readonly permitted: boolean;
  readonly until: number;
}

interface Answer {
  readonly permitted: boolean;
  readonly obligation?: Wire;
}

const sorted = (attributes: Attributes) => Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1));

export class EnforcementClient {
  /** How many HTTP requests were sent. */
  sent = 0;
  readonly #options: EnforcementClientOptions;
  readonly #cache = new Map<string, Remembered>();
  #pattern: Wire = { subject: [], resource: [] };

  constructor(options: EnforcementClientOptions) {
    this.#options = options;
  }

  /** Throws where the server gives no decision, with its status in the message. */
  async enforce(request: EnforcedRequest): Promise<Enforced> {
    const remembered = this.#lookUp(request);
    if (remembered !== undefined) return { permitted: remembered, isFromCache: true };
    const answer = this.#options.asks === 'in bulk' ? await this.#askInBulk(request) : await this.#askSingly(request);
    this.#remember(request, answer);
    return { permitted: answer.permitted, isFromCache: false };
  }

  async #askSingly({ subject, action, resource }: EnforcedRequest): Promise<Answer> {
    const item = { subject: { attributes: subject }, action, resource: { attributes: resource }, environment: { attributes: {} } };
    const { body } = await this.#send('POST', '/v2/authz', [item]);
    this.#pattern = body.cacheKeyPattern;
    return body.responses[0].authorizationDecision;
  }

  async #askInBulk({ subject, action, resource }: EnforcedRequest): Promise<Answer> {
    const resources = { sharedAttributes: resource, uniqueAttributes: [{}] };
    const { body } = await this.#send('PUT', '/v2/authz/bulk', { subject: { attributes: subject }, action, resources });
    this.#pattern = body.cacheKeyPattern;
    const [{ decision, obligation }] = body.decisions;
    return { permitted: decision === 'Permit', obligation };
  }

  async #send(method: string, path: string, body: unknown): Promise<Reply<Wire>> {
    const { url, token, wait = async () => undefined } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      this.sent += 1;
      const reply = await call(url, method, path, { token, body });
      if (reply.status === 200) return reply;
      const mayRepeat = reply.status === 429 || reply.status >= 500;
      if (!mayRepeat || attempt === MAX_RETRIES) throw new Error(`no decision: ${reply.status}`);
      await wait(1000 * Number(reply.headers.get('retry-after') ?? '1'));
    }
  }

  get #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  #remember(request: EnforcedRequest, { permitted, obligation }: Answer): void {
    if (!permitted) {
      this.#cache.set(exactKey(request), { permitted, until: this.#now + DENY_TTL_MS });
      return;
    }
    const until = this.#now + 1000 * (obligation.maxCacheAgeSeconds || DEFAULT_PERMIT_SECONDS);
    const kept = { permitted, until };
    // Without attributes in the obligation its own are the request's; an empty object is taken at its word.
    const subject = obligation.subject?.attributes ?? request.subject;
    const resource = obligation.resource?.attributes ?? request.resource;
    const fits = fitsOne(this.#pattern.subject, subject) && fitsOne(this.#pattern.resource, resource);
    for (const action of obligation.actions as readonly string[]) {
      this.#cache.set(fits ? patternKey(subject, resource, action) : exactKey(request), kept);
    }
    if (this.#options.asks === 'in bulk') this.#cache.set(exactKey(request), kept);
  }

  #lookUp(request: EnforcedRequest): boolean | undefined {
    for (const key of this.#keysOf(request)) {
      const found = this.#cache.get(key);
      if (found !== undefined && found.until > this.#now) return found.permitted;
    }
    return undefined;
  }

  *#keysOf(request: EnforcedRequest): Iterable<string> {
    yield exactKey(request);
    for (const ofSubject of this.#pattern.subject as readonly (readonly string[])[]) {
      for (const ofResource of this.#pattern.resource as readonly (readonly string[])[]) {
        const [subject, resource] = [pick(request.subject, ofSubject), pick(request.resource, ofResource)];
        if (subject !== undefined && resource !== undefined) yield patternKey(subject, resource, request.action);
      }
    }
  }
}

const exactKey = ({ subject, action, resource }: EnforcedRequest) => JSON.stringify(['exact', sorted(subject), sorted(resource), action]);

const patternKey = (subject: Attributes, resource: Attributes, action: string) =>
  JSON.stringify(['pattern', sorted(subject), sorted(resource), action]);

function fitsOne(patterns: readonly (readonly string[])[], attributes: Attributes): boolean {
  const names = Object.keys(attributes).sort().join();
  return patterns.some((pattern) => [...pattern].sort().join() === names);
}

function pick(attributes: Attributes, names: readonly string[]): Attributes | undefined {
  if (!names.every((name) => Object.hasOwn(attributes, name))) return undefined;
  return Object.fromEntries(names.map((name) => [name, attributes[name] ?? '']));
}
