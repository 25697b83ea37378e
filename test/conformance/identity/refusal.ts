import assert from 'node:assert/strict';
import type { Reply, Wire } from '../../support/world.ts';

/** The codes of the identity API's envelope, with the `message_code` of those that are always paired with one. */
const MESSAGE_CODES: ReadonlyMap<string, string | undefined> = new Map([
  ['invalid_access_token', undefined],
  ['insufficient_permissions', 'BXNIM0513E'],
  ['missing_parameter', 'BXNIM0109E'],
  ['invalid_parameter', undefined],
  ['not_found', 'BXNIM0102E'],
  ['conflict', undefined],
  ['limit_exceeded', undefined],
  ['invalid_state', undefined],
  ['not_offered', undefined],
]);

/** Insists that a reply is a refusal in the identity API's envelope, with nothing beside it. */
export function assertRefused(reply: Reply<Wire>, status: number, code: string, messageCode = MESSAGE_CODES.get(code)): void {
  assert.equal(reply.status, status, reply.text);
  assert.match(reply.headers.get('content-type') ?? '', /^application\/json\b/);
  assert.deepEqual(Object.keys(reply.body).sort(), ['errors', 'status_code', 'trace']);
  assert.equal(reply.body.status_code, status);
  assert.match(reply.body.trace, /^[A-Za-z0-9._-]{1,128}$/);
  assert.equal(reply.body.trace, reply.headers.get('transaction-id'));
  assert.equal(reply.body.errors.length, 1);
  const { details, ...error } = reply.body.errors[0];
  assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'message_code']);
  assert.ok(MESSAGE_CODES.has(code), `${code} is no code of the envelope`);
  assert.equal(error.code, code);
  if (messageCode !== undefined) assert.equal(error.message_code, messageCode);
  assert.match(error.message_code, /^(?:BXNIM|PODP)\d{4}E$/);
  assert.match(error.message, /^\S.*\.$/s);
  assert.ok(details === undefined || (typeof details === 'string' && details !== ''));
}
