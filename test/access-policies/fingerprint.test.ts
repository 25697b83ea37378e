/** When two policies grant the same: whatever the order, the repetitions and the API version that they are written in. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AttributeClause, Condition, Rule } from '@podpass/policy';
import fc from 'fast-check';
import { contentOf, fingerprintOf, type PolicyContent, type PolicyDocumentV1 } from '../../src/access/policies/policy.ts';

const text = fc.string({ minLength: 1, maxLength: 6 });
const clause: fc.Arbitrary<AttributeClause> = fc.oneof(
  fc.record({ key: text, operator: fc.constantFrom('stringEquals' as const, 'stringMatch' as const), value: text }),
  fc.record({ key: text, operator: fc.constant('stringExists' as const), value: fc.boolean() }),
  fc.record({
    key: text,
    operator: fc.constantFrom('stringEqualsAnyOf' as const, 'stringMatchAnyOf' as const),
    value: fc.array(text, { minLength: 1, maxLength: 4 }),
  }),
);
const condition: fc.Arbitrary<Condition> = clause.map(({ key, operator, value }) => ({
  key: `{{resource.attributes.${key}}}`,
  operator,
  value,
}));
const group = (inner: fc.Arbitrary<Rule>): fc.Arbitrary<Rule> =>
  fc.record({ operator: fc.constantFrom('and' as const, 'or' as const), conditions: fc.array(inner, { minLength: 2, maxLength: 4 }) });
const rule: fc.Arbitrary<Rule> = fc.oneof<fc.Arbitrary<Rule>[]>(
  condition,
  group(fc.oneof<fc.Arbitrary<Rule>[]>(condition, group(condition))),
);
const content: fc.Arbitrary<PolicyContent> = fc
  .record({
    type: fc.constantFrom('access' as const, 'authorization' as const),
    subject: fc.array(clause, { minLength: 1, maxLength: 3 }),
    roleIds: fc.array(text, { minLength: 1, maxLength: 4 }),
    resource: fc.array(clause, { minLength: 1, maxLength: 4 }),
    tags: fc.array(clause, { maxLength: 3 }),
    condition: fc.option(fc.record({ rule, pattern: text }), { nil: undefined }),
  })
  .map(({ condition: ruled, ...rest }) => ({ ...rest, ...ruled }));

/** The list in another order, with something of it once more. */
const shuffled = <T>(list: readonly T[], seed: number): readonly T[] => {
  const turned = list.map((_, index) => list[(index * 7 + seed) % list.length] as T);
  const whole = new Set(turned).size === new Set(list).size ? turned : list.toReversed();
  return [...whole, ...whole.slice(0, seed % 2)];
};

function shuffledRule(said: Rule, seed: number): Rule {
  if (!('conditions' in said)) return { ...said, value: Array.isArray(said.value) ? [...shuffled(said.value, seed)] : said.value };
  return { ...said, conditions: shuffled(said.conditions, seed).map((inner) => shuffledRule(inner, seed)) };
}

const shuffledClause = (said: AttributeClause, seed: number): AttributeClause =>
  Array.isArray(said.value) ? { ...said, value: [...shuffled(said.value as string[], seed)] } : said;

function shuffledContent(said: PolicyContent, seed: number): PolicyContent {
  const clauses = (list: readonly AttributeClause[]) => shuffled(list, seed).map((one) => shuffledClause(one, seed));
  return {
    ...said,
    subject: clauses(said.subject),
    roleIds: shuffled(said.roleIds, seed),
    resource: clauses(said.resource),
    tags: clauses(said.tags),
    ...(said.rule !== undefined && { rule: shuffledRule(said.rule, seed) }),
  };
}

