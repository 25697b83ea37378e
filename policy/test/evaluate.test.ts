import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evaluate } from '../src/index.ts';
import { administrator, catalog, decide, indexOf, manager, owner, permits, policy, reader, request, stranger, viewer } from './world.ts';

describe('a decision', () => {
  it('is a deny with reason IAM where nothing is granted', () => {
    assert.deepEqual(decide([], request({ serviceName: 'kms' })), { permitted: false, reason: 'IAM' });
  });

  it('names every policy that permits, each once', () => {
    const policies = [
      { id: 'own', on: { serviceName: 'kms' } },
      { id: 'wide', on: { serviceType: 'service' } },
      { id: 'grouped', group: 'G', on: { serviceName: 'kms' } },
      { id: 'elsewhere', on: { serviceName: 'books' } },
    ];
    const decision = decide(policies, request({ serviceName: 'kms' }), { groups: ['G', 'G'], isOwner: false });
    assert.ok(decision.permitted);
    assert.deepEqual([...decision.permittedBy].sort(), ['grouped', 'own', 'wide']);
  });

  it('is a deny when the request names no account', () => {
    const index = indexOf(policy({ on: { serviceName: 'kms' } }));
    for (const resource of [{ serviceName: 'kms' }, { serviceName: 'kms', accountId: '' }]) {
      assert.equal(evaluate(index, catalog, { ...request({}), resource }, stranger).permitted, false);
      assert.equal(evaluate(index, catalog, { ...request({}), resource }, owner).permitted, false);
    }
  });

  it('keeps a policy to its own account, whatever its clauses say', () => {
    const lax = {
      ...policy({ on: { serviceName: 'kms' } }),
      resource: [{ key: 'serviceName', operator: 'stringEquals', value: 'kms' }],
    } as const;
    assert.equal(evaluate(indexOf(lax), catalog, request({ serviceName: 'kms' }), stranger).permitted, true);
    assert.equal(evaluate(indexOf(lax), catalog, request({ serviceName: 'kms', accountId: 'B' }), stranger).permitted, false);
  });

  it('holds nowhere by a clause on another account than its own', () => {
    const odd = { ...policy({ on: { serviceName: 'kms' } }), accountId: 'B' };
    for (const accountId of ['A', 'B']) {
      assert.equal(evaluate(indexOf(odd), catalog, request({ serviceName: 'kms', accountId }), stranger).permitted, false);
    }
  });

  it('covers a child service by its parent, and not a service whose name merely begins alike', () => {
    const policies = [{ on: { serviceName: 'kms' } }];
    assert.equal(permits(policies, request({ serviceName: 'kms.child' })), true);
    assert.equal(permits(policies, request({ serviceName: 'kms.child.deeper' })), true);
    assert.equal(permits(policies, request({ serviceName: 'kmsx' })), false);
    assert.equal(permits([{ on: { serviceName: 'kms.child' } }], request({ serviceName: 'kms' })), false);
    assert.equal(permits([{ on: { serviceType: 'service' } }], request({ serviceName: 'kms.child' })), true);
  });

  it('computes serviceType and service_group_id and does not believe the request', () => {
    const typed = [{ on: { serviceType: 'platform_service' } }];
    assert.equal(permits(typed, request({ serviceName: 'kms', serviceType: 'platform_service' })), false);
    assert.equal(permits(typed, request({ serviceName: 'iam-groups', serviceType: 'service' })), true);
    const grouped = [{ on: { service_group_id: 'IAM' } }];
    assert.equal(permits(grouped, request({ serviceName: 'kms', service_group_id: 'IAM' })), false);
    assert.equal(permits(grouped, request({ serviceName: 'billing' })), false);
    assert.equal(permits(grouped, request({ serviceName: 'iam-groups' })), true);
    assert.equal(permits([{ on: { serviceType: 'service' } }], request({ serviceName: 'unregistered' })), false);
  });

  it('needs every tag clause to be met by an attached tag', () => {
    const tagged = [
      {
        on: { serviceType: 'service' },
        tags: [
          ['project', 'stringEquals', 'prototype'],
          ['env', 'stringMatch', 'te*'],
        ] as const,
      },
    ];
    const withTags = (...resourceTags: string[]) => permits(tagged, request({ serviceName: 'kms' }, { resourceTags }));
    assert.equal(withTags('project:prototype', 'env:test'), true);
    assert.equal(withTags('project:prototype', 'project:other', 'env:prod', 'env:test'), true);
    assert.equal(withTags('project:prototype'), false);
    assert.equal(withTags('project:other', 'env:test'), false);
    assert.equal(withTags('xproject:prototype', 'env:test'), false);
    assert.equal(permits(tagged, request({ serviceName: 'kms' })), false);
  });

  it('never combines the roles of one policy with the resources of another', () => {
    const policies = [
      { roles: [viewer], on: { serviceName: 'kms' } },
      { roles: [manager], on: { serviceName: 'books' } },
    ];
    assert.equal(permits(policies, request({ serviceName: 'kms' }, { action: 'data.delete' })), false);
  });

  it('gives nothing for an unknown role or an unknown action', () => {
    assert.equal(permits([{ roles: ['crn:gone'], on: { serviceName: 'kms' } }], request({ serviceName: 'kms' })), false);
    assert.equal(permits([{ on: { serviceName: 'kms' } }], request({ serviceName: 'kms' }, { action: 'nonsense' })), false);
  });
});

