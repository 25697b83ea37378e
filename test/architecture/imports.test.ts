/**
 * Holds the project's parts apart: the table of allowed imports is in `import-rules.ts`. The first half proves that the rules notice
 * what they forbid, the second applies them to the project.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { describe, it } from 'node:test';
import { checkCircles, checkImports, checkNames, checkPlaces, checkSizes, type Declared, type SourceFile } from './import-rules.ts';

const ROOT = join(import.meta.dirname, '..', '..');

const declared: Declared = {
  production: new Set(['fastify', '@fastify/formbody', 'kysely', 'zod', 'pino', 'left-pad']),
  all: new Set(['fastify', 'kysely', 'zod', 'pino', 'left-pad', 'jose']),
};

/** The rule that one import in one file breaks, with the targets that the cases below name. */
const findings = (path: string, text: string): readonly string[] =>
  checkImports(
    [
      { path, text },
      ...[
        'jwt/src/index.ts',
        'src/kernel/crn.ts',
        'src/audit/recorder.ts',
        'src/identity/profile.ts',
        'src/identity/profile-service.ts',
        'src/identity/store.ts',
        'src/clusters/cluster.ts',
        'src/clusters/routes.ts',
        'src/token/match.ts',
        'src/store/schema.ts',
        'src/server.ts',
        'src/ops/logs.ts',
        'test/world/world.ts',
      ].map((target) => ({ path: target, text: '' })),
    ],
    declared,
  );

const refuses = (path: string, text: string, rule: RegExp): void => {
  const found = findings(path, text);
  assert.equal(found.length, 1, `${path} with ${text} should break one rule, but: ${found.join('\n')}`);
  assert.match(found[0] ?? '', rule);
};

const allows = (path: string, text: string): void => assert.deepEqual(findings(path, text), []);

