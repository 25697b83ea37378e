import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPublishedManifest } from '../../tools/publish/manifest.ts';

test('the published manifest carries no Node binaries, no scripts and nothing private, and depends on its workspaces by version', () => {
  const manifest = readPublishedManifest();
  for (const member of ['private', 'workspaces', 'scripts', 'devDependencies', 'optionalDependencies'])
    assert.equal(manifest[member], undefined, member);
  const dependencies = manifest.dependencies as Record<string, string>;
  assert.match(dependencies['@podpass/jwt'] ?? '', /^\d+\.\d+\.\d+$/);
  assert.match(dependencies['@podpass/policy'] ?? '', /^\d+\.\d+\.\d+$/);
  assert.ok(dependencies.fastify);
  assert.deepEqual(manifest.engines, { node: '>=24' });
  assert.deepEqual(manifest.bin, { podpass: 'bin/podpass' });
});
