/**
 * The test runner behind `npm test`, `npm run test:seed`, `npm run test:kube` and `npm run test:upstream`:
 *
 *     node tools/test/run.ts [--suite npm|seed|kube|upstream] [file patterns…]
 *
 * Every file runs in a process of its own, within a time limit; what a file reports is printed when the file is through, so that
 * files running side by side never mix their lines. Fails when a test fails and also when nothing ran.
 */
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { run } from 'node:test';
import { spec, type TestEvent } from 'node:test/reporters';
import { parseArgs } from 'node:util';

const NEEDED_NODE = 24;

interface Suite {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly fileTimeoutSeconds: number;
  readonly filesAtOnce: number;
}

const SUITES = new Map<string, Suite>([
  [
    'npm',
    {
      include: ['jwt/test/**/*.test.ts', 'policy/test/**/*.test.ts', 'test/**/*.test.ts'],
      exclude: ['test/kube/**', 'test/seed/**', 'test/upstream/**'],
      fileTimeoutSeconds: 5 * 60,
      filesAtOnce: Math.max(1, Math.min(availableParallelism(), 4)),
    },
  ],
  [
    // Needs bash and curl, which `npm test` must not.
    'seed',
    { include: ['test/seed/**/*.test.ts'], exclude: [], fileTimeoutSeconds: 5 * 60, filesAtOnce: 1 },
  ],
  [
    'kube',
    {
      include: ['test/kube/**/*.test.ts', 'tools/kube/smoke.test.ts'],
      exclude: [],
      fileTimeoutSeconds: 20 * 60,
      filesAtOnce: 1, // Each file builds or starts a kube-apiserver, which fills the machine.
    },
  ],
  [
    // Needs Go, which compiles the suites of others.
    'upstream',
    { include: ['test/upstream/**/*.test.ts'], exclude: [], fileTimeoutSeconds: 30 * 60, filesAtOnce: 1 },
  ],
]);

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  todo: number;
}

/** What one file did, in the order in which it reported it. */
interface FileReport {
  readonly file: string;
  readonly seconds: number;
  readonly events: readonly TestEvent[];
  readonly counts: Counts;
}

/** A reason not to run, in a sentence for the person at the terminal. */
class Refusal extends Error {}

