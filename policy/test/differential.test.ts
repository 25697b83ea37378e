import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AccessRequest, evaluate } from '../src/index.ts';
import * as arbitrary from './arbitraries.ts';
import { decideSlowly } from './slow-evaluator.ts';
import { catalog, indexOf } from './world.ts';

const contexts = fc.record({ groups: fc.subarray(['G', 'H']), isOwner: fc.boolean() });

describe('the evaluator and the slow evaluator', () => {
  it('permit by the same policies, whatever the policies and the request are', () => {
    let permits = 0;
    const property = fc.property(
      arbitrary.policies,
      arbitrary.clientResources,
      arbitrary.scope,
      arbitrary.action,
      contexts,
      (policies, resources, scope, action, subject) => {
        const index = indexOf(...policies);
        for (const resource of resources) {
          const request: AccessRequest = {
            subjectId: 'U',
            action,
            ...arbitrary.inventory(resource),
            ...(scope === undefined ? {} : { scope }),
          };
          const decision = evaluate(index, catalog, request, subject);
          const expected = decideSlowly(policies, catalog, request, subject);
          assert.deepEqual(decision.permitted ? [...decision.permittedBy].sort() : [], [...expected].sort());
          if (expected.length > 0 && expected[0] !== 'owner') permits += 1;
        }
      },
    );
    fc.assert(property, { numRuns: 500 });
    assert.ok(permits > 500, `only ${permits} cases permitted`);
  });
});
