/** API keys that nobody needs any more: expired, and unchanged, for ninety days. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../../../src/kernel/clock.ts';
import { printMinutes } from '../../../src/kernel/times.ts';
import { startWorld } from '../../support/world.ts';
import { makeApiKey, makeServiceId } from './making.ts';
import { assertRefused } from './refusal.ts';

const DAY = 24 * 3600_000;
const START = Date.UTC(2026, 0, 1);

test('a key is deleted when the next one is made, ninety days after it expired and was changed last', async () => {
  const clock = createManualClock(START);
  await using world = await startWorld({ clock });
  const account = await world.account();
  const other = await world.account();
  const serviceId = await makeServiceId(world, account);
  const expiring = { expires_at: printMinutes(START + DAY) };
  const make = (members = {}) => makeApiKey(world, account.owner, serviceId.iam_id, members);
  const [lapsed, changed, lasting] = [await make(expiring), await make(expiring), await make()];
  const foreign = await makeApiKey(world, other.owner, (await makeServiceId(world, other)).iam_id, expiring);
  await world.expect(204, 'POST', `/v1/apikeys/${lapsed.id}/lock`, { token: account.owner });

  clock.advance(30 * DAY);
  let token = await world.login(account.ownerApiKey);
  const change = { token, headers: { 'if-match': '*' }, body: { description: 'still here' } };
  await world.expect(200, 'PUT', `/v1/apikeys/${changed.id}`, change);
  clock.advance(60 * DAY);
  token = await world.login(account.ownerApiKey);
  await makeApiKey(world, token, serviceId.iam_id);
  await world.expect(200, 'GET', `/v1/apikeys/${lapsed.id}`, { token });

  clock.advance(2 * DAY);
  token = await world.login(account.ownerApiKey);
  const body = { name: 'next', iam_id: account.ownerIamId };
  const made = await world.expect(201, 'POST', '/v1/apikeys', { token, body });
  assertRefused(await world.call('GET', `/v1/apikeys/${lapsed.id}`, { token }), 404, 'not_found');
  for (const { id } of [changed, lasting]) await world.expect(200, 'GET', `/v1/apikeys/${id}`, { token });
  await world.expect(200, 'GET', `/v1/apikeys/${foreign.id}`, { token: await world.login(other.ownerApiKey) });
  const events = await world.events({ ...account, owner: token }, made.headers.get('x-request-id') ?? '');
  const removed = events.filter(({ data }) => data.action === 'iam-identity.serviceid-apikey.delete');
  assert.deepEqual(
    removed.map(({ data }) => [data.target.id, data.requestData.reason]),
    [[lapsed.id, 'expired and unchanged for 90 days']],
  );
});
