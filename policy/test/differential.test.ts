import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { differentialProperty, newTally } from './differential.ts';

describe('the evaluator and the slow evaluator', () => {
  it('permit by the same policies, whatever the policies, the request and the instant are', () => {
    const tally = newTally();
    // A failure prints the seed and the smallest case.
    fc.assert(differentialProperty(tally), { numRuns: 1500 });
    const seen = JSON.stringify(tally);
    assert.ok(tally.cases >= 20_000, seen);
    assert.ok(tally.permits > 2_000, seen);
    for (const count of [tally.byRule, tally.byAuthorization, tally.byTags, tally.byGroup, tally.byOwner]) assert.ok(count > 20, seen);
  });

  it('share nothing but types', () => {
    const text = readFileSync(join(import.meta.dirname, 'slow-evaluator.ts'), 'utf8');
    const imports = text.split('\n').filter((line) => /^(import|export) .*from /.test(line) || line.includes('import('));
    assert.equal(imports.length, 1);
    assert.match(imports[0] ?? '', /^import type \{ [^}]+ \} from '\.\.\/src\/types\.ts';$/);
  });
});
