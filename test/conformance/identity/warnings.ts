import assert from 'node:assert/strict';
import type { Reply, TestAccount, Wire, World } from '../../support/world.ts';

const WARNING = /(?:^|, )([a-z]+(?:_[a-z]+)+); ([^;]*?\.)(?=$|, [a-z_]+; )/g;

/** The codes of a reply's warnings in their order; insists that the audit event of the request tells the same ones. */
export async function warningsOf(world: World, account: TestAccount, reply: Reply<Wire>): Promise<readonly string[]> {
  const header = reply.headers.get('podpass-warning');
  const warnings = [...(header ?? '').matchAll(WARNING)].map(([, code = '', sentence = '']) => ({ code, sentence }));
  if (header !== null) assert.ok(warnings.length > 0, `'${header}' is not '<code>; <sentence>'`);
  const [event] = await world.events(account, reply.headers.get('x-request-id') ?? '');
  const recorded: readonly string[] = event.data.warnings ?? [];
  assert.equal(recorded.length, warnings.length, `${JSON.stringify(recorded)} beside '${header}'`);
  for (const { code, sentence } of warnings) {
    assert.ok(
      recorded.some((text) => text.includes(sentence) || text.includes(code)),
      `${code} is not among ${JSON.stringify(recorded)}`,
    );
  }
  return warnings.map(({ code }) => code).sort();
}
