import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compilePolicy, evaluate, iamKey, OverlaidPolicies, type Policy } from '../src/index.ts';
import { action, clientResources, inventory, policies as somePolicies } from './arbitraries.ts';
import { catalog, indexOf, policy, request, stranger } from './world.ts';

const compiled = (text: Parameters<typeof policy>[0]) => compilePolicy(policy(text));

describe('policies with changes laid over them', () => {
  const base = indexOf(policy({ id: 'kept', on: { serviceName: 'kms' } }), policy({ id: 'gone', on: { serviceName: 'books' } }));
  const laid = new OverlaidPolicies(base, {
    added: [compiled({ id: 'new', on: { serviceName: 'iam-groups' } })],
    removed: ['gone', 'never there'],
  });
  const may = (source: OverlaidPolicies, serviceName: string) => evaluate(source, catalog, request({ serviceName }), stranger).permitted;

  it('have what is added, lack what is removed, and keep the rest', () => {
    assert.deepEqual(
      ['kms', 'books', 'iam-groups'].map((service) => may(laid, service)),
      [true, false, true],
    );
    assert.deepEqual(
      ['kept', 'gone', 'new'].map((id) => laid.get(id)?.policy.id),
      ['kept', undefined, 'new'],
    );
    const idsOf = (names?: readonly string[]) => [...laid.ofSubject(iamKey('U'), names)].map(({ policy: { id } }) => id).sort();
    assert.deepEqual([idsOf(), idsOf(['kms', 'books'])], [['kept', 'new'], ['kept']]);
  });

  it('leave what is beneath as it was, and see what changes there', () => {
    assert.equal(evaluate(base, catalog, request({ serviceName: 'books' }), stranger).permitted, true);
    const changing = indexOf();
    const over = new OverlaidPolicies(changing, {});
    assert.equal(may(over, 'kms'), false);
    changing.put(compiled({ on: { serviceName: 'kms' } }));
    assert.equal(may(over, 'kms'), true);
  });

  it('have of two with one id the added one, for another subject too', () => {
    const moved = new OverlaidPolicies(base, {
      added: [compiled({ id: 'kept', who: 'V', on: { serviceName: 'kms' } })],
      removed: ['kept'],
    });
    assert.equal(may(moved, 'kms'), false);
    assert.equal(evaluate(moved, catalog, request({ serviceName: 'kms' }, { subjectId: 'V' }), stranger).permitted, true);
    assert.equal(may(new OverlaidPolicies(moved, { removed: ['kept'], added: [compiled({ on: { serviceName: 'kms' } })] }), 'kms'), true);
  });

  it('decide as an index made of the result does', () => {
    const changes = fc.record({ before: somePolicies, after: somePolicies, resources: clientResources(10), action });
    fc.assert(
      fc.property(changes, ({ before, after, resources, action: asked }) => {
        const rename = (all: readonly Policy[], by: number) => all.map((one, at) => ({ ...one, id: `p${at + by}` }));
        const added = rename(after, 2);
        const result = [...before.filter(({ id }) => id !== 'p0' && added.every((one) => one.id !== id)), ...added];
        const over = new OverlaidPolicies(indexOf(...before), { added: added.map((one) => compilePolicy(one)), removed: ['p0'] });
        const rebuilt = indexOf(...result);
        for (const resource of resources) {
          const question = { subjectId: 'U', scope: 'ibm openid', action: asked, at: 0, ...inventory(resource) };
          const [one, other] = [over, rebuilt].map((source) => evaluate(source, catalog, question, { groups: ['G'], isOwner: false }));
          const idsOf = (decision = one) => (decision?.permitted ? [...decision.permittedBy].sort() : []);
          assert.deepEqual(idsOf(one), idsOf(other));
        }
      }),
    );
  });
});
