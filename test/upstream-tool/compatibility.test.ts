/** The tables of docs/compatibility.md: what they say, where they stand, and that the page and the lists of expectations agree. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { differences, readTables, renderOverview, renderTables, replaceTables } from '../../tools/upstream/compatibility.ts';
import type { JudgedSubject } from '../../tools/upstream/judgement.ts';
import { OVERVIEW, overviewRow, PAGE } from '../upstream/page.ts';
import { EXPECTED_SUITES } from '../upstream/suites.ts';

const SUITE = { id: 'keys', description: '`example.org/sdk` v1.2.3' };

const SUBJECT: JudgedSubject = {
  title: 'Keys',
  specs: [
    { title: 'Create | key', verdict: 'passed' },
    { title: 'Get key', verdict: 'failed' },
  ],
};

const PROVIDERS: JudgedSubject = {
  title: 'Providers',
  notApplicable: 'there are none',
  specs: [{ title: 'Create provider', verdict: 'not applicable' }],
};

describe('the tables of a run', () => {
  it('begin with what was run and totals, and show every test under its subject', () => {
    assert.equal(
      renderTables(SUITE, [SUBJECT, PROVIDERS]),
      `\`example.org/sdk\` v1.2.3: 3 tests, 1 passed, 1 failed, 1 not applicable.

| subject | passed | failed | not applicable |
|---|---|---|---|
| Keys | 1 | 1 | 0 |
| Providers | 0 | 0 | 1 |
| all | 1 | 1 | 1 |

### Keys

| test | result |
|---|---|
| Create \\| key | passed |
| Get key | failed |

### Providers

Not applicable: there are none.

| test | result |
|---|---|
| Create provider | not applicable |`,
    );
  });

  it('have columns for what did not run only where something did not', () => {
    const skipped: JudgedSubject = { title: 'Keys', specs: [{ title: 'Get key', verdict: 'did not run' }] };
    assert.match(renderTables(SUITE, [skipped]), /^\| subject \| passed \| did not run \|$/m);
    const passed: JudgedSubject = { title: 'Keys', specs: [{ title: 'Get key', verdict: 'passed' }] };
    assert.match(renderTables(SUITE, [passed]), /: 1 tests, 1 passed\.\n\n\| subject \| passed \|$/m);
  });

  it('of several suites count each suite and all of them', () => {
    const suites = [
      { cells: ['[keys](#keys)', '`keysv1`'], subjects: [SUBJECT, PROVIDERS] },
      { cells: ['locks', '`locksv1`'], subjects: [{ title: 'Locks', specs: [{ title: 'Lock', verdict: 'passed' }] } as const] },
    ];
    assert.equal(
      renderOverview('`example.org/sdk` v1.2.3', ['API', 'package'], suites),
      `\`example.org/sdk\` v1.2.3: 4 tests, 2 passed, 1 failed, 1 not applicable.

| API | package | passed | failed | not applicable |
|---|---|---|---|---|
| [keys](#keys) | \`keysv1\` | 1 | 1 | 1 |
| locks | \`locksv1\` | 1 | 0 | 0 |
| all |  | 2 | 1 | 1 |`,
    );
  });
});

describe('the page', () => {
  const page = (between: string) => `# Compatibility\n\n<!-- begin keys -->${between}<!-- end keys -->\n\n## Other clients\n`;

  it('gets the tables between the marks and nothing else changes', () => {
    const once = replaceTables(page('\n'), SUITE, '| a |');
    assert.equal(once, page('\n\n| a |\n\n'));
    assert.equal(replaceTables(once, SUITE, '| a |'), once);
    assert.equal(readTables(replaceTables(once, SUITE, '| b |'), SUITE), '| b |');
  });

  it('is refused without its marks, with marks in the wrong order and with marks that stand twice', () => {
    for (const wrong of ['# Compatibility', '<!-- end keys -->\n<!-- begin keys -->', page('') + page('')])
      assert.throws(() => readTables(wrong, SUITE), /has to hold "<!-- begin keys -->" once and after it "<!-- end keys -->" once/);
  });

  const told = readFileSync(PAGE, 'utf8');

  for (const { suite, subjects } of EXPECTED_SUITES) {
    it(`has one row for every listed spec of the suite of ${suite.api}, and says why a subject is not applicable`, () => {
      const sections = readTables(told, suite).split('\n### ').slice(1);
      assert.deepEqual(
        sections.map((section) => section.split('\n')[0]),
        subjects.map(({ title }) => title),
      );
      for (const [index, { specs, notApplicable }] of subjects.entries()) {
        const lines = sections[index]?.split('\n') ?? [];
        const verdicts = notApplicable === undefined ? /^(passed|failed|did not run)$/ : /^not applicable$/;
        const rows = lines.filter((line) => line.startsWith('| ')).slice(1);
        assert.equal(rows.length, specs.length);
        for (const [position, title] of specs.entries()) {
          const [, first = '', second = ''] = /^\| (.*) \| (.*) \|$/.exec(rows[position] ?? '') ?? [];
          assert.equal(first, title);
          assert.match(second, verdicts);
        }
        assert.equal(lines.includes(`Not applicable: ${notApplicable}.`), notApplicable !== undefined);
      }
    });
  }

  it('has a section under the heading that the first table links, and a row in it, for every suite', () => {
    const overview = readTables(told, OVERVIEW);
    for (const { suite } of EXPECTED_SUITES) {
      assert.ok(overview.includes(`\n| ${overviewRow(suite).join(' | ')} | `), overview);
      assert.match(told, new RegExp(`^## IBM's SDK for Go: ${suite.api}$`, 'm'));
    }
  });
});

describe('the difference of two tables', () => {
  it('shows the lines of one that the other has not, up to a limit', () => {
    assert.equal(differences('a\nb', 'a\nc', 10), '- b\n+ c');
    assert.equal(differences('', '1\n2\n3', 2), '- \n+ 1\n… and 2 more lines');
  });
});
