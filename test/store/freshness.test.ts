import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type TestCluster, type Wire, type World } from '../support/world.ts';

let world: World;
let account: TestAccount;
let cluster: TestCluster;
let profile: Wire;

before(async () => {
  world = await startWorld();
  account = await world.account();
  cluster = await world.cluster(account);
  profile = await world.profile(account);
});
after(() => world[Symbol.asyncDispose]());

test('under a load of exchanges, none that begins after a link was deleted succeeds', async () => {
  const podToken = cluster.issuer.token();
  for (let round = 0; round < 10; round += 1) {
    const link = await world.link(account, profile.id, cluster.crn);
    assert.equal((await world.crToken(podToken, { profile_id: profile.id })).status, 200);
    let deleted = false;
    let stop = false;
    let late = 0;
    const load = Array.from({ length: 8 }, async () => {
      while (!stop) {
        const beganAfter = deleted;
        const reply = await world.crToken(podToken, { profile_id: profile.id });
        if (beganAfter && reply.status === 200) late += 1;
        assert.ok(reply.status === 200 || reply.body.errorCode === 'BXNIM0398E', reply.text);
      }
    });
    await world.expect(204, 'DELETE', `/v1/profiles/${profile.id}/links/${link.body.id}`, { token: account.owner });
    deleted = true;
    const afterwards = await Promise.all(Array.from({ length: 8 }, () => world.crToken(podToken, { profile_id: profile.id })));
    stop = true;
    await Promise.all(load);
    assert.equal(late, 0);
    for (const reply of afterwards) assert.equal(reply.body.errorCode, 'BXNIM0398E', reply.text);
  }
});

test('changes in many accounts at once reach every view', async () => {
  const accounts = await Promise.all(Array.from({ length: 10 }, () => world.account()));
  await Promise.all(
    accounts.map(async (each) => {
      const own = await world.cluster(each);
      const made = await world.profile(each);
      await world.link(each, made.id, own.crn);
      assert.equal((await world.crToken(own.issuer.token(), { profile_id: made.id })).status, 200);
      await world.expect(204, 'DELETE', `/v1/profiles/${made.id}`, { token: each.owner });
      assert.equal((await world.crToken(own.issuer.token(), { profile_id: made.id })).body.errorCode, 'BXNIM0398E');
    }),
  );
});

test('what was written before a restart holds after it', async () => {
  await using first = await startWorld();
  const own = await first.account();
  const trusted = await first.cluster(own);
  const made = await first.profile(own);
  await first.link(own, made.id, trusted.crn);
  await first.server.close();
  await using second = await startWorld({ dir: first.dir });
  assert.equal((await second.crToken(trusted.issuer.token(), { profile_id: made.id })).status, 200);
});
