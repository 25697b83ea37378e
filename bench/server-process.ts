/** A Podpass as an operator runs it: `podpass init`, then `podpass serve` in a process of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
  /** How many records of exchanges the stopped server has left on the disk. */
  countAuditRecords(): number;
}

const PODPASS = fileURLToPath(new URL('../bin/podpass', import.meta.url));

async function readUrl(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('The server has no standard output.');
  let url: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    url = /^Podpass listens on (\S+) /.exec(line)?.[1];
    if (url !== undefined) break;
  }
  if (url === undefined) throw new Error('The server has ended before it listened.');
  // What follows is of no interest, but a pipe that nobody reads would stop the server.
  child.stdout.resume();
  return url;
}

const placeIn = (dir: string) => ['--data-dir', dataDirIn(dir), '--master-key-file', join(dir, 'master.key')];

/** Where the server of a directory keeps its store. */
export const dataDirIn = (dir: string): string => join(dir, 'data');

/** Makes an installation in the directory and returns its first API key. */
export async function initInstallation(dir: string): Promise<string> {
  const keyFile = join(dir, 'first-api-key');
  await promisify(execFile)(process.execPath, [PODPASS, 'init', ...placeIn(dir), '--admin-key-file', keyFile]);
  return readFileSync(keyFile, 'utf8').trim();
}

/** Serves the installation in the directory. */
export async function startServerProcess(dir: string, profileDir?: string): Promise<ServerProcess> {
  const profiling = profileDir === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profileDir];
  const flags = ['--listen', '127.0.0.1:0', '--log-level', 'warn', ...placeIn(dir)];
  const child = spawn(process.execPath, [...profiling, PODPASS, 'serve', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const url = await readUrl(child);
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
    countAuditRecords() {
      const db = new DatabaseSync(join(dataDirIn(dir), 'podpass.db'), { readOnly: true });
      try {
        return Number(db.prepare('SELECT COUNT(*) AS records FROM audit_records').get()?.records);
      } finally {
        db.close();
      }
    },
  };
}
