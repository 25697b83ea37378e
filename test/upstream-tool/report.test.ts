/** Reading Ginkgo's JUnit report: which specs there are, how they ended and what they said. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseReport } from '../../tools/upstream/report.ts';

const reportOf = (...cases: readonly string[]): string => `<?xml version="1.0" encoding="UTF-8"?>
  <testsuite name="Identity Suite" tests="${cases.length}" failures="0" errors="0" time="0.1">
${cases.join('\n')}
  </testsuite>`;

const caseOf = (name: string, inner = ''): string =>
  `      <testcase name="${name}" classname="Identity Suite" time="0.01">${inner}</testcase>`;

const parse = (...cases: readonly string[]) => parseReport(reportOf(...cases), 'Integration');

describe('a report of Ginkgo', () => {
  it('holds the specs of the wanted container, in their order, without the name of the container', () => {
    const { specs } = parse(
      caseOf('Integration CreateKey one'),
      caseOf('Unit CreateKey', '<skipped></skipped>'),
      caseOf('Integration GetKey'),
    );
    assert.deepEqual(
      specs.map(({ name, outcome }) => [name, outcome]),
      [
        ['CreateKey one', 'passed'],
        ['GetKey', 'passed'],
      ],
    );
  });

  it('tells passed, failed and skipped specs apart, with what was said', () => {
    const { specs } = parse(
      caseOf('Integration A'),
      caseOf(
        'Integration B',
        '\n<failure type="Failure">Expected&#xA;    &lt;int&gt;: 404</failure>\n<system-out>line&#xD;&#xA;&#34;two&#34; &amp;amp;</system-out>\n',
      ),
      caseOf('Integration C', '<skipped>not here</skipped>'),
      caseOf('Integration D', '<skipped></skipped>'),
    );
    assert.deepEqual(specs, [
      { name: 'A', outcome: 'passed', message: '', output: '' },
      { name: 'B', outcome: 'failed', message: 'Expected\n    <int>: 404', output: 'line\r\n"two" &amp;' },
      { name: 'C', outcome: 'skipped', message: 'not here', output: '' },
      { name: 'D', outcome: 'skipped', message: '', output: '' },
    ]);
  });

  it('reads escapes in names', () => {
    const { specs } = parse(caseOf('Integration GetKey &lt;by&gt; &#34;name&#34; &#x26; &#39;id&#39;'));
    assert.equal(specs[0]?.name, `GetKey <by> "name" & 'id'`);
  });

  it('keeps what took part beside the container: specs that ran and a teardown that failed', () => {
    const { specs, others } = parse(
      caseOf('Unit that ran'),
      caseOf('Unit that did not', '<skipped></skipped>'),
      caseOf('AfterSuite', '<failure type="Failure">left something behind</failure>'),
    );
    assert.deepEqual(specs, []);
    assert.deepEqual(
      others.map(({ name, message }) => [name, message]),
      [
        ['Unit that ran', ''],
        ['AfterSuite', 'left something behind'],
      ],
    );
  });

  it('is refused where it ends early, has an open case, or is something else', () => {
    const whole = reportOf(caseOf('Integration A'), caseOf('Integration B'));
    assert.throws(() => parseReport(whole.slice(0, -20), 'Integration'), /or only a part of one/);
    assert.throws(() => parseReport('panic: no such flag', 'Integration'), /no JUnit report of Ginkgo/);
    const open = '      <testcase name="Integration C" classname="Identity Suite" time="0.01">';
    assert.throws(() => parse(caseOf('Integration A'), open), /not closed/);
  });
});
