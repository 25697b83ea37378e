/** The `podpass` command as a process of its own, with its output at hand. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import { World } from './world.ts';

const PODPASS = join(import.meta.dirname, '..', '..', 'bin', 'podpass');

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions extends Pick<SpawnOptions, 'cwd' | 'uid' | 'gid'> {
  /** Variables over those of this process, from which every `PODPASS_…` is taken out. */
  readonly environment?: Readonly<Record<string, string>>;
}

function cleanEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PODPASS_') && name !== 'NODE_TEST_CONTEXT'));
}

const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** A process that was started; whatever becomes of the test, it is gone in the end. */
export class Running implements AsyncDisposable {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();
  #stdout = '';
  #stderr = '';
  #over = false;

  constructor(command: string, args: readonly string[], { environment = {}, ...options }: ProcessOptions = {}) {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options, env: { ...cleanEnvironment(), ...environment } });
    alive.add(child);
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#tell();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status, signal) => {
        alive.delete(child);
        this.#over = true;
        this.#tell();
        resolve({ status, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
    this.ended.catch(() => undefined);
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Resolves when standard output matches; throws with all that was said where the process ends before. */
  async output(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#stdout);
      if (found) return found;
      if (this.#over) throw new Error(`The process ended without printing ${pattern}:\n${this.#stdout}${this.#stderr}`);
      await new Promise<void>((resolve) => {
        const watcher = () => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#over) this.#child.kill('SIGKILL');
    await this.ended.catch(() => undefined);
  }

  #tell(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** Starts `podpass …`. */
export function startPodpass(args: readonly string[], options: ProcessOptions = {}): Running {
  return new Running(process.execPath, [PODPASS, ...args], options);
}

/** Starts `podpass …` with a limit on the size of the files that it writes, in blocks of 512 bytes as POSIX counts them. */
export function startWithFileLimit(blocks: number, args: readonly string[]): Running {
  return new Running('sh', ['-c', `ulimit -f ${blocks}; exec "$@"`, 'sh', process.execPath, PODPASS, ...args]);
}

/** Runs `podpass …` to its end. */
export function podpass(args: readonly string[], options: ProcessOptions = {}): Promise<Ended> {
  return startPodpass(args, options).ended;
}

/** The places of an installation in a folder, as flags of `init` and `serve`. */
export function placesIn(dir: string) {
  const dataDir = join(dir, 'data');
  const masterKeyFile = join(dir, 'master.key');
  const adminKeyFile = join(dir, 'admin-key');
  const flags = ['--data-dir', dataDir, '--master-key-file', masterKeyFile];
  return { dir, dataDir, masterKeyFile, adminKeyFile, database: join(dataDir, 'podpass.db'), flags };
}

export type Places = ReturnType<typeof placesIn>;

/** `podpass init`, which must succeed. */
export async function init(dir: string): Promise<Places> {
  const places = placesIn(dir);
  const ended = await podpass(['init', ...places.flags, '--admin-key-file', places.adminKeyFile]);
  if (ended.status !== 0) throw new Error(`init failed: ${ended.stderr}`);
  return places;
}

export interface Served {
  readonly process: Running;
  readonly url: string;
}

/** `podpass serve`, ready to answer. */
export async function serve(
  places: Places,
  more: readonly string[] = ['--listen', '127.0.0.1:0'],
  start: (args: readonly string[]) => Running = startPodpass,
): Promise<Served> {
  const running = start(['serve', ...places.flags, '--log-level', 'warn', ...more]);
  const [, url = ''] = await running.output(/listens on (\S+) and/);
  return { process: running, url };
}

/** The clients of a world for a server that runs in another process. */
export function worldAt(url: string, dir: string): World {
  const server = { url, publicUrl: url, issuer: `${url}/identity`, refusals: new Map<string, number>(), close: async () => undefined };
  return new World(dir, server, true);
}

/** The same with an administrator, made with the first key of the installation. */
export async function worldOf(url: string, places: Places, firstKey: string): Promise<World> {
  const world = worldAt(url, places.dir);
  const body = { iam_id: 'IBMid-admin', name: 'Administrator' };
  const made = await world.expect(201, 'POST', '/podpass/v1/administrators', { token: await world.login(firstKey), body });
  world.admin = await world.login(made.body.apikey);
  return world;
}
