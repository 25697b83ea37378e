/**
 * `bin/podpass` on machines with and without a Node that is new enough. Each machine is a temporary folder with a copy of `bin`, a small
 * `src/main.ts`, and a Node of its own; PODPASS_NEEDS_NODE makes the Node that runs the tests count as too old.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';

const ROOT = join(import.meta.dirname, '..', '..');
const TOO_OLD = { ...process.env, PODPASS_NEEDS_NODE: '999' };

const MAIN = `
import { DatabaseSync } from 'node:sqlite';
const [task, ...rest]: string[] = process.argv.slice(2);
new DatabaseSync(':memory:').close();
process.emitWarning('an experiment', 'ExperimentalWarning');
process.emitWarning('an experiment', { type: 'ExperimentalWarning' });
if (task === 'warn') process.emitWarning('a warning of our own');
if (task === 'report') console.log(JSON.stringify({ pid: process.pid, rest, launcher: process.env.PODPASS_LAUNCHER ?? null }));
if (task === 'fail') process.exitCode = 7;
if (task === 'serve' || task === 'serve-politely') {
  setInterval(() => {}, 1000);
  if (task === 'serve-politely') for (const signal of rest) process.once(signal, () => { console.log(signal); process.exit(40); });
  console.log('ready');
}
`;

/** Says that it is new enough, and is the Node of these tests. */
const BROUGHT_NODE = `#!/bin/sh
if [ "$1" = --version ]; then echo v999.0.0; exit; fi
unset PODPASS_NEEDS_NODE
exec "${process.execPath}" "$@"
`;

/** Nodes of this machine that are too old for Podpass; none on a machine that has only a new one. */
const oldNodes = (): readonly string[] => {
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'));
  const found = [process.env.PODPASS_OLD_NODE, ...onPath].filter((node) => node !== undefined && existsSync(node)) as string[];
  return found.filter((node) => Number(/^v(\d+)/.exec(execFileSync(node, ['--version'], { encoding: 'utf8' }))?.[1]) < 24).slice(0, 1);
};

describe('the launcher', () => {
  let folder: string;
  /** `bin/podpass` alone: nothing was installed. */
  let alone: string;
  /** A whole Podpass, whose optional dependency brought a Node. */
  let podpass: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'podpass-launcher-'));
    alone = join(folder, 'alone', 'podpass');
    mkdirSync(join(folder, 'alone'));
    copyFileSync(join(ROOT, 'bin', 'podpass'), alone);
    podpass = join(folder, 'machine', 'bin', 'podpass');
    cpSync(join(ROOT, 'bin'), join(folder, 'machine', 'bin'), { recursive: true });
    mkdirSync(join(folder, 'machine', 'src'));
    writeFileSync(join(folder, 'machine', 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'machine', 'src', 'main.ts'), MAIN);
    const brought = join(folder, 'machine', 'node_modules', `node-${process.platform}-${process.arch}`, 'bin');
    mkdirSync(brought, { recursive: true });
    writeFileSync(join(brought, 'node'), BROUGHT_NODE, { mode: 0o755 });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const start = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildProcess> => {
    const child = spawn(process.execPath, [podpass, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    return child;
  };

  /** How the process ended, once nobody holds its stdout any more: a server that outlived its launcher would. */
  const end = async (child: ChildProcess): Promise<unknown> => {
    await once(child, 'close', { signal: AbortSignal.timeout(20_000) });
    return child.signalCode ?? child.exitCode;
  };

  for (const [where, node, env] of [
    ['a machine whose Node is said to be too old', process.execPath, TOO_OLD],
    ...oldNodes().map((each) => ['a machine with an old Node', each, process.env] as const),
  ] as const) {
    it(`says in one sentence what is missing, on ${where}`, () => {
      const { status, stdout, stderr } = spawnSync(node, [alone, 'dev'], { env, encoding: 'utf8' });
      assert.equal(status, 1);
      assert.equal(stdout, '');
      assert.match(
        stderr,
        /^podpass needs Node \d+ or later and this is v\d+\.\d+\.\d+: install it from https:\/\/nodejs\.org, or run `npm ci`[^\n]*\.\n$/,
      );
    });

    it(`runs under the Node that the optional dependency brought, on ${where}`, () => {
      const { status, stdout, stderr } = spawnSync(node, [podpass, 'report', 'a b', '--flag=1'], { env, encoding: 'utf8' });
      assert.equal(stderr, '');
      assert.equal(status, 0);
      const { rest, launcher } = JSON.parse(stdout) as { readonly rest: unknown; readonly launcher: unknown };
      assert.deepEqual(rest, ['a b', '--flag=1']);
      assert.equal(launcher, null, 'what the launcher tells the Node it launched is not for the processes after it');
    });
  }

  it('is the server itself where Node is new enough, and keeps quiet about experiments', () => {
    const { status, stdout, stderr, pid } = spawnSync(process.execPath, [podpass, 'report', 'a'], { encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.equal(status, 0);
    assert.deepEqual(JSON.parse(stdout), { pid, rest: ['a'], launcher: null });
  });

  it('passes every other warning on', () => {
    const { stderr } = spawnSync(process.execPath, [podpass, 'warn'], { encoding: 'utf8' });
    assert.match(stderr, /Warning: a warning of our own/);
    assert.doesNotMatch(stderr, /experiment/);
  });

  for (const [how, env] of [
    ['in its own process', process.env],
    ['under a brought Node', TOO_OLD],
  ] as const) {
    it(`repeats the exit status, ${how}`, () => {
      assert.equal(spawnSync(process.execPath, [podpass, 'fail'], { env }).status, 7);
    });

    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      it(`hands ${signal} on to a server that answers it, ${how}`, async () => {
        const child = await start(['serve-politely', signal], env);
        const answer = once(child.stdout ?? child, 'data');
        child.kill(signal);
        assert.equal(String((await answer)[0]), `${signal}\n`);
        assert.equal(await end(child), 40);
      });

      it(`ends by ${signal} with a server that does not, ${how}`, async () => {
        const child = await start(['serve'], env);
        child.kill(signal);
        assert.equal(await end(child), signal);
      });
    }

    it(`takes the server with it when it is killed, ${how}`, async () => {
      const child = await start(['serve'], env);
      child.kill('SIGKILL');
      assert.equal(await end(child), 'SIGKILL');
    });
  }
});