describe('the rules of imports', () => {
  it('name file, line, edge and rule', () => {
    assert.deepEqual(findings('src/audit/chain.ts', `\n\nimport type { Profile } from '../identity/profile.ts';`), [
      'src/audit/chain.ts:3 imports ../identity/profile.ts (audit → identity): audit imports kernel; never identity.',
    ]);
  });

  it('let imports point one way only', () => {
    allows('src/audit/chain.ts', `import { crn } from '../kernel/crn.ts';`);
    allows('src/token/claims.ts', `import { Profile } from '../identity/profile.ts';`);
    refuses('src/kernel/ids.ts', `import type { Event } from '../audit/recorder.ts';`, /kernel imports no other part; never audit/);
    refuses('src/identity/link.ts', `import { match } from '../token/match.ts';`, /never token/);
    refuses('src/ops/health.ts', `import type { Event } from '../audit/recorder.ts';`, /ops imports kernel; never audit/);
    refuses('src/main.ts', `import { logs } from './ops/logs.ts';`, /main imports cli; never ops/);
    refuses('src/http/app.ts', `import { tables } from '../store/schema.ts';`, /never store/);
  });

  it('keep service, routes and store to their slice', () => {
    allows('src/identity/routes.ts', `import { create } from './profile-service.ts';`);
    allows('src/groups/member.ts', `import type { Profile } from '../identity/profile.ts';`);
    allows('src/server.ts', `import { create } from './identity/profile-service.ts';`);
    refuses(
      'src/groups/service.ts',
      `import { create } from '../identity/profile-service.ts';`,
      /the service files of identity are its own/,
    );
    refuses('src/http/app.ts', `import { routes } from '../clusters/routes.ts';`, /the routes files of clusters are its own/);
    refuses('src/view/views.ts', `import type { Store } from '../identity/store.ts';`, /the store files of identity are its own/);
  });

  it('let the adapters see the slices as types only', () => {
    allows('src/store/queries.ts', `import type { IdentityStore } from '../identity/store.ts';`);
    refuses('src/store/queries.ts', `import { toProfile } from '../identity/profile.ts';`, /store imports types only of identity/);
    refuses('src/store/queries.ts', `export { toProfile } from '../identity/profile.ts';`, /store imports types only of identity/);
    allows('src/kube/keys.ts', `import type { Cluster } from '../clusters/cluster.ts';`);
    refuses('src/kube/keys.ts', `import { Cluster } from '../clusters/cluster.ts';`, /kube imports types only of clusters/);
  });

  it('keep jwt and policy free of everything but cryptography', () => {
    allows('jwt/src/verify.ts', `import { verify } from 'node:crypto';`);
    refuses('jwt/src/verify.ts', `import { readFileSync } from 'node:fs';`, /jwt imports node:crypto and node:buffer alone/);
    refuses('policy/src/evaluate.ts', `import { verify } from '@podpass/jwt';`, /policy imports no other part; never jwt/);
    refuses('policy/src/evaluate.ts', `import { z } from 'zod';`, /zod belongs into schema files/);
    allows('src/token/cr-token.ts', `import { verify } from '@podpass/jwt';`);
    refuses('src/token/cr-token.ts', `import { verify } from '../../jwt/src/index.ts';`, /imported as @podpass\/jwt/);
  });

  it('keep each package where it is known', () => {
    allows('src/http/app.ts', `import form from '@fastify/formbody';`);
    refuses('src/token/form.ts', `import type { FastifyRequest } from 'fastify';`, /known to src\/http alone/);
    allows('src/groups/schema.ts', `import { z } from 'zod';`);
    allows('src/clusters/registration-schema.ts', `import { z } from 'zod';`);
    refuses('src/groups/group.ts', `import type { ZodType } from 'zod';`, /zod belongs into schema files/);
    allows('src/kernel/route.ts', `import type { ZodType } from 'zod';`);
    refuses('src/kernel/route.ts', `import { z } from 'zod';`, /kernel imports types only of zod/);
    refuses('src/ops/logs.ts', `import pad from 'left-pad';`, /has no row in the table of packages/);
  });

  it('want every specifier relative with .ts, node: or declared', () => {
    refuses('src/ops/logs.ts', `import fs from 'fs';`, /node:fs/);
    refuses('src/ops/logs.ts', `import { crn } from '../kernel/crn';`, /ends with \.ts/);
    refuses('src/ops/logs.ts', `import { nothing } from '../kernel/nothing.ts';`, /there is no src\/kernel\/nothing\.ts/);
    refuses('src/ops/logs.ts', `import x from 'undeclared/entry';`, /undeclared is not among the dependencies of package\.json/);
    refuses('src/ops/logs.ts', `import { SignJWT } from 'jose';`, /jose is not among the dependencies of package\.json/);
    allows('test/token/world.ts', `import { SignJWT } from 'jose';`);
    refuses('src/ops/logs.ts', 'await import(name);', /cannot be checked/);
  });

  it('keep tests and tools out of the product', () => {
    allows('test/token/match.test.ts', `import { match } from '../../src/token/match.ts';`);
    refuses('src/token/claims.ts', `import { world } from '../../test/world/world.ts';`, /nothing that lies outside/);
  });

  it('notice circles, type imports included, and take a worker thread for none', () => {
    const files = [
      { path: 'src/a.ts', text: `import './b.ts';` },
      { path: 'src/b.ts', text: `\nimport type { C } from './c.ts';` },
      { path: 'src/c.ts', text: `export * from './a.ts';` },
    ];
    assert.equal(checkCircles(files).length, 1);
    assert.match(checkCircles(files)[0] ?? '', /^src\/a\.ts:1 → src\/b\.ts:2 → src\/c\.ts:1 → src\/a\.ts: imports form a circle/);
    assert.deepEqual(checkCircles(files.slice(0, 2)), []);
    const thread = { path: 'src/c.ts', text: `new Worker(new URL('./a.ts', import.meta.url));` };
    assert.deepEqual(checkCircles([...files.slice(0, 2), thread]), []);
  });

  it('notice files without a place, past the size and without a subject', () => {
    const file = (path: string, lines = 1): SourceFile => ({ path, text: 'x;\n'.repeat(lines) });
    assert.match(
      checkPlaces([file('src/extra.ts'), file('src/server.ts'), file('test/extra.ts')]).join(),
      /^src\/extra\.ts:1 belongs to no part/,
    );
    assert.deepEqual(checkSizes([file('src/server.ts', 500), file('test/long.test.ts', 900)]), []);
    assert.match(checkSizes([file('jwt/src/index.ts', 501)]).join(), /501 lines/);
    const drawers = ['src/utils/a.ts', 'src/http/helper.ts', 'src/token/key-manager.ts', 'test/shared.test.ts'];
    assert.equal(checkNames(drawers.map((path) => file(path))).length, drawers.length);
    assert.deepEqual(checkNames([file('src/clusters/shared-issuers.ts'), file('src/access/commonplace.ts')]), []);
  });
});

describe('the project', () => {
  const files: readonly SourceFile[] = globSync(
    ['src', 'jwt', 'policy', 'test', 'tools', 'bench'].map((folder) => `${folder}/**/*.ts`),
    {
      cwd: ROOT,
      exclude: ['**/node_modules/**'],
    },
  )
    .map((path) => ({ path: path.split(sep).join('/'), text: readFileSync(join(ROOT, path), 'utf8') }))
    .sort((a, b) => a.path.localeCompare(b.path));

  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly workspaces: readonly string[];
    readonly dependencies: Readonly<Record<string, string>>;
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const production = new Set([...Object.keys(manifest.dependencies), ...manifest.workspaces.map((name) => `@podpass/${name}`)]);
  const packages: Declared = { production, all: new Set([...production, ...Object.keys(manifest.devDependencies)]) };

  const holds = (found: readonly string[]): void => assert.equal(found.length, 0, `\n${found.join('\n')}\n`);

  it('has files in src, jwt and policy to look at', () => {
    for (const folder of ['src/', 'jwt/src/', 'policy/src/']) {
      assert.ok(
        files.some(({ path }) => path.startsWith(folder)),
        `no file was found in ${folder}: the rules would hold for nothing`,
      );
    }
  });

  it('imports along the allowed edges only', () => holds(checkImports(files, packages)));
  it('has no circular imports', () => holds(checkCircles(files)));
  it('keeps every product file in a part', () => holds(checkPlaces(files)));
  it('keeps every product file within the limit of lines', () => holds(checkSizes(files)));
  it('has no drawers', () => holds(checkNames(files)));
});
