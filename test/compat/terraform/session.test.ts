/** How the Terraform provider begins. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type World } from '../../support/world.ts';
import { configureProvider } from './provider.ts';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

test('C86 (replay): the provider configures itself with an API key and one address for every API', async () => {
  const provider = await configureProvider(world, account);
  assert.equal(provider.accountId, account.id);
  assert.equal(provider.iamId, account.ownerIamId);
  const { body } = await provider.expect(200, 'GET', `/v1/profiles?account_id=${provider.accountId}`);
  assert.deepEqual(body.profiles, []);
  for (const path of [`/v1/policies?account_id=${provider.accountId}`, `/v2/groups?account_id=${provider.accountId}`]) {
    await provider.expect(200, 'GET', path);
  }
});

test('C86 (replay): a wrong API key is told in the form without which the provider goes on with no token', async () => {
  const form = { grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: 'no-such-key', response_type: 'cloud_iam' };
  const reply = await world.exchange(form, { authorization: `Basic ${Buffer.from('bx:bx').toString('base64')}` });
  assert.equal(reply.status, 400);
  assert.equal(reply.body.errorCode, 'BXNIM0415E');
});
