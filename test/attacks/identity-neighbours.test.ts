/** An account keeps another one busy, whose id is all that it knows. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { claimsOf, startWorld, type TestAccount, type Wire, type World } from '../support/world.ts';

const REGION = 'eu-de';
let world: World;
let victim: TestAccount;
let stranger: TestAccount;

before(async () => {
  world = await startWorld();
  [victim, stranger] = [await world.account(), await world.account()];
});
after(() => world[Symbol.asyncDispose]());

const clusterCrn = (id: string) => `crn:v1:bluemix:public:containers-kubernetes:${REGION}:a/${victim.id}:${id}::`;
const linkTo = (profile: Wire, id: string, name = 'default') =>
  world.expect(201, 'POST', `/v1/profiles/${profile.id}/links`, {
    token: stranger.owner,
    body: { cr_type: 'ROKS_SA', link: { crn: clusterCrn(id), namespace: 'default', name }, is_cross_account: true },
  });

/** How many changes the feed tells of an account. */
function changesOf({ id }: TestAccount): number {
  const database = new DatabaseSync(join(world.dir, 'data', 'podpass.db'), { readOnly: true });
  const row = database.prepare('SELECT count(*) AS n FROM changes WHERE account_id = ?').get(id) as { n: number };
  database.close();
  return row.n;
}

test('61: links to clusters that an account does not have change nothing for that account, made, deleted or with their profile', async () => {
  await world.cluster(victim);
  const before = changesOf(victim);
  const profile = await world.profile(stranger);
  const links = await Promise.all(Array.from({ length: 20 }, (_, index) => linkTo(profile, 'abcdefghij0123456789', `name-${index}`)));
  const path = `/v1/profiles/${profile.id}`;
  await world.expect(204, 'DELETE', `${path}/links/${links[0]?.body.id}`, { token: stranger.owner });
  await world.expect(204, 'DELETE', path, { token: stranger.owner });
  assert.equal(changesOf(victim), before);
});

test('such a link binds once the account registers the cluster, and no longer than it is there', async () => {
  const id = 'bcdefghij0123456789a';
  const profile = await world.profile(stranger);
  const { body: link } = await linkTo(profile, id);
  const cluster = await world.cluster(victim, { id, region: REGION });
  assert.equal(cluster.crn, clusterCrn(id));
  const exchange = () => world.crToken(cluster.issuer.token(), { profile_id: profile.id });
  const issued = await exchange();
  assert.equal(issued.status, 200, issued.text);
  assert.equal(claimsOf(issued.body.access_token).account.bss, stranger.id);
  await world.expect(204, 'DELETE', `/v1/profiles/${profile.id}/links/${link.id}`, { token: stranger.owner });
  assert.equal((await exchange()).body.errorCode, 'BXNIM0398E');
});

test('61: a pod becomes a profile of another account by its id alone, never by a name or a rule that this account has too', async () => {
  const cluster = await world.cluster(victim);
  const profile = await world.profile(stranger, 'neighbour');
  const conditions = [{ claim: 'namespace', operator: 'EQUALS', value: 'default' }];
  await world.expect(201, 'POST', `/v1/profiles/${profile.id}/rules`, { token: stranger.owner, body: { type: 'Profile-CR', conditions } });
  for (const selector of [{ profile_id: profile.id }, { profile_name: 'neighbour' }, { profile_crn: profile.crn }]) {
    assert.equal((await world.crToken(cluster.issuer.token(), selector)).body.errorCode, 'BXNIM0398E');
  }
});

test('61: a link to a registered cluster of another account takes rights on that cluster', async () => {
  const cluster = await world.cluster(victim);
  const profile = await world.profile(stranger);
  const before = changesOf(victim);
  const link = { cr_type: 'ROKS_SA', link: { crn: cluster.crn, namespace: 'default', name: 'default' }, is_cross_account: true };
  const path = `/v1/profiles/${profile.id}/links`;
  assert.equal((await world.call('POST', path, { token: stranger.owner, body: link })).status, 403);
  const unflagged = { ...link, is_cross_account: false };
  assert.equal((await world.call('POST', path, { token: stranger.owner, body: unflagged })).status, 400);
  assert.equal(changesOf(victim), before);
  assert.equal((await world.crToken(cluster.issuer.token(), { profile_id: profile.id })).body.errorCode, 'BXNIM0398E');
});
