/**
 * Owns Go for the tools that build with it: finding a version that is new enough, naming the folder outside the checkout where what was built is
 * kept, and building one file into place. What is built is left to the tools.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { access, rename, rm } from 'node:fs/promises';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface GoToolchain {
  /** As Go reports it, such as `go1.26.8`. */
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface GoNeed {
  /** What Go is wanted for, as the beginning of a sentence: "Building kube-apiserver and etcd". */
  readonly purpose: string;
  /** The version on the `go` line of the module. */
  readonly minimum: string;
  readonly moduleFolder: string;
}

export interface CacheName {
  /** Names the folder under `podpass` in the user's cache folder. */
  readonly name: string;
  /** The environment variable that puts another folder in the place of that one. */
  readonly variable: string;
  /** Stands for everything that is pinned: another digest, another folder. */
  readonly digest: string;
}

export interface GoBuild {
  readonly label: string;
  /** How long it takes, for whoever waits: "about one minute". */
  readonly expectation: string;
  /** The folder with the `go.mod` that decides versions. */
  readonly moduleFolder: string;
  /** The command of Go, with the flags that are its own: `['build', '-ldflags', '-s']`. */
  readonly command: readonly [string, ...string[]];
  readonly packagePath: string;
  readonly output: string;
}

const HEARTBEAT_MS = 30_000;
const KEPT_OUTPUT_LINES = 30;
/** Beyond this, parallel compilations cost more memory than the time they save. */
const MOST_PARALLEL_COMPILATIONS = 4;

const run = promisify(execFile);

/** Prefers the installed Go; lets an older one fetch the version that `go.mod` asks for, which Go can do by itself since 1.21. */
export async function findGo({ purpose, minimum, moduleFolder }: GoNeed): Promise<GoToolchain> {
  const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GO111MODULE: 'on', GOTOOLCHAIN: 'local' };
  const need = `${purpose} needs Go ${minimum} or later (Go 1.21 or later fetches it by itself) on the PATH; install it from https://go.dev/dl/ or with "apt-get install golang-go"`;
  const installed = await goVersion(tmpdir(), env).catch((cause: unknown) => {
    throw new Error(`${need}.`, { cause });
  });
  if (!isOlder(installed, minimum)) return { version: installed, env };
  if (isOlder(installed, '1.21')) throw new Error(`${need}; the installed one is ${installed}.`);
  const fetching = { ...env, GOTOOLCHAIN: 'auto' };
  const fetched = await goVersion(moduleFolder, fetching).catch((cause: unknown) => {
    throw new Error(`${need}; the installed ${installed} could not fetch it.`, { cause });
  });
  return { version: fetched, env: fetching };
}

async function goVersion(cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await run('go', ['env', 'GOVERSION'], { cwd, env });
  return stdout.trim();
}

function isOlder(version: string, minimum: string): boolean {
  const [major = 0, minor = 0, patch = 0] = numbersOf(version);
  const [minimumMajor = 0, minimumMinor = 0, minimumPatch = 0] = numbersOf(minimum);
  return (major - minimumMajor || minor - minimumMinor || patch - minimumPatch) < 0;
}

function numbersOf(version: string): number[] {
  return [...version.matchAll(/\d+/g)].slice(0, 3).map(([digits]) => Number(digits));
}

/** The folder for what these pins, this Go and this platform make. */
export function cacheFolder({ name, variable, digest }: CacheName, go: GoToolchain): string {
  const key = createHash('sha256').update(`${digest} ${go.version} ${process.platform} ${process.arch}`).digest('hex').slice(0, 16);
  const root = process.env[variable] || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'podpass', name);
  return join(root, key);
}

/** Builds under a name of its own and renames the finished file into place, so that two processes may do it at once. */
export async function buildInPlace(target: GoBuild, go: GoToolchain, log: (line: string) => void): Promise<void> {
  const started = performance.now();
  const elapsed = () => `${Math.round((performance.now() - started) / 1000)} s`;
  log(`Building ${target.label} from its Go module; on two cores expect ${target.expectation}.`);
  const unfinished = `${target.output}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  const heartbeat = setInterval(() => log(`Still building ${target.label}: ${elapsed()}.`), HEARTBEAT_MS);
  try {
    await compile(target, unfinished, go);
    await rename(unfinished, target.output);
  } finally {
    clearInterval(heartbeat);
    await rm(unfinished, { force: true });
  }
  log(`Built ${target.label} in ${elapsed()}.`);
}

/** Command-line flags win over the caller's GOFLAGS. Low priority: a build shares the machine with whoever waits for it. */
async function compile({ command, packagePath, moduleFolder }: GoBuild, output: string, go: GoToolchain): Promise<void> {
  const parallel = String(Math.min(MOST_PARALLEL_COMPILATIONS, availableParallelism()));
  const flags = ['-p', parallel, '-mod=readonly', '-trimpath', '-buildvcs=false', '-o', output];
  const child = spawn('nice', ['-n', '5', 'go', ...command, ...flags, packagePath], {
    cwd: moduleFolder,
    env: go.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let lines: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    lines = [...lines, ...chunk.split('\n').filter(Boolean)].slice(-KEPT_OUTPUT_LINES);
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject).once('close', resolve);
  const code = await promise;
  if (code !== 0)
    throw new Error(`"go ${command[0]} ${packagePath}" ended with ${code ?? 'a signal'}; its last lines:\n${lines.join('\n')}`);
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
