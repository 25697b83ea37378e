import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimsOf, startWorld } from '../support/world.ts';

test('a linked pod gets an access token of the profile, and none once the link is gone', async () => {
  await using world = await startWorld();
  const account = await world.account();
  const cluster = await world.cluster(account);
  const profile = await world.profile(account);
  const link = await world.link(account, profile.id, cluster.crn);
  const reply = await world.crToken(cluster.issuer.token(), { profile_id: profile.id });
  assert.equal(reply.status, 200, reply.text);
  assert.equal(claimsOf(reply.body.access_token).iam_id, profile.iam_id);
  await world.expect(204, 'DELETE', `/v1/profiles/${profile.id}/links/${link.body.id}`, { token: account.owner });
  const refused = await world.crToken(cluster.issuer.token(), { profile_id: profile.id });
  assert.equal(refused.body.errorCode, 'BXNIM0398E');
});
