/** What counts as a problem of a run: specs that fail, do not run, are missing, come twice, are not listed, or pass though they are not applicable. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge, type Subject, titleOf } from '../../tools/upstream/judgement.ts';
import { describeProblems } from '../../tools/upstream/problem-list.ts';
import type { Outcome, SpecResult } from '../../tools/upstream/report.ts';

const SUBJECTS: readonly Subject[] = [
  { title: 'Keys', specs: ['CreateKey', 'GetKey'] },
  { title: 'Providers', notApplicable: 'there are none', specs: ['CreateProvider'] },
];

const result = (name: string, outcome: Outcome, message = '', output = ''): SpecResult => ({ name, outcome, message, output });
const GOOD = [result('CreateKey', 'passed'), result('GetKey', 'passed'), result('CreateProvider', 'failed', 'Expected 404 to equal 201')];

const judgeSpecs = (specs: readonly SpecResult[], others: readonly SpecResult[] = []) => judge({ specs, others }, SUBJECTS);
const kinds = (...args: Parameters<typeof judgeSpecs>) => judgeSpecs(...args).problems.map(({ kind, title }) => [kind, title]);
const replaced = (name: string, ...results: readonly SpecResult[]) => GOOD.flatMap((spec) => (spec.name === name ? results : [spec]));

describe('a run', () => {
  it('has no problem where every listed spec passed once and what is not applicable did not', () => {
    const { problems, subjects } = judgeSpecs(GOOD);
    assert.deepEqual(problems, []);
    assert.deepEqual(subjects, [
      {
        title: 'Keys',
        specs: [
          { title: 'CreateKey', verdict: 'passed' },
          { title: 'GetKey', verdict: 'passed' },
        ],
      },
      { title: 'Providers', notApplicable: 'there are none', specs: [{ title: 'CreateProvider', verdict: 'not applicable' }] },
    ]);
  });

  it('shows specs that failed and specs that were skipped', () => {
    assert.deepEqual(kinds(replaced('GetKey', result('GetKey', 'failed'))), [['failed', 'GetKey']]);
    assert.deepEqual(kinds(replaced('GetKey', result('GetKey', 'skipped'))), [['did not run', 'GetKey']]);
    const verdicts = judgeSpecs(replaced('GetKey', result('GetKey', 'skipped'))).subjects[0]?.specs.map(({ verdict }) => verdict);
    assert.deepEqual(verdicts, ['passed', 'did not run']);
  });

  it('shows specs that were not reported, those that are not applicable included', () => {
    assert.deepEqual(kinds(replaced('GetKey')), [['missing', 'GetKey']]);
    assert.deepEqual(kinds(replaced('CreateProvider')), [['missing', 'CreateProvider']]);
    assert.equal(judgeSpecs(replaced('GetKey')).subjects[0]?.specs[1]?.verdict, 'did not run');
  });

  it('shows specs that were reported twice, and tells the worse outcome', () => {
    const twice = replaced('GetKey', result('GetKey', 'passed'), result('GetKey', 'failed'));
    assert.deepEqual(kinds(twice), [['repeated', 'GetKey']]);
    assert.equal(judgeSpecs(twice).subjects[0]?.specs[1]?.verdict, 'failed');
  });

  it('shows specs that are not listed', () => {
    assert.deepEqual(kinds([...GOOD, result('RotateKey', 'passed')]), [['unlisted', 'RotateKey']]);
  });

  it('shows a declaration that outlived its reason, and tells that the spec passed', () => {
    const stale = replaced('CreateProvider', result('CreateProvider', 'passed'));
    assert.deepEqual(kinds(stale), [['stale', 'CreateProvider']]);
    assert.equal(judgeSpecs(stale).subjects[1]?.specs[0]?.verdict, 'passed');
  });

  it('shows what took part beside the listed specs', () => {
    assert.deepEqual(kinds(GOOD, [result('AfterSuite', 'failed')]), [['stray', 'AfterSuite']]);
  });

  it('shows problems in the order of the run', () => {
    const failing = GOOD.map(({ name }) => result(name, 'failed')).reverse();
    assert.deepEqual(kinds(failing), [
      ['failed', 'GetKey'],
      ['failed', 'CreateKey'],
    ]);
  });

  it('is not judged by a list that names a spec twice', () => {
    const twice = [...SUBJECTS, { title: 'Others', specs: ['GetKey'] }];
    assert.throws(() => judge({ specs: GOOD, others: [] }, twice), /"GetKey" is listed twice: under Keys and Others/);
  });
});

describe('the title of a spec', () => {
  it('leaves out the call with its Go types, and what says the same twice', () => {
    assert.equal(titleOf('GetLink - Get link GetLink(getLinkOptions *GetLinkOptions)'), 'GetLink - Get link');
    assert.equal(titleOf('GetProfileTemplateIT GetProfileTemplateIT'), 'GetProfileTemplateIT');
    assert.equal(titleOf('GetMfaStatus GetMfaStatus(getMfaStatusOptions *getMfaStatusOptions)'), 'GetMfaStatus');
    assert.equal(titleOf('Create without control Create(createOptions *CreateOptions) without control'), 'Create without control');
    for (const slip of ['UpdateKey(updateKeyOptions *UpdateKeyOptions))', 'UpdateKey(updateKeyOptions *UpdateKeyOptions'])
      assert.equal(titleOf(`Update a key ${slip}`), 'Update a key');
  });

  it('keeps what tells two specs of one container apart', () => {
    assert.equal(
      titleOf('ListKeys - List keys ListKeys(listKeysOptions *ListKeysOptions) with pagination'),
      'ListKeys - List keys with pagination',
    );
    assert.equal(titleOf('List keys ListKeys(listKeysOptions *ListKeysOptions) using KeysPager'), 'List keys using KeysPager');
  });

  it('is the whole name where the spec is named otherwise', () => {
    assert.equal(
      titleOf('Client initialization Successfully construct the client'),
      'Client initialization Successfully construct the client',
    );
  });
});

describe('the list of problems', () => {
  const failure = result('GetKey', 'failed', 'Expected\n    <int>: 404\nto equal\n    <int>: 200\nsuite_test.go:12');

  it('names each problem with what Ginkgo said', () => {
    const text = describeProblems(judgeSpecs(replaced('GetKey', failure)).problems);
    assert.equal(text, '✖ GetKey: failed\n    Expected\n        <int>: 404\n    to equal\n        <int>: 200\n    suite_test.go:12');
  });

  it('says what to do about a list that does not fit', () => {
    const specs = [result('CreateKey', 'passed'), result('RotateKey', 'passed'), result('CreateProvider', 'passed')];
    const text = describeProblems(judgeSpecs(specs).problems);
    assert.match(text, /^✖ RotateKey: .* is not listed in test\/upstream\/expectations\/: give it a subject there$/m);
    assert.match(text, /^✖ CreateProvider: passed and is declared not applicable .*: take the declaration back$/m);
    assert.match(text, /^✖ GetKey: is listed .* and was not reported$/m);
  });

  it('keeps many problems short: the first ones whole, of the rest the name and the last answer', () => {
    const log =
      '2026/01/02 03:04:05 [Debug] Request:\nGET /v1/keys HTTP/1.1\r\n\r\n\n2026/01/02 03:04:05 [Debug] Response:\nHTTP/1.1 404 Not Found\r\n\r\n{}\n';
    const problems = Array.from(
      { length: 40 },
      (_, index) => ({ kind: 'failed', title: `Spec ${index}`, result: { ...failure, output: log } }) as const,
    );
    const lines = describeProblems(problems).split('\n');
    assert.ok(lines.length < 150, String(lines.length));
    assert.ok(lines.includes('25 more, often consequences of those above:'));
    assert.equal(lines.at(-1), '✖ Spec 39: failed; GET /v1/keys → 404');
  });
});
