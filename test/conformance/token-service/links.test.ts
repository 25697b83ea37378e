/** Which pods a link lets in. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { PodTokenOptions, TestCluster } from '../../support/world.ts';
import { assertIssued, assertNotEligible, type Setting, startSetting } from './setting.ts';

describe('links', () => {
  let setting: Setting;
  before(async () => {
    setting = await startSetting();
  });
  after(() => setting[Symbol.asyncDispose]());

  const exchange = (pod: PodTokenOptions = {}, cluster: TestCluster = setting.cluster, profileId: string = setting.profile.id) =>
    setting.world.crToken(cluster.issuer.token(pod), { profile_id: profileId });

  test('C30: another service account is refused, and the reply names the pod and the profile', async () => {
    const { cluster, profile } = setting;
    const body = assertNotEligible(await exchange({ serviceAccount: 'builder' }));
    assert.equal(body.errorMessage, 'Selected trusted profile not eligible for CR token.');
    assert.ok(body.errorDetails.includes(`'${cluster.name}:default:builder:web-0'`), body.errorDetails);
    assert.ok(body.errorDetails.includes(`'iam-${profile.id}'`), body.errorDetails);
  });

  test('C30: the reply repeats the selector and tells nothing that was looked up', async () => {
    const { world, cluster, profile } = setting;
    const token = cluster.issuer.token({ serviceAccount: 'builder' });
    const { errorDetails } = assertNotEligible(await world.crToken(token, { profile_name: profile.name }));
    assert.ok(errorDetails.includes(`'${profile.name}'`));
    assert.ok(!errorDetails.includes(profile.id));
  });

  test('C31: another namespace is refused', async () => {
    assertNotEligible(await exchange({ namespace: 'kube-system' }));
  });

  test('C32: the same service account of another cluster is refused', async () => {
    const { world, account, cluster } = setting;
    const other = await world.cluster(account);
    assert.notEqual(other.crn, cluster.crn);
    assertNotEligible(await exchange({}, other));
  });

  test('names are compared exactly: no prefix, no pattern, no other case', async () => {
    const { world, account, cluster } = setting;
    const profile = await world.profile(account);
    for (const name of ['*', 'Default', 'defaul', 'default2', 'default:web-0'])
      await world.link(account, profile.id, cluster.crn, 'default', name);
    assertNotEligible(await exchange({}, cluster, profile.id));
  });

  test('C33: a link with the name of the cluster is made with a warning, and the audit record of a refusal names both remedies', async () => {
    const { world, account, cluster } = setting;
    const profile = await world.profile(account);
    const link = await world.link(account, profile.id, cluster.crn, 'default', cluster.name);
    assert.match(link.headers.get('podpass-warning') ?? '', /^link_name_is_cluster_name; /);
    assert.equal(link.body.link.name, cluster.name);
    const refused = await exchange({}, cluster, profile.id);
    assert.ok(!assertNotEligible(refused).errorDetails.includes('link_name_may_be_cluster_name'));
    const [event, ...others] = await world.events(account, refused.headers.get('x-request-id') ?? '');
    assert.equal(others.length, 0);
    const { nearest } = event.data.responseData;
    assert.equal(nearest.linkId, link.body.id);
    assert.deepEqual(nearest.missed, [{ attribute: 'service_account', expected: cluster.name, actual: 'default' }]);
    assert.match(nearest.advice, /service account 'default' in link\.name/);
    assert.match(nearest.advice, /link_name_may_be_cluster_name/);
    const [creation] = await world.events(account, link.headers.get('x-request-id') ?? '');
    assert.match(creation.data.warnings[0], /name of the cluster/);
  });

  test('C33: a link with the name of a service account is made without a warning', async () => {
    const { world, account, cluster } = setting;
    const link = await world.link(account, (await world.profile(account)).id, cluster.crn, 'default', 'worker');
    assert.equal(link.headers.get('podpass-warning'), null);
  });

  describe('of a cluster whose name may stand in a link', () => {
    let named: TestCluster;
    before(async () => {
      named = await setting.world.cluster(setting.account, { link_name_may_be_cluster_name: true });
    });

    test('C34: the name of the cluster matches the service account default of the namespace and no other', async () => {
      const { world, account } = setting;
      const profile = await world.profile(account);
      const link = await world.link(account, profile.id, named.crn, 'default', named.name);
      assert.match(link.headers.get('podpass-warning') ?? '', /^link_name_is_cluster_name; /);
      assert.equal(assertIssued(await exchange({}, named, profile.id)).sub, profile.id);
      assertNotEligible(await exchange({ serviceAccount: 'builder' }, named, profile.id));
      assertNotEligible(await exchange({ serviceAccount: named.name }, named, profile.id));
      assertNotEligible(await exchange({ namespace: 'other' }, named, profile.id));
      assertNotEligible(await exchange({}, setting.cluster, profile.id));
    });

    test('C34: the link stops matching when the setting is turned off', async () => {
      const { world, account } = setting;
      const own = await world.cluster(account, { link_name_may_be_cluster_name: true });
      const profile = await world.profile(account);
      await world.link(account, profile.id, own.crn, 'default', own.name);
      assertIssued(await exchange({}, own, profile.id));
      await world.expect(200, 'PATCH', `/podpass/v1/clusters/${own.id}`, {
        token: account.owner,
        headers: { 'if-match': '*' },
        body: { link_name_may_be_cluster_name: false },
      });
      assertNotEligible(await exchange({}, own, profile.id));
    });

    test('C35: a link with an unrelated name matches nothing else', async () => {
      const { world, account } = setting;
      const profile = await world.profile(account);
      const link = await world.link(account, profile.id, named.crn, 'default', 'unrelated');
      assert.equal(link.headers.get('podpass-warning'), null);
      assertNotEligible(await exchange({}, named, profile.id));
    });
  });
});
