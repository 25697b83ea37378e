/** Exchanges under load, and after something that they rest on has changed. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { claimsOf } from '../../support/world.ts';
import { assertIssued, assertNotEligible, assertRefused, type Setting, startSetting } from './setting.ts';

describe('exchanges', () => {
  let setting: Setting;
  before(async () => {
    setting = await startSetting();
  });
  after(() => setting[Symbol.asyncDispose]());

  test('C89: two hundred at once with one token all succeed', async () => {
    const token = setting.cluster.issuer.token();
    const replies = await Promise.all(Array.from({ length: 200 }, () => setting.world.crToken(token, { profile_id: setting.profile.id })));
    assert.deepEqual([...new Set(replies.map((reply) => reply.status))], [200]);
    assert.equal(new Set(replies.map((reply) => claimsOf(reply.body.access_token).jti)).size, 200);
  });

  test('C90: nothing is issued once the link is removed, and again once it is back', async () => {
    const { world, account, cluster } = setting;
    const profile = await world.profile(account);
    const link = await world.link(account, profile.id, cluster.crn);
    const exchange = () => world.crToken(cluster.issuer.token(), { profile_id: profile.id });
    assertIssued(await exchange());
    await world.expect(204, 'DELETE', `/v1/profiles/${profile.id}/links/${link.body.id}`, { token: account.owner });
    assertNotEligible(await exchange());
    await world.link(account, profile.id, cluster.crn);
    assertIssued(await exchange());
  });

  test('C90: nothing is issued once the profile is deleted, by id or by name', async () => {
    const { world, account, cluster } = setting;
    const profile = await world.profile(account);
    await world.link(account, profile.id, cluster.crn);
    assertIssued(await world.crToken(cluster.issuer.token(), { profile_id: profile.id }));
    await world.expect(204, 'DELETE', `/v1/profiles/${profile.id}`, { token: account.owner });
    assertNotEligible(await world.crToken(cluster.issuer.token(), { profile_id: profile.id }));
    assertNotEligible(await world.crToken(cluster.issuer.token(), { profile_name: profile.name }));
    // A new profile of the same name inherits no link.
    await world.profile(account, profile.name);
    assertNotEligible(await world.crToken(cluster.issuer.token(), { profile_name: profile.name }));
  });

  test('a profile is found under its new name and not under the old one', async () => {
    const { world, account, cluster } = setting;
    const profile = await world.profile(account);
    await world.link(account, profile.id, cluster.crn);
    const options = { token: account.owner, headers: { 'if-match': '*' }, body: { name: `${profile.name} renamed` } };
    await world.expect(200, 'PUT', `/v1/profiles/${profile.id}`, options);
    assertIssued(await world.crToken(cluster.issuer.token(), { profile_name: `${profile.name} renamed` }));
    assertNotEligible(await world.crToken(cluster.issuer.token(), { profile_name: profile.name }));
  });

  test('tokens of a suspended cluster are refused with 503, and accepted once it is active', async () => {
    const { world, account } = setting;
    const cluster = await world.cluster(account);
    const profile = await world.profile(account);
    await world.link(account, profile.id, cluster.crn);
    const exchange = () => world.crToken(cluster.issuer.token(), { profile_id: profile.id });
    const setState = (state: string) =>
      world.expect(200, 'PATCH', `/podpass/v1/clusters/${cluster.id}`, {
        token: account.owner,
        headers: { 'if-match': '*' },
        body: { state },
      });
    assertIssued(await exchange());
    await setState('suspended');
    const refused = await exchange();
    assert.match(assertRefused(refused, 503, 'PODP0501E').errorMessage, /suspended/);
    assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
    // Who does not hold the cluster's key is not told that it is suspended.
    const forged = cluster.issuer.token().replace(/\.[^.]*$/, `.${Buffer.alloc(256, 1).toString('base64url')}`);
    assertRefused(await world.crToken(forged, { profile_id: profile.id }), 400, 'BXNIM0405E');
    await setState('active');
    assertIssued(await exchange());
  });
});
