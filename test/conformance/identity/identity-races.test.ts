/** What holds when calls about the same thing come at once. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Reply, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeEnterprise, makeServiceId } from './making.ts';
import { assertRefused } from './refusal.ts';
import { createTemplateCalls, PROFILE_TEMPLATES } from './template-calls.ts';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld({ settings: { 'limits-set': 'ibm' } });
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

type Call = () => Promise<Reply<Wire>>;
const atOnce = (count: number, call: (index: number) => Promise<Reply<Wire>>) =>
  Promise.all(Array.from({ length: count }, (_, index) => call(index)));
const withStatus = (replies: readonly Reply<Wire>[], status: number) => replies.filter((reply) => reply.status === status);
const asOwner = (method: string, path: string, body?: unknown) => world.call(method, path, { token: account.owner, body });
const createKey = (iamId: string) => asOwner('POST', '/v1/apikeys', { name: 'race', iam_id: iamId });

test('of 40 keys for one identity at once, 20 are made', async () => {
  const { iam_id } = await makeServiceId(world, account);
  const replies = await atOnce(40, () => createKey(iam_id));
  assert.equal(withStatus(replies, 201).length, 20);
  for (const reply of replies) if (reply.status !== 201) assertRefused(reply, 422, 'limit_exceeded');
});

test('of 20 keys with one value at once, one is made', async () => {
  const apikey = `race-${crypto.randomUUID()}`;
  const identities = await Promise.all(Array.from({ length: 20 }, () => makeServiceId(world, account)));
  const replies = await Promise.all(identities.map(({ iam_id }) => asOwner('POST', '/v1/apikeys', { name: 'x', iam_id, apikey })));
  assert.equal(withStatus(replies, 201).length, 1);
  for (const reply of replies) if (reply.status !== 201) assertRefused(reply, 409, 'conflict');
});

test('no key outlives a service ID that is deleted while keys are made for it', async () => {
  for (let round = 0; round < 5; round++) {
    const { id, iam_id } = await makeServiceId(world, account);
    const [removed, ...made] = await Promise.all([
      asOwner('DELETE', `/v1/serviceids/${id}`),
      ...Array.from({ length: 10 }, () => createKey(iam_id)),
    ]);
    assert.equal(removed?.status, 204);
    for (const { status, body } of withStatus(made, 201)) {
      assert.equal(status, 201);
      assertRefused(await asOwner('GET', `/v1/apikeys/${body.id}`), 404, 'not_found');
      await assert.rejects(world.login(body.apikey), /BXNIM0415E/);
    }
  }
});

test('a service ID is locked or deleted at once, not both', async () => {
  for (let round = 0; round < 10; round++) {
    const { id } = await makeServiceId(world, account);
    const calls: Call[] = [() => asOwner('POST', `/v1/serviceids/${id}/lock`), () => asOwner('DELETE', `/v1/serviceids/${id}`)];
    const [locked, removed] = await Promise.all((round % 2 === 0 ? calls : calls.toReversed()).map((call) => call()));
    const pair = round % 2 === 0 ? [locked?.status, removed?.status] : [removed?.status, locked?.status];
    assert.ok(['204,422', '404,204'].includes(pair.join()), pair.join());
  }
});

test('no service ID gets into a group that is deleted at once', async () => {
  for (let round = 0; round < 5; round++) {
    const group = (await asOwner('POST', '/v1/serviceid_groups', { account_id: account.id, name: `race ${round}` })).body;
    const members = () => asOwner('POST', '/v1/serviceids', { account_id: account.id, name: 'x', group_id: group.id });
    const [removed, ...made] = await Promise.all([asOwner('DELETE', `/v1/serviceid_groups/${group.id}`), members(), members(), members()]);
    const exists = (await asOwner('GET', `/v1/serviceid_groups/${group.id}`)).status === 200;
    assert.equal(removed?.status, exists ? 422 : 204);
    assert.equal(withStatus(made, 201).length > 0, exists);
  }
});

test('of 20 templates of one name at once, one is made', async () => {
  const calls = createTemplateCalls(world, account, PROFILE_TEMPLATES);
  const replies = await atOnce(20, () => calls.create({ name: 'race' }));
  assert.equal(withStatus(replies, 201).length, 1);
  for (const reply of replies) if (reply.status !== 201) assertRefused(reply, 409, 'conflict');
});

test('one template assigned to one account 20 times at once makes one profile, and ends with its assignments', async () => {
  const { root, child } = await makeEnterprise(world);
  const calls = createTemplateCalls(world, root, PROFILE_TEMPLATES);
  const template = await calls.committed({ profile: { name: 'race' } });
  const replies = await atOnce(20, () => calls.assign(template.id, 1, child.id));
  assert.ok(withStatus(replies, 202).length >= 1);
  const list = `/v1/profiles?account_id=${child.id}`;
  const profiles = async () => (await world.expect(200, 'GET', list, { token: child.owner })).body.profiles;
  assert.equal((await profiles()).length, 1);
  for (const { body } of withStatus(replies, 202)) {
    const removals = await atOnce(5, () => calls.unassign(body.id));
    assert.equal(withStatus(removals, 202).length, 1);
    for (const reply of removals) if (reply.status !== 202) assertRefused(reply, 404, 'not_found');
  }
  assert.deepEqual(await profiles(), []);
  assert.equal((await calls.removeAll(template.id)).status, 204);
});

test('a template is assigned or deleted at once, not both', async () => {
  for (let round = 0; round < 5; round++) {
    const { root, child } = await makeEnterprise(world);
    const calls = createTemplateCalls(world, root, PROFILE_TEMPLATES);
    const template = await calls.committed({ profile: { name: 'race' } });
    const [made, removed] = await Promise.all([calls.assign(template.id, 1, child.id), calls.removeAll(template.id)]);
    const profiles = await world.expect(200, 'GET', `/v1/profiles?account_id=${child.id}`, { token: child.owner });
    const assigned = made.status === 202;
    assert.equal(removed.status, assigned ? 422 : 204, `${made.text} ${removed.text}`);
    assert.equal(profiles.body.profiles.length, assigned ? 1 : 0);
    assert.equal((await calls.latest(template.id)).status, assigned ? 200 : 404);
  }
});

test('of 20 values of one preference at once the last one is there whole', async () => {
  const { iam_id } = await world.profile(account);
  const path = `/v1/preferences/accounts/${account.id}/identities/${iam_id}/console/race`;
  for (const { status, text } of await atOnce(20, (index) => asOwner('PUT', path, { value_string: `${index}` })))
    assert.equal(status, 200, text);
  assert.match((await asOwner('GET', path)).body.value_string, /^\d+$/);
});
