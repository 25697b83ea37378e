/**
 * The numbered checks of the identity API's contract: `P` profiles, `L` links, `R` claim rules, `I` identities of a profile, `S` service IDs
 * and their groups, `K` API keys, `A` accounts, `T` enterprise templates. A test of a check begins with its number, several joined by commas.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const ROOT = join(import.meta.dirname, '..', '..');

/** How many checks there are of each subject; they are numbered from 1. */
const CHECKS: ReadonlyMap<string, number> = new Map([
  ['P', 52],
  ['L', 27],
  ['R', 22],
  ['I', 16],
  ['S', 10],
  ['K', 12],
  ['A', 15],
  ['T', 10],
]);

/** Checks without a test, each with the reason. */
const EXEMPT: ReadonlyMap<string, string> = new Map([
  ['L25', 'a caller who may update a profile and not link it needs a custom role, and those are not offered yet'],
]);

const DECLARATION = /\b(?:test|it)\(\s*(['"`])([A-Z]\d+(?:, [A-Z]\d+)*): /g;

/** The checks that the tests in a file's text name. What is skipped or left to do names none. */
function checksNamed(text: string): readonly string[] {
  return [...text.matchAll(DECLARATION)].flatMap(([, , checks = '']) => checks.split(', '));
}

const isCheck = (name: string): boolean => {
  const number = Number(name.slice(1));
  return number >= 1 && number <= (CHECKS.get(name.charAt(0)) ?? 0);
};

const all = [...CHECKS].flatMap(([subject, count]) => Array.from({ length: count }, (_, index) => `${subject}${index + 1}`));
const tested = new Map<string, string>();
for (const path of globSync('test/conformance/**/*.test.ts', { cwd: ROOT })) {
  for (const check of checksNamed(readFileSync(join(ROOT, path), 'utf8'))) tested.set(check, path);
}

describe('the names of tests', () => {
  it('are read with one number or several, in every kind of quotes, and on a line of their own', () => {
    assert.deepEqual(checksNamed(`test('P1: x', () => {}); it("L2: y", f);`), ['P1', 'L2']);
    assert.deepEqual(checksNamed(`test('A7, A8, A9: a report', f)`), ['A7', 'A8', 'A9']);
    assert.deepEqual(checksNamed('test(`R15: the operator $' + '{operator}`, f)'), ['R15']);
    assert.deepEqual(checksNamed(`await test(\n  'I16: many at once',\n  f)`), ['I16']);
  });

  it('name no check where the test is skipped, left to do, or says it in the middle', () => {
    for (const text of [`test.skip('P1: x', f)`, `it.todo('P1: x')`, `test('as P1: x', f)`, `test('P1 x', f)`, `contest('P1: x')`]) {
      assert.deepEqual(checksNamed(text), [], text);
    }
  });
});

describe('the checks of the identity API', () => {
  it('are 164', () => {
    assert.equal(all.length, 164);
  });

  it('each have a test', () => {
    const untested = all.filter((check) => !tested.has(check) && !EXEMPT.has(check));
    assert.deepEqual(untested, [], `no test under test/conformance begins with '${untested[0]}: '`);
  });

  it('are exempt only while they have none', () => {
    for (const [check, reason] of EXEMPT) {
      assert.ok(isCheck(check), `${check} is no check`);
      assert.ok(reason.length > 20, `${check} is exempt without a reason`);
      assert.equal(tested.get(check), undefined, `${check} has a test by now: take it out of the exempt ones`);
    }
  });

  it('are not named by a number that there is not', () => {
    for (const [check, path] of tested) assert.ok(!CHECKS.has(check.charAt(0)) || isCheck(check), `${path} names ${check}`);
  });
});
