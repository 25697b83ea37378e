/** No operation of the installed client goes unnoticed: each is driven by a file of this folder, those of templates to a refusal. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import IamAccessGroupsV2 from '@ibm-cloud/platform-services/iam-access-groups/v2.js';
import { OPERATIONS, TEMPLATE_OPERATIONS } from './operations.ts';

const offered = Object.getOwnPropertyNames(IamAccessGroupsV2.prototype).filter((name) => name !== 'constructor');
const driven: readonly string[] = [...Object.values(OPERATIONS).flat(), ...TEMPLATE_OPERATIONS];

describe("the operations of the SDK's access-groups client", () => {
  it('are found at all', () => {
    assert.ok(offered.includes('createAccessGroup') && offered.length >= 34, `the client offers ${offered.length} operations`);
  });

  it('are each driven once, and none that the client does not have', () => {
    assert.deepEqual([...driven].sort(), [...offered].sort());
  });

  it('have a file of this folder each', () => {
    for (const subject of [...Object.keys(OPERATIONS), 'templates'])
      assert.ok(existsSync(join(import.meta.dirname, `${subject}.test.ts`)), subject);
  });
});
