import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canConfer, canManagePolicy, evaluate, type ManageVerb, type Rule, type SubjectContext } from '../src/index.ts';
import { action, clientResources, inventory, policies as somePolicies } from './arbitraries.ts';
import { instantOf, moments } from './arbitrary-rules.ts';
import {
  administrator,
  catalog,
  indexOf,
  manager,
  owner,
  type PolicyText,
  policy,
  reader,
  stranger,
  viewer,
  wednesdayNoon,
} from './world.ts';

type Held = readonly PolicyText[];

function mayManage(held: Held, target: PolicyText, verb: ManageVerb = 'create', at = wednesdayNoon, context: SubjectContext = stranger) {
  const request = { subjectId: 'U', scope: 'ibm openid', verb, policy: policy({ who: 'X', ...target }), at };
  return canManagePolicy(indexOf(...held.map(policy)), catalog, request, context).permitted;
}

function mayConfer(held: Held, targets: Held, context: SubjectContext = stranger, scope = 'ibm openid'): boolean {
  const policies = targets.map((target) => policy({ who: 'X', ...target }));
  return canConfer(indexOf(...held.map(policy)), catalog, { subjectId: 'U', scope, at: wednesdayNoon }, policies, context);
}

const onKms = { on: { serviceName: 'kms' } };
const authorization: PolicyText = { service: { accountId: 'A', serviceName: 'cos' }, roles: [reader], ...onKms };
const verbs = ['create', 'update', 'read', 'delete'] as const;

describe('who may manage an authorization', () => {
  const verbsOf = (held: PolicyText, target = authorization) => verbs.filter((verb) => mayManage([held], target, verb));

  it('is whoever holds every action that it grants, on its target', () => {
    assert.deepEqual(verbsOf({ roles: [reader], ...onKms }), ['create', 'update', 'read', 'delete']);
    assert.deepEqual(verbsOf({ roles: [reader], on: { serviceType: 'service' } }), ['create', 'update', 'read', 'delete']);
    assert.deepEqual(verbsOf({ roles: [viewer], ...onKms }), ['read']);
    assert.deepEqual(verbsOf({ roles: [reader], on: { serviceName: 'books' } }), []);
    assert.deepEqual(verbsOf({ roles: [reader], on: { serviceName: 'kms', serviceInstance: 'i1' } }), []);
  });

  it('is not whoever may make policies without holding what they give, but they may delete it', () => {
    assert.deepEqual(verbsOf({ roles: [administrator], ...onKms }), ['read', 'delete']);
    assert.deepEqual(verbsOf({ roles: [administrator, reader], ...onKms }), ['create', 'update', 'read', 'delete']);
  });

  it('may hold the actions by several policies, each of which covers all of it', () => {
    const both = { ...authorization, roles: [reader, viewer] };
    assert.equal(mayManage([{ roles: [reader], ...onKms }], both), false);
    assert.equal(
      mayManage(
        [
          { roles: [reader], ...onKms },
          { roles: [administrator], ...onKms },
        ],
        both,
      ),
      true,
    );
    const halves = ['i1', 'i2'].map((serviceInstance) => ({ roles: [reader], on: { serviceName: 'kms', serviceInstance } }));
    assert.equal(mayManage(halves, authorization), false);
  });

  it('is the owner, and whoever has the role itself where the service is open', () => {
    const open: PolicyText = { service: { accountId: 'A', serviceName: 'cos' }, roles: [viewer], on: { resourceGroupId: 'rg' } };
    assert.equal(mayManage([], authorization, 'create', wednesdayNoon, owner), true);
    const onBoth = (role: string) => ['service', 'platform_service'].map((serviceType) => ({ roles: [role], on: { serviceType } }));
    assert.equal(mayManage(onBoth(viewer), open), true);
    assert.equal(mayManage(onBoth(viewer).slice(1), open), false);
    // What Viewer gives on each service there is cannot be listed.
    assert.equal(mayManage(onBoth(administrator), open), false);
  });

  it('is nobody by a role that gives nothing yet, unless by that role', () => {
    const empty = { ...authorization, roles: ['crn:gone'] };
    assert.equal(mayManage([{ roles: [administrator, reader, manager], ...onKms }], empty), false);
    assert.equal(mayManage([{ roles: ['crn:gone'], ...onKms }], empty), true);
  });

  it('is nobody by an authorization', () => {
    assert.equal(mayManage([authorization], authorization), false);
  });
});

