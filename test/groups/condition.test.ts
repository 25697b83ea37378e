/** Conditions on what an identity provider says of a user: texts, numbers, truth values and lists. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type LoginClaims, ruleMatches } from '../../src/groups/rule.ts';
import {
  type ClaimValue,
  CONDITION_OPERATORS,
  type ConditionOperator,
  conditionHolds,
  testOfText,
} from '../../src/identity/profiles/condition.ts';

const TABLE: readonly (readonly [claim: ClaimValue, operator: ConditionOperator, value: string, holds: boolean])[] = [
  [true, 'EQUALS', '"true"', true],
  [true, 'EQUALS', 'true', true],
  [false, 'EQUALS', '"true"', false],
  [true, 'EQUALS', '"True"', false],
  [true, 'EQUALS_IGNORE_CASE', '"TRUE"', true],
  [true, 'EQUALS', '1', false],
  [1, 'EQUALS', 'true', false],
  [42, 'EQUALS', '"42"', true],
  [42, 'EQUALS', '42', true],
  [42, 'EQUALS', '"42.0"', false],
  [-0, 'EQUALS', '0', true],
  [0.1, 'IN', '[0.1, 2]', true],
  [42, 'NOT_EQUALS', '"42"', false],
  [42, 'CONTAINS', '"4"', true],
  ['', 'EQUALS', '""', true],
  ['', 'NOT_EQUALS', '"x"', true],
  ['', 'CONTAINS', '""', false],
  ['a.b', 'EQUALS', '"a.*"', false],
  ['anything', 'EQUALS', '".*"', false],
  ['anything', 'EQUALS', '"*"', false],
  ['anything', 'IN', '["*", ".*", "^anything$"]', false],
  ['anything', 'CONTAINS', '"a.y"', false],
  ['\u212a', 'EQUALS_IGNORE_CASE', '"k"', false],
  ['\u0130', 'EQUALS_IGNORE_CASE', '"i"', false],
  ['\u00df', 'EQUALS_IGNORE_CASE', '"SS"', false],
  ['e\u0301', 'EQUALS', '"\u00e9"', false],
  [['a', 'Admins'], 'CONTAINS', '"Admins"', true],
  [['SuperAdmins'], 'CONTAINS', '"Admins"', false],
  [['admins'], 'CONTAINS', '"Admins"', false],
  [[1, true], 'CONTAINS', '"1"', true],
  [[1, true], 'CONTAINS', 'true', true],
  [[''], 'CONTAINS', '""', false],
  [[], 'CONTAINS', '"x"', false],
  // No other comparison knows what to make of a list, so none lets it pass.
  [['a'], 'EQUALS', '"a"', false],
  [['a'], 'EQUALS', '["a"]', false],
  [['a'], 'NOT_EQUALS', '"b"', false],
  [['a'], 'EQUALS_IGNORE_CASE', '"a"', false],
  [['a'], 'NOT_EQUALS_IGNORE_CASE', '"b"', false],
  [['a'], 'IN', '["a"]', false],
  [[], 'NOT_EQUALS', '"b"', false],
];

describe('a condition on a claim', () => {
  for (const [claim, operator, value, holds] of TABLE) {
    it(`${JSON.stringify(claim)} ${operator} ${value} is ${holds}`, () => assert.equal(conditionHolds({ operator, value }, claim), holds));
  }

  for (const operator of CONDITION_OPERATORS) {
    it(`${operator} is false of a claim that is absent`, () => assert.equal(conditionHolds({ operator, value: '"x"' }, undefined), false));
  }

  it('makes of a text what the conditions of claim rules make of it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CONDITION_OPERATORS), fc.string(), fc.string(), (operator, value, text) => {
        assert.equal(conditionHolds({ operator, value }, text), testOfText({ operator, value })(text));
      }),
    );
  });

  it('makes of a number and a truth value what it makes of their text', () => {
    const scalar = fc.oneof(fc.boolean(), fc.integer(), fc.double({ noNaN: true }));
    fc.assert(
      fc.property(fc.constantFrom(...CONDITION_OPERATORS), fc.string(), scalar, (operator, value, claim) => {
        assert.equal(conditionHolds({ operator, value }, claim), conditionHolds({ operator, value }, String(claim)));
      }),
    );
  });

  it('CONTAINS finds in a list what EQUALS finds in one of its elements', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string({ minLength: 1 }), (list, value) => {
        const quoted = JSON.stringify(value);
        const some = list.some((element) => conditionHolds({ operator: 'EQUALS', value: quoted }, element));
        assert.equal(conditionHolds({ operator: 'CONTAINS', value: quoted }, list), some);
      }),
    );
  });
});

describe('the conditions of a rule', () => {
  const when = (claim: string, operator: ConditionOperator, value: string) => ({ claim, operator, value });
  const claims: LoginClaims = new Map<string, ClaimValue>([
    ['team', 'a'],
    ['groups', ['x', 'y']],
  ]);

  it('hold all or the rule does not match', () => {
    assert.equal(ruleMatches({ conditions: [when('team', 'EQUALS', '"a"'), when('groups', 'CONTAINS', '"y"')] }, claims), true);
    assert.equal(ruleMatches({ conditions: [when('team', 'EQUALS', '"a"'), when('groups', 'CONTAINS', '"z"')] }, claims), false);
  });

  it('are needed: a rule without any matches nobody', () => assert.equal(ruleMatches({ conditions: [] }, claims), false));

  it('see no claims that every object has', () => {
    for (const claim of ['__proto__', 'constructor', 'toString', 'size', 'get'])
      assert.equal(ruleMatches({ conditions: [when(claim, 'NOT_EQUALS', '"x"')] }, claims), false, claim);
  });

  it('tell the names of claims apart by case', () =>
    assert.equal(ruleMatches({ conditions: [when('Team', 'EQUALS', '"a"')] }, claims), false));
});
