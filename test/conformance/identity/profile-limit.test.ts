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

const create = (name: string) => world.call('POST', '/v1/profiles', { token: account.owner, body: { name, account_id: account.id } });

test('P52: the 2,001st profile of an account is refused, until one is deleted', async () => {
  const ids: string[] = [];
  for (let start = 0; start < LIMIT; start += AT_ONCE) {
    const replies = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => create(`profile ${start + index}`)));
    for (const { status, body, text } of replies) {
      assert.equal(status, 201, text);
      ids.push(body.id);
    }
  }
  assert.equal(new Set(ids).size, LIMIT);
  assertRefused(await create('one too many'), 422, 'limit_exceeded');
  await world.expect(204, 'DELETE', `/v1/profiles/${ids[0]}`, { token: account.owner });
  assert.equal((await create('one too many')).status, 201);
  assertRefused(await create('again one too many'), 422, 'limit_exceeded');
});

test('P52: a taken name is a conflict even where the account is full', async () => {
  assertRefused(await create('profile 1'), 409, 'conflict');
});

test('P52: a full account leaves other accounts their room', async () => {
  const other = await world.account();
  assert.equal((await world.profile(other)).account_id, other.id);
});

test('the 101st link of a profile is refused', async () => {
  const other = await world.account();
  const { id } = await world.profile(other);
  const crn = `crn:v1:staging:public:iam-identity::a/${other.id}::computeresource:Fake-Compute-Resource`;
  const link = (name: string) =>
    world.call('POST', `/v1/profiles/${id}/links`, {
      token: other.owner,
      body: { cr_type: 'ROKS_SA', link: { crn, namespace: 'default', name } },
    });
  const replies = await Promise.all(Array.from({ length: 100 }, (_, index) => link(`sa-${index}`)));
  for (const { status, text } of replies) assert.equal(status, 201, text);
  assertRefused(await link('one-too-many'), 422, 'limit_exceeded');
});
