/**
 * Owns the sources and the test binaries of IBM's integration suites: the Go module that `go.mod` pins is copied out of Go's module cache, and
 * each suite is compiled once. The copy has the hash that `go.sum` states for the published module, hence no file of it was changed, added or
 * left out. Running a binary is left to `suite.ts`.
 */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { buildInPlace, cacheFolder, exists, findGo, type GoToolchain } from '../go/toolchain.ts';
import { UPSTREAM_SUITES, type UpstreamSuite } from './suites.ts';

/** What `go.mod` and `go.sum` say of the one module that they pin. */
export interface PinnedModule {
  /** Such as `github.com/IBM/platform-services-go-sdk`. */
  readonly path: string;
  /** Such as `v0.103.0`. */
  readonly version: string;
  /** The hash of its files, as `go.sum` writes it: `h1:` and base64. */
  readonly hash: string;
  readonly minimumGo: string;
}

/** A copy of the module, and the Go that compiles it. */
export interface PublishedModule {
  readonly module: PinnedModule;
  readonly sources: string;
  /** Where its binaries are kept. */
  readonly cache: string;
  readonly go: GoToolchain;
}

const MODULE_FOLDER = import.meta.dirname;

const run = promisify(execFile);

/**
 * Answers with an unmodified copy of the module, making it where it is absent. It lies in a folder named after the pins and the Go version, under
 * `$PODPASS_UPSTREAM_CACHE` or else `${XDG_CACHE_HOME:-~/.cache}/podpass/upstream`. Two processes may call this at once.
 */
export async function ensureModule(log: (line: string) => void): Promise<PublishedModule> {
  const [goMod, goSum] = await Promise.all(['go.mod', 'go.sum'].map((name) => readFile(join(MODULE_FOLDER, name), 'utf8')));
  const module = readPins(goMod ?? '', goSum ?? '');
  const go = await findGo({ purpose: "Compiling IBM's integration suites", minimum: module.minimumGo, moduleFolder: MODULE_FOLDER });
  const digest = createHash('sha256').update(`${goMod}${goSum}`).digest('hex');
  const cache = cacheFolder({ name: 'upstream', variable: 'PODPASS_UPSTREAM_CACHE', digest }, go);
  const sources = join(cache, 'module');
  await mkdir(cache, { recursive: true });
  if (!(await exists(sources))) {
    log(`Copying ${module.path} ${module.version} into ${cache}; this happens once.`);
    await copyModule(module, sources, go);
  }
  await requireUnmodified({ module, sources });
  return Object.freeze({ module, sources, cache, go });
}

/** Answers with the suite's test binary, compiling it where it is absent: half a minute for the first of a module, seconds for those after it. */
export async function ensureBinary(
  { module, sources, cache, go }: PublishedModule,
  { packageName }: Pick<UpstreamSuite, 'packageName'>,
  log: (line: string) => void,
): Promise<string> {
  const binary = join(cache, `${packageName}.test`);
  if (await exists(binary)) return binary;
  const target = {
    label: `${packageName} of ${module.path} ${module.version}`,
    expectation: 'half a minute',
    moduleFolder: sources,
    command: ['test', '-c', '-tags', 'integration'],
    packagePath: `./${packageName}`,
    output: binary,
  } as const;
  await buildInPlace(target, go, log);
  return binary;
}

export function readPins(goMod: string, goSum: string): PinnedModule {
  const minimumGo = /^go (\S+)$/m.exec(goMod)?.[1];
  const [, path, version] = /^require (\S+) (v\S+)$/m.exec(goMod) ?? [];
  const hash = goSum
    .split('\n')
    .map((line) => line.split(' '))
    .find(([modulePath, moduleVersion]) => modulePath === path && moduleVersion === version)?.[2];
  if (minimumGo === undefined || path === undefined || version === undefined || hash === undefined) {
    throw new Error(
      'tools/upstream/go.mod must name a Go version and require one module, and go.sum its hash; restore them from the repository.',
    );
  }
  return { path, version, hash, minimumGo };
}

/** Fails when a file of the copy differs from the published module, is missing, or does not belong to it. */
export async function requireUnmodified({ module, sources }: Pick<PublishedModule, 'module' | 'sources'>): Promise<void> {
  const found = await hashModule(sources, module);
  if (found === module.hash) return;
  throw new Error(
    `${sources} is not ${module.path} ${module.version} as published: its files hash to ${found}, and go.sum states ${module.hash}. Delete that folder and run this again.`,
  );
}

/** The hash that `go.sum` states: of one line for each file with the file's SHA-256 and its name, which begins with the module's, in the order of names. */
export async function hashModule(folder: string, { path, version }: Pick<PinnedModule, 'path' | 'version'>): Promise<string> {
  const total = createHash('sha256');
  for (const file of await filesOf(folder)) {
    const content = await readFile(join(folder, file));
    total.update(`${createHash('sha256').update(content).digest('hex')}  ${path}@${version}/${file}\n`);
  }
  return `h1:${total.digest('base64')}`;
}

/** Copies under a name of its own and renames the finished folder into place. */
async function copyModule(module: PinnedModule, sources: string, go: GoToolchain): Promise<void> {
  const original = await downloadModule(module, go);
  const unfinished = `${sources}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    for (const file of await filesOf(original)) {
      await mkdir(dirname(join(unfinished, file)), { recursive: true });
      await writeFile(join(unfinished, file), await readFile(join(original, file))); // not copyFile: the original is read-only
    }
    await rename(unfinished, sources).catch(async (error: unknown) => {
      if (!(await exists(sources))) throw error; // another process was faster
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** The module's folder in Go's module cache, downloaded where it is absent. */
async function downloadModule({ path, version }: PinnedModule, go: GoToolchain): Promise<string> {
  const { stdout } = await run('go', ['mod', 'download', '-json', `${path}@${version}`], { cwd: MODULE_FOLDER, env: go.env }).catch(
    (cause: unknown) => {
      const said = cause instanceof Error && 'stdout' in cause ? `: ${cause.stdout}` : '.';
      throw new Error(`Go could not download ${path} ${version}${said}`, { cause });
    },
  );
  const answer: unknown = JSON.parse(stdout);
  const folder = typeof answer === 'object' && answer !== null && 'Dir' in answer ? answer.Dir : undefined;
  if (typeof folder !== 'string') throw new Error(`"go mod download" named no folder for ${path} ${version}: ${stdout}`);
  return folder;
}

/** Every file below the folder, with forward slashes, in the order of bytes. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    )
    .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
}

if (import.meta.main) {
  try {
    const log = (line: string) => process.stderr.write(`${line}\n`);
    const published = await ensureModule(log);
    process.stdout.write(`${published.module.path} ${published.module.version}: ${published.sources}\n`);
    for (const suite of UPSTREAM_SUITES) process.stdout.write(`${suite.packageName}: ${await ensureBinary(published, suite, log)}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
