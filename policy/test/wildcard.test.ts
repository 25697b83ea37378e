import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compileWildcard } from '../src/index.ts';
import { naiveMatch } from './slow-evaluator.ts';

const cases: readonly (readonly [pattern: string, matching: readonly string[], other: readonly string[]])[] = [
  ['', [''], ['a']],
  ['*', ['', 'a', 'a/b', '*'], []],
  ['?', ['a', '*', '/', '😀'], ['', 'ab']],
  ['dev*', ['dev', 'dev1', 'dev/x'], ['Dev1', 'mydev', 'de']],
  ['*??81', ['ab81', 'longab81'], ['81', 'x81', 'ab81x']],
  ['a*b*c', ['abc', 'axbyc', 'abbcc'], ['ab', 'acb', 'abcd']],
  ['**', ['', 'x'], []],
  ['a{{*}}b', ['a*b'], ['axb', 'a{{*}}b', 'ab']],
  ['a{{?}}b', ['a?b'], ['axb']],
  ['{{*}}*', ['*', '*x'], ['x', '']],
  ['{*}', ['{}', '{x}'], ['{']],
  ['{{x}}', ['{{x}}'], ['x']],
  ['{{*}', ['{{}', '{{*}'], ['*']],
  ['home/*', ['home/a/b', 'home/'], ['home']],
  ['.+$[a]', ['.+$[a]'], ['xx$a']],
  ['é?', ['éa'], ['é', 'e\u0301a'.normalize('NFD')]],
];

describe('wildcards', () => {
  for (const [pattern, matching, other] of cases) {
    it(`${JSON.stringify(pattern)} matches whole values, case-sensitively`, () => {
      const matches = compileWildcard(pattern);
      for (const value of matching) assert.equal(matches(value), true, `${value} matches`);
      for (const value of other) assert.equal(matches(value), false, `${value} does not match`);
    });
  }

  it('matches patterns longer than one machine word', () => {
    const matches = compileWildcard(`${'a'.repeat(31)}*${'b?'.repeat(40)}`);
    assert.equal(matches(`${'a'.repeat(31)}---${'bx'.repeat(40)}`), true);
    assert.equal(matches(`${'a'.repeat(31)}${'bx'.repeat(40)}`), true);
    assert.equal(matches(`${'a'.repeat(30)}${'bx'.repeat(40)}`), false);
    assert.equal(matches(`${'a'.repeat(31)}${'bx'.repeat(39)}`), false);
  });

  it('agrees with a naive matcher on every pattern and value', () => {
    const text = (alphabet: readonly string[], maxLength: number) =>
      fc.array(fc.constantFrom(...alphabet), { maxLength }).map((parts) => parts.join(''));
    const patterns = text(['a', 'b', '/', '*', '?', '{{*}}', '{{?}}', '{', '}', '😀'], 40);
    const values = text(['a', 'b', '/', '*', '?', '{', '}', '😀'], 40);
    fc.assert(
      fc.property(patterns, values, (pattern, value) => compileWildcard(pattern)(value) === naiveMatch(pattern, value)),
      {
        numRuns: 3000,
      },
    );
  });

  it('finds the value a pattern was made from', () => {
    const parts = fc.array(fc.tuple(fc.constantFrom('literal', 'one', 'many'), fc.string({ unit: 'grapheme', maxLength: 6 })), {
      maxLength: 12,
    });
    const escapeWildcards = (value: string) => value.replaceAll(/[*?]/g, (character) => `{{${character}}}`);
    fc.assert(
      fc.property(parts, (written) => {
        let pattern = '';
        let value = '';
        for (const [kind, sample] of written) {
          const one = [...sample][0] ?? 'x';
          pattern += kind === 'literal' ? escapeWildcards(sample) : kind === 'one' ? '?' : '*';
          value += kind === 'one' ? one : sample;
        }
        // A brace of the value that meets an escape, as in `{` before `{{*}}`, reads as another escape.
        fc.pre(!/\{\{\{|\}\}\}/.test(pattern));
        return compileWildcard(pattern)(value);
      }),
    );
  });

  it('stays linear where backtracking would not', () => {
    const matches = compileWildcard(`${'*a'.repeat(400)}b`);
    const value = 'a'.repeat(50_000);
    const started = performance.now();
    assert.equal(matches(value), false);
    assert.ok(performance.now() - started < 2_000);
  });
});
