import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compilePolicy, groupKey, iamKey, type PolicyIndex, type SubjectKey, serviceLineage } from '../src/index.ts';
import { indexOf, policy } from './world.ts';

const idsOf = (index: PolicyIndex, key: SubjectKey, serviceName?: string, resource?: string, serviceInstance?: string) =>
  index
    .candidates([key], { serviceNames: serviceLineage(serviceName), serviceInstance, resource })
    .map((compiled) => compiled.policy.id)
    .sort();

describe('the policy index', () => {
  const index = indexOf(
    policy({ id: 'kms', on: { serviceName: 'kms' } }),
    policy({ id: 'kms-child', on: { serviceName: 'kms.child' } }),
    policy({ id: 'books', on: { serviceName: 'books' } }),
    policy({ id: 'all', on: { serviceType: 'service' } }),
    policy({ id: 'wild', where: [['serviceName', 'stringMatch', 'k*']] }),
    policy({ id: 'group', group: 'U', on: { serviceName: 'kms' } }),
    policy({ id: 'other', who: 'V', on: { serviceName: 'kms' } }),
  );

  it('returns only what could match the subject and the service', () => {
    assert.deepEqual(idsOf(index, iamKey('U'), 'kms'), ['all', 'kms', 'wild']);
    assert.deepEqual(idsOf(index, iamKey('U'), 'books'), ['all', 'books', 'wild']);
    assert.deepEqual(idsOf(index, iamKey('U'), 'billing'), ['all', 'wild']);
    assert.deepEqual(idsOf(index, iamKey('U')), ['all', 'wild']);
    assert.deepEqual(idsOf(index, iamKey('W'), 'kms'), []);
  });

  it('returns the policies of a parent service for its child, and not the reverse', () => {
    assert.deepEqual(idsOf(index, iamKey('U'), 'kms.child'), ['all', 'kms', 'kms-child', 'wild']);
    assert.deepEqual(idsOf(index, iamKey('U'), 'kmschild'), ['all', 'wild']);
  });

  it('returns of the policies that name a resource only those that name this one', () => {
    const resources = indexOf(
      policy({ id: 'one', on: { serviceName: 'kms', resource: '1' } }),
      policy({ id: 'one too', on: { serviceName: 'kms', resource: '1', resourceType: 'key' } }),
      policy({ id: 'two', on: { serviceName: 'kms', resource: '2' } }),
      policy({ id: 'any one', on: { serviceType: 'service', resource: '1' } }),
      policy({ id: 'like one', where: [['resource', 'stringMatch', '1*']] }),
      policy({ id: 'all', on: { serviceName: 'kms' } }),
    );
    assert.deepEqual(idsOf(resources, iamKey('U'), 'kms', '1'), ['all', 'any one', 'like one', 'one', 'one too']);
    assert.deepEqual(idsOf(resources, iamKey('U'), 'kms.child', '2'), ['all', 'like one', 'two']);
    assert.deepEqual(idsOf(resources, iamKey('U'), 'kms', '__proto__'), ['all', 'like one']);
    assert.deepEqual(idsOf(resources, iamKey('U'), 'kms'), ['all', 'like one']);
    assert.equal([...resources.ofSubject(iamKey('U'))].length, 6);
    for (const id of ['one', 'one too', 'two', 'any one', 'like one', 'all']) assert.ok(resources.remove(id));
    assert.deepEqual([...resources.ofSubject(iamKey('U'))], []);
  });

  it('returns of the policies that name an instance only those that name this one', () => {
    const instances = indexOf(
      policy({ id: 'i1', on: { serviceName: 'kms', serviceInstance: 'i1' } }),
      policy({ id: 'i2', on: { serviceName: 'kms', serviceInstance: 'i2' } }),
      policy({ id: 'i1 key', on: { serviceName: 'kms', serviceInstance: 'i1', resource: 'k' } }),
      policy({ id: 'i1 of any', on: { serviceInstance: 'i1' } }),
      policy({ id: 'key', on: { serviceName: 'kms', resource: 'k' } }),
      policy({ id: 'like i', on: { serviceName: 'kms' }, where: [['serviceInstance', 'stringMatch', 'i*']] }),
      policy({ id: 'all', on: { serviceName: 'kms' } }),
    );
    const found = (instance?: string, resource?: string) => idsOf(instances, iamKey('U'), 'kms', resource, instance);
    assert.deepEqual(found('i1'), ['all', 'i1', 'i1 of any', 'like i']);
    assert.deepEqual(found('i1', 'k'), ['all', 'i1', 'i1 key', 'i1 of any', 'key', 'like i']);
    assert.deepEqual(found('i2', 'x'), ['all', 'i2', 'like i']);
    assert.deepEqual(found(), ['all', 'like i']);
    const ofService = (name: string) => [...instances.ofSubject(iamKey('U'), [name])].map((compiled) => compiled.policy.id);
    assert.deepEqual([ofService('kms').length, ofService('books').length], [6, 0]);
    for (const { policy: one } of [...instances.ofSubject(iamKey('U'))]) assert.ok(instances.remove(one.id));
    assert.equal(instances.subjectCount, 0);
  });

  it('keeps an identity and a group with the same id apart', () => {
    assert.deepEqual(idsOf(index, groupKey('U'), 'kms'), ['group']);
  });

  it('replaces by id and forgets what it removes', () => {
    const changing = indexOf(policy({ id: 'p', on: { serviceName: 'kms' } }));
    changing.put(compilePolicy(policy({ id: 'p', who: 'V', on: { serviceName: 'books' } })));
    assert.equal(changing.size, 1);
    assert.deepEqual(idsOf(changing, iamKey('U'), 'kms'), []);
    assert.deepEqual(idsOf(changing, iamKey('V'), 'books'), ['p']);
    assert.equal(changing.get('p')?.policy.id, 'p');
    assert.equal(changing.remove('p'), true);
    assert.equal(changing.remove('p'), false);
    assert.equal(changing.size, 0);
    assert.deepEqual([...changing.ofSubject(iamKey('V'))], []);
  });

  it('stays fast for a service name that is made of dots', () => {
    const started = performance.now();
    idsOf(index, iamKey('U'), '.'.repeat(100_000));
    assert.ok(performance.now() - started < 200);
  });
});