describe('a fingerprint', () => {
  test('stays the same in every order, and when something is said twice', () => {
    fc.assert(
      fc.property(content, fc.nat(9), (said, seed) => {
        assert.equal(fingerprintOf(shuffledContent(said, seed)), fingerprintOf(said));
      }),
    );
  });

  test('differs where one part differs', () => {
    const base: PolicyContent = {
      type: 'access',
      subject: [{ key: 'iam_id', operator: 'stringEquals', value: 'IBMid-a' }],
      roleIds: ['crn:v1:bluemix:public:iam::::role:Viewer'],
      resource: [
        { key: 'accountId', operator: 'stringEquals', value: 'a' },
        { key: 'serviceName', operator: 'stringEquals', value: 'kms' },
      ],
      tags: [{ key: 'project', operator: 'stringEquals', value: 'x' }],
      pattern: 'p',
      rule: { key: '{{resource.attributes.path}}', operator: 'stringEquals', value: 'x' },
    };
    const { pattern: _pattern, rule: _rule, ...without } = base;
    const [accountId, serviceName] = base.resource as [AttributeClause, AttributeClause];
    const leaf = base.rule as Condition;
    const others: readonly PolicyContent[] = [
      without,
      { ...base, type: 'authorization' },
      { ...base, subject: [{ key: 'access_group_id', operator: 'stringEquals', value: 'IBMid-a' }] },
      { ...base, subject: [{ key: 'iam_id', operator: 'stringEquals', value: 'IBMid-A' }] },
      { ...base, roleIds: [...base.roleIds, 'crn:v1:bluemix:public:iam::::serviceRole:Reader'] },
      { ...base, roleIds: ['crn:v1:bluemix:public:iam::::role:Editor'] },
      { ...base, resource: [accountId] },
      { ...base, resource: [accountId, { ...serviceName, operator: 'stringMatch' }] },
      { ...base, resource: [accountId, { ...serviceName, value: 'kms ' }] },
      { ...base, resource: [accountId], tags: [...base.tags, serviceName] },
      { ...base, tags: [] },
      { ...base, pattern: 'q' },
      { ...base, rule: { ...leaf, value: 'y' } },
      { ...base, rule: { operator: 'and', conditions: [leaf, { ...leaf, value: 'y' }] } },
      { ...base, rule: { operator: 'or', conditions: [leaf, { ...leaf, value: 'y' }] } },
    ];
    const fingerprints = [base, ...others].map(fingerprintOf);
    assert.equal(new Set(fingerprints).size, fingerprints.length);
  });

  test('takes one value for a list of it, a number for its text, and both spellings of a service role for one', () => {
    const of = (one: AttributeClause, roleIds: readonly string[] = ['r']) =>
      fingerprintOf({ type: 'access', subject: [], roleIds, resource: [one], tags: [] });
    const anyOf = (value: AttributeClause['value']) => of({ key: 'a', operator: 'stringEqualsAnyOf', value });
    assert.equal(anyOf('x'), anyOf(['x']));
    assert.equal(anyOf([1, 'x']), anyOf(['x', '1']));
    const exists = (value: boolean | string) => of({ key: 'a', operator: 'stringExists', value });
    assert.equal(exists(true), exists('true'));
    assert.notEqual(exists(true), exists(false));
    const one: AttributeClause = { key: 'a', operator: 'stringEquals', value: 'x' };
    const role = (kind: string) => of(one, [`crn:v1:bluemix:public:secrets-manager::::${kind}:SecretsReader`]);
    assert.equal(role('role'), role('serviceRole'));
  });

  test('is the same for what both versions of the API can say', () => {
    const attribute = fc.record(
      { name: text, value: fc.oneof(text, fc.constant('*')), operator: fc.constantFrom('stringEquals' as const, 'stringMatch' as const) },
      { requiredKeys: ['name', 'value'] },
    );
    const list = fc.array(attribute, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(list, list, text, (attributes, tags, role) => {
        const document: PolicyDocumentV1 = {
          type: 'access',
          subjects: [{ attributes: [{ name: 'iam_id', value: 'IBMid-a' }] }],
          roles: [{ role_id: role }],
          resources: [{ attributes, tags }],
        };
        const first = contentOf({ apiVersion: 1, document });
        const second = contentOf({
          apiVersion: 2,
          document: {
            type: 'access',
            control: { grant: { roles: [{ role_id: role }] } },
            subject: { attributes: first.subject },
            resource: { attributes: first.resource, tags: first.tags },
          },
        });
        assert.equal(fingerprintOf(second), fingerprintOf(first));
      }),
    );
  });
});
