/** No operation of the installed client goes unnoticed: each is driven by a file of this folder, or left out for a stated reason. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import IamIdentityV1 from '@ibm-cloud/platform-services/iam-identity/v1.js';
import { OPERATIONS, OUT_OF_SCOPE } from './operations.ts';

const offered = Object.getOwnPropertyNames(IamIdentityV1.prototype).filter((name) => name !== 'constructor');
const driven: readonly string[] = Object.values(OPERATIONS).flat();

describe("the operations of the SDK's identity client", () => {
  it('are found at all', () => {
    assert.ok(offered.includes('createProfile') && offered.length >= 80, `the client offers ${offered.length} operations`);
  });

  it('are each driven, or out of scope with a reason', () => {
    assert.deepEqual(
      offered.filter((name) => !driven.includes(name) && !OUT_OF_SCOPE.has(name)),
      [],
    );
    for (const [name, reason] of OUT_OF_SCOPE) assert.match(reason, /\w+ \w+/, `${name} has no reason`);
  });

  it('are driven once, and none that the client does not have', () => {
    assert.deepEqual([...driven, ...OUT_OF_SCOPE.keys()].sort(), [...offered].sort());
  });

  it('have a file of this folder each', () => {
    for (const subject of Object.keys(OPERATIONS)) assert.ok(existsSync(join(import.meta.dirname, `${subject}.test.ts`)), subject);
  });
});