describe('a right with a rule', () => {
  const administers = { roles: [administrator], ...onKms };
  const open: Rule = { key: '{{environment.attributes.day_of_week}}', operator: 'dayOfWeekEquals', value: 3 };
  const closed: Rule = { ...open, value: 4 };
  const onPath: Rule = { key: '{{resource.attributes.path}}', operator: 'stringMatchAnyOf', value: ['home/*'] };

  it('on time makes nothing that would outlive it, and reads and deletes while it holds', () => {
    assert.deepEqual(
      verbs.filter((verb) => mayManage([{ ...administers, rule: open }], onKms, verb)),
      ['read', 'delete'],
    );
    for (const verb of verbs) assert.equal(mayManage([{ ...administers, rule: closed }], onKms, verb), false, verb);
  });

  it('on the resource covers what has the identical rule, and nothing else', () => {
    const held = [{ ...administers, rule: onPath }];
    assert.equal(mayManage(held, { ...onKms, rule: onPath }), true);
    assert.equal(mayManage(held, { ...onKms, rule: structuredClone(onPath) }), true);
    assert.equal(mayManage(held, onKms), false);
    assert.equal(mayManage(held, { ...onKms, rule: { ...onPath, value: ['home/a*'] } }), false);
    assert.equal(mayManage(held, { ...onKms, rule: { operator: 'or', conditions: [onPath, onPath] } }), false);
    assert.equal(mayManage(held, { on: { serviceName: 'kms', path: 'home/x' } }), false);
    assert.equal(mayManage([{ ...administers, rule: { operator: 'and', conditions: [onPath, open] } }], onKms, 'read'), false);
  });

  it('may cover a target that a rule narrows', () => {
    assert.equal(mayManage([administers], { ...onKms, rule: onPath }), true);
    assert.equal(mayManage([administers], { ...onKms, rule: closed }), true);
  });

  it('does not count after the membership that it came from', () => {
    const held = [{ ...administers, group: 'G' }];
    const until = (end: number) => ({ groups: ['G'], isOwner: false, groupsEndAt: new Map([['G', end]]) });
    assert.equal(mayManage(held, onKms, 'create', wednesdayNoon, until(wednesdayNoon + 1)), true);
    assert.equal(mayManage(held, onKms, 'create', wednesdayNoon, until(wednesdayNoon)), false);
  });

  it('does not count for whom the account excludes', () => {
    assert.equal(mayManage([administers], onKms, 'read', wednesdayNoon, { ...stranger, boundary: 'excluded' }), false);
    assert.equal(mayManage([administers], onKms, 'read', wednesdayNoon, { ...stranger, boundary: 'admitted' }), true);
  });
});

describe('who may confer policies', () => {
  it('is whoever holds every action of each on all that it could match', () => {
    assert.equal(
      mayConfer([{ roles: [reader], ...onKms }], [{ roles: [reader], on: { serviceName: 'kms', serviceInstance: 'i1' } }]),
      true,
    );
    assert.equal(
      mayConfer([{ roles: [reader], on: { serviceName: 'kms', serviceInstance: 'i1' } }], [{ roles: [reader], ...onKms }]),
      false,
    );
    assert.equal(mayConfer([{ roles: [administrator], ...onKms }], [{ roles: [viewer], ...onKms }]), true);
    assert.equal(mayConfer([{ roles: [administrator], ...onKms }], [{ roles: [viewer, manager], ...onKms }]), false);
    assert.equal(
      mayConfer(
        [{ roles: [reader], ...onKms }],
        [
          { roles: [reader], ...onKms },
          { roles: [reader], on: { serviceName: 'books' } },
        ],
      ),
      false,
    );
    assert.equal(mayConfer([], []), true);
  });

  it('is not whoever holds it for some hours, or beyond the scope of the token, or excluded', () => {
    const rule: Rule = { key: '{{environment.attributes.day_of_week}}', operator: 'dayOfWeekEquals', value: 3 };
    const held = { roles: [reader], ...onKms };
    assert.equal(mayConfer([{ ...held, rule }], [held]), false);
    assert.equal(mayConfer([held], [{ ...held, rule }]), true);
    assert.equal(mayConfer([held], [held], stranger, 'ibm openid books'), false);
    assert.equal(mayConfer([held], [held], { ...stranger, boundary: 'excluded' }), false);
  });

  it('is the owner, within the scope of the token', () => {
    assert.equal(mayConfer([], [{ roles: [reader], ...onKms }], owner), true);
    assert.equal(mayConfer([], [{ roles: [reader], ...onKms }], owner, 'ibm openid books'), false);
  });

  it('needs the right on both types of service where the type is open', () => {
    const target = { roles: [viewer], on: { resourceGroupId: 'rg' } };
    const onType = (serviceType: string) => ({ roles: [viewer], on: { serviceType } });
    assert.equal(mayConfer([onType('service')], [target]), false);
    assert.equal(mayConfer([onType('service'), onType('platform_service')], [target]), true);
  });

  it('is not whoever holds it only where an attribute is absent', () => {
    const held: PolicyText = { roles: [reader], ...onKms, where: [['resource', 'stringExists', false]] };
    assert.equal(mayConfer([held], [{ roles: [reader], ...onKms }]), false);
    assert.equal(mayConfer([held], [held]), true);
  });
});

describe('what may be conferred', () => {
  it('is never more than the one who confers may do', () => {
    const seen = { conferred: 0, permits: 0 };
    // Both types of service together count as all that there is.
    const isTyped = ({ serviceName }: Readonly<Record<string, string>>) =>
      serviceName !== undefined && catalog.serviceType(serviceName) !== undefined;
    const question = fc.record({ held: somePolicies, targets: somePolicies, resources: clientResources(30), action, moment: moments });
    const property = fc.property(question, ({ held, targets, resources, action: asked, moment }) => {
      const at = instantOf(held, moment);
      const source = indexOf(...held);
      const context = { groups: ['G'], isOwner: false };
      for (const target of [...held, ...targets]) {
        if ('serviceAttributes' in target.subject || target.accountId !== 'A') continue;
        if (!canConfer(source, catalog, { subjectId: 'U', scope: 'ibm openid', at }, [target], context)) continue;
        seen.conferred += 1;
        const conferred = indexOf({ ...target, subject: { iamId: 'X' } });
        for (const resource of resources.filter(isTyped)) {
          const request = { subjectId: 'X', scope: 'ibm openid', action: asked, at, ...inventory(resource) };
          if (!evaluate(conferred, catalog, request, stranger).permitted) continue;
          seen.permits += 1;
          assert.ok(evaluate(source, catalog, { ...request, subjectId: 'U' }, context).permitted, JSON.stringify([target, request]));
        }
      }
    });
    fc.assert(property, { numRuns: 1_000 });
    assert.ok(seen.conferred > 200 && seen.permits > 50, JSON.stringify(seen));
  });
});
