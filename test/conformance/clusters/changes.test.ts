import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  ROLE,
  SERVICE_ROLE,
  startWorld,
  type TestAccount,
  type TestCluster,
  TestIssuer,
  type Wire,
  type World,
} from '../../support/world.ts';

const CK = 'containers-kubernetes';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const pathOf = ({ id }: { readonly id: string }) => `/podpass/v1/clusters/${id}`;

/** Changes a cluster under its current entity tag. */
async function change(status: number, cluster: TestCluster, body: unknown, token = account.owner): Promise<Wire> {
  const read = await world.expect(200, 'GET', pathOf(cluster), { token: account.owner });
  const headers = { 'if-match': read.headers.get('etag') ?? '' };
  return (await world.expect(status, 'PATCH', pathOf(cluster), { token, body, headers })).body;
}

async function linked(cluster: TestCluster, name = 'default'): Promise<Wire> {
  const profile = await world.profile(account);
  await world.link(account, profile.id, cluster.crn, 'default', name);
  return profile;
}

const exchange = async (cluster: TestCluster, profile: Wire, token = cluster.issuer.token()) => {
  const reply = await world.crToken(token, { profile_id: profile.id });
  return reply.status === 200 ? 200 : reply.body.errorCode;
};

describe('changing a cluster', () => {
  it('needs the current entity tag', async () => {
    const cluster = await world.cluster(account);
    const body = { version: '4.17.0_1500_openshift' };
    await world.expect(400, 'PATCH', pathOf(cluster), { token: account.owner, body });
    const headers = { 'if-match': cluster.body.entity_tag };
    const changed = await world.expect(200, 'PATCH', pathOf(cluster), { token: account.owner, body, headers });
    assert.equal(changed.body.version, body.version);
    assert.notEqual(changed.headers.get('etag'), cluster.body.entity_tag);
    await world.expect(409, 'PATCH', pathOf(cluster), { token: account.owner, body, headers });
  });

  it('never changes what the cluster was created at, its id, its CRN or its account', async () => {
    const cluster = await world.cluster(account);
    const body = {
      created_version: '4.99.0',
      id: 'a'.repeat(20),
      crn: 'crn:x',
      account_id: 'f'.repeat(32),
      type: 'kubernetes',
      region: 'r',
    };
    const changed = await change(200, cluster, body);
    for (const member of ['created_version', 'id', 'crn', 'account_id', 'type', 'region'] as const) {
      assert.equal(changed[member], cluster.body[member], member);
    }
  });

  it('an Editor may rename, and may not touch what the cluster is trusted by', async () => {
    const cluster = await world.cluster(account);
    const editor = await world.user(account.id);
    await world.policy(account, editor.iamId, [ROLE('Editor'), SERVICE_ROLE('Manager')], { serviceName: CK });
    assert.equal((await change(200, cluster, { name: 'renamed-by-editor' }, editor.token)).name, 'renamed-by-editor');
    const issuers = [{ issuer: cluster.issuer.issuer, audiences: ['mine'] }];
    for (const body of [
      { issuers },
      { trust: { mode: 'jwks', jwks: new TestIssuer(cluster.issuer.issuer).jwks } },
      { link_name_may_be_cluster_name: true },
      { state: 'suspended' },
      { name: 'both', issuers },
    ]) {
      await change(403, cluster, body, editor.token);
    }
    const admin = await world.user(account.id);
    await world.policy(account, admin.iamId, [ROLE('Administrator')], { serviceName: CK, serviceInstance: cluster.id });
    assert.deepEqual((await change(200, cluster, { issuers }, admin.token)).issuers[0].audiences, ['mine']);
  });

  it('a Viewer reads only, and a cluster of another account is not there', async () => {
    const cluster = await world.cluster(account);
    const viewer = await world.user(account.id);
    await world.policy(account, viewer.iamId, [ROLE('Viewer')], { serviceName: CK });
    await world.expect(200, 'GET', pathOf(cluster), { token: viewer.token });
    await change(403, cluster, { name: 'viewed' }, viewer.token);
    await world.expect(403, 'DELETE', pathOf(cluster), { token: viewer.token });
    const other = await world.account();
    for (const method of ['GET', 'DELETE']) await world.expect(404, method, pathOf(cluster), { token: other.owner });
    await change(404, cluster, { name: 'stolen' }, other.owner);
  });

  it('new audiences hold at the next exchange', async () => {
    const cluster = await world.cluster(account);
    const profile = await linked(cluster);
    assert.equal(await exchange(cluster, profile), 200);
    await change(200, cluster, { issuers: [{ issuer: cluster.issuer.issuer, audiences: ['other'] }] });
    assert.equal(await exchange(cluster, profile), 'BXNIM0405E');
    assert.equal(await exchange(cluster, profile, cluster.issuer.token({ audience: 'other', expiresIn: 600 })), 200);
  });

  it('new keys need a proof, and end the old ones', async () => {
    const cluster = await world.cluster(account);
    const profile = await linked(cluster);
    const next = new TestIssuer(cluster.issuer.issuer);
    const trust = { mode: 'jwks', jwks: next.jwks };
    await change(400, cluster, { trust });
    await change(400, cluster, { trust, proofs: (await world.clusterBody(account, {}, cluster.issuer)).proofs });
    await change(200, cluster, { trust, proofs: (await world.clusterBody(account, {}, next)).proofs });
    assert.equal(await exchange(cluster, profile), 'BXNIM0405E');
    assert.equal(await exchange(cluster, profile, next.token()), 200);
    const moved = [{ issuer: 'https://moved.example', audiences: ['vault'] }];
    await change(400, cluster, { issuers: moved });
  });

  it('keys of another cluster are refused', async () => {
    const [cluster, other] = [await world.cluster(account), await world.cluster(account)];
    const issuers = [{ issuer: other.issuer.issuer, audiences: ['vault'] }];
    const { proofs } = await world.clusterBody(account, {}, other.issuer);
    await change(409, cluster, { issuers, trust: { mode: 'jwks', jwks: other.issuer.jwks }, proofs });
  });

  it('a suspended cluster is answered for later, and works again once it is active', async () => {
    const cluster = await world.cluster(account);
    const profile = await linked(cluster);
    await change(200, cluster, { state: 'suspended' });
    const reply = await world.crToken(cluster.issuer.token(), { profile_id: profile.id });
    assert.deepEqual([reply.status, reply.body.errorCode], [503, 'PODP0501E']);
    assert.ok(Number(reply.headers.get('retry-after')) >= 1);
    await change(200, cluster, { state: 'active' });
    assert.equal(await exchange(cluster, profile), 200);
  });

  it('an unregistered cluster is unknown, and its links match nothing', async () => {
    const cluster = await world.cluster(account);
    const profile = await linked(cluster);
    await world.expect(204, 'DELETE', pathOf(cluster), { token: account.owner });
    await world.expect(404, 'GET', pathOf(cluster), { token: account.owner });
    assert.equal(await exchange(cluster, profile), 'BXNIM0405E');
    const again = await world.cluster(account, { name: cluster.name }, cluster.issuer);
    assert.equal(await exchange(again, profile), 'BXNIM0398E');
  });
});

