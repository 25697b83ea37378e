/** Templates of policies, action controls and roles are not offered: every operation of theirs is told so. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import IamPolicyManagementV1 from '@ibm-cloud/platform-services/iam-policy-management/v1.js';
import { isOfTemplates } from './operations.ts';
import { refusal, type Suite, startSuite } from './suite.ts';

const operations = Object.getOwnPropertyNames(IamPolicyManagementV1.prototype).filter(isOfTemplates);

describe("templates over IBM's Node SDK", () => {
  let suite: Suite;

  before(async () => {
    suite = await startSuite();
  });
  after(() => suite[Symbol.asyncDispose]());

  const call = async (operation: string, parameters: object): Promise<unknown> => {
    const method: unknown = Reflect.get(suite.policies, operation);
    assert.ok(typeof method === 'function');
    return Reflect.apply(method, suite.policies, [parameters]);
  };

  /** What the client itself asks for, each with some value. */
  async function parametersOf(operation: string): Promise<object> {
    const message = await call(operation, {}).then(
      () => '',
      (error: unknown) => String(error),
    );
    const [, names = ''] = /Missing required parameters: ([\w, ]+)/.exec(message) ?? [];
    return Object.fromEntries(names.split(', ').map((name) => [name, name === 'templates' ? [] : 'x']));
  }

  it('are not found, in the words of the policy family', async () => {
    assert.ok(operations.length >= 40, `${operations.length} operations`);
    for (const operation of operations) {
      const parameters = await parametersOf(operation);
      assert.ok(Object.keys(parameters).length > 0 && !('' in parameters), operation);
      await assert.rejects(call(operation, parameters), (error) => refusal(404, 'not_found')(error), operation);
    }
  });
});
