/**
 * The package.json of the published package: what the repository's says, without what only a clone needs. Run as a command it prints it.
 */
import { readFileSync } from 'node:fs';

type Manifest = Readonly<Record<string, unknown>>;

/** Members that belong to the repository: the Node that comes with a clone among them. */
const NOT_PUBLISHED = ['private', 'workspaces', 'scripts', 'devDependencies', 'optionalDependencies'];

export function publishedManifest(root: Manifest, workspaces: readonly { readonly name: string; readonly version: string }[]): Manifest {
  const kept = Object.fromEntries(Object.entries(root).filter(([name]) => !NOT_PUBLISHED.includes(name)));
  const own = Object.fromEntries(workspaces.map(({ name, version }) => [name, version]));
  return {
    ...kept,
    files: ['bin', 'src', 'LICENSE', 'README.md', 'CHANGELOG.md'],
    dependencies: { ...own, ...(root.dependencies as object) },
  };
}

export function readPublishedManifest(): Manifest {
  const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')) as Manifest;
  const root = read('package.json');
  const workspaces = (root.workspaces as readonly string[]).map(
    (folder) => read(`${folder}/package.json`) as unknown as { name: string; version: string },
  );
  return publishedManifest(root, workspaces);
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(readPublishedManifest(), undefined, 2)}\n`);
