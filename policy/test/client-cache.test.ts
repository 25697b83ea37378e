import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AccessRequest, cacheKeyPattern, evaluate, type Obligation } from '../src/index.ts';
import * as arbitrary from './arbitraries.ts';
import { instantOf, moments } from './arbitrary-rules.ts';
import { catalog, indexOf } from './world.ts';

type Attributes = Readonly<Record<string, string>>;
interface ClientRequest {
  readonly subject: Attributes;
  readonly action: string;
  readonly resource: Attributes;
}

/** A request, how long after the one before it, and whether its token is of an allowed account, which no cache key names. */
interface TimedRequest extends ClientRequest {
  readonly waitMs: number;
  readonly isAllowed: boolean;
}

/** Remembers permits the way public enforcement clients do; see the contract, "Obligations and caching". */
class ClientCache {
  /** When each permit ends. */
  readonly #permits = new Map<string, number>();
  readonly #storesExact: boolean;

  constructor(storesExact: boolean) {
    this.#storesExact = storesExact;
  }

  store(request: ClientRequest, obligation: Obligation, at: number): void {
    const until = at + obligation.maxCacheAgeSeconds * 1000;
    const subject: Attributes = { ...obligation.subject };
    const resource = obligation.resource ?? request.resource;
    for (const action of obligation.actions) {
      const fits = fitsPattern(cacheKeyPattern.subject, subject) && fitsPattern(cacheKeyPattern.resource, resource);
      const key = fits ? JSON.stringify(['pattern', sorted(subject), sorted(resource), action]) : exactKey({ ...request, action });
      this.#permits.set(key, until);
    }
    if (this.#storesExact) this.#permits.set(exactKey(request), until);
  }

  answers(request: ClientRequest, at: number): boolean {
    const isKept = (key: string) => (this.#permits.get(key) ?? 0) > at;
    if (isKept(exactKey(request))) return true;
    return cacheKeyPattern.subject.some((subjectPattern) =>
      cacheKeyPattern.resource.some((resourcePattern) => {
        const subject = pick(request.subject, subjectPattern);
        const resource = pick(request.resource, resourcePattern);
        if (subject === undefined || resource === undefined) return false;
        return isKept(JSON.stringify(['pattern', sorted(subject), sorted(resource), request.action]));
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

/**
 * Mostly short, so that much is asked before what is remembered ends. No age is less than a second, and in bulk a client keeps what it
 * is told not to keep as long as that: there nobody asks again sooner.
 */
const waits = (isBulk: boolean): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: isBulk ? 0 : 10, arbitrary: fc.constantFrom(0, 1, 100, 499, 500, 999) },
    { weight: 30, arbitrary: fc.constant(1_000) },
    { weight: 8, arbitrary: fc.constantFrom(1_001, 1_500, 7_000, 14_000, 29_000) },
    { weight: 2, arbitrary: fc.constantFrom(60_000, 300_000, 599_000, 600_000, 3_600_000) },
  );

const requests = (isBulk: boolean): fc.Arbitrary<readonly TimedRequest[]> =>
  arbitrary.clientResources(45).chain((resources) =>
    fc.tuple(
      ...resources.map((resource) =>
        fc
          .record({
            id: fc.constantFrom('U', 'U', 'V', 'crn-S'),
            scope: arbitrary.scope,
            action: arbitrary.action,
            waitMs: waits(isBulk),
            isAllowed: fc.boolean(),
          })
          .map(({ id, scope, ...more }): TimedRequest => ({ subject: scope === undefined ? { id } : { id, scope }, resource, ...more })),
      ),
    ),
  );

/** What the server knows: whether V owns account A, whether A admits foreign identities, and when the membership of G ends. */
interface Known {
  readonly isOwner: boolean;
  readonly isLimited: boolean;
  readonly endsAt: number;
}

function ask(index: ReturnType<typeof indexOf>, request: TimedRequest, at: number, { isOwner, isLimited, endsAt }: Known) {
  const { id = '', scope } = request.subject;
  const asked: AccessRequest = {
    subjectId: id,
    action: request.action,
    at,
    ...arbitrary.inventory(request.resource),
    ...(scope === undefined ? {} : { scope }),
    ...(id === 'crn-S' ? { subjectAttributes: { accountId: 'A', serviceName: 'cos', serviceInstance: 's1' } } : {}),
  };
  return evaluate(index, catalog, asked, {
    groups: ['G', 'H'],
    groupsEndAt: new Map([['G', endsAt]]),
    isOwner: isOwner && request.resource.accountId === 'A' && id === 'V',
    boundary: !isLimited || request.resource.accountId === 'B' ? 'open' : request.isAllowed ? 'admitted' : 'excluded',
  });
}

const timelines = fc.record({
  moment: moments,
  lastsMs: fc.constantFrom(500, 10_000, 90_500, 700_000, 1e9),
  isOwner: fc.boolean(),
  isLimited: fc.constantFrom(false, false, true),
});

describe('a client that caches permits as their obligations say', () => {
  for (const [name, isBulk] of [
    ['one by one', false],
    ['in bulk', true],
  ] as const) {
    it(`Z-24: answers, asking ${name}, only what the server would permit at that instant`, () => {
      const answered = { by: 0, byRule: 0, late: 0 };
      const property = fc.property(arbitrary.policies, requests(isBulk), timelines, (policies, asked, { moment, lastsMs, ...timeline }) => {
        const start = instantOf(policies, moment);
        const known = { ...timeline, endsAt: start + lastsMs };
        const index = indexOf(...policies);
        const cache = new ClientCache(isBulk);
        let at = start;
        for (const request of asked) {
          at += request.waitMs;
          const decision = ask(index, request, at, known);
          if (cache.answers(request, at)) {
            assert.equal(decision.permitted, true, `${JSON.stringify(request)} at ${new Date(at).toISOString()}`);
            answered.by += 1;
            if (at > start + 60_000) answered.late += 1;
            if (decision.permitted && decision.permittedBy.some((id) => index.get(id)?.rule !== undefined)) answered.byRule += 1;
          }
          if (decision.permitted) cache.store(request, decision.obligation, at);
        }
      });
      fc.assert(property, { numRuns: 2_000 });
      assert.ok(answered.by > 1_000 && answered.byRule > 50 && answered.late > 200, JSON.stringify(answered));
    });
  }
});
