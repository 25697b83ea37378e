/** IBM's own integration suite of the identity API, for Go, unmodified, against a real Podpass; what it finds is told in docs/compatibility.md. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { differences, readTables, renderTables, replaceTables, type SuiteName } from '../../tools/upstream/compatibility.ts';
import { type Judgement, judge, type Problem } from '../../tools/upstream/judgement.ts';
import { type CompiledSuite, ensureSuite, requireUnmodified } from '../../tools/upstream/module.ts';
import { describeProblems } from '../../tools/upstream/problem-list.ts';
import { runSuite, type SuiteProperties, type SuiteRun } from '../../tools/upstream/suite.ts';
import { startWorld, type World } from '../support/world.ts';
import { SUBJECTS } from './expectations.ts';

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'compatibility.md');
const UPDATE = 'PODPASS_UPDATE_COMPATIBILITY';

describe("IBM's integration suite of the identity API, for Go", () => {
  let suite: CompiledSuite;
  let world: World;
  let run: SuiteRun;
  let judgement: Judgement;
  const serverErrors: string[] = [];

  before(async () => {
    suite = await ensureSuite((line) => process.stderr.write(`${line}\n`));
    const error = (fields: unknown, message: string) => serverErrors.push(`${message} ${JSON.stringify(fields)}`);
    const quiet = () => undefined;
    world = await startWorld({ log: { debug: quiet, info: quiet, warn: quiet, error } });
    run = await runSuite(suite, await makeProperties(world));
    judgement = judge(run, SUBJECTS);
  });

  after(async () => world?.[Symbol.asyncDispose]());

  const problems = (...kinds: readonly Problem['kind'][]) => judgement.problems.filter(({ kind }) => kinds.includes(kind));
  const refuse = (found: readonly Problem[], heading: string) => {
    if (found.length > 0) throw new Error(`${heading}\n\n${describeProblems(found)}\n`);
  };

  it('is the published module, file by file', async () => {
    await requireUnmodified(suite);
  });

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

  it('caused no internal error', () => {
    assert.deepEqual(serverErrors, []);
  });

  it('went as docs/compatibility.md tells', async () => {
    const { path, version } = suite.module;
    const name: SuiteName = { id: 'iam-identity-go', description: `\`${path}\` ${version}, package \`iamidentityv1\`` };
    const tables = renderTables(name, judgement.subjects);
    const page = await readFile(PAGE, 'utf8');
    if (process.env[UPDATE] === '1') await writeFile(PAGE, replaceTables(page, name, tables));
    const told = readTables(await readFile(PAGE, 'utf8'), name);
    const remedy = `docs/compatibility.md differs from this run in the lines below; where the run is right, ${UPDATE}=1 npm run test:upstream writes it.`;
    if (told !== tables) throw new Error(`${remedy}\n\n${differences(told, tables, 30)}\n`);
  });
});

/** A user who owns an account, an enterprise and an account of that enterprise, with an API key of the first. */
async function makeProperties(world: World): Promise<SuiteProperties> {
  const iamId = `IBMid-${randomUUID().slice(0, 8)}`;
  const makeAccount = async (name: string, parent?: string): Promise<string> => {
    const body = { name, owner_iam_id: iamId, ...(parent !== undefined && { parent_account_id: parent }) };
    return (await world.expect(201, 'POST', '/podpass/v1/accounts', { token: world.admin, body })).body.id;
  };
  const accountId = await makeAccount('Suite');
  const enterpriseAccountId = await makeAccount('Enterprise');
  const enterpriseSubaccountId = await makeAccount('Department', enterpriseAccountId);
  const apiKey = await world.apiKey(accountId, iamId);
  return { url: world.url, apiKey, accountId, iamId, enterpriseAccountId, enterpriseSubaccountId };
}
