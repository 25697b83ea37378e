/** What a pod that asks for the wrong things can put into the audit log: little, and nothing whole. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../../../src/kernel/clock.ts';
import { startWorld } from '../../support/world.ts';

test('a pod that asks for ever new profiles has one budget of records, and a token sent as a selector is not kept', async () => {
  await using world = await startWorld({ clock: createManualClock(Date.now()) });
  const account = await world.account();
  const cluster = await world.cluster(account);
  const token = cluster.issuer.token();
  const asked = Array.from({ length: 60 }, (_, number) => world.crToken(token, { profile_name: `${number} ${token}` }));
  for (const reply of await Promise.all(asked)) assert.equal(reply.body.errorCode, 'BXNIM0398E');
  const path = `/podpass/v1/audit/events?account_id=${account.id}&limit=1000`;
  const { body, text } = await world.expect(200, 'GET', path, { token: account.owner });
  const refused = body.events.filter((event: { data: { outcome: string } }) => event.data.outcome === 'failure');
  assert.equal(refused.length, 10, 'within one second, by a clock that stands still');
  assert.ok(!text.includes(token.split('.')[2] ?? token), 'the signature of the token is in no record');
});
