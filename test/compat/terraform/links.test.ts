/** `ibm_iam_trusted_profile_link`: every attribute forces a replacement, so an answer with anything in it that was not sent does too. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertForgotten, assertNoDrift, configureProvider, type Provider } from './provider.ts';

let world: World;
let account: TestAccount;
let provider: Provider;
let profile: Wire;

before(async () => {
  world = await startWorld();
  account = await world.account();
  provider = await configureProvider(world, account);
});
after(() => world[Symbol.asyncDispose]());

beforeEach(async () => {
  profile = await world.profile(account);
});

const linksOf = () => `/v1/profiles/${profile.id}/links`;

/** Create and the read that follows it, by the id `<profile>/<link>` of the state. */
async function apply(configured: object): Promise<Wire> {
  const { body: made } = await provider.expect(201, 'POST', linksOf(), configured);
  const [profileId, linkId] = `${profile.id}/${made.id}`.split('/');
  const { body: read } = await provider.expect(200, 'GET', `/v1/profiles/${profileId}/links/${linkId}`);
  assertNoDrift('link', configured, read);
  for (const attribute of ['id', 'entity_tag', 'created_at', 'modified_at']) assert.ok(read[attribute], attribute);
  return read;
}

test("L10, L11 (replay): ibm_iam_trusted_profile_link to the profile's own CRN, without a name, lives and dies", async () => {
  const link = await apply({ cr_type: 'IKS_SA', link: { crn: profile.crn, namespace: 'tf_namespace', name: 'tf_sa' } });
  assert.ok(!('name' in link));
  await provider.expect(204, 'DELETE', `${linksOf()}/${link.id}`);
  await assertForgotten(provider, `${linksOf()}/${link.id}`);
  await provider.expect(404, 'DELETE', `${linksOf()}/${link.id}`);
});

test('L11 (replay): ibm_iam_trusted_profile_link is replaced, old one first, and may come back as it was', async () => {
  const configured = { name: 'tf link', cr_type: 'IKS_SA', link: { crn: profile.crn, namespace: 'default', name: 'one' } };
  const first = await apply(configured);
  await provider.expect(204, 'DELETE', `${linksOf()}/${first.id}`);
  const second = await apply({ ...configured, link: { ...configured.link, name: 'two' } });
  await provider.expect(204, 'DELETE', `${linksOf()}/${second.id}`);
  await apply(configured);
});

test('L10 (replay): ibm_iam_trusted_profile_link of every type comes back as it was sent', async () => {
  const component = { component_type: 'application', component_name: 'tf_app' };
  for (const cr_type of ['VSI', 'PVS', 'BMS', 'IKS_SA', 'ROKS_SA', 'CE']) {
    const details = cr_type === 'CE' ? component : cr_type.endsWith('_SA') ? { namespace: 'n', name: 's' } : {};
    await apply({ cr_type, link: { crn: profile.crn, ...details } });
  }
  const elsewhere = profile.crn.replace(account.id, 'f'.repeat(32));
  await apply({ cr_type: 'VSI', is_cross_account: true, link: { crn: elsewhere } });
});

test('L10 (replay): the data sources of links read one and all', async () => {
  const link = await apply({ cr_type: 'IKS_SA', link: { crn: profile.crn, namespace: 'n', name: 's' } });
  const { body } = await provider.expect(200, 'GET', linksOf());
  assert.deepEqual(body, { links: [link] });
});

test('L10 (replay): a link goes out of the state when its profile is gone', async () => {
  const link = await apply({ cr_type: 'IKS_SA', link: { crn: profile.crn, namespace: 'n', name: 's' } });
  const path = `${linksOf()}/${link.id}`;
  await provider.expect(204, 'DELETE', `/v1/profiles/${profile.id}`);
  await assertForgotten(provider, path);
});
