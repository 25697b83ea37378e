import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

const LIMIT = 2000;
const AT_ONCE = 50;
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld({ settings: { 'limits-set': 'ibm' } });
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const create = (members: Readonly<Record<string, unknown>> = {}) =>
  world.call('POST', '/v1/serviceids', { token: account.owner, body: { account_id: account.id, name: 'counted', ...members } });

test('the 2,001st service ID of a group is refused, and has room in another group', async () => {
  const ids: string[] = [];
  for (let start = 0; start < LIMIT; start += AT_ONCE) {
    for (const { status, body, text } of await Promise.all(Array.from({ length: AT_ONCE }, () => create()))) {
      assert.equal(status, 201, text);
      ids.push(body.id);
    }
  }
  assertRefused(await create(), 422, 'limit_exceeded');
  assertRefused(await create({ apikey: { name: 'with a key' } }), 422, 'limit_exceeded');
  const group = { account_id: account.id, name: 'another' };
  const { body } = await world.expect(201, 'POST', '/v1/serviceid_groups', { token: account.owner, body: group });
  assert.equal((await create({ group_id: body.id })).status, 201);
  await world.expect(204, 'DELETE', `/v1/serviceids/${ids[0]}`, { token: account.owner });
  assert.equal((await create()).status, 201);
  assertRefused(await create(), 422, 'limit_exceeded');
});
