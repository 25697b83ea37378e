import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FoundImport, findImports } from './import-scanner.ts';

const found = (text: string): string[] => findImports(text).map(({ kind, specifier, line }: FoundImport) => `${line} ${kind} ${specifier}`);

describe('the import scanner', () => {
  it('finds every form of a static import', () => {
    const text = [
      `import a from './a.ts';`,
      `import { b } from "./b.ts";`,
      `import * as c from './c.ts';`,
      `import d, { e } from './d.ts';`,
      `import './f.ts';`,
      `import {`,
      `  g,`,
      `  type H,`,
      `} from './g.ts';`,
      `import { 'a name' as i } from './i.ts';`,
      `import j from './j.json' with { type: 'json' };`,
    ].join('\n');
    assert.deepEqual(found(text), [
      '1 value ./a.ts',
      '2 value ./b.ts',
      '3 value ./c.ts',
      '4 value ./d.ts',
      '5 value ./f.ts',
      '6 value ./g.ts',
      '10 value ./i.ts',
      '11 value ./j.json',
    ]);
  });

  it('tells type imports from values', () => {
    assert.deepEqual(found(`import type { A } from './a.ts';`), ['1 type ./a.ts']);
    assert.deepEqual(found(`import type A from './a.ts';`), ['1 type ./a.ts']);
    assert.deepEqual(found(`import type from from './a.ts';`), ['1 type ./a.ts']);
    assert.deepEqual(found(`import type * as A from './a.ts';`), ['1 type ./a.ts']);
    assert.deepEqual(found(`import type from './a.ts';`), ['1 value ./a.ts']);
    assert.deepEqual(found(`import type, { b } from './a.ts';`), ['1 value ./a.ts']);
  });

  it('counts inline type names as a value import, because the statement survives type stripping', () => {
    assert.deepEqual(found(`import { type A } from './a.ts';`), ['1 value ./a.ts']);
  });

  it('finds re-exports and leaves plain exports alone', () => {
    const text = [
      `export * from './a.ts';`,
      `export * as b from './b.ts';`,
      `export { c, d as default } from './c.ts';`,
      `export type { E } from './e.ts';`,
      `export type * from './f.ts';`,
      `export { c };`,
      `export type G = { from: string };`,
      `export const from = './h.ts';`,
    ].join('\n');
    assert.deepEqual(found(text), ['1 value ./a.ts', '2 value ./b.ts', '3 value ./c.ts', '4 type ./e.ts', '5 type ./f.ts']);
  });

  it('finds dynamic imports and reports those whose specifier is computed', () => {
    const text = [
      `const a = await import('./a.ts');`,
      'const b = await import(`./b.ts`);',
      `type C = typeof import('./c.ts');`,
      `const d = await import(\`./\${name}.ts\`);`,
      `const e = await import(name);`,
      `const f = await import('./' + name);`,
      `const g = require('./g.ts');`,
    ].join('\n');
    assert.deepEqual(found(text), [
      '1 value ./a.ts',
      '2 value ./b.ts',
      '3 value ./c.ts',
      '4 value undefined',
      '5 value undefined',
      '6 value undefined',
      '7 value ./g.ts',
    ]);
  });

  it('finds the file of a worker thread', () => {
    assert.deepEqual(found(`new Worker(new URL('./thread.ts', import.meta.url), {});`), ['1 thread ./thread.ts']);
    assert.deepEqual(found(`new URL('/keys', issuer); new URL('https://a.example', import.meta.url);`), []);
  });

  it('reads nothing in comments, strings, templates and regular expressions', () => {
    const text = [
      `// import a from './a.ts';`,
      `/* import b from './b.ts';`,
      `   export * from './c.ts'; */`,
      `const d = "import d from './d.ts'";`,
      `const e = 'it\\'s'; const f = "import('./f.ts')";`,
      `const g = \`import g from './g.ts'; \${h ? \`import('./h.ts') \${'}'}\` : { a: 1 }.a} import('./i.ts')\`;`,
      `const j = /import '.\\/j.ts'["'\`/]/u; const k = a / b / c;`,
      `const l = text.replace(/'/g, '"').split(/[/'"]/);`,
      `import m from './m.ts';`,
    ].join('\n');
    assert.deepEqual(found(text), ['9 value ./m.ts']);
  });

  it('finds an import inside the expression of a template', () => {
    assert.deepEqual(found(`const a = \`x \${await import('./a.ts')} y\`;`), ['1 value ./a.ts']);
  });

  it('is not misled by import.meta and by members called import, export or require', () => {
    assert.deepEqual(found(`const a = import.meta.dirname; b.import('./c.ts'); const d = { import: 1, export: { e: 2 } };`), []);
    assert.deepEqual(found(`class Form { require(name: string): string { return this.require(name); } }`), []);
  });

  it('keeps count of lines across templates and escaped line ends', () => {
    assert.deepEqual(found(`const a = \`\n\n\${\n1}\n\`;\nconst b = 'x\\\ny';\nimport './c.ts';`), ['8 value ./c.ts']);
  });
});
