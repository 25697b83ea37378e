/**
 * Owns the two Kubernetes binaries that tests run against: where they are kept and how they are built from the Go modules pinned in `go.mod`.
 * Starting them is left to `cluster.ts`. Run directly, this file builds what is absent and prints the paths.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Paths of the built binaries and the Kubernetes version they report, such as `1.36.4`. */
export interface KubeBinaries {
  readonly apiserver: string;
  readonly etcd: string;
  readonly version: string;
}

/** The pinned module as its two files describe it. */
interface PinnedModule {
  readonly kubernetes: string;
  readonly minimumGo: string;
  readonly digest: string;
}

interface GoToolchain {
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
}

interface BuildTarget {
  readonly label: string;
  readonly packagePath: string;
  readonly binary: string;
  readonly linkerFlags: string;
  readonly expectation: string;
}

const MODULE_FOLDER = import.meta.dirname;
const HEARTBEAT_MS = 30_000;
const KEPT_OUTPUT_LINES = 30;
/** Beyond this, parallel compilations cost more memory than the time they save. */
const MOST_PARALLEL_COMPILATIONS = 4;

const run = promisify(execFile);

/**
 * Answers with the binaries, building those that are absent; the first build takes minutes, later calls milliseconds.
 * They lie in a folder named after the pins and the Go version, under `$PODPASS_KUBE_CACHE` or else `${XDG_CACHE_HOME:-~/.cache}/podpass/kube`.
 * Two processes may call this at once: each builds under a name of its own and the finished file is renamed into place.
 */
export async function ensureKube(log: (line: string) => void): Promise<KubeBinaries> {
  const pinned = await readPinnedModule();
  const go = await findGo(pinned.minimumGo);
  const cache = cacheFolder(pinned, go);
  const targets = buildTargets(pinned, cache);
  const absent: BuildTarget[] = [];
  for (const target of targets) {
    if (!(await exists(target.binary))) absent.push(target);
  }
  if (absent.length > 0) {
    await mkdir(cache, { recursive: true });
    log(`Building ${absent.map((target) => target.label).join(' and ')} with ${go.version} into ${cache}; this happens once.`);
    for (const target of absent) await build(target, go, log);
  }
  return Object.freeze({ apiserver: join(cache, 'kube-apiserver'), etcd: join(cache, 'etcd'), version: pinned.kubernetes });
}

async function readPinnedModule(): Promise<PinnedModule> {
  const [goMod, goSum] = await Promise.all([
    readFile(join(MODULE_FOLDER, 'go.mod'), 'utf8'),
    readFile(join(MODULE_FOLDER, 'go.sum'), 'utf8'),
  ]);
  const kubernetes = /^\s*k8s\.io\/kubernetes v(\S+)/m.exec(goMod)?.[1];
  const minimumGo = /^go (\S+)/m.exec(goMod)?.[1];
  if (kubernetes === undefined || minimumGo === undefined) {
    throw new Error('tools/kube/go.mod must name a Go version and require k8s.io/kubernetes; restore it from the repository.');
  }
  return { kubernetes, minimumGo, digest: createHash('sha256').update(goMod).update(goSum).digest('hex') };
}

/** Prefers the installed Go; lets an older one fetch the version that `go.mod` asks for, which Go can do by itself since 1.21. */
async function findGo(minimumGo: string): Promise<GoToolchain> {
  const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GO111MODULE: 'on', GOTOOLCHAIN: 'local' };
  const need = `Building kube-apiserver and etcd needs Go ${minimumGo} or later (Go 1.21 or later fetches it by itself) on the PATH; install it from https://go.dev/dl/ or with "apt-get install golang-go"`;
  const installed = await goVersion(tmpdir(), env).catch((cause: unknown) => {
    throw new Error(`${need}.`, { cause });
  });
  if (!isOlder(installed, minimumGo)) return { version: installed, env };
  if (isOlder(installed, '1.21')) throw new Error(`${need}; the installed one is ${installed}.`);
  const fetching = { ...env, GOTOOLCHAIN: 'auto' };
  const fetched = await goVersion(MODULE_FOLDER, fetching).catch((cause: unknown) => {
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

function cacheFolder(pinned: PinnedModule, go: GoToolchain): string {
  const key = createHash('sha256').update(`${pinned.digest} ${go.version} ${process.platform} ${process.arch}`).digest('hex').slice(0, 16);
  const root = process.env.PODPASS_KUBE_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'podpass', 'kube');
  return join(root, key);
}

function buildTargets(pinned: PinnedModule, cache: string): readonly BuildTarget[] {
  return [
    {
      label: 'etcd',
      packagePath: 'go.etcd.io/etcd/server/v3',
      binary: join(cache, 'etcd'),
      linkerFlags: '-s -w',
      expectation: 'about one minute',
    },
    {
      label: `kube-apiserver ${pinned.kubernetes}`,
      packagePath: 'k8s.io/kubernetes/cmd/kube-apiserver',
      binary: join(cache, 'kube-apiserver'),
      linkerFlags: `-s -w ${versionFlags(pinned.kubernetes)}`,
      expectation: 'three to ten minutes',
    },
  ];
}

/** Module sources carry no version of their own; without these flags `/version` answers `v0.0.0-master`. The commit is not known and stays empty. */
function versionFlags(kubernetes: string): string {
  const [major, minor] = kubernetes.split('.');
  const values = { gitVersion: `v${kubernetes}`, gitMajor: major, gitMinor: minor, gitCommit: '', gitTreeState: 'clean' };
  return ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']
    .flatMap((owner) => Object.entries(values).map(([name, value]) => `-X ${owner}.${name}=${value}`))
    .join(' ');
}

async function build(target: BuildTarget, go: GoToolchain, log: (line: string) => void): Promise<void> {
  const started = performance.now();
  const elapsed = () => `${Math.round((performance.now() - started) / 1000)} s`;
  log(`Building ${target.label} from its Go module; on two cores expect ${target.expectation}.`);
  const unfinished = `${target.binary}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  const heartbeat = setInterval(() => log(`Still building ${target.label}: ${elapsed()}.`), HEARTBEAT_MS);
  try {
    await compile(target, unfinished, go);
    await rename(unfinished, target.binary);
  } finally {
    clearInterval(heartbeat);
    await rm(unfinished, { force: true });
  }
  log(`Built ${target.label} in ${elapsed()}.`);
}

/** Command-line flags win over the caller's GOFLAGS. Low priority: a build shares the machine with whoever waits for it. */
async function compile(target: BuildTarget, output: string, go: GoToolchain): Promise<void> {
  const parallel = String(Math.min(MOST_PARALLEL_COMPILATIONS, availableParallelism()));
  const flags = ['-p', parallel, '-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', target.linkerFlags, '-o', output];
  const child = spawn('nice', ['-n', '5', 'go', 'build', ...flags, target.packagePath], {
    cwd: MODULE_FOLDER,
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
    throw new Error(`"go build ${target.packagePath}" ended with ${code ?? 'a signal'}; its last lines:\n${lines.join('\n')}`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

if (import.meta.main) {
  try {
    const { apiserver, etcd, version } = await ensureKube((line) => process.stderr.write(`${line}\n`));
    process.stdout.write(`kube-apiserver ${version}: ${apiserver}\netcd: ${etcd}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
