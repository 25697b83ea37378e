/** The tables of docs/compatibility.md: what they say, where they stand, and that the page and the list of expectations agree. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { differences, readTables, renderTables, replaceTables } from '../../tools/upstream/compatibility.ts';
import type { JudgedSubject } from '../../tools/upstream/judgement.ts';
import { SUBJECTS } from '../upstream/expectations.ts';

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

| test | result |
|---|---|
| Create provider | not applicable: there are none |`,
    );
  });

  it('have columns for what did not run only where something did not', () => {
    const skipped: JudgedSubject = { title: 'Keys', specs: [{ title: 'Get key', verdict: 'did not run' }] };
    assert.match(renderTables(SUITE, [skipped]), /^\| subject \| passed \| did not run \|$/m);
    const passed: JudgedSubject = { title: 'Keys', specs: [{ title: 'Get key', verdict: 'passed' }] };
    assert.match(renderTables(SUITE, [passed]), /: 1 tests, 1 passed\.\n\n\| subject \| passed \|$/m);
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

  it('has one row for every listed spec of the suite for Go, with the reason where it is not applicable', () => {
    const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'compatibility.md'), 'utf8');
    const rows = readTables(text, { id: 'iam-identity-go', description: '' })
      .split('\n')
      .filter((line) => /^\| .* \| (passed|failed|did not run|not applicable: .*) \|$/.test(line) && !line.startsWith('| subject |'));
    const expected = SUBJECTS.flatMap(({ specs, notApplicable }) => specs.map((title) => ({ title, notApplicable })));
    assert.equal(rows.length, expected.length);
    for (const [index, { title, notApplicable }] of expected.entries()) {
      const start = `| ${title} | ${notApplicable === undefined ? '' : `not applicable: ${notApplicable} |`}`;
      assert.ok(rows[index]?.startsWith(start), `${rows[index]} should begin with ${start}`);
    }
  });
});

describe('the difference of two tables', () => {
  it('shows the lines of one that the other has not, up to a limit', () => {
    assert.equal(differences('a\nb', 'a\nc', 10), '- b\n+ c');
    assert.equal(differences('', '1\n2\n3', 2), '- \n+ 1\n… and 2 more lines');
  });
});