describe('the scope of a token', () => {
  const policies = [{ on: { serviceType: 'service' } }];
  const withScope = (scope: string, serviceName: string) => permits(policies, request({ serviceName }, { scope }));

  it('restricts nothing while it names no service', () => {
    for (const scope of ['', 'ibm', 'ibm openid', ' openid  email profile roles ibm ']) assert.equal(withScope(scope, 'kms'), true);
  });

  it('restricts to the services that it names, and their children', () => {
    assert.equal(withScope('ibm openid kms', 'kms'), true);
    assert.equal(withScope('ibm openid kms', 'kms.child'), true);
    assert.equal(withScope('ibm openid kms books', 'books'), true);
    assert.equal(withScope('ibm openid kms', 'books'), false);
  });

  it('restricts the owner too, and a request that names no service', () => {
    assert.equal(permits([], request({ serviceName: 'books' }, { scope: 'ibm openid kms' }), owner), false);
    assert.equal(permits([{ on: { resourceGroupId: 'r' } }], request({ resourceGroupId: 'r' }, { scope: 'ibm openid kms' })), false);
  });
});

describe('the account owner', () => {
  const asOwner = (serviceName: string, action: string) => decide([], request({ serviceName }, { action }), owner);

  it('is Administrator everywhere and Manager on IAM-enabled services', () => {
    for (const [service, action] of [
      ['kms', 'instance.create'],
      ['kms', 'data.delete'],
      ['iam-groups', 'instance.create'],
    ] as const) {
      assert.deepEqual(asOwner(service, action), {
        permitted: true,
        permittedBy: ['owner'],
        obligation: { actions: [action], subject: { id: 'U', scope: 'ibm openid' }, maxCacheAgeSeconds: 600 },
      });
    }
    assert.equal(asOwner('iam-groups', 'data.delete').permitted, false);
    assert.equal(asOwner('unregistered', 'instance.create').permitted, false);
  });

  it('needs a policy for what Administrator and Manager lack', () => {
    assert.equal(asOwner('kms', 'data.read').permitted, false);
    const decision = decide(
      [{ id: 'p', roles: [reader], on: { serviceName: 'kms' } }],
      request({ serviceName: 'kms' }, { action: 'data.read' }),
      owner,
    );
    assert.deepEqual(decision.permitted && decision.permittedBy, ['p']);
  });
});

