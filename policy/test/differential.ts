// The property that the evaluator and the slow evaluator agree, and what was seen while it was held.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type AccessRequest, compilePolicy, evaluate, explain, type Policy, PolicyIndex } from '../src/index.ts';
import * as arbitrary from './arbitraries.ts';
import { instantOf, moments } from './arbitrary-rules.ts';
import { decideSlowly } from './slow-evaluator.ts';
import { catalog } from './world.ts';

/** How many requests were decided, how many permitted, and what the permitting policies had. */
export interface Tally {
  cases: number;
  permits: number;
  byRule: number;
  byAuthorization: number;
  byTags: number;
  byGroup: number;
  byOwner: number;
}

export const newTally = (): Tally => ({ cases: 0, permits: 0, byRule: 0, byAuthorization: 0, byTags: 0, byGroup: 0, byOwner: 0 });

/** How many requests one run decides. */
export const casesPerRun = 40;

const question = fc.record({
  policies: arbitrary.policies,
  resources: arbitrary.clientResources(casesPerRun),
  scope: arbitrary.scope,
  action: arbitrary.action,
  moment: moments,
  context: arbitrary.contexts,
  asker: arbitrary.askers,
});

/** For random policies and requests, both evaluators permit by the same policies, and an explanation decides as they do. */
export function differentialProperty(tally: Tally) {
  return fc.property(question, ({ policies, resources, scope, action, moment, context, asker }) => {
    const at = instantOf(policies, moment);
    const subject = context(at);
    const index = new PolicyIndex();
    for (const policy of policies) index.put(compilePolicy(policy));
    for (const [position, resource] of resources.entries()) {
      const request: AccessRequest = {
        subjectId: asker === undefined ? 'U' : 'crn-crn:v1:…',
        action,
        at,
        ...arbitrary.inventory(resource),
        ...(scope === undefined ? {} : { scope }),
        ...(asker === undefined ? {} : { subjectAttributes: asker }),
      };
      const decision = evaluate(index, catalog, request, subject);
      const expected = decideSlowly(policies, catalog, request, subject);
      assert.deepEqual(decision.permitted ? [...decision.permittedBy].sort() : [], [...expected].sort(), JSON.stringify(request));
      if (position === 0) assert.deepEqual(explain(index, catalog, request, subject).decision, decision);
      count(tally, policies, expected);
    }
  });
}

function count(tally: Tally, policies: readonly Policy[], permitting: readonly string[]): void {
  tally.cases += 1;
  if (permitting.length === 0) return;
  tally.permits += 1;
  if (permitting[0] === 'owner') tally.byOwner += 1;
  const some = (has: (policy: Policy) => boolean) => Number(policies.some((policy) => permitting.includes(policy.id) && has(policy)));
  tally.byRule += some((policy) => policy.rule !== undefined);
  tally.byAuthorization += some((policy) => 'serviceAttributes' in policy.subject);
  tally.byTags += some((policy) => policy.tags.length > 0);
  tally.byGroup += some((policy) => 'accessGroupId' in policy.subject);
}
