import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AccessRequest, evaluate, heldRoles } from '../src/index.ts';
import * as arbitrary from './arbitraries.ts';
import { catalog, indexOf, owner, policy, reader, request, stranger, viewer, wednesdayNoon } from './world.ts';

const actions = ['instance.view', 'instance.create', 'data.read', 'kms.manage', 'nonsense'];

describe('the roles that a subject holds on a resource', () => {
  it('give what a decision permits, no action more and none less', () => {
    let permits = 0;
    const property = fc.property(
      arbitrary.policies,
      arbitrary.clientResources(10),
      arbitrary.askers,
      arbitrary.contexts,
      arbitrary.scope,
      (policies, resources, asker, contextAt, scope) => {
        const index = indexOf(...policies);
        const at = wednesdayNoon;
        for (const resource of resources) {
          const asked: Omit<AccessRequest, 'action'> = {
            subjectId: 'U',
            at,
            ...arbitrary.inventory(resource),
            ...(asker === undefined ? {} : { subjectAttributes: asker }),
            ...(scope === undefined ? {} : { scope }),
          };
          const held = heldRoles(index, catalog, asked, contextAt(at));
          assert.equal(new Set(held).size, held.length);
          for (const action of actions) {
            const { permitted } = evaluate(index, catalog, { ...asked, action }, contextAt(at));
            if (permitted) permits += 1;
            assert.equal(
              held.some((roleId) => catalog.actions(roleId, resource.serviceName ?? '').has(action)),
              permitted,
              `${action} on ${JSON.stringify(resource)}`,
            );
          }
        }
      },
    );
    fc.assert(property, { numRuns: 1_000 });
    assert.ok(permits > 1_000, `only ${permits} permits`);
  });

  it('are named once, in the order of the policies, after those of the owner', () => {
    const index = indexOf(
      policy({ who: 'U', roles: [viewer, reader], on: { serviceName: 'kms' } }),
      policy({ who: 'U', roles: [reader], on: { serviceName: 'kms', serviceInstance: 'k1' } }),
      policy({ who: 'U', roles: [viewer], on: { serviceName: 'kms', serviceInstance: 'k2' } }),
    );
    const { action: _, ...asked } = request({ serviceName: 'kms', serviceInstance: 'k1' });
    assert.deepEqual(heldRoles(index, catalog, asked, stranger), [viewer, reader]);
    assert.deepEqual(heldRoles(index, catalog, asked, owner).slice(-2), [viewer, reader]);
    assert.deepEqual(heldRoles(index, catalog, asked, { ...stranger, boundary: 'excluded' }), []);
    assert.deepEqual(heldRoles(index, catalog, { ...asked, resource: { serviceName: 'kms' } }, stranger), []);
  });
});
