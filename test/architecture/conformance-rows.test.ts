/**
 * The numbered checks of the contracts. A test of a check begins with its number, several joined by commas: `P1: …`, `W-01, W-02: …`. The
 * decision rows `D-…` are rows of `test/access/decisions.yaml`, which a test of its own holds complete.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const ROOT = join(import.meta.dirname, '..', '..');

/** One table of checks: their numbers begin with these letters and go from 1 to `count`, written with at least `digits` digits. */
interface Checks {
  readonly subject: string;
  readonly prefix: string;
  readonly count: number;
  readonly digits: number;
  readonly more?: readonly string[];
}

const TABLES: readonly Checks[] = [
  { subject: 'profiles', prefix: 'P', count: 52, digits: 1 },
  { subject: 'links', prefix: 'L', count: 27, digits: 1 },
  { subject: 'claim rules', prefix: 'R', count: 22, digits: 1 },
  { subject: 'identities of a profile', prefix: 'I', count: 16, digits: 1 },
  { subject: 'service IDs and their groups', prefix: 'S', count: 10, digits: 1 },
  { subject: 'API keys', prefix: 'K', count: 12, digits: 1 },
  { subject: 'accounts', prefix: 'A', count: 15, digits: 1 },
  { subject: 'enterprise templates', prefix: 'T', count: 10, digits: 1 },
  { subject: 'access groups', prefix: 'AG-', count: 72, digits: 2, more: ['AG-64b'] },
  { subject: 'policies and roles', prefix: 'W-', count: 68, digits: 2 },
  { subject: 'decision APIs', prefix: 'Z-', count: 24, digits: 2 },
];

/** Checks without a test, each with the reason. */
const EXEMPT: ReadonlyMap<string, string> = new Map();

const checksOf = ({ prefix, count, digits, more = [] }: Checks): readonly string[] => [
  ...Array.from({ length: count }, (_, index) => `${prefix}${String(index + 1).padStart(digits, '0')}`),
  ...more,
];

const NUMBER = '[A-Z]{1,2}-?\\d+[a-z]?';
const DECLARATION = new RegExp(`\\b(?:test|it)\\(\\s*(['"\`])(${NUMBER}(?:, ${NUMBER})*): `, 'g');

/** The checks that the tests in a file's text name. What is skipped or left to do names none. */
function checksNamed(text: string): readonly string[] {
  return [...text.matchAll(DECLARATION)].flatMap(([, , checks = '']) => checks.split(', '));
}

const known = new Set(TABLES.flatMap(checksOf));
const tested = new Map<string, string>();
for (const path of globSync(['test/{conformance,compat}/**/*.test.ts', 'policy/test/*.test.ts'], { cwd: ROOT })) {
  for (const check of checksNamed(readFileSync(join(ROOT, path), 'utf8'))) tested.set(check, path);
}

/** The table that a number belongs into, by the longest prefix: `AG-1` is no check of accounts. */
const tableOf = (check: string): Checks | undefined =>
  TABLES.toSorted((a, b) => b.prefix.length - a.prefix.length).find(({ prefix }) => new RegExp(`^${prefix}\\d`).test(check));

describe('the names of tests', () => {
  it('are read with one number or several, in every kind of quotes, and on a line of their own', () => {
    assert.deepEqual(checksNamed(`test('P1: x', () => {}); it("L2: y", f);`), ['P1', 'L2']);
    assert.deepEqual(checksNamed(`test('A7, A8, A9: a report', f)`), ['A7', 'A8', 'A9']);
    assert.deepEqual(checksNamed(`test('AG-64b: x', f); test('W-01, W-02: y', f)`), ['AG-64b', 'W-01', 'W-02']);
    assert.deepEqual(checksNamed('test(`R15: the operator $' + '{operator}`, f)'), ['R15']);
    assert.deepEqual(checksNamed("await test(\n  'I16: many at once',\n  f)"), ['I16']);
  });

  it('name no check where the test is skipped, left to do, or says it in the middle', () => {
    for (const text of [`test.skip('P1: x', f)`, `it.todo('P1: x')`, `test('as P1: x', f)`, `test('P1 x', f)`, `contest('P1: x')`]) {
      assert.deepEqual(checksNamed(text), [], text);
    }
  });
});

describe('the checks of the contracts', () => {
  it('are 329', () => {
    assert.equal(known.size, 329);
  });

  for (const table of TABLES) {
    it(`of ${table.subject} each have a test`, () => {
      const untested = checksOf(table).filter((check) => !tested.has(check) && !EXEMPT.has(check));
      assert.deepEqual(untested, [], `no test begins with '${untested[0]}: '`);
    });
  }

  it('are exempt only while they have none', () => {
    for (const [check, reason] of EXEMPT) {
      assert.ok(known.has(check), `${check} is no check`);
      assert.ok(reason.length > 20, `${check} is exempt without a reason`);
      assert.equal(tested.get(check), undefined, `${check} has a test by now: take it out of the exempt ones`);
    }
  });

  it('are not named by a number that there is not', () => {
    for (const [check, path] of tested) assert.ok(tableOf(check) === undefined || known.has(check), `${path} names ${check}`);
  });
});