/** The suite's files, narrowed to those that contain a pattern or that it matches as a glob. */
const filesOf = (suite: Suite, root: string, patterns: readonly string[]): string[] => {
  const matching = (globs: readonly string[]): ReadonlySet<string> => new Set(globSync([...globs], { cwd: root }));
  const excluded = matching(suite.exclude);
  const files = [...matching(suite.include)].filter((file) => !excluded.has(file)).sort();
  if (patterns.length === 0) return files;
  const matched = matching(patterns);
  return files.filter((file) => matched.has(file) || patterns.some((pattern) => file.includes(pattern.replace(/^\.\//, ''))));
};

/** A file without tests passes under its own name, which is not a test. */
const isEmptyFile = (event: TestEvent, path: string): boolean => event.type === 'test:pass' && event.data.name === path;

const count = (counts: Counts, event: TestEvent): void => {
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return;
  const { data } = event;
  const failed = event.type === 'test:fail';
  // A suite counts through its tests, unless it failed by itself: in a hook or while declaring them.
  if (data.details.type === 'suite') {
    const { error } = data.details as { error?: { failureType?: string } };
    if (failed && error?.failureType !== 'subtestsFailed') counts.failed += 1;
  } else if (data.todo !== undefined && data.todo !== false) counts.todo += 1;
  else if (data.skip !== undefined && data.skip !== false) counts.skipped += 1;
  else if (failed) counts.failed += 1;
  else counts.passed += 1;
};

/** The runner's own totals are left to the end of the whole run. */
const isTotal = (event: TestEvent): boolean =>
  event.type === 'test:summary' ||
  (event.type === 'test:plan' && event.data.nesting === 0) ||
  (event.type === 'test:diagnostic' && /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/.test(event.data.message));

const note = (message: string, level: 'info' | 'error' = 'info'): TestEvent => ({
  type: 'test:diagnostic',
  data: { message, level, nesting: 0 },
});

const runFile = async (root: string, file: string, timeoutSeconds: number, stop: AbortSignal): Promise<FileReport> => {
  const path = join(root, file);
  const started = performance.now();
  const timeout = new AbortController();
  const timer = setTimeout(() => {
    timeout.abort(
      new Error(`${file} did not end within ${timeoutSeconds} s; a timer, socket or process that a test leaves behind counts.`),
    );
  }, timeoutSeconds * 1000);
  const stream = run({
    files: [path],
    cwd: root,
    signal: AbortSignal.any([timeout.signal, stop]),
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const events: TestEvent[] = [];
  const counts: Counts = { passed: 0, failed: 0, skipped: 0, todo: 0 };
  for await (const event of stream as AsyncIterable<TestEvent>) {
    if (isTotal(event)) continue;
    if (!isEmptyFile(event, path)) count(counts, event);
    events.push(event);
  }
  clearTimeout(timer);
  if (Object.values(counts).every((each) => each === 0)) {
    counts.failed += 1;
    events.push(note(`${file} declares no test: add one or remove the file.`, 'error'));
  }
  return { file, seconds: (performance.now() - started) / 1000, events, counts };
};

/** Reports in the order in which files finish, at most `filesAtOnce` of them under way. */
async function* runFiles(root: string, files: readonly string[], suite: Suite, stop: AbortSignal): AsyncGenerator<FileReport, void> {
  const waiting = [...files];
  const underWay = new Map<string, Promise<FileReport>>();
  while (!stop.aborted || underWay.size > 0) {
    while (!stop.aborted && underWay.size < suite.filesAtOnce) {
      const file = waiting.shift();
      if (file === undefined) break;
      underWay.set(file, runFile(root, file, suite.fileTimeoutSeconds, stop));
    }
    if (underWay.size === 0) return;
    const report = await Promise.race(underWay.values());
    underWay.delete(report.file);
    yield report;
  }
}

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    // `--root` and `--file-timeout` serve the runner's own tests.
    options: { suite: { type: 'string', default: 'npm' }, root: { type: 'string' }, 'file-timeout': { type: 'string' } },
  });
  const named = SUITES.get(values.suite);
  if (named === undefined) throw new Refusal(`There is no suite ${values.suite}; the suites are ${[...SUITES.keys()].join(', ')}.`);
  const limit = values['file-timeout'] === undefined ? named.fileTimeoutSeconds : Number(values['file-timeout']);
  if (!(limit > 0)) throw new Refusal(`--file-timeout is a number of seconds, not ${values['file-timeout']}.`);
  const suite = { ...named, fileTimeoutSeconds: limit };

  const root = values.root === undefined ? join(import.meta.dirname, '..', '..') : resolve(values.root);
  const files = filesOf(suite, root, positionals);
  if (files.length === 0) {
    const asked = positionals.length === 0 ? '' : ` that matches ${positionals.join(' or ')}`;
    throw new Refusal(`The suite ${values.suite} holds no test file${asked}: nothing ran.`);
  }
  // Set where a test starts this runner; with it, node:test would run nothing.
  delete process.env.NODE_TEST_CONTEXT;

  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());

  const total: Counts = { passed: 0, failed: 0, skipped: 0, todo: 0 };
  let filesDone = 0;
  async function* report(): AsyncGenerator<TestEvent, void> {
    for await (const { file, seconds, events, counts } of runFiles(root, files, suite, stop.signal)) {
      filesDone += 1;
      for (const kind of ['passed', 'failed', 'skipped', 'todo'] as const) total[kind] += counts[kind];
      yield note(`${file} (${seconds.toFixed(1)} s)`);
      yield* events;
    }
    for (const kind of ['skipped', 'todo'] as const) if (total[kind] > 0) yield note(`${kind} ${total[kind]}`);
  }
  for await (const text of Readable.from(report()).compose(new spec())) process.stdout.write(text);

  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  if (filesDone < files.length)
    throw new Refusal(`The run was interrupted: ${files.length - filesDone} of ${files.length} files did not run.`);
  if (total.passed + total.failed === 0) throw new Refusal('No test was executed: every one is skipped or still to be written.');
  return total.failed === 0 && !stop.signal.aborted ? 0 : 1;
};

if (Number.parseInt(process.versions.node, 10) < NEEDED_NODE) {
  process.stderr.write(`The tests need Node ${NEEDED_NODE} or later and this is ${process.version}: run them with \`npm test\`.\n`);
  process.exitCode = 1;
} else {
  try {
    process.exitCode = await main();
  } catch (error) {
    const isUsage =
      error instanceof Refusal || (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
    if (!isUsage) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