describe('names from the prototype of objects', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

  it('are absent attributes unless the request carries them', () => {
    for (const name of names) {
      const exists = [{ on: { serviceName: 'kms' }, where: [[name, 'stringExists', true]] as const }];
      assert.equal(permits(exists, request({ serviceName: 'kms' })), false, name);
      const absent = [{ on: { serviceName: 'kms' }, where: [[name, 'stringExists', false]] as const }];
      assert.equal(permits(absent, request({ serviceName: 'kms' })), true, name);
      const carried = JSON.parse(`{"accountId":"A","serviceName":"kms","${name}":"x"}`) as Record<string, string>;
      assert.equal(
        evaluate(indexOf(policy(exists[0] ?? {})), catalog, { ...request({}), resource: carried }, stranger).permitted,
        true,
        name,
      );
    }
  });

  it('cannot stand in for an account, a service, a subject, a role or an action', () => {
    for (const name of names) {
      assert.equal(permits([{ on: { serviceName: 'kms' } }], request({ serviceName: name })), false);
      assert.equal(permits([{ on: { serviceName: 'kms' } }], request({ serviceName: 'kms' }, { action: name })), false);
      assert.equal(permits([{ on: { serviceName: 'kms' }, roles: [name] }], request({ serviceName: 'kms' })), false);
      assert.equal(permits([{ on: { serviceName: 'kms' } }], request({ serviceName: 'kms' }, { subjectId: name })), false);
      const inherited = Object.create({ accountId: 'A', serviceName: 'kms' }) as Record<string, string>;
      assert.equal(permits([{ on: { serviceName: 'kms' } }], { ...request({}), resource: inherited }), false);
    }
  });
});

describe('the nearest miss of a deny', () => {
  const nearest = (policies: Parameters<typeof decide>[0], asked: Parameters<typeof decide>[1]) => {
    const decision = decide(policies, asked);
    assert.equal(decision.permitted, false);
    return decision.permitted ? undefined : decision.nearest;
  };

  it('is the policy that failed on the fewest clauses, with what was expected and what came', () => {
    const policies = [
      { id: 'far', on: { serviceName: 'kms', serviceInstance: 'i2', region: 'eu-de' } },
      { id: 'near', on: { serviceName: 'kms', serviceInstance: 'i1' } },
    ];
    assert.deepEqual(nearest(policies, request({ serviceName: 'kms', serviceInstance: 'i9' })), {
      policyId: 'near',
      missed: [{ kind: 'attribute', key: 'serviceInstance', expected: 'i1', actual: 'i9' }],
    });
  });

  it('names a role that lacks the action, a missing attribute and a missing tag', () => {
    const policies = [
      {
        id: 'p',
        on: { serviceName: 'kms' },
        where: [['resource', 'stringMatchAnyOf', ['a*', 'b']]] as const,
        tags: [['env', 'stringEquals', 'test']] as const,
      },
    ];
    assert.deepEqual(nearest(policies, request({ serviceName: 'kms' }, { action: 'data.read', resourceTags: ['env:prod', 'env:dev'] })), {
      policyId: 'p',
      missed: [
        { kind: 'attribute', key: 'resource', expected: 'stringMatchAnyOf a*, b' },
        { kind: 'tag', key: 'env', expected: 'test', actual: 'prod, dev' },
        { kind: 'role', expected: 'data.read', actual: viewer },
      ],
    });
  });

  it('falls back to a policy on another service', () => {
    assert.deepEqual(nearest([{ id: 'p', on: { serviceName: 'kms' } }], request({ serviceName: 'books' })), {
      policyId: 'p',
      missed: [{ kind: 'attribute', key: 'serviceName', expected: 'kms', actual: 'books' }],
    });
  });

  it('never names a policy of another account or another subject', () => {
    const policies = [
      { account: 'B', on: { serviceName: 'kms' } },
      { who: 'V', on: { serviceName: 'kms' } },
    ];
    assert.equal(nearest(policies, request({ serviceName: 'kms' })), undefined);
  });

  it('costs little for a subject with very many policies', () => {
    const index = indexOf(
      ...Array.from({ length: 20_000 }, (_, at) =>
        policy({ roles: [administrator], on: { serviceName: 'kms', serviceInstance: `i${at}` } }),
      ),
    );
    const started = performance.now();
    evaluate(index, catalog, request({ serviceName: 'books' }), stranger);
    assert.ok(performance.now() - started < 50);
  });
});
