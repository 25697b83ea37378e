/** IBM's own integration suites for Go, unmodified, each against a real Podpass of its own; what they find is told in docs/compatibility.md. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import {
  differences,
  readTables,
  renderOverview,
  renderTables,
  replaceTables,
  type TablesPlace,
} from '../../tools/upstream/compatibility.ts';
import { readExchanges } from '../../tools/upstream/failure-text.ts';
import { type JudgedSubject, type Judgement, judge, type Problem, titleOf } from '../../tools/upstream/judgement.ts';
import { ensureBinary, ensureModule, type PublishedModule, requireUnmodified } from '../../tools/upstream/module.ts';
import { describeProblems } from '../../tools/upstream/problem-list.ts';
import { runSuite, type SuiteRun } from '../../tools/upstream/suite.ts';
import { startWorld, type World } from '../support/world.ts';
import { OVERVIEW, overviewRow, PAGE, suiteName } from './page.ts';
import { EXPECTED_SUITES } from './suites.ts';

const UPDATE = 'PODPASS_UPDATE_COMPATIBILITY';

let published: PublishedModule;
const judged = new Map<string, readonly JudgedSubject[]>();
const log = (line: string) => process.stderr.write(`${line}\n`);

before(async () => {
  published = await ensureModule(log);
});

for (const { suite, subjects, prepare } of EXPECTED_SUITES) {
  describe(`IBM's integration suite for Go, ${suite.api}`, () => {
    let world: World;
    let run: SuiteRun;
    let judgement: Judgement;
    const serverErrors: string[] = [];

    before(async () => {
      const binary = await ensureBinary(published, suite, log);
      const error = (fields: unknown, message: string) => serverErrors.push(`${message} ${JSON.stringify(fields)}`);
      const quiet = () => undefined;
      world = await startWorld({ log: { debug: quiet, info: quiet, warn: quiet, error } });
      run = await runSuite(suite, binary, await prepare(world));
      judgement = judge(run, subjects);
      judged.set(suite.id, judgement.subjects);
    });

    after(async () => world?.[Symbol.asyncDispose]());

    const problems = (...kinds: readonly Problem['kind'][]) => judgement.problems.filter(({ kind }) => kinds.includes(kind));
    const refuse = (found: readonly Problem[], heading: string) => {
      if (found.length > 0) throw new Error(`${heading}\n\n${describeProblems(found)}\n`);
    };

    it('ran to its end', () => {
      assert.equal(run.wasStopped, false, 'The suite took longer than its limit and was stopped; the specs after that are missing.');
      refuse(problems('stray'), 'More took part than the specs of the suite, or its teardown failed.');
    });

    it('reported each of its specs once', () => {
      refuse(problems('missing', 'repeated', 'unlisted'), `${run.specs.length} specs were reported.`);
    });

    it('passed every spec that is not declared not applicable', () => {
      const found = problems('failed', 'did not run');
      refuse(found, `${found.length} of ${run.specs.length} specs did not pass, and should have.`);
    });

    it('passed no spec that is declared not applicable', () => {
      refuse(problems('stale'), 'What passes is applicable.');
    });

    it('was answered 404 wherever it asked for what is declared not applicable', () => {
      const notApplicable = new Set(subjects.filter((subject) => subject.notApplicable !== undefined).flatMap(({ specs }) => specs));
      const asked = run.specs.filter(({ name }) => notApplicable.has(titleOf(name))).flatMap(({ output }) => readExchanges(output));
      assert.ok(asked.length > 0);
      assert.deepEqual(
        asked.filter(({ status }) => status !== 404),
        [],
      );
    });

    it('caused no internal error', () => {
      assert.deepEqual(serverErrors, []);
    });

    it('went as docs/compatibility.md tells', async () => {
      const name = suiteName(published.module, suite);
      await compare(name, renderTables(name, judgement.subjects));
    });
  });
}

describe("IBM's module for Go", () => {
  it('is the published one, file by file, after all suites ran', async () => {
    await requireUnmodified(published);
  });

  it('went as the first table of docs/compatibility.md tells', async () => {
    const rows = EXPECTED_SUITES.map(({ suite }) => {
      const subjects = judged.get(suite.id);
      assert.ok(subjects, `The suite of ${suite.api} did not run.`);
      return { cells: overviewRow(suite), subjects };
    });
    await compare(OVERVIEW, renderOverview(OVERVIEW.describe(published.module), OVERVIEW.headings, rows));
  });
});

/** Fails where the page tells something else than these tables; writes them first where that is asked for. */
async function compare(place: TablesPlace, tables: string): Promise<void> {
  if (process.env[UPDATE] === '1') await writeFile(PAGE, replaceTables(await readFile(PAGE, 'utf8'), place, tables));
  const told = readTables(await readFile(PAGE, 'utf8'), place);
  const remedy = `docs/compatibility.md differs from this run in the lines below; where the run is right, ${UPDATE}=1 npm run test:upstream writes it.`;
  if (told !== tables) throw new Error(`${remedy}\n\n${differences(told, tables, 30)}\n`);
}
