import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AccessRequest, cacheKeyPattern, evaluate, type Obligation } from '../src/index.ts';
import * as arbitrary from './arbitraries.ts';
import { catalog, indexOf } from './world.ts';

type Attributes = Readonly<Record<string, string>>;
interface ClientRequest {
  readonly subject: Attributes;
  readonly action: string;
  readonly resource: Attributes;
}

/** Remembers permits the way public enforcement clients do; see the contract, "Obligations and caching". */
class ClientCache {
  readonly #permits = new Set<string>();
  readonly #storesExact: boolean;

  constructor(storesExact: boolean) {
    this.#storesExact = storesExact;
  }

  store(request: ClientRequest, obligation: Obligation): void {
    const subject: Attributes = { ...obligation.subject };
    const resource = obligation.resource ?? request.resource;
    for (const action of obligation.actions) {
      const fits = fitsPattern(cacheKeyPattern.subject, subject) && fitsPattern(cacheKeyPattern.resource, resource);
      this.#permits.add(fits ? JSON.stringify(['pattern', sorted(subject), sorted(resource), action]) : exactKey(request));
    }
    if (this.#storesExact) this.#permits.add(exactKey(request));
  }

  answers(request: ClientRequest): boolean {
    if (this.#permits.has(exactKey(request))) return true;
    return cacheKeyPattern.subject.some((subjectPattern) =>
      cacheKeyPattern.resource.some((resourcePattern) => {
        const subject = pick(request.subject, subjectPattern);
        const resource = pick(request.resource, resourcePattern);
        if (subject === undefined || resource === undefined) return false;
        return this.#permits.has(JSON.stringify(['pattern', sorted(subject), sorted(resource), request.action]));
      }),
    );
  }
}

const sorted = (attributes: Attributes) => Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1));
const exactKey = (request: ClientRequest) => JSON.stringify(['exact', sorted(request.subject), sorted(request.resource), request.action]);

function fitsPattern(patterns: readonly (readonly string[])[], attributes: Attributes): boolean {
  const names = Object.keys(attributes).sort().join();
  return patterns.some((pattern) => [...pattern].sort().join() === names);
}

function pick(attributes: Attributes, pattern: readonly string[]): Attributes | undefined {
  if (!pattern.every((name) => Object.hasOwn(attributes, name))) return undefined;
  return Object.fromEntries(pattern.map((name) => [name, attributes[name] ?? '']));
}

const requests: fc.Arbitrary<readonly ClientRequest[]> = arbitrary.clientResources.chain((resources) =>
  fc.tuple(
    ...resources.map((resource) =>
      fc
        .tuple(fc.constantFrom('U', 'V'), arbitrary.scope, arbitrary.action)
        .map(([id, scope, action]): ClientRequest => ({ subject: scope === undefined ? { id } : { id, scope }, action, resource })),
    ),
  ),
);

function ask(index: ReturnType<typeof indexOf>, request: ClientRequest, isOwner: boolean) {
  const scope = request.subject.scope;
  const asked: AccessRequest = {
    subjectId: request.subject.id ?? '',
    action: request.action,
    ...arbitrary.inventory(request.resource),
    ...(scope === undefined ? {} : { scope }),
  };
  return evaluate(index, catalog, asked, {
    groups: ['G'],
    isOwner: isOwner && request.resource.accountId === 'A' && asked.subjectId === 'V',
  });
}

describe('a client that caches permits as their obligations say', () => {
  for (const [name, isBulk] of [
    ['one by one', false],
    ['in bulk', true],
  ] as const) {
    it(`answers, asking ${name}, only what the server would permit`, () => {
      let answered = 0;
      const property = fc.property(arbitrary.policies, requests, fc.boolean(), (policies, asked, isOwner) => {
        const index = indexOf(...policies);
        const cache = new ClientCache(isBulk);
        for (const request of asked) {
          const decision = ask(index, request, isOwner);
          if (cache.answers(request)) {
            answered += 1;
            assert.equal(decision.permitted, true, JSON.stringify(request));
          }
          if (decision.permitted) cache.store(request, decision.obligation);
        }
      });
      fc.assert(property, { numRuns: 1_000 });
      assert.ok(answered > 1_000, `only ${answered} requests were answered from the cache`);
    });
  }
});
