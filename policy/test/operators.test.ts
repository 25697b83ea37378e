import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compilePolicy, operatorNames } from '../src/index.ts';
import { type ClauseText, permits, policy, request } from './world.ts';

/** Each clause on the attribute `resource`, with the values that satisfy it and those that do not; undefined is a missing attribute. */
const rows: readonly (readonly [clause: ClauseText, matching: readonly (string | undefined)[], other: readonly (string | undefined)[]])[] =
  [
    [['resource', 'stringEquals', 'dev*'], ['dev*'], ['dev1', 'DEV*', '', undefined]],
    [['resource', 'stringEquals', true], ['true'], ['True', undefined]],
    [
      ['resource', 'stringMatch', 'dev*'],
      ['dev', 'dev1'],
      ['Dev1', 'mydev', undefined],
    ],
    [['resource', 'stringMatch', '*'], ['', 'x'], [undefined]],
    [['resource', 'stringExists', true], ['', 'x'], [undefined]],
    [['resource', 'stringExists', false], [undefined], ['', 'x']],
    [
      ['resource', 'stringEqualsAnyOf', ['a', 'b']],
      ['a', 'b'],
      ['c', 'ab', undefined],
    ],
    [['resource', 'stringEqualsAnyOf', 'a'], ['a'], ['b', undefined]],
    [['resource', 'stringEqualsAnyOf', []], [], ['', 'a', undefined]],
    [
      ['resource', 'stringMatchAnyOf', ['home/*', 'x?']],
      ['home/a/b', 'x1'],
      ['x12', 'home', undefined],
    ],
    [['resource', 'stringMatchAnyOf', 'x?'], ['x1'], ['x', undefined]],
  ];

describe('operators', () => {
  for (const [clause, matching, other] of rows) {
    it(`${clause[1]} ${JSON.stringify(clause[2])} matches what it says and nothing else`, () => {
      const asks = (value: string | undefined) =>
        permits(
          [{ on: { serviceName: 'kms' }, where: [clause] }],
          request(value === undefined ? { serviceName: 'kms' } : { serviceName: 'kms', resource: value }),
        );
      for (const value of matching) assert.equal(asks(value), true, `${value} matches`);
      for (const value of other) assert.equal(asks(value), false, `${value} does not match`);
    });
  }

  it('has a case above for every operator', () => {
    assert.deepEqual(new Set(rows.map(([clause]) => clause[1])), new Set(operatorNames));
  });

  it('refuses an operator that it does not know, inherited names included', () => {
    for (const operator of ['stringContains', 'constructor', '__proto__', 'toString']) {
      const odd = policy({ where: [['resource', operator as 'stringEquals', 'x']] });
      assert.throws(() => compilePolicy(odd), { name: 'TypeError', message: new RegExp(`${operator} is not an operator`) });
    }
  });

  it('refuses a value that does not fit its operator', () => {
    for (const clause of [
      ['resource', 'stringEquals', ['a']],
      ['resource', 'stringMatch', ['a*']],
      ['resource', 'stringExists', 'maybe'],
    ] as const) {
      assert.throws(() => compilePolicy(policy({ where: [clause] })), { name: 'TypeError', message: /does not fit its value/ });
    }
  });
});
