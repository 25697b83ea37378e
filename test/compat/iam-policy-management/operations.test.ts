/** No operation of the installed client goes unnoticed: each is driven by a file of this folder, or is one of templates. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import IamPolicyManagementV1 from '@ibm-cloud/platform-services/iam-policy-management/v1.js';
import { isOfTemplates, OPERATIONS } from './operations.ts';

const offered = Object.getOwnPropertyNames(IamPolicyManagementV1.prototype).filter((name) => name !== 'constructor');
const driven: readonly string[] = Object.values(OPERATIONS).flat();

describe("the operations of the SDK's policy client", () => {
  it('are found at all', () => {
    assert.ok(offered.includes('createPolicy') && offered.length >= 60, `the client offers ${offered.length} operations`);
  });

  it('are each driven once, or one of templates', () => {
    assert.deepEqual([...driven].sort(), offered.filter((name) => !isOfTemplates(name)).sort());
    assert.deepEqual(driven.filter(isOfTemplates), []);
  });

  it('have a file of this folder each', () => {
    for (const subject of [...Object.keys(OPERATIONS), 'templates']) {
      assert.ok(existsSync(join(import.meta.dirname, `${subject}.test.ts`)), subject);
    }
  });
});
