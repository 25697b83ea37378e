/** The list of IBM's Kubernetes Service, by which people find a cluster's name and CRN. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  ROLE,
  SERVICE_ROLE,
  startWorld,
  type TestAccount,
  type TestCluster,
  type TestUser,
  type Wire,
  type World,
} from '../../support/world.ts';

const CK = 'containers-kubernetes';
const LIST = '/global/v1/clusters';

let world: World;
let account: TestAccount;
let viewer: TestUser;
let [c1, c2, c3]: TestCluster[] = [];

before(async () => {
  world = await startWorld();
  account = await world.account();
  c1 = await world.cluster(account, { name: 'prod', provider: 'vpc-gen2', region: 'eu-de', resource_group_id: 'rg1' });
  const kubernetes = { type: 'kubernetes', version: '1.29.4_1537', created_version: undefined };
  c2 = await world.cluster(account, { ...kubernetes, name: 'test', provider: 'classic', region: 'us-south', resource_group_id: 'rg2' });
  c3 = await world.cluster(account, { name: 'edge', provider: 'satellite', region: 'us-east', resource_group_id: 'rg1' });
  viewer = await world.user(account.id);
  await world.policy(account, viewer.iamId, [ROLE('Viewer')], { serviceName: CK });
});
after(() => world[Symbol.asyncDispose]());

const list = async (token = viewer.token, headers: Readonly<Record<string, string>> = {}, path = LIST): Promise<Wire[]> =>
  (await world.expect(200, 'GET', path, { token, headers })).body;
const namesOf = (clusters: readonly Wire[]) => clusters.map((cluster) => cluster.name).sort();

describe('listing clusters', () => {
  it('CL-01, CL-03: a Viewer gets an array with id, name and CRN of each', async () => {
    const reply = await world.expect(200, 'GET', LIST, { token: viewer.token });
    assert.ok(Array.isArray(reply.body));
    assert.match(reply.headers.get('content-type') ?? '', /^application\/json/);
    assert.ok(reply.headers.get('x-request-id'));
    assert.deepEqual(
      reply.body.map(({ id, name, crn }: Wire) => [id, name, crn]),
      [c1, c2, c3].map((cluster) => [cluster?.id, cluster?.name, cluster?.crn]),
    );
    for (const { id, crn } of reply.body) {
      assert.match(id, /^[a-z0-9]{20}$/);
      assert.match(crn, /^crn:v1:bluemix:public:containers-kubernetes:[^:]+:a\/[^:]+:[^:]+::$/);
      assert.equal(crn.split(':')[7], id);
    }
  });

  it('CL-02: takes the token without the word Bearer', async () => {
    const raw = await list(undefined, { authorization: viewer.token });
    assert.deepEqual(raw, await list());
  });

  it('CL-04: a link with the CRN and the name as returned is accepted', async () => {
    const [cluster] = await list();
    const profile = await world.profile(account);
    const { body } = await world.link(account, profile.id, cluster.crn, 'default', cluster.name);
    assert.deepEqual(body.link, { crn: cluster.crn, namespace: 'default', name: cluster.name });
  });

  it('CL-05, CL-55: a call without a token is refused in the envelope of this API', async () => {
    for (const options of [{}, { token: 'nonsense' }, { headers: { authorization: '' } }]) {
      const { body } = await world.expect(401, 'GET', LIST, options);
      for (const member of ['incidentID', 'code', 'description', 'type']) assert.equal(typeof body[member], 'string', member);
      assert.ok(Object.values(body).every((value) => typeof value === 'string'));
      assert.deepEqual([body.code, body.type], ['A0001', 'Authentication']);
    }
  });

  it('CL-06, CL-12: who may read no cluster gets an empty list', async () => {
    const none = await world.user(account.id);
    assert.deepEqual(await list(none.token, {}, '/v1/clusters'), []);
    await world.policy(account, none.iamId, [SERVICE_ROLE('Reader')], { serviceName: CK });
    assert.deepEqual(await list(none.token), []);
  });

  it('CL-07: a policy on a resource group shows its clusters', async () => {
    const user = await world.user(account.id);
    await world.policy(account, user.iamId, [ROLE('Viewer')], { serviceName: CK, resourceGroupId: 'rg1' });
    assert.deepEqual(namesOf(await list(user.token)), ['edge', 'prod']);
  });

  it('CL-08, CL-09, CL-10, CL-11: filters by the resource group of a header', async () => {
    for (const name of ['X-Auth-Resource-Group', 'X-Auth-Resource-Group-ID', 'Auth-Resource-Group']) {
      assert.deepEqual(namesOf(await list(viewer.token, { [name]: 'rg2' })), ['test'], name);
      assert.deepEqual(namesOf(await list(viewer.token, { [name]: '' })), ['edge', 'prod', 'test'], name);
      assert.deepEqual(await list(viewer.token, { [name]: 'nowhere' }), [], name);
    }
  });

  it('CL-13: filters by location', async () => {
    assert.deepEqual(namesOf(await list(viewer.token, {}, `${LIST}?location=eu-de`)), ['prod']);
  });

  it('CL-29, CL-30, CL-31, CL-32, CL-34, CL-35, CL-36: has the values that clients read', async () => {
    const [first, second, third] = await list();
    assert.deepEqual([first.type, second.type, third.provider], ['openshift', 'kubernetes', 'satellite']);
    assert.equal(first.masterKubeVersion, '4.16.2_1544_openshift');
    assert.equal(second.masterKubeVersion, '1.29.4_1537');
    for (const cluster of [first, second, third]) {
      assert.deepEqual([cluster.masterStatus, cluster.state, cluster.masterHealth], ['Ready', 'normal', 'normal']);
      assert.match(cluster.createdDate, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}$/);
      assert.equal(typeof cluster.etcdPort, 'string');
      assert.ok(Number.isInteger(cluster.workerCount));
    }
    assert.equal(first.resourceGroup, 'rg1');
  });

  it('CL-46: a header that names another account than the token is forbidden', async () => {
    const other = await world.account();
    const headers = { 'X-Auth-Resource-Account': other.id };
    const { body } = await world.expect(403, 'GET', LIST, { token: viewer.token, headers });
    assert.deepEqual([body.code, body.type], ['A0403', 'Authentication']);
    for (const name of [account.id, '']) assert.equal((await list(viewer.token, { 'X-Auth-Resource-Account': name })).length, 3);
  });

  it('CL-47: a token of another account shows none of these', async () => {
    const other = await world.account();
    assert.deepEqual(await list(other.owner), []);
  });

  it('CL-51, CL-52: answers the same without /global, and ignores headers that older clients send', async () => {
    const headers = { 'X-Auth-Refresh-Token': 'secret', 'X-Region': 'elsewhere', 'X-Auth-Resource-Org': 'org' };
    assert.deepEqual(await list(viewer.token, headers, '/v1/clusters'), await list());
  });

  it('CL-54: a pod sees exactly the cluster that its profile may read', async () => {
    const profile = await world.profile(account);
    assert.ok(c1);
    await world.link(account, profile.id, c1.crn);
    await world.policy(account, profile.iam_id, [ROLE('Viewer')], { serviceName: CK, serviceInstance: c1.id });
    const exchanged = await world.crToken(c1.issuer.token(), { profile_id: profile.id });
    assert.deepEqual(namesOf(await list(exchanged.body.access_token)), ['prod']);
  });
});
