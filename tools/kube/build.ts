/**
 * Owns the two Kubernetes binaries that tests run against: where they are kept and how they are built from the Go modules pinned in `go.mod`.
 * Starting them is left to `cluster.ts`. Run directly, this file builds what is absent and prints the paths.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildInPlace, cacheFolder, exists, findGo, type GoBuild } from '../go/toolchain.ts';

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

const MODULE_FOLDER = import.meta.dirname;

/**
 * Answers with the binaries, building those that are absent; the first build takes minutes, later calls milliseconds.
 * They lie in a folder named after the pins and the Go version, under `$PODPASS_KUBE_CACHE` or else `${XDG_CACHE_HOME:-~/.cache}/podpass/kube`.
 * Two processes may call this at once: each builds under a name of its own and the finished file is renamed into place.
 */
export async function ensureKube(log: (line: string) => void): Promise<KubeBinaries> {
  const pinned = await readPinnedModule();
  const go = await findGo({ purpose: 'Building kube-apiserver and etcd', minimum: pinned.minimumGo, moduleFolder: MODULE_FOLDER });
  const cache = cacheFolder({ name: 'kube', variable: 'PODPASS_KUBE_CACHE', digest: pinned.digest }, go);
  const targets = buildTargets(pinned, cache);
  const absent: GoBuild[] = [];
  for (const target of targets) {
    if (!(await exists(target.output))) absent.push(target);
  }
  if (absent.length > 0) {
    await mkdir(cache, { recursive: true });
    log(`Building ${absent.map((target) => target.label).join(' and ')} with ${go.version} into ${cache}; this happens once.`);
    for (const target of absent) await buildInPlace(target, go, log);
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

function buildTargets(pinned: PinnedModule, cache: string): readonly GoBuild[] {
  return [
    {
      label: 'etcd',
      expectation: 'about one minute',
      moduleFolder: MODULE_FOLDER,
      command: ['build', '-ldflags', '-s -w'],
      packagePath: 'go.etcd.io/etcd/server/v3',
      output: join(cache, 'etcd'),
    },
    {
      label: `kube-apiserver ${pinned.kubernetes}`,
      expectation: 'three to ten minutes',
      moduleFolder: MODULE_FOLDER,
      command: ['build', '-ldflags', `-s -w ${versionFlags(pinned.kubernetes)}`],
      packagePath: 'k8s.io/kubernetes/cmd/kube-apiserver',
      output: join(cache, 'kube-apiserver'),
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

if (import.meta.main) {
  try {
    const { apiserver, etcd, version } = await ensureKube((line) => process.stderr.write(`${line}\n`));
    process.stdout.write(`kube-apiserver ${version}: ${apiserver}\netcd: ${etcd}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
