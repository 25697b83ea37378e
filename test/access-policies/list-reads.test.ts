/** How much of an account a page of its policies reads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newPolicy } from '../../src/access/policies/policy-changes.ts';
import { createPolicyService, type PolicyDeps, type PolicyFilter } from '../../src/access/policies/policy-service.ts';
import type { ListedPolicy } from '../../src/access/policies/policy-store.ts';
import { systemContext } from '../../src/identity/system-caller.ts';
import { createManualClock } from '../../src/kernel/clock.ts';
import { createIds } from '../../src/kernel/ids.ts';

const MANY = 5000;
const clock = createManualClock(1_000);
const ids = createIds();
const listed: readonly ListedPolicy[] = Array.from({ length: MANY }, (_, index) => {
  const policy = newPolicy(
    { clock, ids },
    'a',
    {
      apiVersion: 1,
      document: {
        type: 'access',
        subjects: [{ attributes: [{ name: 'iam_id', value: `IBMid-${index}` }] }],
        roles: [{ role_id: 'r' }],
        resources: [{ attributes: [{ name: 'accountId', value: 'a' }] }],
      },
    },
    'IBMid-x',
  );
  return { policy, value: index };
});
const filter: PolicyFilter = { accountId: 'a', state: 'active', sort: 'created_at', descending: false, admits: () => true };

interface Counts {
  rows: number;
  decisions: number;
}

/** A service over a store that answers the list alone, and a guard that lets every `visibleEach`th policy be read. */
function counting(visibleEach: number): { readonly counts: Counts; readonly service: ReturnType<typeof createPolicyService> } {
  const counts: Counts = { rows: 0, decisions: 0 };
  const deps: Pick<PolicyDeps, 'guards' | 'clock' | 'ids'> & { reads: Pick<PolicyDeps['reads'], 'listPolicies'> } = {
    clock,
    ids,
    reads: {
      async listPolicies(_query, { place, backwards, limit }) {
        const at = place === undefined ? (backwards ? MANY : -1) : Number(place.value);
        const found = backwards ? listed.slice(Math.max(0, at - limit), at).toReversed() : listed.slice(at + 1, at + 1 + limit);
        counts.rows += found.length;
        return found;
      },
    },
    guards: {
      guardPolicy: async () => undefined,
      mayManage: async (_context, _verb, policy) => {
        counts.decisions += 1;
        const { iamId = '' } = policy.subject as { readonly iamId?: string };
        return Number(iamId.replace('IBMid-', '')) % visibleEach === 0;
      },
    },
  };
  // The list asks for nothing else of what a service is handed.
  return { counts, service: createPolicyService(deps as unknown as PolicyDeps) };
}

const context = systemContext(ids, 'a');

test('a page of one in an account of five thousand reads one batch, and decides about two policies', async () => {
  const { counts, service } = counting(1);
  const page = await service.list(context, filter, 1, undefined);
  assert.deepEqual([page.policies.length, page.next?.value, page.previous], [1, 0, undefined]);
  assert.ok(counts.rows <= 200, `${counts.rows} rows`);
  assert.equal(counts.decisions, 2);
});

test('a page deep in the list reads no more than the first one, either way', async () => {
  for (const backwards of [false, true]) {
    const { counts, service } = counting(1);
    const place = { value: 2500, id: listed[2500]?.policy.id ?? '' };
    const page = await service.list(context, filter, 10, { place, backwards });
    const first = backwards ? 2490 : 2501;
    assert.deepEqual(
      page.policies.map(({ id }) => id),
      listed.slice(first, first + 10).map(({ policy }) => policy.id),
    );
    assert.deepEqual([page.previous?.value, page.next?.value], [first, first + 9]);
    assert.ok(counts.rows <= 200 && counts.decisions <= 11, JSON.stringify(counts));
  }
});

test('where few may be seen it reads on until the page is full, and no further', async () => {
  const { counts, service } = counting(100);
  const page = await service.list(context, filter, 5, undefined);
  assert.deepEqual(
    page.policies.map(({ id }) => listed.findIndex(({ policy }) => policy.id === id)),
    [0, 100, 200, 300, 400],
  );
  assert.equal(page.next?.value, 400);
  assert.equal(counts.decisions, 501);
  assert.ok(counts.rows <= 600);
});

test('where none may be seen it reads all once, and lets others have their turn', async () => {
  const { counts, service } = counting(MANY * 2);
  let turns = 0;
  let isRunning = true;
  const others = (async () => {
    while (isRunning) {
      turns += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const page = await service.list(context, { ...filter, admits: ({ subject }) => subject[0]?.value !== 'IBMid-0' }, 1, undefined);
  isRunning = false;
  await others;
  assert.deepEqual([page.policies, page.next], [[], undefined]);
  assert.equal(counts.rows, MANY);
  assert.ok(turns > 100, `${turns} turns`);
});
