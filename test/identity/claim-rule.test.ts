/** Claim rules as pure functions: what each operator makes of a value, and what a rule is worth. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type ClaimRule,
  COMPUTE_CLAIMS,
  type ComputeClaims,
  compileRule,
  missedConditions,
  reachesAnyCluster,
  ruleMatches,
  takesDefaultAccount,
} from '../../src/identity/profiles/claim-rule.ts';
import { CONDITION_OPERATORS, type Condition, type ConditionOperator, readList, readText } from '../../src/identity/profiles/condition.ts';

const POD: ComputeClaims = {
  name: 'worker',
  namespace: 'shop',
  pod: 'worker-7f9c',
  service_instance: 'c1',
  crn: 'crn:v1:bluemix:public:containers-kubernetes:eu-de:a/1:c1::',
  location: 'eu-de',
  resource_group_id: undefined,
};

const rule = (conditions: readonly Condition[], overrides: Partial<ClaimRule> = {}): ClaimRule => ({
  id: 'ClaimRule-1',
  profileId: 'Profile-1',
  accountId: '1',
  name: null,
  type: 'Profile-CR',
  realmName: null,
  crType: null,
  expiration: 0,
  conditions,
  revision: 1,
  entityTag: '1-a',
  createdAt: 0,
  modifiedAt: 0,
  ...overrides,
});

const when = (claim: string, operator: ConditionOperator, value: string): Condition => ({ claim, operator, value });

function matches(conditions: readonly Condition[], claims: ComputeClaims = POD): boolean {
  const compiled = compileRule(rule(conditions));
  assert.ok(compiled);
  // The two ways of asking are one answer.
  assert.equal(ruleMatches(compiled, claims), missedConditions(compiled, claims).length === 0);
  return ruleMatches(compiled, claims);
}

describe('the value of a condition', () => {
  for (const [value, text] of [
    ['default', 'default'],
    ['"default"', 'default'],
    ['"a \\"quoted\\" one"', 'a "quoted" one'],
    ['"\\"twice\\""', '"twice"'],
    [`"{'cloud-docs-dev'}"`, "{'cloud-docs-dev'}"],
    ['true', 'true'],
    ['42', '42'],
    ['["a"]', '["a"]'],
    ['"open', '"open'],
    ['', ''],
  ] as const) {
    it(`${value || 'nothing'} is the text ${text || 'nothing'}`, () => assert.equal(readText(value), text));
  }

  for (const [value, list] of [
    ['["a","b"]', ['a', 'b']],
    ['a,b', ['a', 'b']],
    ['a, b ,,c', ['a', 'b', 'c']],
    ['"a,b"', ['a', 'b']],
    ['"a"', ['a']],
    ['[1,true,"x",null,["y"],{}]', ['1', 'true', 'x']],
    ['[]', []],
    ['["a, b"]', ['a, b']],
  ] as const) {
    it(`${value} is the list of ${list.length} ${JSON.stringify(list)}`, () => assert.deepEqual(readList(value), list));
  }
});

describe('a condition', () => {
  const TABLE: readonly (readonly [claim: string, operator: ConditionOperator, value: string, holds: boolean])[] = [
    ['name', 'EQUALS', 'worker', true],
    ['name', 'EQUALS', '"worker"', true],
    ['name', 'EQUALS', 'Worker', false],
    ['name', 'EQUALS', 'work', false],
    ['name', 'EQUALS', 'worker ', false],
    ['name', 'EQUALS', 'worke.', false],
    ['name', 'EQUALS', '*', false],
    ['name', 'NOT_EQUALS', 'other', true],
    ['name', 'NOT_EQUALS', 'worker', false],
    ['name', 'EQUALS_IGNORE_CASE', 'WORKER', true],
    ['name', 'EQUALS_IGNORE_CASE', 'wor\u212aer', false],
    ['name', 'NOT_EQUALS_IGNORE_CASE', 'WORKER', false],
    ['name', 'NOT_EQUALS_IGNORE_CASE', 'wor\u212aer', true],
    ['pod', 'CONTAINS', 'worker-', true],
    ['pod', 'CONTAINS', '"7f9"', true],
    ['pod', 'CONTAINS', 'worker.', false],
    ['pod', 'CONTAINS', '""', false],
    ['namespace', 'IN', '["shop","bank"]', true],
    ['namespace', 'IN', 'bank,shop', true],
    ['namespace', 'IN', 'sho', false],
    ['namespace', 'IN', '[]', false],
    ['crn', 'EQUALS', 'crn:v1:bluemix:public:containers-kubernetes:eu-de:a/1:c1::', true],
    ['service_instance', 'EQUALS', 'c1', true],
    ['location', 'EQUALS', 'eu-de', true],
    ['resource_group_name', 'NOT_EQUALS', 'x', false],
    ['blueGroups', 'CONTAINS', 'x', false],
    ['toString', 'NOT_EQUALS', 'x', false],
    ['__proto__', 'NOT_EQUALS', 'x', false],
  ];
  for (const [claim, operator, value, holds] of TABLE) {
    it(`${claim} ${operator} ${value} ${holds ? 'holds' : 'does not hold'}`, () =>
      assert.equal(matches([when(claim, operator, value)]), holds));
  }

  for (const operator of CONDITION_OPERATORS) {
    it(`with ${operator} never holds on a claim that the token does not have`, () => {
      fc.assert(
        fc.property(fc.string(), (value) => {
          assert.equal(matches([when('resource_group_id', operator, value)]), false);
        }),
      );
    });
  }

  it('and its negation never hold both, nor fail both where the claim is there', () => {
    const pairs = [
      ['EQUALS', 'NOT_EQUALS'],
      ['EQUALS_IGNORE_CASE', 'NOT_EQUALS_IGNORE_CASE'],
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...pairs), fc.string(), fc.string(), ([positive, negative], name, value) => {
        const claims = { ...POD, name };
        assert.notEqual(matches([when('name', positive, value)], claims), matches([when('name', negative, value)], claims));
      }),
    );
  });
});

describe('a rule', () => {
  const TRUE = when('name', 'EQUALS', 'worker');
  const FALSE = when('name', 'EQUALS', 'other');

  for (const [conditions, holds] of [
    [[TRUE], true],
    [[TRUE, TRUE], true],
    [[TRUE, FALSE], false],
    [[FALSE, TRUE], false],
    [[FALSE, FALSE], false],
  ] as const) {
    it(`of ${conditions.map((each) => each === TRUE).join(' and ')} is ${holds}`, () => assert.equal(matches(conditions), holds));
  }

  it('about people, about another kind of compute resource or without conditions lets no pod in', () => {
    assert.equal(compileRule(rule([TRUE], { type: 'Profile-SAML' })), undefined);
    for (const crType of ['VSI', 'PVS', 'BMS', 'CE'] as const) assert.equal(compileRule(rule([TRUE], { crType })), undefined);
    assert.equal(compileRule(rule([])), undefined);
  });

  it('for either kind of cluster, or for no kind in particular, is for pods', () => {
    for (const crType of ['IKS_SA', 'ROKS_SA', null] as const) assert.ok(compileRule(rule([TRUE], { crType })));
  });

  it('takes the account default only where it asks for a service account and default fulfils that', () => {
    for (const [operator, value] of [
      ['EQUALS', 'default'],
      ['EQUALS', '"default"'],
      ['EQUALS_IGNORE_CASE', 'DEFAULT'],
      ['CONTAINS', 'def'],
      ['IN', 'a,default'],
    ] as const)
      assert.ok(takesDefaultAccount(rule([when('name', operator, value)])), `${operator} ${value}`);
    for (const [claim, operator, value] of [
      ['name', 'NOT_EQUALS', 'default'],
      ['name', 'IN', 'a,b'],
      ['name', 'CONTAINS', 'defaults'],
      ['namespace', 'EQUALS', 'default'],
    ] as const)
      assert.ok(!takesDefaultAccount(rule([when(claim, operator, value)])), `${claim} ${operator} ${value}`);
  });

  it('reaches any cluster unless it names one', () => {
    assert.ok(reachesAnyCluster(rule([TRUE])));
    assert.ok(reachesAnyCluster(rule([when('crn', 'CONTAINS', 'a/1')])));
    assert.ok(reachesAnyCluster(rule([when('location', 'EQUALS', 'eu-de')])));
    assert.ok(!reachesAnyCluster(rule([when('crn', 'EQUALS', 'crn:v1:x')])));
    assert.ok(!reachesAnyCluster(rule([TRUE, when('service_instance', 'IN', 'c1,c2')])));
    assert.ok(!reachesAnyCluster(rule([TRUE], { type: 'Profile-SAML' })));
  });

  it('compiles and answers for any text in it', () => {
    const condition = fc.record({
      claim: fc.oneof(fc.constantFrom(...COMPUTE_CLAIMS), fc.string()),
      operator: fc.constantFrom(...CONDITION_OPERATORS),
      value: fc.oneof(fc.string(), fc.json()),
    });
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 5 }), (conditions) => {
        assert.equal(typeof matches(conditions), 'boolean');
      }),
    );
  });
});
