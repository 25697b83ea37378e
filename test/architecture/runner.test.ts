/** The test runner fails when it should: every case is a small project in a temporary folder. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';

const RUNNER = join(import.meta.dirname, '..', '..', 'tools', 'test', 'run.ts');

const PASSING = `import { test } from 'node:test'; test('holds', () => {});`;
const FAILING = `import { test } from 'node:test'; test('holds', () => {}); test('breaks', () => { throw new Error('broken'); });`;

describe('the test runner', () => {
  let folder: string;
  let projects = 0;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'podpass-runner-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (files: Readonly<Record<string, string>>, ...args: string[]) => {
    projects += 1;
    const root = join(folder, String(projects));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    mkdirSync(root, { recursive: true });
    const { status, stdout, stderr } = spawnSync(process.execPath, [RUNNER, '--root', root, ...args], { encoding: 'utf8' });
    return { status, stdout, stderr, closing: stdout.trimEnd().split('\n').at(-1) };
  };

  it('runs the files of its suite and ends with the count of tests', () => {
    const files = {
      'jwt/test/verify.test.ts': PASSING,
      'policy/test/deep/match.test.ts': PASSING,
      'test/token/exchange.test.ts': PASSING,
      'test/token/world.ts': FAILING,
      'src/token/match.test.ts': FAILING,
      'test/kube/pods.test.ts': FAILING,
      'test/seed/walk.test.ts': PASSING,
      'test/upstream/suite.test.ts': FAILING,
    };
    const npm = run(files);
    assert.equal(npm.stderr, '');
    assert.equal(npm.status, 0);
    assert.equal(npm.closing, '3 passed, 0 failed');
    const kube = run(files, '--suite', 'kube');
    assert.equal(kube.status, 1);
    assert.equal(kube.closing, '1 passed, 1 failed');
    assert.equal(run(files, '--suite', 'seed').closing, '1 passed, 0 failed');
    assert.equal(run(files, '--suite', 'upstream').closing, '1 passed, 1 failed');
  });

  it('narrows a suite to files that contain or match a pattern', () => {
    const files = { 'test/token/exchange.test.ts': PASSING, 'test/groups/member.test.ts': PASSING, 'test/view.test.ts': PASSING };
    assert.equal(run(files, 'token').closing, '1 passed, 0 failed');
    assert.equal(run(files, './test/view.test.ts', 'test/groups/*.test.ts').closing, '2 passed, 0 failed');
  });

  it('fails with a failing test, a failing hook and a file that cannot be loaded', () => {
    const hook = `import { before, describe, it } from 'node:test'; describe('x', () => { before(() => { throw new Error('no'); }); it('y', () => {}); });`;
    const cases: readonly (readonly [string, string])[] = [
      [FAILING, '1 passed, 1 failed'],
      [`throw new Error('at import');`, '0 passed, 1 failed'],
      [hook, '0 passed, 2 failed'],
    ];
    for (const [text, closing] of cases) {
      const { status, closing: found, stdout } = run({ 'test/a.test.ts': text });
      assert.equal(status, 1, stdout);
      assert.equal(found, closing);
    }
  });

  it('fails when there is no file, no file that matches, or no test that ran', () => {
    assert.match(run({}).stderr, /^The suite npm holds no test file: nothing ran\.\n$/);
    const unmatched = run({ 'test/a.test.ts': PASSING }, 'nothing');
    assert.equal(unmatched.status, 1);
    assert.match(unmatched.stderr, /^The suite npm holds no test file that matches nothing: nothing ran\.\n$/);
    const skipped = run({ 'test/a.test.ts': `import { test } from 'node:test'; test('later', (t) => t.skip('no cluster here'));` });
    assert.equal(skipped.status, 1);
    assert.match(skipped.stderr, /^No test was executed/);
  });

  it('fails with a file that declares no test', () => {
    const { status, stdout, closing } = run({ 'test/a.test.ts': PASSING, 'test/b.test.ts': 'export {};' });
    assert.equal(status, 1);
    assert.match(stdout, /test\/b\.test\.ts declares no test/);
    assert.equal(closing, '1 passed, 1 failed');
  });

  it('stops a file that does not end, and runs the others', () => {
    const hanging = `${PASSING} setInterval(() => {}, 1000);`;
    const { status, stdout, closing } = run({ 'test/a.test.ts': hanging, 'test/b.test.ts': PASSING }, '--file-timeout', '3');
    assert.equal(status, 1);
    assert.match(stdout, /test\/a\.test\.ts did not end within 3 s/);
    assert.equal(closing, '2 passed, 1 failed');
  });

  it('refuses a suite and an option that it does not know', () => {
    assert.match(run({}, '--suite', 'nightly').stderr, /^There is no suite nightly; the suites are npm, seed, kube, upstream\.\n$/);
    const unknown = run({}, '--watch');
    assert.equal(unknown.status, 1);
    assert.match(unknown.stderr, /Unknown option '--watch'/);
  });
});