describe('the name of a cluster in the place of a service account', () => {
  it('turning the setting off disables the links that it made', async () => {
    const cluster = await world.cluster(account, { link_name_may_be_cluster_name: true });
    const [byCluster, byAccount] = [await linked(cluster, cluster.name), await linked(cluster)];
    assert.equal(await exchange(cluster, byCluster), 200);
    await change(200, cluster, { link_name_may_be_cluster_name: false });
    assert.equal(await exchange(cluster, byCluster), 'BXNIM0398E');
    assert.equal(await exchange(cluster, byAccount), 200);
    await change(200, cluster, { link_name_may_be_cluster_name: true });
    assert.equal(await exchange(cluster, byCluster), 'BXNIM0398E');
  });

  it('turning it on changes no link that exists', async () => {
    const cluster = await world.cluster(account);
    const before = await linked(cluster, cluster.name);
    assert.equal(await exchange(cluster, before), 'BXNIM0398E');
    await change(200, cluster, { link_name_may_be_cluster_name: true });
    assert.equal(await exchange(cluster, before), 'BXNIM0398E');
    assert.equal(await exchange(cluster, await linked(cluster, cluster.name)), 200);
  });

  it('a link made so is for the service account default and no other', async () => {
    const cluster = await world.cluster(account, { link_name_may_be_cluster_name: true });
    const profile = await linked(cluster, cluster.name);
    for (const serviceAccount of [cluster.name, 'builder']) {
      assert.equal(await exchange(cluster, profile, cluster.issuer.token({ serviceAccount })), 'BXNIM0398E');
    }
    assert.equal(await exchange(cluster, profile, cluster.issuer.token({ namespace: 'other' })), 'BXNIM0398E');
  });

  it('renaming to the name of a link, or of another cluster, is a conflict', async () => {
    const [cluster, other] = [await world.cluster(account), await world.cluster(account)];
    await linked(cluster, 'builder');
    await change(409, cluster, { name: 'builder' });
    await change(409, cluster, { name: other.name });
    await change(200, other, { name: 'builder' });
    assert.equal((await change(200, cluster, { name: cluster.name })).name, cluster.name);
  });
});
