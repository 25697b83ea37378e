import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compilePolicy, iamKey, serviceKey } from '../src/index.ts';
import { decide, indexOf, owner, type PolicyText, permits, policy, reader, request, stranger } from './world.ts';

const crn = 'crn-crn:v1:bluemix:public:cos:eu-de:a/A:i1::';
const cos = { accountId: 'A', serviceName: 'cos', serviceInstance: 'i1' };
const asked = (subjectAttributes: Readonly<Record<string, string>>) =>
  request({ serviceName: 'kms' }, { subjectId: crn, subjectAttributes, action: 'data.read' });
const may = (service: NonNullable<PolicyText['service']>, attributes: Readonly<Record<string, string>>) =>
  permits([{ service, roles: [reader], on: { serviceName: 'kms' } }], asked(attributes));

describe('an authorization between services', () => {
  it('holds for the services whose attributes match all that it says', () => {
    assert.equal(may({ accountId: 'A', serviceName: 'cos' }, cos), true);
    assert.equal(may({ accountId: 'A', serviceName: 'cos', serviceInstance: 'i1' }, cos), true);
    assert.equal(may({ accountId: 'A', serviceName: 'cos', serviceInstance: 'i2' }, cos), false);
    assert.equal(may({ accountId: 'B', serviceName: 'cos' }, cos), false);
    assert.equal(may({ accountId: 'A', serviceName: 'kms' }, cos), false);
    assert.equal(may({ accountId: 'A', serviceName: 'cos', region: 'eu-de' }, cos), false);
    assert.equal(may({ accountId: 'A', serviceName: 'cos' }, { ...cos, serviceName: 'cos.child' }), false);
  });

  it('may be for whatever is in a resource group', () => {
    const grouped = { accountId: 'A', resourceGroupId: true };
    assert.equal(may(grouped, { ...cos, resourceGroupId: 'rg1' }), true);
    assert.equal(may(grouped, cos), false);
    assert.equal(may({ accountId: 'A', resourceGroupId: 'rg1' }, { ...cos, resourceGroupId: 'rg2' }), false);
    assert.equal(may(grouped, { accountId: 'A', resourceGroupId: 'rg1' }), true);
  });

  it('finds nothing inherited in what is known of a service', () => {
    assert.equal(may({ accountId: 'A', constructor: true }, cos), false);
    assert.equal(may({ serviceName: 'cos' }, Object.create({ serviceName: 'cos' })), false);
  });

  it('is of the account of the resource', () => {
    const policies = [{ account: 'B', service: { accountId: 'A', serviceName: 'cos' }, roles: [reader], on: { serviceName: 'kms' } }];
    assert.equal(permits(policies, asked(cos)), false);
  });

  it('never applies to an identity or a group, and policies of these never to a service', () => {
    const authorization = [{ service: { serviceName: 'cos' }, roles: [reader], on: { serviceName: 'kms' } }];
    const person = request({ serviceName: 'kms' }, { action: 'data.read' });
    for (const subjectId of ['U', 'cos', crn]) {
      assert.equal(permits(authorization, { ...person, subjectId }, { groups: ['cos', crn], isOwner: false }), false);
    }
    for (const whom of [{ who: crn }, { who: 'cos' }, { group: 'cos' }]) {
      const policies = [{ ...whom, roles: [reader], on: { serviceName: 'kms' } }];
      assert.equal(permits(policies, asked(cos), { groups: ['cos'], isOwner: false }), false);
    }
  });

  it('is all that a service has: it owns nothing and is in no group', () => {
    assert.equal(permits([], { ...asked(cos), action: 'instance.create' }, owner), false);
    const decision = decide([{ group: 'G', on: { serviceName: 'kms' } }], asked(cos), { groups: ['G'], isOwner: true });
    assert.deepEqual(decision, { permitted: false, reason: 'IAM' });
  });

  it('permits with an obligation for its identity, and names what it asks of the service when it misses', () => {
    const policies = [{ id: 'p', service: { serviceName: 'cos', serviceInstance: 'i2' }, roles: [reader], on: { serviceName: 'kms' } }];
    assert.deepEqual(decide(policies, asked(cos), stranger), {
      permitted: false,
      reason: 'IAM',
      nearest: { policyId: 'p', missed: [{ kind: 'attribute', key: 'serviceInstance', expected: 'i2', actual: 'i1' }] },
    });
    const decision = decide(policies, asked({ ...cos, serviceInstance: 'i2' }), stranger);
    assert.ok(decision.permitted);
    assert.deepEqual(decision.obligation.subject, { id: crn, scope: 'ibm openid' });
  });

  it('lies apart from the policies of identities, by the service that it names', () => {
    const index = indexOf(
      policy({ id: 'named', service: { serviceName: 'cos' } }),
      policy({ id: 'unnamed', service: { resourceGroupId: true } }),
      policy({ id: 'person', who: 'cos' }),
    );
    const idsOf = (key: Parameters<typeof index.ofSubject>[0]) => [...index.ofSubject(key)].map((compiled) => compiled.policy.id);
    assert.deepEqual(idsOf(serviceKey('cos')), ['named']);
    assert.deepEqual(idsOf(serviceKey(undefined)), ['unnamed']);
    assert.deepEqual(idsOf(iamKey('cos')), ['person']);
    assert.equal(index.subjectCount, 3);
  });

  it('must say something of the service', () => {
    assert.throws(() => compilePolicy(policy({ service: {} })), { name: 'TypeError', message: /needs a clause on the service/ });
  });
});
