/** What a release, a reviewer and a stranger's machine rely on outside the code: manifests, lock file, licence and changelog agree. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly engines: { readonly node: string };
  readonly workspaces?: readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const readManifest = (folder: string): Manifest => JSON.parse(read(join(folder, 'package.json'))) as Manifest;

const root = readManifest('.');
const workspaces = root.workspaces ?? [];
const manifests = ['.', ...workspaces].map(readManifest);

describe('the house', () => {
  it('has executable commands where package.json and CI expect them', () => {
    const commands = [...Object.values(root.bin ?? {}), '.ci/run'];
    assert.ok(commands.includes('bin/podpass'));
    for (const command of commands) {
      assert.equal(statSync(join(ROOT, command)).mode & 0o111, 0o111, `${command} is not executable: chmod +x ${command}`);
      assert.match(read(command), /^#!\/usr\/bin\/env (node|bash)\n/, `${command} names no interpreter`);
    }
  });

  it('has scripts that run existing files', () => {
    for (const [script, line] of Object.entries(root.scripts ?? {})) {
      const file = /^node (\S+)/.exec(line)?.[1];
      if (file !== undefined) assert.ok(existsSync(join(ROOT, file)), `npm run ${script} runs ${file}, which does not exist`);
    }
  });

  it('has workspaces that exist, with its version, licence and Node', () => {
    assert.ok(workspaces.length > 0);
    for (const [index, folder] of workspaces.entries()) {
      const manifest = manifests[index + 1];
      assert.equal(manifest?.name, `@podpass/${folder}`);
      assert.equal(manifest.version, root.version);
      assert.equal(manifest.license, root.license);
      assert.deepEqual(manifest.engines, root.engines);
    }
  });

  it('pins every dependency to one version', () => {
    for (const { name, dependencies, devDependencies, optionalDependencies } of manifests) {
      for (const [dependency, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
        assert.match(
          version,
          /^\d+\.\d+\.\d+(-[\w.]+)?$/,
          `${name} takes ${dependency} at ${version}, which can change from one install to the next`,
        );
      }
    }
  });

  it('brings a Node that satisfies its own engines', () => {
    const needed = Number(/^>=(\d+)$/.exec(root.engines.node)?.[1]);
    const brought = Object.entries(root.optionalDependencies ?? {}).filter(([name]) => name.startsWith('node-'));
    assert.ok(brought.length > 0);
    for (const [name, version] of brought)
      assert.ok(Number.parseInt(version, 10) >= needed, `${name} ${version} is older than Node ${needed}`);
  });

  it('has a lock file that installs from any registry, unchanged', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly integrity?: string; readonly link?: boolean }>>;
    };
    const installed = Object.entries(packages).filter(([path, { link }]) => path.startsWith('node_modules/') && link !== true);
    assert.ok(installed.length > 0);
    for (const [path, { resolved, integrity }] of installed) {
      assert.equal(resolved, undefined, `${path} is bound to ${resolved}: run npm install with the project's .npmrc`);
      assert.match(integrity ?? '', /^sha512-/, `${path} has no sha512 integrity`);
    }
    assert.equal(packages['']?.resolved, undefined);
  });

  it('locks every package that a locked package names, for every platform, without which npm ci refuses to install', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      readonly packages: Readonly<Record<string, Pick<Manifest, 'dependencies' | 'devDependencies' | 'optionalDependencies'>>>;
    };
    /** Where Node would look for the package, from the folder of the one that names it. */
    const isLocked = (folder: string, name: string): boolean => {
      if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true;
      return folder !== '' && isLocked(folder.slice(0, Math.max(0, folder.lastIndexOf('/'))), name);
    };
    const missing = Object.entries(packages).flatMap(([folder, { dependencies, devDependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })
        .filter((name) => !isLocked(folder, name))
        .map((name) => `${name}, which ${folder === '' ? 'the project' : folder} names`),
    );
    assert.deepEqual(missing, []);
  });

  it('has an .npmrc that keeps registries out of the lock file and names none itself', () => {
    const lines = read('.npmrc').trim().split('\n');
    assert.ok(lines.includes('omit-lockfile-registry-resolved=true'));
    for (const line of lines) assert.doesNotMatch(line, /registry=|_auth|:\/\//, `.npmrc carries an address or a secret: ${line}`);
  });

  it('has the version of the newest heading of CHANGELOG.md', () => {
    const newest = /^## \[(\d+\.\d+\.\d+[^\]]*)\]/m.exec(read('CHANGELOG.md'))?.[1];
    assert.equal(newest, root.version);
  });

  it('is licensed under Apache-2.0, with the text of it', () => {
    assert.equal(root.license, 'Apache-2.0');
    const licence = read('LICENSE');
    assert.match(licence, /^\s*Apache License\s+Version 2\.0, January 2004\s/);
    for (const part of ['9. Accepting Warranty or Additional Liability', 'END OF TERMS AND CONDITIONS'])
      assert.ok(licence.includes(part), part);
  });
});
