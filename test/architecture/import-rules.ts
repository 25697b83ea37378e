/**
 * Which part of the project may import which, as one table, and the check of a set of files against it. Reads no disk: the files are
 * handed in, so that the rules can be tried on files that do not exist.
 */
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { type FoundImport, findImports } from './import-scanner.ts';

export interface SourceFile {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Declared {
  /** Packages of `dependencies` and the workspaces: what runs in production. */
  readonly production: ReadonlySet<string>;
  /** Those and `devDependencies`. */
  readonly all: ReadonlySet<string>;
}

type Part =
  | ('jwt' | 'policy' | 'kernel' | 'audit' | 'identity' | 'groups' | 'access' | 'clusters')
  | ('view' | 'token' | 'explain' | 'http' | 'store' | 'kube' | 'ops' | 'installation' | 'server' | 'cli' | 'main');

interface PartRow {
  /** A file, or a folder with the slash at its end. */
  readonly path: string;
  /** Parts of which it may import anything, in addition to itself. */
  readonly imports: readonly Part[];
  /** Parts of which it may import types only. */
  readonly types?: readonly Part[];
  /** Parts whose `service`, `routes` and `store` files are open to it too; other parts see types and pure files. */
  readonly innards?: readonly Part[];
  /** The only builtins it may import; any, where undefined. */
  readonly builtins?: readonly string[];
}

const SLICES: readonly Part[] = ['identity', 'groups', 'access', 'clusters'];
const BELOW_SLICES: readonly Part[] = ['kernel', 'audit', 'jwt', 'policy'];
const BELOW_TOKEN: readonly Part[] = [...BELOW_SLICES, ...SLICES, 'view'];
const ALL_BUT_CLI: readonly Part[] = [...BELOW_TOKEN, 'token', 'explain', 'http', 'store', 'kube', 'ops'];

const PARTS: Readonly<Record<Part, PartRow>> = {
  jwt: { path: 'jwt/src/', imports: [], builtins: ['node:crypto', 'node:buffer'] },
  policy: { path: 'policy/src/', imports: [], builtins: ['node:crypto', 'node:buffer'] },
  kernel: { path: 'src/kernel/', imports: [] },
  audit: { path: 'src/audit/', imports: ['kernel'] },
  identity: { path: 'src/identity/', imports: [...BELOW_SLICES, ...SLICES] },
  groups: { path: 'src/groups/', imports: [...BELOW_SLICES, ...SLICES] },
  access: { path: 'src/access/', imports: [...BELOW_SLICES, ...SLICES] },
  clusters: { path: 'src/clusters/', imports: [...BELOW_SLICES, ...SLICES] },
  view: { path: 'src/view/', imports: [...BELOW_SLICES, ...SLICES] },
  token: { path: 'src/token/', imports: BELOW_TOKEN },
  explain: { path: 'src/explain/', imports: [...BELOW_TOKEN, 'token'] },
  http: { path: 'src/http/', imports: [...BELOW_TOKEN, 'token'] },
  // An adapter fulfils the ports that the slices declare in their `store.ts`, hence sees those files, as types.
  store: {
    path: 'src/store/',
    imports: ['kernel', 'audit'],
    types: [...SLICES, 'view', 'token'],
    innards: [...SLICES, 'audit', 'view', 'token'],
  },
  kube: { path: 'src/kube/', imports: ['kernel', 'jwt'], types: ['clusters'] },
  ops: { path: 'src/ops/', imports: ['kernel'] },
  // The composition root is two files: one makes an installation, the other serves it.
  installation: { path: 'src/installation.ts', imports: ALL_BUT_CLI, innards: ALL_BUT_CLI },
  server: { path: 'src/server.ts', imports: [...ALL_BUT_CLI, 'installation'], innards: ALL_BUT_CLI },
  cli: { path: 'src/cli/', imports: ['server', 'installation', 'ops', 'kernel'] },
  main: { path: 'src/main.ts', imports: ['cli'] },
};

interface PackageRow {
  /** Matches the package's name. */
  readonly name: RegExp;
  /** Matches the paths of the files that may import it, as a value or a type. */
  readonly where: RegExp;
  readonly rule: string;
}

/** Every third-party package that the product may import, and where. */
const PACKAGES: readonly PackageRow[] = [
  { name: /^(fastify|@fastify\/.+)$/, where: /^src\/http\//, rule: 'Fastify is known to src/http alone' },
  { name: /^kysely$/, where: /^src\/store\//, rule: 'Kysely is known to src/store alone' },
  { name: /^commander$/, where: /^src\/cli\//, rule: 'commander is known to src/cli alone' },
  { name: /^pino$/, where: /^src\/ops\//, rule: 'pino is known to src/ops alone' },
  { name: /^yaml$/, where: /^src\/(ops|cli)\//, rule: 'YAML is read by src/ops and src/cli alone' },
  {
    name: /^zod$/,
    where: /^src\/(kernel|http)\/|^src\/ops\/config\.ts$|^src\/(.+\/)?([\w-]+-)?schema\.ts$/,
    rule: 'zod belongs into schema files, the configuration, src/kernel and src/http',
  },
];

const PRODUCT = /^(src|jwt\/src|policy\/src)\//;
const INNARDS = /^(?:[\w-]+-)?(service|routes|store)\.ts$/;
const DRAWER = /(?:^|-)(utils?|helpers?|common|misc|shared|managers?)$/;
const LINE_LIMIT = 500;

const BUILTINS = new Set(builtinModules.filter((name) => !name.startsWith('node:')));

const partRows = Object.entries(PARTS) as [Part, PartRow][];
const partOf = (path: string): Part | undefined =>
  partRows.find(([, { path: place }]) => (place.endsWith('/') ? path.startsWith(place) : path === place))?.[0];

/** The name of the package in a bare specifier: `@scope/name/entry` → `@scope/name`. */
const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** A specifier of this project's workspaces, by the path of its entry. */
const WORKSPACE_ENTRIES: ReadonlyMap<string, string> = new Map([
  ['@podpass/jwt', 'jwt/src/index.ts'],
  ['@podpass/policy', 'policy/src/index.ts'],
]);

const list = (parts: readonly Part[]): string => (parts.length === 0 ? 'no other part' : parts.join(', '));

/** The rule that the edge from one part to another breaks, or undefined. */
const brokenEdge = (from: Part, to: Part, target: string, kind: FoundImport['kind']): string | undefined => {
  if (from === to) return undefined;
  const row = PARTS[from];
  if (!row.imports.includes(to)) {
    const types = row.types ?? [];
    if (!types.includes(to)) {
      return `${from} imports ${list(row.imports)}${types.length === 0 ? '' : `, and types of ${list(types)}`}; never ${to}`;
    }
    if (kind !== 'type') return `${from} imports types only of ${to}: write \`import type\``;
  }
  const innards = INNARDS.exec(posix.basename(target));
  if (innards !== null && !(row.innards ?? []).includes(to)) {
    return `the ${innards[1]} files of ${to} are its own: import its types, or be handed a function in src/server.ts`;
  }
  return undefined;
};

const brokenPackage = (path: string, name: string, kind: FoundImport['kind'], declared: Declared): string | undefined => {
  const isProduct = PRODUCT.test(path);
  if (!(isProduct ? declared.production : declared.all).has(name)) {
    const place = isProduct ? 'the dependencies' : 'the dependencies or devDependencies';
    return `${name} is not among ${place} of package.json, nor is it relative with \`.ts\` or begins with \`node:\``;
  }
  if (!isProduct) return undefined;
  const row = PACKAGES.find((each) => each.name.test(name));
  if (row === undefined) return `${name} has no row in the table of packages: add one that says where it may be imported`;
  if (!row.where.test(path)) return row.rule;
  if (name === 'zod' && path.startsWith('src/kernel/') && kind !== 'type') return 'kernel imports types only of zod: write `import type`';
  return undefined;
};

interface Edge extends FoundImport {
  readonly from: string;
  /** The file of this project that it leads to, if it leads to one. */
  readonly target: string | undefined;
}

const edgesOf = (file: SourceFile): Edge[] =>
  findImports(file.text).map((found) => {
    const { specifier } = found;
    const isRelative = specifier?.startsWith('.') === true;
    const target = isRelative ? posix.join(posix.dirname(file.path), specifier) : WORKSPACE_ENTRIES.get(specifier ?? '');
    return { ...found, from: file.path, target };
  });

const brokenRule = (edge: Edge, paths: ReadonlySet<string>, declared: Declared): string | undefined => {
  const { from: path, specifier, target, kind } = edge;
  const from = partOf(path);
  if (specifier === undefined) return PRODUCT.test(path) ? 'a computed specifier cannot be checked: name the file' : undefined;
  if (specifier.startsWith('node:')) {
    const allowed = from === undefined ? undefined : PARTS[from].builtins;
    return allowed === undefined || allowed.includes(specifier) ? undefined : `${from} imports ${allowed.join(' and ')} alone`;
  }
  if (BUILTINS.has(specifier)) return `a builtin is written with its prefix: node:${specifier}`;
  if (target === undefined) return brokenPackage(path, packageName(specifier), kind, declared);
  if (specifier.startsWith('.')) {
    if (!specifier.endsWith('.ts')) return 'a relative specifier ends with .ts';
    if (!paths.has(target)) return `there is no ${target}`;
  }
  if (!PRODUCT.test(path)) return undefined;
  const to = partOf(target);
  if (to === undefined) return 'the product imports nothing that lies outside src, jwt/src and policy/src';
  if ((to === 'jwt' || to === 'policy') && from !== to && specifier.startsWith('.'))
    return `from outside, ${to} is imported as @podpass/${to}`;
  return from === undefined ? undefined : brokenEdge(from, to, target, kind);
};

/** Every import that breaks a rule: file, line, edge and the rule. */
export const checkImports = (files: readonly SourceFile[], declared: Declared): readonly string[] => {
  const paths = new Set(files.map(({ path }) => path));
  return files.flatMap((file) =>
    edgesOf(file).flatMap((edge) => {
      const rule = brokenRule(edge, paths, declared);
      if (rule === undefined) return [];
      const [from, to] = [partOf(file.path), edge.target === undefined ? undefined : partOf(edge.target)];
      const parts = from === undefined || to === undefined ? '' : ` (${from} → ${to})`;
      return `${file.path}:${edge.line} imports ${edge.specifier ?? 'a computed specifier'}${parts}: ${rule}.`;
    }),
  );
};

/** Product files that no part of the table owns. */
export const checkPlaces = (files: readonly SourceFile[]): readonly string[] =>
  files
    .filter(({ path }) => PRODUCT.test(path) && partOf(path) === undefined)
    .map(({ path }) => `${path}:1 belongs to no part: the parts are ${partRows.map(([, row]) => row.path).join(', ')}.`);

/** Circles of imports, one line each. A thread is no edge: it starts a file anew instead of importing it. */
export const checkCircles = (files: readonly SourceFile[]): readonly string[] => {
  const edges = new Map(
    files.map((file) => [file.path, edgesOf(file).filter(({ target, kind }) => target !== undefined && kind !== 'thread')]),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly Edge[]): void => {
    const start = trail.findIndex(({ from }) => from === path);
    if (start >= 0) {
      const circle = trail.slice(start);
      const steps = circle.map(({ from, line }) => `${from}:${line}`).join(' → ');
      circles.push(`${steps} → ${path}: imports form a circle; move what both need into a file that imports neither.`);
      return;
    }
    if (done.has(path)) return;
    for (const edge of edges.get(path) ?? []) visit(edge.target ?? '', [...trail, edge]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return circles;
};

export const checkSizes = (files: readonly SourceFile[]): readonly string[] =>
  files
    .filter(({ path }) => PRODUCT.test(path))
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0) }))
    .filter(({ lines }) => lines > LINE_LIMIT)
    .map(({ path, lines }) => `${path}:${LINE_LIMIT + 1} is past the limit: ${lines} lines, where a file has at most ${LINE_LIMIT}.`);

/** Files and folders that say nothing about what is in them. */
export const checkNames = (files: readonly SourceFile[]): readonly string[] => {
  const places = new Set(files.flatMap(({ path }) => path.split('/').map((_, index, segments) => segments.slice(0, index + 1).join('/'))));
  return [...places].sort().flatMap((place) => {
    const drawer = DRAWER.exec(posix.basename(place).split('.')[0] ?? '');
    return drawer === null ? [] : `${place} is a drawer: name it after what it exports instead of "${drawer[1]}".`;
  });
};
